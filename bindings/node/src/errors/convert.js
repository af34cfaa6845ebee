"use strict"
/** What the library or the package refused → the errors of Prisma Client. */
const { LibraryError } = require("../native.js")
const classes = require("./classes.js")
const { clientVersion } = require("../version.js")
const { InvalidArgument } = require("./invalid-argument.js")
const { withContext } = require("./context.js")
const { renderInvalid, renderRefused, isRefusal, placeOf, segments } = require("./validation.js")
const { knownMessage, knownMeta } = require("./known.js")

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
  if (huge !== undefined) return known(call, "P2020", `Value out of range for the type: value "${huge}" is out of range for type bigint`)
  const wild = isRefusal(error, call) ? wildNumber(error, call, args) : undefined
  if (wild !== undefined) return new classes.PrismaClientValidationError(renderInvalid(wild, call, args), { clientVersion })
  const sentence = inputError(error, call, args)
  if (sentence !== undefined) return known(call, "P2019", `Input error. ${sentence}`)
  if (isNegativeSkip(error)) return new classes.PrismaClientUnknownRequestError(withContext(call, `AssertionError("Invalid value for skip argument: Value can only be positive, found: ${args?.skip}")`), { clientVersion })
  if (isRefusal(error, call)) return new classes.PrismaClientValidationError(renderRefused(error, call, args), { clientVersion })
  return failure(error, call)
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
  const message = `Value out of range for the type: value "${value}" is out of range for type ${type}`
  return known(call, "P2020", message)
}

/** A BigInt beyond 64 bits, given for a field of BigInt. */
function hugeInteger(error, call, args) {
  if (error.meta.kind !== "outOfRange" || call.model === undefined || error.meta.path === undefined) return undefined
  const value = segments(error.meta.path).reduce((of, name) => of?.[name], args)
  return typeof value === "bigint" ? value : undefined
}

/** Whether the nearest field of the path has the native type SmallInt. */
function isSmall(call, path) {
  const models = Object.values(call.state.schema.models)
  const name = path.findLast((part) => models.some((model) => model.fields[part]?.kind === "scalar"))
  return models.some((model) => model.fields[name]?.nativeType?.name === "SmallInt")
}

const known = (call, code, message) => new classes.PrismaClientKnownRequestError(withContext(call, message), { code, clientVersion, meta: { modelName: call.model?.name } })

const isNegativeSkip = (error) => error.meta.kind === "outOfRange" && error.meta.path?.endsWith("skip")

/** What Prisma Client's query compiler refuses: it fits the schema and has no meaning. */
function inputError(error, call, args) {
  const { kind, path } = error.meta
  if (kind === "outOfRange" && path === "args.take") return `The '${call.operation}' operation cannot be used with a 'take' argument that isn't 1 or -1`
  if (kind === "outOfRange" && path?.endsWith("limit")) return `Provided limit (${args?.limit}) must be a positive integer.`
  const found = /: (Every field used (?:for|in) .*|A JSON path cannot be set without a scalar filter\.)$/s.exec(error.message)?.[1]
  return found?.startsWith("Every field used for orderBy") && !found.includes("Missing") ? `${found} Missing fields: ${unordered(args).join(", ")}` : found
}

/** The fields by which groups are ordered, and not made. */
function unordered({ by, orderBy }) {
  const names = [orderBy].flat().flatMap((order) => Object.keys(order ?? {}))
  return names.filter((name) => !name.startsWith("_") && ![by].flat().includes(name))
}

function failure(error, call) {
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
  const facts = { code, clientVersion, meta: knownMeta(error, call), batchRequestIdx: meta.requestIndex }
  return new classes.PrismaClientKnownRequestError(message, facts)
}

module.exports = { convertError, TransactionCall }
