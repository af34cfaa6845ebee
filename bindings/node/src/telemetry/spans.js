"use strict"
/**
 * Spans of OpenTelemetry, by the names that Prisma Client's have: `prisma:client:operation` around a call, `prisma:client:transaction`,
 * `prisma:client:connect` … Programs that register @prisma/instrumentation get them by its helper; those that have @opentelemetry/api alone,
 * with a provider of traces, by that. Elsewhere a call costs a look.
 */
const { createRequire } = require("node:module")
const path = require("node:path")

/** Where @prisma/instrumentation puts its helper, by its versions. */
const HELPERS = ["V7_PRISMA_INSTRUMENTATION", "V6_PRISMA_INSTRUMENTATION", "PRISMA_INSTRUMENTATION"]
const PREFIX = "prisma:client:"

function helper() {
  for (const name of HELPERS) {
    const found = globalThis[name]?.helper
    if (found !== undefined) return found.isEnabled() ? found : undefined
  }
  return undefined
}

/** OpenTelemetry's API: the program's, or undefined. Looked for once, when the first client is made. */
let api
let isSought = false
function seekTracing() {
  if (isSought) return
  isSought = true
  for (const from of [path.join(process.cwd(), "package.json"), __filename]) {
    try {
      api = createRequire(from)("@opentelemetry/api")
      return
    } catch {
      // Not there: the next place.
    }
  }
}

/** The tracer of a program that has a provider; undefined where spans would lead nowhere. */
function tracer() {
  if (api === undefined) return undefined
  const provider = api.trace.getTracerProvider()
  const delegate = typeof provider.getDelegate === "function" ? provider.getDelegate() : provider
  return /noop/i.test(delegate?.constructor?.name ?? "") ? undefined : provider.getTracer("prisma")
}

/** Runs a function within a span; the span ends with what it returns, or with its promise. */
function inSpan(name, attributes, run) {
  const prisma = helper()
  if (prisma !== undefined) return prisma.runInChildSpan(attributes === undefined ? { name } : { name, attributes }, () => run())
  const own = tracer()
  if (own === undefined) return run()
  return own.startActiveSpan(PREFIX + name, attributes === undefined ? {} : { attributes }, (span) => endWith(span, run))
}

function endWith(span, run) {
  const fail = (error) => {
    span.recordException(error)
    span.setStatus({ code: 2, message: String(error?.message ?? error) })
    span.end()
    throw error
  }
  let result
  try {
    result = run()
  } catch (error) {
    return fail(error)
  }
  if (!(result instanceof Promise)) {
    span.end()
    return result
  }
  return result.then((value) => {
    span.end()
    return value
  }, fail)
}

/** What a call's span tells of it. */
function attributesOf({ model, operation }) {
  const method = model === undefined ? operation.replace(/^\$|Unsafe$/g, "") : operation
  return model === undefined ? { method, name: method } : { method, model: model.name, name: `${model.name}.${method}` }
}

/** Runs a call within its span. */
const inOperation = (call, run) => inSpan("operation", attributesOf(call), run)

const isTracing = () => helper() !== undefined || tracer() !== undefined

// MARK: Statements

const TRACEPARENT = /^00-([0-9a-f]{32}-[0-9a-f]{16})-[0-9a-f]{2}$/
const NOWHERE = /^0+-|-0+$/
const CLIENT = 2

/** Most contexts that are remembered: as many as calls may be on their way. */
const MOST_CONTEXTS = 16384

/**
 * The spans of statements. A request bears the id of the span that it is part of, as `traceparent`; the events of its statements have it, too, and
 * lead back to that span. Why not sampled: a sampled one would stand beside the SQL, which would have to be planned each time.
 */
class StatementSpans {
  constructor() {
    this.contexts = new Map()
  }

  /** The traceparent for a request of the present span; undefined where there is none. */
  begin() {
    const prisma = helper()
    const span = prisma === undefined ? api?.trace.getActiveSpan()?.spanContext() : undefined
    const ids = TRACEPARENT.exec(prisma === undefined ? `00-${span?.traceId}-${span?.spanId}-00` : prisma.getTraceParent())?.[1]
    if (ids === undefined || NOWHERE.test(ids)) return undefined
    if (this.contexts.size >= MOST_CONTEXTS) this.contexts.delete(this.contexts.keys().next().value)
    this.contexts.set(ids, prisma === undefined ? api.context.active() : prisma.getActiveContext())
    return `00-${ids}-00`
  }

  /** A statement has ended: `event` is that of the log. */
  end({ traceparent, query, timestamp, duration }) {
    const ids = traceparent && TRACEPARENT.exec(traceparent)?.[1]
    if (!this.contexts.has(ids) || query === "BEGIN") return
    const context = this.contexts.get(ids)
    const attributes = { "db.query.text": query, "db.system.name": "postgresql" }
    const until = new Date(timestamp).getTime()
    const options = { kind: CLIENT, attributes, startTime: until - duration }
    const prisma = helper()
    if (prisma !== undefined) prisma.runInChildSpan({ name: "db_query", context, ...options }, () => undefined)
    else tracer()?.startSpan(`${PREFIX}db_query`, options, context).end(until)
  }
}

module.exports = { inSpan, inOperation, isTracing, seekTracing, StatementSpans }
