"use strict"
/** `prisma.$accelerate`: the cache's own operations; `prisma.$metrics`. */
const { convertError, TransactionCall } = require("../errors/convert.js")

async function ask(state, operation, args, method) {
  const document = { operation, args }
  if (state.transaction !== undefined && operation !== "$metrics") document.transaction = state.transaction.id
  try {
    return JSON.parse(await state.engine.request(JSON.stringify(document)))
  } catch (error) {
    throw convertError(error, new TransactionCall(state, method))
  }
}

const accelerateOf = (state) => ({
  /** Drops the answers of up to five tags: `{requestId}`. */
  invalidate: (args) => ask(state, "$accelerate.invalidate", args ?? {}, "$accelerate.invalidate"),
  /** Drops every answer: `{requestId}`. */
  invalidateAll: () => ask(state, "$accelerate.invalidateAll", {}, "$accelerate.invalidateAll"),
  /** The SQL of the triggers by which clients that listen hear of all writes; `{execute: true}` runs it. */
  installTriggers: (args) => ask(state, "$accelerate.installTriggers", args ?? {}, "$accelerate.installTriggers"),
  removeTriggers: (args) => ask(state, "$accelerate.removeTriggers", args ?? {}, "$accelerate.removeTriggers"),
})

const metricsOf = (state) => ({
  json: (options) => ask(state, "$metrics", { format: "json", ...labels(options) }, "$metrics.json"),
  prometheus: (options) => ask(state, "$metrics", { format: "prometheus", ...labels(options) }, "$metrics.prometheus"),
})

const labels = (options) => (options?.globalLabels ? { globalLabels: options.globalLabels } : {})

module.exports = { accelerateOf, metricsOf }
