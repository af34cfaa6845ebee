"use strict"
/**
 * The low-level door: JSON requests to libaccelerant, JSON answers back, on this thread's event loop. Everything else of the
 * package stands on this file.
 *
 *     const { open } = require("accelerant/native")
 *     const handle = open({ schemaPath: "schema.prisma", datasourceUrl: "postgresql://localhost/app" })
 *     const text = await handle.request('{"model": "User", "operation": "findMany"}')     // the answer, a JSON text
 *     await handle.close()
 */
const workers = require("node:worker_threads")
const { addon, libraryVersion } = require("./library.js")

/**
 * What a request gives: the answer's text; its bytes; text and info; or, as PIECES, an external to be read in pieces for large answers.
 * VALUE is PIECES for programs that keep values: a hit that comes again gives `[text, slot, freed slots …]`, and from then on the number of the
 * slot alone, until another answer takes it or it is freed. The number has to be looked at before the next request.
 */
const Form = { TEXT: 0, BYTES: 1, INFO: 2, PIECES: 3, VALUE: 4 }

/** A failure that the library told: `status` is the C status, `code`, `message` and `meta` are those of its error document. */
class LibraryError extends Error {
  constructor(status, document) {
    const { code = "", message, meta = {} } = document ? JSON.parse(document) : {}
    super(message ?? `The library answered ${statusName(status)} without a reason.`)
    this.name = "LibraryError"
    this.status = status
    this.code = code
    this.meta = meta
  }

  /** The status as the C header names it: "NOT_FOUND", "TIMEOUT" … */
  get statusName() {
    return statusName(this.status)
  }
}

const statusName = (status) => addon.statusName(status)

const SLAB_BYTES = 262144
/** Below this much room a slab is left to the answers in it. The addon puts no larger answers there. */
const SLAB_RESERVE = 16384
/**
 * What goes with the addon: the slab, and the values of its slots. Why there: test runners load this file several times in one
 * thread, and the addon once.
 */
const shared = (addon.shared ??= { slab: undefined, slabUsed: SLAB_BYTES, values: [], written: undefined })
/** Requests that are written as bytes lie here; their size is given to `request` in the place of a text. */
const WRITTEN_BYTES = 8192
if (shared.written === undefined) {
  shared.written = new Uint8Array(WRITTEN_BYTES)
  addon.setWritten(shared.written)
}

/**
 * Forbids that a buffer is transferred to another thread. Whether that was possible: Bun and Deno may not know how.
 *
 * Why: the addon writes there. Whoever transferred an answer would take the memory along that the next answers are put into.
 */
function keepHere(buffer) {
  try {
    workers.markAsUntransferable(buffer)
    return true
  } catch {
    return false
  }
}

/** Before each call that may give bytes: the addon must have room for them. */
function prepareSlab() {
  if (SLAB_BYTES - shared.slabUsed >= SLAB_RESERVE) return
  shared.slab = new Uint8Array(SLAB_BYTES)
  shared.staysHere = keepHere(shared.slab.buffer)
  shared.slabUsed = 0
  addon.setSlab(shared.slab)
}

/** The bytes that the addon has just put into the slab, or a buffer of their own. */
function takeBytes(value) {
  if (typeof value !== "number") return value
  const bytes = new Uint8Array(shared.slab.buffer, shared.slabUsed, value)
  shared.slabUsed = Math.min(shared.slabUsed + ((value + 7) & ~7), SLAB_BYTES)
  return shared.staysHere ? bytes : bytes.slice()
}

/** What is outstanding, by token. Why one for the thread: what the addon holds must not keep a forgotten client alive. */
const pending = new Map()
let sequence = 0

function onReply(token, value, status, error) {
  const request = pending.get(token)
  pending.delete(token)
  if (request === undefined) return
  request.handle.outstanding -= 1
  if (request.handle.idle !== null && request.handle.outstanding === 0) request.handle.idle()
  if (status !== 0) request.reject(new LibraryError(status, error))
  else if ((token & 7) === Form.BYTES) {
    const bytes = takeBytes(value)
    prepareSlab()
    request.resolve(bytes)
  } else request.resolve(value)
}

/** An open client. */
class Handle {
  constructor(config) {
    this.outstanding = 0
    this.idle = null
    this.isClosed = false
    this.closing = undefined
    /** The token of the last request that was started, for `cancel`. */
    this.lastToken = 0
    const external = addon.open(typeof config === "string" ? config : JSON.stringify(config), onReply)
    if (typeof external === "number") throw new LibraryError(external, addon.lastError())
    this.external = external
    prepareSlab()
  }

  /**
   * Runs one request: a JSON text, its bytes, or how many of them stand in `shared.written`. What is known at once (a cache hit) comes back as it is, everything else as a
   * promise; a request that is refused at once throws LibraryError, and so do promises that fail.
   */
  request(text, form = Form.TEXT) {
    const token = ++sequence * 8 + form
    const value = addon.request(this.external, text, token)
    if (value === undefined) {
      this.lastToken = token
      this.outstanding += 1
      return new Promise((resolve, reject) => pending.set(token, { resolve, reject, handle: this }))
    }
    if (typeof value === "number") {
      if (form === Form.VALUE && value >= 0) return value
      if (value < 0) throw new LibraryError(value, addon.lastError())
      const bytes = takeBytes(value)
      prepareSlab()
      return bytes
    }
    return value
  }

  /** Runs one request and waits for it: for `$schema`, `$log.take` and the like, which ask no database. */
  query(text) {
    const value = addon.query(this.external, text)
    if (typeof value === "number") throw new LibraryError(value, addon.lastError())
    return value
  }

  /** Asks that a request end; it is rejected then. Whether one of that token was outstanding. */
  cancel(token) {
    return addon.cancel(this.external, token) === 0
  }

  /** Lets what is outstanding end, then closes the client. */
  close() {
    this.isClosed = true
    return (this.closing ??= this.end())
  }

  async end() {
    // Why again: whoever got the last but one answer may have asked once more.
    while (this.outstanding > 0) await new Promise((resolve) => (this.idle = resolve))
    await addon.close(this.external)
  }
}

/** Opens a client: the configuration as an object or a JSON text. */
const open = (config) => new Handle(config)

/** A piece of an answer that came in the form PIECES: `[text, next]`, elements of a list without its brackets. */
function piece(external, at, bytes) {
  const value = addon.piece(external, at, bytes)
  if (typeof value === "number") throw new LibraryError(value, addon.lastError())
  return value
}

module.exports = { Form, shared, Handle, LibraryError, open, piece, statusName, libraryVersion }
