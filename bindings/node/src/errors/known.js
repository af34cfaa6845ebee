"use strict"
/** Words and facts of errors that have a code, as Prisma Client has them where a program or a person would look for them. */

/** Words for causes of a connection that is not there; undefined where the library's own say more. */
const CONNECTION = {
  P1000: ({ database_user }) =>
    `Authentication failed against database server, the provided database credentials for \`${database_user ?? "(not available)"}\` are not valid.\n\nPlease make sure to provide valid database credentials for the database server at the configured address.`,
  P1001: ({ database_host, database_port }) => {
    if (database_host === undefined) return undefined
    const place = `${database_host}:${database_port ?? 5432}`
    return `Can't reach database server at \`${place}\`\n\nPlease make sure your database server is running at \`${place}\`.`
  },
  P1003: ({ database_name }) => database_name && `Database \`${database_name}\` does not exist`,
  P1010: ({ database_name }) => `User was denied access on the database \`${database_name ?? "(not available)"}\``,
  P1017: () => "Server has closed the connection.",
}

/** What follows the last colon of a refusal that Prisma Client calls an input error. */
const sentence = (message) => /: (?=[A-Z])(.*)$/s.exec(message)?.[1] ?? message.replace(/^Invalid request: /, "")

/** The message in Prisma's words. */
function knownMessage(error, call) {
  const { code, message, meta } = error
  if (code === "P6008" && CONNECTION[meta.cause]) return CONNECTION[meta.cause](meta) ?? message
  if (code === "P2019") return `Input error. ${sentence(message).replace(/^Input error\. /, "")}`
  if (code === "P2007" && meta.serverMessage) return `Invalid input value: ${meta.serverMessage}`
  if (code === "P2023" && meta.path === "args.isolationLevel") return `Inconsistent column data: Conversion failed: Invalid isolation level \`${call.isolationLevel}\``
  return message
}

/** Facts that Prisma's errors have not: there for those who ask, and not seen by those who compare. */
const QUIET = ["sqlState", "retryable", "serverMessage", "serverDetail", "serverHint", "requestIndex", "path", "kind", "expected", "suggestion"]

function knownMeta(error, call) {
  const meta = call.model ? { modelName: call.model.name } : {}
  for (const [name, value] of Object.entries(error.meta)) {
    if (QUIET.includes(name)) Object.defineProperty(meta, name, { value, enumerable: false })
    else meta[name] = value
  }
  // As Prisma Client 7 tells it, for programs that look there.
  if (Array.isArray(meta.target)) {
    const cause = { kind: "UniqueConstraintViolation", originalCode: error.meta.sqlState, constraint: { fields: meta.target } }
    Object.defineProperty(meta, "driverAdapterError", { value: { name: "DriverAdapterError", cause }, enumerable: false })
  }
  return meta
}

module.exports = { knownMessage, knownMeta }
