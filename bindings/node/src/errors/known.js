"use strict"
/** Words and facts of errors that have a code. */

/** The message in Prisma's words, where programs and people look for them. */
function knownMessage(error) {
  return error.message
}

function knownMeta(error, call) {
  const { requestIndex, path, ...meta } = error.meta
  return call.model ? { modelName: call.model.name, ...meta } : meta
}

module.exports = { knownMessage, knownMeta }
