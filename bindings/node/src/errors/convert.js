"use strict"
/** What the library or the package refused → the errors of Prisma Client. */
const { LibraryError } = require("../native.js")
const classes = require("./classes.js")
const { clientVersion } = require("../version.js")
const { InvalidArgument } = require("../values/invalid-argument.js")
const { withContext } = require("./context.js")
const { renderInvalid, renderRefused, isRefusal, placeOf, segments } = require("./validation.js")
const { knownMessage, knownMeta, addServerFacts } = require("./known.js")
const { inputError } = require("./input-error.js")

/** A call that is no operation on a model: transactions, `$connect`, the cache. */
class TransactionCall {
  constructor(state, method, isolationLevel) {
    this.state = state
    this.method = method
    this.isolationLevel = isolationLevel
  }
}

/** The error that a program gets for `error`, which arose in `call` with `args`; those who log errors are told. */
function convertError(error, call, args) {
  const made = errorOf(error, call, args)
  if (made !== error) call.state.engine.tellError(made.message, call.method)
  return made
}

function errorOf(error, call, args) {
  if (error instanceof InvalidArgument) return new classes.PrismaClientValidationError(renderInvalid(error, call, args), { clientVersion })
  if (!(error instanceof LibraryError)) return error
  if (isOutOfRange(error, call)) return outOfRange(error, call, args)
  const huge = hugeInteger(error, call, args)
  if (huge !== undefined) return outOfRangeError(call, `value "${huge}" is out of range for type bigint`)
  const wild = isRefusal(error, call) ? wildNumber(error, call, args) : undefined
  if (wild !== undefined) return new classes.PrismaClientValidationError(renderInvalid(wild, call, args), { clientVersion })
  const sentence = inputError(error, call, args)
  if (sentence !== undefined) return known(call, "P2019", `Input error. ${sentence}`, { details: sentence })
  if (isNegativeSkip(error)) return new classes.PrismaClientUnknownRequestError(withContext(call, `AssertionError("Invalid value for skip argument: Value can only be positive, found: ${args?.skip}")`), { clientVersion })
  const wide = isRefusal(error, call) ? wideInteger(error, call, args) : undefined
  if (wide !== undefined) return new classes.PrismaClientUnknownRequestError(withContext(call, wide), { clientVersion })
  if (isRefusal(error, call)) return new classes.PrismaClientValidationError(renderRefused(error, call, args), { clientVersion })
  return failure(error, call, args)
}

/** A number in data of Json that JSON has no word for, as an argument that cannot be sent. */
function wildNumber(error, call, args) {
  const path = segments(error.meta.path)
  if (!placeOf(call, args ?? {}, path).member?.types.includes("Json")) return undefined
  const open = [[path, path.reduce((of, name) => of?.[name], args)]]
  while (open.length > 0) {
    const [at, value] = open.pop()
    if (typeof value === "number" && !Number.isFinite(value)) return new InvalidArgument(at, `JSON has no value for ${value}`, String(value))
    if (value !== null && typeof value === "object" && at.length < MOST_DEPTH) for (const [name, inner] of Object.entries(value)) open.push([[...at, name], inner])
  }
  return undefined
}
const MOST_DEPTH = 200

/** A whole number that its field has no room for: Prisma Client leaves it to the database, and tells what that says. */
const isOutOfRange = (error, call) => error.meta.kind === "outOfRange" && error.code === "P2020" && call.model !== undefined && error.meta.path !== undefined

function outOfRange(error, call, args) {
  const path = error.meta.path.split(/\.|\[(\d+)\]/).filter(Boolean).slice(1)
  const value = path.reduce((of, name) => of?.[name], args)
  if (typeof value === "number" && Math.abs(value) >= 2 ** 63) return new classes.PrismaClientValidationError(renderRefused(error, call, args), { clientVersion })
  const type = isSmall(call, path) ? "smallint" : "integer"
  return outOfRangeError(call, `value "${value}" is out of range for type ${type}`)
}

/** A BigInt beyond 64 bits, given for a field of BigInt. */
function hugeInteger(error, call, args) {
  if (error.meta.kind !== "outOfRange" || call.model === undefined || error.meta.path === undefined) return undefined
  const value = segments(error.meta.path).reduce((of, name) => of?.[name], args)
  return typeof value === "bigint" ? value : undefined
}

/** The words for a BigInt beyond 64 bits in the place of another type; undefined for another fault. */
function wideInteger(error, call, args) {
  const value = segments(error.meta.path).reduce((of, name) => of?.[name], args)
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) === value) return undefined
  return `Could not convert argument value Object {"$type": String("BigInt"), "value": String("${value}")} to ArgumentValue.`
}

/** Whether the nearest field of the path has the native type SmallInt. */
function isSmall(call, path) {
  const models = Object.values(call.state.schema.models)
  const name = path.findLast((part) => models.some((model) => model.fields[part]?.kind === "scalar"))
  return models.some((model) => model.fields[name]?.nativeType?.name === "SmallInt")
}

function known(call, code, message, facts = {}) {
  return new classes.PrismaClientKnownRequestError(withContext(call, message), { code, clientVersion, meta: { modelName: call.model?.name, ...facts } })
}

/** What PostgreSQL would have refused, as Prisma Client tells it. */
function outOfRangeError(call, words) {
  const made = known(call, "P2020", `Value out of range for the type: ${words}`)
  addServerFacts(made.meta, { code: "P2020", meta: { sqlState: "22003", serverMessage: words } }, call)
  return made
}

const isNegativeSkip = (error) => error.meta.kind === "outOfRange" && error.meta.path?.endsWith("skip")

/** Raw SQL that a time limit of the server itself ended: Prisma Client tells it as all that the server says of raw SQL. */
function rawOf(error, call) {
  const { sqlState, serverMessage } = error.meta
  const isRaw = call.model === undefined && /^\$(query|execute)Raw/.test(call.method ?? "")
  if (!isRaw || error.code !== "P6004" || sqlState !== "57014" || !/statement timeout|lock timeout/.test(serverMessage)) return error
  const message = `Raw query failed. Code: \`${sqlState}\`. Message: \`${serverMessage}\``
  return { code: "P2010", message, meta: { ...error.meta, code: sqlState, message: serverMessage } }
}

function failure(given, call, args) {
  const error = rawOf(given, call)
  const message = withContext(call, knownMessage(error, call))
  const { code, meta } = error
  // No connection: Prisma Client tells it as an error of its initialization, with the cause as its code.
  if (code === "P6008" || code === "P6001") {
    const made = new classes.PrismaClientInitializationError(message, clientVersion, meta.code ?? meta.cause ?? code)
    made.code = code
    made.meta = meta
    return made
  }
  if (code === "") return new classes.PrismaClientUnknownRequestError(message, { clientVersion })
  const facts = { code, clientVersion, meta: knownMeta(error, call, args), batchRequestIdx: meta.requestIndex }
  return new classes.PrismaClientKnownRequestError(message, facts)
}

module.exports = { convertError, TransactionCall }
