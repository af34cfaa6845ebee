"use strict"
/** PrismaClient: the models' delegates, transactions, raw SQL, events, extensions, the cache. */
const { Engine } = require("./engine.js")
const { checkOptions } = require("./options.js")
const { makeDelegate } = require("./delegate.js")
const { transaction } = require("./transaction.js")
const rawQueries = require("./raw-queries.js")
const { accelerateOf, metricsOf } = require("./accelerate.js")
const { ExtensionList } = require("../extensions/list.js")
const { schemaFor } = require("../schema/schema.js")
const { convertError, TransactionCall } = require("../errors/convert.js")
const { PrismaClientValidationError } = require("../errors/classes.js")
const { inSpan, seekTracing } = require("../telemetry/spans.js")
const { clientVersion } = require("../version.js")

/** What a client, its extended clients and those of its transactions know; each has one of its own. */
const STATE = Symbol("accelerant.state")

const formatOf = (options) => options.errorFormat ?? (process.env.NODE_ENV === "production" ? "minimal" : "colorless")

/** `{User: {password: true}}` of the option `omit`. */
function omitOf(omit, schema) {
  if (!omit) return undefined
  return Object.fromEntries(Object.entries(omit).map(([name, fields]) => [schema.modelNames[name] ?? name, fields]))
}

const define = (target, name, value) => Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false })

class PrismaClient {
  constructor(options) {
    if (options !== undefined && (options === null || typeof options !== "object")) {
      throw new PrismaClientValidationError(`Invalid value ${JSON.stringify(options)} provided to PrismaClient constructor.`, { clientVersion })
    }
    const given = { ...this.constructor.defaults, ...options }
    const { schema, config } = schemaFor(given)
    checkOptions(given, schema)
    define(this, STATE, {
      engine: new Engine(given, schema, config),
      schema,
      extensions: new ExtensionList(),
      omit: omitOf(given.omit, schema),
      isStrict: schema.isStrict,
      errorFormat: formatOf(given),
      comments: given.comments?.length > 0 ? given.comments : undefined,
      transactionOptions: given.transactionOptions ?? {},
      transaction: undefined,
      waiting: undefined,
      members: Object.create(null),
    })
    latest = schema
    seekTracing()
    addMembers(this)
  }

  get [Symbol.toStringTag]() {
    return "PrismaClient"
  }

  $connect() {
    const state = this[STATE]
    return attempt(state, () => inSpan("connect", undefined, () => state.engine.connect()))
  }

  $disconnect() {
    return inSpan("disconnect", undefined, () => this[STATE].engine.disconnect())
  }

  $on(level, listener) {
    if (level === "beforeExit") {
      throw new Error('"beforeExit" hook is not applicable to the client engine, it is only relevant and implemented for the binary engine. Please add your event listener to the `process` object directly instead.')
    }
    this[STATE].engine.emitter.on(level, listener)
    return this
  }

  async $transaction(what, options) {
    const client = this
    return inSpan("transaction", { method: "$transaction" }, () => transaction(this[STATE], what, options, (of) => transactionClient(client, of)))
  }

  $queryRaw(strings, ...values) {
    return rawQueries.queryRaw(this[STATE], strings, values)
  }
  $executeRaw(strings, ...values) {
    return rawQueries.executeRaw(this[STATE], strings, values)
  }
  $queryRawTyped(query) {
    return rawQueries.queryRawTyped(this[STATE], query)
  }
  $queryRawUnsafe(text, ...values) {
    return rawQueries.queryRawUnsafe(this[STATE], text, values)
  }
  $executeRawUnsafe(text, ...values) {
    return rawQueries.executeRawUnsafe(this[STATE], text, values)
  }

  $runCommandRaw() {
    throw new PrismaClientValidationError("The postgresql provider does not support $runCommandRaw. Use the mongodb provider.", { clientVersion })
  }

  $extends(extension) {
    return extend(this, extension)
  }
}

/** The schema of the client that was made last: for `Prisma.dmmf` and the like where no default schema is found. */
let latest

async function attempt(state, run) {
  try {
    return await run()
  } catch (error) {
    throw convertError(error, new TransactionCall(state))
  }
}

/**
 * A member that each client has of its own, made when it is first asked for, and found by the clients that are derived from this one.
 * Why so: a transaction's client is made for each transaction, and schemas have hundreds of models.
 */
function own(client, name, make, enumerable) {
  Object.defineProperty(client, name, {
    configurable: true,
    enumerable,
    get() {
      const { members } = this[STATE]
      return members[name] ?? (members[name] = make(this))
    },
    set(value) {
      Object.defineProperty(this, name, { configurable: true, enumerable, writable: true, value })
    },
  })
}

/** What a client has: delegates, the cache, what extensions add. */
function addMembers(client) {
  const { schema, extensions } = client[STATE]
  for (const [name, modelName] of Object.entries(schema.modelNames)) {
    own(client, name, (self) => extendedDelegate(self, self[STATE], schema.models[modelName]), true)
    // `prisma.User` is `prisma.user`.
    if (modelName !== name && schema.modelNames[modelName] === undefined) Object.defineProperty(client, modelName, { configurable: true, get() { return this[name] } })
  }
  own(client, "$accelerate", (self) => accelerateOf(self[STATE]), false)
  own(client, "$metrics", (self) => metricsOf(self[STATE]), false)
  const methods = extensions.methods()
  for (const name of Object.keys(methods)) Object.defineProperty(client, name, { value: methods[name], configurable: true, enumerable: true, writable: true })
}

function extendedDelegate(client, state, model) {
  const delegate = makeDelegate(client, state, model)
  const methods = state.extensions.methods(model.clientName)
  if (Object.keys(methods).length === 0) return delegate
  // Why on top of the model's own: `super`-like calls of an extension reach what it has replaced through the context's prototype.
  const extended = Object.create(delegate)
  for (const name of Object.keys(delegate)) {
    const described = Object.getOwnPropertyDescriptor(delegate, name)
    Object.defineProperty(extended, name, described)
  }
  for (const name of ["$name", "$parent"]) define(extended, name, delegate[name])
  for (const name of Object.keys(methods)) Object.defineProperty(extended, name, { value: methods[name], configurable: true, enumerable: true, writable: true })
  return extended
}

function derived(client, changes, hidden) {
  const made = Object.create(client)
  define(made, STATE, { ...client[STATE], waiting: undefined, members: Object.create(null), ...changes })
  for (const name of hidden) define(made, name, undefined)
  return made
}

function extend(client, extension) {
  if (typeof extension === "function") return extension(client)
  const made = derived(client, { extensions: client[STATE].extensions.with(extension) }, ["$on"])
  define(made, "$parent", client)
  addMembers(made)
  return made
}

/** The client of a transaction. It may begin transactions of its own, which are savepoints. */
function transactionClient(client, of) {
  return derived(client, { transaction: of }, ["$connect", "$disconnect", "$on", "$extends"])
}

if (Symbol.asyncDispose !== undefined) {
  PrismaClient.prototype[Symbol.asyncDispose] = function () {
    return this.$disconnect()
  }
} else {
  // Node before 20.4 has no such symbol: what TypeScript puts in its place is found by this name.
  PrismaClient.prototype[Symbol.for("Symbol.asyncDispose")] = function () {
    return this.$disconnect()
  }
}

const latestSchema = () => latest

module.exports = { PrismaClient, STATE, latestSchema }
