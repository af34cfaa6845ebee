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
  P1003: ({ database_name }, { engine }) => `Database \`${database_name ?? engine.databaseName ?? "(not available)"}\` does not exist on the database server`,
  P1010: ({ database_name }) => `User was denied access on the database \`${database_name ?? "(not available)"}\``,
  P1017: () => "Server has closed the connection.",
}

/** What follows the last colon of a refusal that Prisma Client calls an input error. */
const sentence = (message) => /: (?=[A-Z])(.*)$/s.exec(message)?.[1] ?? message.replace(/^Invalid request: /, "")

/** The message in Prisma's words. */
function knownMessage(error, call) {
  const { code, message, meta } = error
  if (code === "P6008" && CONNECTION[meta.cause]) return CONNECTION[meta.cause](meta, call.state) ?? message
  if (code === "P2019") return `Input error. ${sentence(message).replace(/^Input error\. /, "")}`
  if (code === "P2002" && Array.isArray(meta.target)) return `Unique constraint failed on the fields: (${meta.target.map((name) => `\`${name}\``).join(", ")})`
  if (code === "P2020" && meta.serverMessage) return `Value out of range for the type: ${meta.serverMessage}`
  if (code === "P2021" && meta.table) return `The table \`${tableOf(meta.table, call)}\` does not exist in the current database.`
  if (code === "P2028") return message.replace("Transaction already closed: A ", (words) => (message.includes("on an expired transaction") ? "A " : words))
  if (code === "P2007" && meta.serverMessage) return `Invalid input value: ${meta.serverMessage}`
  if (code === "P2023" && meta.path === "args.isolationLevel") return `Inconsistent column data: Conversion failed: Invalid isolation level \`${call.isolationLevel}\``
  return message
}

/** `public.User`: with the schema in which it was looked for. */
const tableOf = (table, call) => (table.includes(".") ? table : `${call.model?.schema ?? call.state.engine.schemaName}.${table}`)

// MARK: Facts

const target = ({ target: fields, constraint }) => (Array.isArray(fields) ? { fields } : { index: fields ?? constraint })

/** By SQLSTATE: the kind, and the facts beside it. */
const KINDS = {
  22001: (meta) => ["LengthMismatch", { column: meta.column_name }],
  22003: (_, words) => ["ValueOutOfRange", { cause: words }],
  "22P02": (_, words) => ["InvalidInputValue", { message: words }],
  23502: ({ constraint }) => ["NullConstraintViolation", { constraint: Array.isArray(constraint) ? { fields: constraint } : undefined }],
  23503: ({ constraint, field_name: name }) => ["ForeignKeyConstraintViolation", { constraint: { index: constraint ?? name } }],
  23505: (meta) => ["UniqueConstraintViolation", { constraint: target(meta) }],
  40001: () => ["TransactionWriteConflict", {}],
  42501: () => ["DatabaseAccessDenied", {}],
  42703: ({ column }) => ["ColumnNotFound", { column }],
  "42P01": ({ table }, words) => ["TableDoesNotExist", { table: /"([^"]+)"/.exec(words ?? "")?.[1] ?? table }],
  53300: (_, words) => ["TooManyConnections", { cause: words }],
}

/**
 * What the server said, in the shape of Prisma Client 7's `meta.driverAdapterError`: its code, its words, and a kind with facts of its own.
 * Undefined where it was not the server that refused.
 */
function driverAdapterError({ code, meta }) {
  const state = meta.sqlState ?? (code === "P2010" ? meta.code : undefined)
  if (state === undefined) return undefined
  const words = meta.serverMessage ?? (code === "P2010" ? meta.message : undefined)
  const [kind, facts] = KINDS[state]?.(meta, words) ?? ["postgres", { code: state, severity: "ERROR", message: words, detail: meta.serverDetail, hint: meta.serverHint }]
  return { name: "DriverAdapterError", message: words ?? kind, cause: { originalCode: state, originalMessage: words, kind, ...facts } }
}

/** Facts that Prisma's errors have not: there for those who ask, and not seen by those who compare. */
const QUIET = ["sqlState", "retryable", "serverMessage", "serverDetail", "serverHint", "requestIndex", "path", "kind", "expected", "suggestion"]

function knownMeta(error, call) {
  const meta = call.model ? { modelName: call.model.name } : {}
  for (const [name, value] of Object.entries(error.meta)) {
    if (QUIET.includes(name)) Object.defineProperty(meta, name, { value, enumerable: false })
    else meta[name] = name === "table" && error.code === "P2021" ? tableOf(value, call) : value
  }
  const hide = (name, value) => value !== undefined && !(name in meta) && Object.defineProperty(meta, name, { value, enumerable: false })
  // As Prisma Client 7 tells it, for programs that look there.
  hide("driverAdapterError", driverAdapterError(error))
  if (error.code === "P2025") hide("operation", /No record was found for (.*)\.$/.exec(error.message)?.[1])
  return meta
}

module.exports = { knownMessage, knownMeta }
