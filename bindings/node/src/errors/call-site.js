"use strict"
/** Where a program called, for the errors of that call: a stack taken at the call, read when something goes wrong. */

const FRAMES = 8

class CallSite {
  /** `{file, line, column}` of the program's own frame. */
  location() {
    for (const line of String(this.stack).split("\n").slice(1)) {
      const match = /(?:\(|at )(?:file:\/\/)?((?:\/|[A-Za-z]:)[^()]*?):(\d+):(\d+)\)?$/.exec(line.trim())
      if (match && !match[1].startsWith(PACKAGE) && !match[1].startsWith("node:")) {
        return { file: decodeURI(match[1]), line: Number(match[2]), column: Number(match[3]) }
      }
    }
    return undefined
  }
}
const PACKAGE = require("node:path").join(__dirname, "..") + "/"

/**
 * The place of a call of `method`. Not taken with errorFormat "minimal", nor for reads with a cacheStrategy: a stack costs more than
 * a hit does.
 */
function callSite(state, method, args) {
  if (state.errorFormat === "minimal" || args?.cacheStrategy) return undefined
  const site = new CallSite()
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = FRAMES
  Error.captureStackTrace(site, method)
  Error.stackTraceLimit = limit
  return site
}

module.exports = { callSite }
