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
  if (code === "P2002" && Array.isArray(meta.target)) return `Unique constraint failed on the fields: (${columnsOf(meta.target, call).map((name) => `\`${name}\``).join(", ")})`
  if (code === "P2020" && meta.serverMessage) return `Value out of range for the type: ${meta.serverMessage}`
  if (code === "P2021" && meta.table) return `The table \`${tableOf(meta.table, call)}\` does not exist in the current database.`
  if (code === "P2028") return message.replace("Transaction already closed: A ", (words) => (message.includes("on an expired transaction") ? "A " : words))
  if (code === "P2007" && meta.serverMessage) return `Invalid input value: ${meta.serverMessage}`
  if (code === "P2023" && meta.path === "args.isolationLevel") return `Inconsistent column data: Conversion failed: Invalid isolation level \`${call.isolationLevel}\``
  return message
}

/** `public.User`: with the schema in which it was looked for. */
const tableOf = (table, call) => (table.includes(".") ? table : `${call.model?.schema ?? call.state.engine.schemaName}.${table}`)

/** The columns of a unique key's fields, by which Prisma Client names it: of the call's model, or of the first that has such a key. */
function columnsOf(names, call) {
  const isOf = (key) => key !== undefined && key !== null && key.fields.join() === names.join()
  const has = (model) => model !== undefined && [model.primaryKey, ...model.uniques].some(isOf)
  const model = has(call.model) ? call.model : Object.values(call.state.schema.models).find(has)
  return names.map((name) => model?.fields[name]?.dbName ?? name)
}

// MARK: Facts

/** What a driver adapter of Prisma Client 7 throws: its cause has a kind, with facts of its own. */
class DriverAdapterError extends Error {
  constructor(message, cause) {
    super(message)
    this.name = "DriverAdapterError"
    this.cause = cause
  }
}

const target = ({ target: fields, constraint }, call) => (Array.isArray(fields) ? { fields: columnsOf(fields, call) } : { index: fields ?? constraint })

/** By SQLSTATE: the kind, and the facts beside it. */
const KINDS = {
  22001: (meta) => ["LengthMismatch", { column: meta.column_name === "(not available)" ? undefined : meta.column_name }],
  22003: (_, words) => ["ValueOutOfRange", { cause: words }],
  "22P02": (_, words) => ["InvalidInputValue", { message: words }],
  23502: ({ constraint }) => ["NullConstraintViolation", { constraint: Array.isArray(constraint) ? { fields: constraint } : undefined }],
  23503: ({ constraint, field_name: name }) => ["ForeignKeyConstraintViolation", { constraint: { index: constraint ?? name } }],
  23505: (meta, _, call) => ["UniqueConstraintViolation", { constraint: target(meta, call) }],
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
function driverAdapterError({ code, meta }, call) {
  const state = meta.sqlState ?? (code === "P2010" ? meta.code : undefined)
  if (state === undefined) return undefined
  const words = meta.serverMessage ?? (code === "P2010" ? meta.message : undefined)
  const [kind, facts] = KINDS[state]?.(meta, words, call) ?? ["postgres", { code: state, severity: "ERROR", message: words, detail: meta.serverDetail, column: undefined, hint: meta.serverHint }]
  return new DriverAdapterError(facts.message ?? kind, { originalCode: state, originalMessage: words, kind, ...facts })
}

/** What Prisma Client 7 tells of an error beside its code, as the library's sentence has it. */
const SENTENCES = {
  P2025: [
    /^No record was found for (?<operation>.*)\.$/,
    /^No '(?<model>[^']+)' record(?: \(needed to (?<neededFor>.*)\))? was found for (?<operation>.*) on (?<relationType>\S+) relation '(?<relation>.*)'\.$/,
    /^Expected (?<expectedRows>\d+) records to be connected, found only \d+\.$/,
  ],
  P2018: [/^Expected (?<expectedRows>\d+) records .* on (?<relationType>\S+) relation '(?<relation>[^']*)'/],
  P2028: [/^Transaction already closed: A (?<operation>\w+) cannot be executed on an expired .* was (?<timeout>\d+) ms, however (?<timeTaken>\d+) ms passed/],
}

const NUMBERS = new Set(["expectedRows", "timeout", "timeTaken"])

/** The facts of an error that has none of the server's; undefined for other codes. */
function ownFacts({ code, message, meta }, call) {
  if (code === "P2017") return { relation: meta.relation_name, parent: meta.parent_name, child: meta.child_name }
  if (code === "P2023" && meta.path === "args.isolationLevel") return { providedIsolationLevel: call.isolationLevel }
  if (code === "P2019") return { details: knownMessage({ code, message, meta }, call).replace("Input error. ", "") }
  if (SENTENCES[code] === undefined) return undefined
  const text = meta.cause ?? meta.details ?? meta.error ?? /(No record was found for .*)$/.exec(message)?.[1] ?? ""
  const found = SENTENCES[code].map((sentence) => sentence.exec(text)?.groups).find(Boolean) ?? {}
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, NUMBERS.has(name) ? Number(value) : (value ?? null)]))
}

/** Facts of P2014, as Prisma Client 7 names them where the fault showed while it ran, and where the arguments alone said it. */
const RUN = [["relation", "relation_name"], ["modelA", "model_a_name"], ["modelB", "model_b_name"]]

/** Whether some part of the arguments has the key. */
function hasKey(args, key) {
  const open = [args]
  while (open.length > 0) {
    const value = open.pop()
    if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) continue
    if (Object.hasOwn(value, key)) return true
    open.push(...Object.values(value))
  }
  return false
}

/** Facts that Prisma's errors have not: there for those who ask, and not seen by those who compare. */
const QUIET = new Set(["sqlState", "retryable", "serverMessage", "serverDetail", "serverHint", "requestIndex", "path", "kind", "expected", "suggestion"])

const hide = (meta, name, value) => value !== undefined && !(name in meta) && Object.defineProperty(meta, name, { value, enumerable: false })

/** Puts there what the server said, as Prisma Client 7 tells it. Whether it was the server that refused. */
function addServerFacts(meta, error, call) {
  const told = driverAdapterError(error, call)
  if (told !== undefined) meta.driverAdapterError = told
  return told !== undefined
}

function knownMeta(error, call, args) {
  const own = ownFacts(error, call)
  const meta = { ...(call.model ? { modelName: call.model.name } : {}), ...own }
  // What Prisma Client 6 told where 7 has other facts stays for programs that ask for it by its name.
  const isToldOtherwise = addServerFacts(meta, error, call) || own !== undefined
  const isRun = error.code === "P2014" && !hasKey(args, "disconnect")
  if (isRun) for (const [name, other] of RUN) meta[name] = error.meta[other]
  for (const [name, value] of Object.entries(error.meta)) {
    if (isToldOtherwise || isRun || QUIET.has(name)) hide(meta, name, name === "table" && error.code === "P2021" ? tableOf(value, call) : value)
    else meta[name] = value
  }
  if (error.code === "P2014") for (const [name, other] of RUN) hide(meta, name, error.meta[other])
  return meta
}

module.exports = { knownMessage, knownMeta, addServerFacts }
