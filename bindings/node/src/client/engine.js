"use strict"
/** The library's client behind a PrismaClient and all that was derived from it: opened when it is first needed, and again after $disconnect. */
const { EventEmitter } = require("node:events")
const { open, Form, LibraryError } = require("../native.js")
const { configuration, logTargets } = require("./options.js")
const { PrismaClientInitializationError } = require("../errors/classes.js")
const { isColourful } = require("../errors/colours.js")
const { clientVersion } = require("../version.js")
const { isTracing, StatementSpans } = require("../telemetry/spans.js")
const { Precision } = require("./precision.js")

/** What stands before a line of the log, in the colour of its level where the terminal has some. */
const COLOUR_CODES = { error: 31, warn: 33, info: 36, query: 34 }
const tagOf = (level) => (isColourful() ? `\x1b[${COLOUR_CODES[level]}mprisma:${level}\x1b[39m` : `prisma:${level}`)

class Engine {
  constructor(options, schema, schemaConfig) {
    this.options = options
    this.schema = schema
    this.schemaConfig = schemaConfig
    this.handle = undefined
    /** The schema of the database that tables are in, where a model says no other. */
    this.schemaName = "public"
    this.databaseName = undefined
    this.emitter = new EventEmitter()
    this.emitter.on("error", () => {})
    this.targets = logTargets(options)
    this.isLogging = this.targets.size > 0
    /** Of statements, where the program traces. */
    this.spans = undefined
    this.precision = new Precision(options.accelerant?.dateTime)
  }

  start() {
    this.spans = isTracing() ? new StatementSpans() : undefined
    this.isLogging = this.targets.size > 0 || this.spans !== undefined
    try {
      const config = configuration(this.options, this.schema, this.schemaConfig, this.targets, this.spans !== undefined)
      this.schemaName = /[?&]schema=([^&]+)/.exec(config.datasourceUrl ?? "")?.[1] ?? "public"
      this.databaseName = /^[^?]*\/([^/?]+)(\?|$)/.exec(config.datasourceUrl ?? "")?.[1]
      this.handle = open(config)
    } catch (error) {
      if (!(error instanceof LibraryError)) throw error
      throw new PrismaClientInitializationError(error.message, clientVersion, error.code)
    }
    return this.handle
  }

  /** Whether calls are spans: as the program traced when the library's client was opened, or would be now. */
  get isTraced() {
    return this.handle === undefined ? isTracing() : this.spans !== undefined
  }

  /** Opens the library's client, if it is not open: what a request says may depend on it. */
  prepare() {
    if (this.handle === undefined) this.start()
  }

  /** An answer: at once if it is known, else a promise. Throws LibraryError, or rejects with it. */
  request(text, form = Form.TEXT, signal) {
    const handle = this.handle ?? this.start()
    if (signal !== undefined) return this.abortable(handle, text, form, signal)
    if (!this.isLogging) return handle.request(text, form)
    return this.logged(handle, text, form)
  }

  /** Events are told before the answer that they are of. */
  async logged(handle, text, form) {
    try {
      return await handle.request(text, form)
    } finally {
      this.tellEvents(handle)
    }
  }

  async abortable(handle, text, form, signal) {
    signal.throwIfAborted()
    const before = handle.lastToken
    const answer = this.isLogging ? this.logged(handle, text, form) : handle.request(text, form)
    const token = handle.lastToken
    // What is known at once has no token: the last one is another request's.
    if (token === before) return answer
    const cancel = () => handle.cancel(token)
    signal.addEventListener("abort", cancel, { once: true })
    try {
      return await answer
    } catch (error) {
      if (signal.aborted && error instanceof LibraryError && error.statusName === "CANCELLED") throw signal.reason
      throw error
    } finally {
      signal.removeEventListener("abort", cancel)
    }
  }

  tellEvents(handle) {
    if (handle.isClosed && handle.outstanding === 0 && handle !== this.handle) return
    let events
    try {
      events = JSON.parse(handle.query('{"operation":"$log.take"}')).events
    } catch {
      return
    }
    for (const event of events) this.tell(event)
  }

  tell(event) {
    if (event.level === "query") this.spans?.end(event)
    const target = this.targets.get(event.level)
    const timestamp = new Date(event.timestamp)
    const told =
      event.level === "query"
        ? { timestamp, query: event.query, params: event.params ?? "[]", duration: event.duration, target: event.target }
        : { timestamp, message: event.message, target: event.target }
    if (target === "event") this.emit(event.level, told)
    else if (target === "stdout") this.print(event.level, told)
  }

  /** An error that a program gets, as Prisma Client tells it: with the words around it, and the call. */
  tellError(message, target) {
    if (!this.targets.has("error")) return
    const told = { timestamp: new Date(), message, target }
    if (this.targets.get("error") === "event") this.emit("error", told)
    else this.print("error", told)
  }

  /** Why apart: an exception of a listener is none of the request's, which may have written. */
  emit(level, told) {
    try {
      this.emitter.emit(level, told)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  print(level, told) {
    console.log(tagOf(level), level === "query" ? told.query : told.message)
  }

  async connect() {
    await this.request('{"operation":"$connect"}')
  }

  async disconnect() {
    const handle = this.handle
    if (handle === undefined) return
    this.handle = undefined
    await handle.close()
  }
}

module.exports = { Engine }
