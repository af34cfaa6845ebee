"use strict"
/** Requests that do not fit the schema, in the words and with the marked arguments of PrismaClientValidationError. */
const { withContext } = require("./context.js")

const KINDS = new Set(["unknownArgument", "unknownField", "unknownValue", "missing", "wrongType", "invalidValue", "needsUnique", "empty", "notAllowed", "overLimit", "syntax", "outOfRange"])

/** Whether the library's error says that the request does not fit. */
const isRefusal = (error, call) => call.model !== undefined && KINDS.has(error.meta.kind) && error.meta.path !== undefined && !error.code.startsWith("P6")

function renderInvalid(error, call, args) {
  return withContext(call, `Invalid value for argument \`${error.path.at(-1)}\`: ${error.reason}.`)
}
function renderRefused(error, call, args) {
  return withContext(call, error.message)
}

module.exports = { isRefusal, renderInvalid, renderRefused }
