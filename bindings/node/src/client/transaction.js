"use strict"
/** `$transaction`: a list of promises in one call of the library, or a function with a client of its own. */
const { LibraryError } = require("../native.js")
const { convertError, TransactionCall } = require("../errors/convert.js")
const { PrismaClientKnownRequestError, PrismaClientValidationError } = require("../errors/classes.js")
const { inSpan } = require("../telemetry/spans.js")
const { leniently } = require("../request/lenient.js")
const { textInList } = require("../request/request.js")
const { clientVersion } = require("../version.js")

// MARK: A list

/** Gathers the requests of a list's promises; sends them when each promise has given one, or has ended without. */
class Batch {
  constructor(state, options, count) {
    this.state = state
    this.options = options
    this.requests = []
    this.expected = count
    this.isSent = false
  }

  /** The request of the list's promise `index`: a promise of its answer. */
  add(index, text, call, args) {
    // What comes after the transaction's end, as an extension's second query, is a request of its own.
    if (this.isSent) return Promise.resolve(this.state.engine.request(text)).then(JSON.parse)
    return new Promise((resolve, reject) => {
      this.requests.push({ index, text, call, args, resolve, reject })
      this.sendWhenComplete()
    })
  }

  /** A promise of the list ended without a request: an extension answered by itself, or its arguments cannot be sent. */
  without() {
    if (this.isSent) return
    this.expected -= 1
    this.sendWhenComplete()
  }

  sendWhenComplete() {
    if (this.isSent || this.requests.length < this.expected) return
    this.isSent = true
    if (this.requests.length > 0) this.send()
  }

  async send() {
    const { requests } = this
    // Why sorted: extensions may have taken their time, and the list has its order.
    requests.sort((one, other) => one.index - other.index)
    try {
      const answers = await this.answers()
      requests.forEach((request, index) => request.resolve(answers[index]))
    } catch (error) {
      this.fail(error)
    }
  }

  /** The answers of all requests. Where Prisma Client takes what the library refused, all are sent again: none has been done. */
  async answers() {
    const { requests, options } = this
    const rest = ["isolationLevel", "timeout", "maxWait"].filter((name) => options[name] !== undefined).map((name) => `,"${name}":${JSON.stringify(options[name])}`)
    for (;;) {
      const list = requests.map(({ text }) => text).join(",")
      this.state.engine.prepare()
      const traceparent = this.state.engine.spans?.begin()
      const trace = traceparent === undefined ? "" : `,"traceparent":"${traceparent}"`
      try {
        return JSON.parse(await this.state.engine.request(`{"operation":"$transaction","args":{"requests":[${list}]${rest.join("")}}${trace}}`))
      } catch (error) {
        const request = requests[error.meta?.requestIndex]
        const changed = request && leniently(error, request.call, request.changed ?? request.args)
        if (changed === undefined) throw error
        Object.assign(request, { changed, text: textInList(request.call, changed) })
      }
    }
  }

  fail(error) {
    // Without an index it is the transaction that failed, and none of its requests.
    const isOwn = error instanceof LibraryError && error.meta.requestIndex === undefined
    if (isOwn) error = convertError(error, new TransactionCall(this.state, undefined, this.options.isolationLevel))
    const index = error.meta?.requestIndex ?? 0
    // The one that failed first: its error is the transaction's.
    const order = [this.requests[index], ...this.requests.filter((_, other) => other !== index)]
    for (const request of order) request?.reject(error)
  }
}

function transactionOfList(state, promises, options) {
  const notOurs = promises.find((promise) => promise?.[Symbol.toStringTag] !== "PrismaPromise" || typeof promise.requestTransaction !== "function")
  if (notOurs !== undefined || promises.includes(undefined)) {
    throw new Error("All elements of the array need to be Prisma Client promises. Hint: Please make sure you are not awaiting the Prisma client calls you intended to pass in the $transaction function.")
  }
  if (promises.length === 0) return Promise.resolve([])
  const batch = new Batch(state, options, promises.length)
  const results = promises.map((promise, index) => {
    let isAdded = false
    const own = {
      add(...request) {
        if (isAdded) batch.expected += 1
        isAdded = true
        return batch.add(index, ...request)
      },
    }
    const result = promise.requestTransaction(own)
    const ended = () => isAdded || batch.without()
    result.then(ended, ended)
    return result
  })
  return waitForAll(results)
}

