"use strict"
/** The `query` components of extensions: functions around a call, the first extension's outermost. */
const { PrismaPromise } = require("../client/promise.js")
const { inOperation } = require("../telemetry/spans.js")

/** Runs `execute(call, args, batch)` within its span, and within the functions that extensions put around it. */
function throughExtensions(call, batch, execute) {
  // Why asked first: a hit makes no function in vain.
  return call.state.engine.isTraced ? inOperation(call, () => run(call, batch, execute)) : run(call, batch, execute)
}

function run(call, batch, execute) {
  const callbacks = call.state.extensions.queryCallbacks(call.model?.clientName, call.operation)
  if (callbacks.length === 0) return execute(call, call.args, batch)
  const step = async (index, args, within) => {
    if (index === callbacks.length) return execute(call, args, within)
    return callbacks[index]({
      model: call.model?.name,
      operation: call.operation,
      args,
      // Why such a promise: an extension may put what it goes on with into a transaction of its own, beside other statements.
      query: (changed) => new PrismaPromise((own) => step(index + 1, changed, own ?? within)),
      __internalParams: { transaction: within === undefined ? call.state.transaction : { kind: "batch" } },
    })
  }
  return step(0, copyArguments(call.args), batch)
}

/** Why a copy: extensions change arguments in place, and the program may use its own again. */
function copyArguments(args) {
  if (args === undefined || args === null) return {}
  if (Array.isArray(args)) return args.slice()
  try {
    return copy(args, 0)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    // It is refused when it is written, in words.
    return args
  }
}

const MOST_DEPTH = 200
function copy(value, depth) {
  if (value === null || typeof value !== "object") return value
  if (depth > MOST_DEPTH) throw new RangeError("nested too deep, or within itself")
  if (Array.isArray(value)) return value.map((element) => copy(element, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const made = {}
  for (const key of Object.keys(value)) made[key] = copy(value[key], depth + 1)
  return made
}

module.exports = { throughExtensions }
