"use strict"
/** What the library or the package refused → the errors of Prisma Client. */
const { LibraryError } = require("../native.js")
const classes = require("./classes.js")
const { clientVersion } = require("../version.js")
const { InvalidArgument } = require("./invalid-argument.js")
const { withContext } = require("./context.js")
const { renderInvalid, renderRefused, isRefusal } = require("./validation.js")
const { knownMessage, knownMeta } = require("./known.js")

/** A call that is no operation on a model: transactions, `$connect`, the cache. */
class TransactionCall {
  constructor(state, method) {
    this.state = state
    this.method = method
  }
}

/** The error that a program gets for `error`, which arose in `call` with `args`. */
function convertError(error, call, args) {
  if (error instanceof InvalidArgument) return new classes.PrismaClientValidationError(renderInvalid(error, call, args), { clientVersion })
  if (!(error instanceof LibraryError)) return error
  if (isOutOfRange(error)) return outOfRange(error, call, args)
  if (isRefusal(error, call)) return new classes.PrismaClientValidationError(renderRefused(error, call, args), { clientVersion })
  return failure(error, call)
}

/** A whole number that its field has no room for: Prisma Client leaves it to the database, and tells what that says. */
const isOutOfRange = (error) => error.meta.kind === "outOfRange" && error.code === "P2020" && error.meta.path !== undefined

function outOfRange(error, call, args) {
  const path = error.meta.path.split(/\.|\[(\d+)\]/).filter(Boolean).slice(1)
  const value = path.reduce((of, name) => of?.[name], args)
  const type = error.message.includes("16") ? "smallint" : "integer"
  const message = `Value out of range for the type: value "${value}" is out of range for type ${type}`
  return new classes.PrismaClientKnownRequestError(withContext(call, message), { code: "P2020", clientVersion, meta: { modelName: call.model?.name } })
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
