"use strict"
/** `prisma.$accelerate`: the cache's own operations; `prisma.$metrics`. */
const { convertError, TransactionCall } = require("../errors/convert.js")
const rawQueries = require("./raw-queries.js")

async function ask(state, operation, args, method) {
  const document = { operation, args }
  if (state.transaction !== undefined && operation.startsWith("$accelerate")) document.transaction = state.transaction.id
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
  /**
   * Raw SQL that names the tables it changes, so that only their automatic answers are dropped:
   *
   *     await prisma.$accelerate.touches("User").$executeRaw`UPDATE "User" SET age = age + 1`
   */
  touches: (...tables) => rawOf({ ...state, touches: tables.flat() }),
  /** Moves the clock of a client that was made with `accelerant: {clock: "manual"}`: for tests of what a cache does over time. */
  advanceClock: (milliseconds) => ask(state, "$clock.advance", { milliseconds }, "$accelerate.advanceClock"),
})

const rawOf = (state) => ({
  $queryRaw: (strings, ...values) => rawQueries.queryRaw(state, strings, values),
  $executeRaw: (strings, ...values) => rawQueries.executeRaw(state, strings, values),
  $queryRawUnsafe: (text, ...values) => rawQueries.queryRawUnsafe(state, text, values),
  $executeRawUnsafe: (text, ...values) => rawQueries.executeRawUnsafe(state, text, values),
})

const metricsOf = (state) => ({
  async json({ globalLabels = {} } = {}) {
    const metrics = await ask(state, "$metrics", { format: "json" }, "$metrics.json")
    for (const metric of Object.values(metrics).flat()) metric.labels = { ...metric.labels, ...globalLabels }
    return metrics
  },
  async prometheus({ globalLabels = {} } = {}) {
    const text = await ask(state, "$metrics", { format: "prometheus" }, "$metrics.prometheus")
    const labels = Object.entries(globalLabels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`).join(",")
    if (labels === "") return text
    return text.replace(/^(\w+)(?:\{(.*)\})? /gm, (_, name, own) => `${name}{${own ? `${own},` : ""}${labels}} `)
  },
})

module.exports = { accelerateOf, metricsOf }