/** All results, or the first failure once everything has ended. */
async function waitForAll(promises) {
  let failure
  const results = await Promise.all(
    promises.map((promise) =>
      promise.catch((error) => {
        failure ??= { error }
      }),
    ),
  )
  if (failure !== undefined) throw failure.error
  return results
}

// MARK: A function

const request = async (state, operation, args, transaction) => {
  try {
    state.engine.prepare()
    const document = { operation, args, transaction, traceparent: state.engine.spans?.begin() }
    return JSON.parse(await state.engine.request(JSON.stringify(document)))
  } catch (error) {
    throw convertError(error, new TransactionCall(state, undefined, args.isolationLevel))
  }
}

/** Runs a function in a transaction; `clientFor` gives the client of a transaction. */
async function transactionOfFunction(state, run, options, clientFor) {
  for (const name of ["timeout", "maxWait"]) {
    if (options[name] === 0) throw new PrismaClientKnownRequestError(`Transaction API error: ${name} is required`, { code: "P2028", clientVersion, meta: {} })
  }
  const { id } = await inSpan("start_transaction", undefined, () => request(state, "$transaction.begin", options))
  const tx = clientFor({ id, depth: { savepoints: 0 } })
  let result
  try {
    result = await run(tx)
    await inSpan("commit_transaction", undefined, () => request(state, "$transaction.commit", {}, id))
  } catch (error) {
    // Why unheard: what went wrong first is what the program has to know.
    await inSpan("rollback_transaction", undefined, () => request(state, "$transaction.rollback", {}, id)).catch(() => {})
    throw error
  }
  return result
}

/** A transaction within a transaction: a savepoint, undone when the function fails. */
async function nestedTransaction(state, run, clientFor) {
  const { id, depth } = state.transaction
  const name = `nested_${++depth.savepoints}`
  await request(state, "$transaction.savepoint", { name }, id)
  let result
  try {
    result = await run(clientFor(state.transaction))
  } catch (error) {
    await request(state, "$transaction.rollbackTo", { name }, id).catch(() => {})
    await request(state, "$transaction.release", { name }, id).catch(() => {})
    throw error
  }
  await request(state, "$transaction.release", { name }, id)
  return result
}

/** A list within a transaction: one after the other. */
const inOrder = (promises) => async () => {
  const results = []
  for (const promise of promises) results.push(await promise)
  return results
}

const OPTIONS = ["isolationLevel", "timeout", "maxWait"]

/** The options that are given, with the client's own where they are not. */
function optionsOf(state, given) {
  const options = {}
  for (const name of OPTIONS) {
    const value = given?.[name] ?? state.transactionOptions[name]
    if (value !== undefined) options[name] = value
  }
  return options
}

/** `prisma.$transaction(what, options)` */
function transaction(state, what, given, clientFor) {
  if (typeof what === "function") {
    if (state.transaction !== undefined) return nestedTransaction(state, what, clientFor)
    return transactionOfFunction(state, what, optionsOf(state, given), clientFor)
  }
  if (!Array.isArray(what)) {
    throw new PrismaClientValidationError("`$transaction` takes a list of Prisma Client promises or a function.", { clientVersion })
  }
  if (state.transaction !== undefined) return nestedTransaction(state, inOrder(what), clientFor)
  // Of the client's own options a list has the isolation level alone: the times are for functions.
  const options = { ...(state.transactionOptions.isolationLevel ? { isolationLevel: state.transactionOptions.isolationLevel } : {}) }
  for (const name of OPTIONS) if (given?.[name] !== undefined) options[name] = given[name]
  return transactionOfList(state, what, options)
}

module.exports = { transaction }
