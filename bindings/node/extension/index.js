"use strict"
/**
 * `accelerant/extension`: the cache for programs that keep Prisma Client 5, 6 or 7.
 *
 *     const prisma = new PrismaClient().$extends(withAccelerate())
 *
 * Reads with a `cacheStrategy` go through the library; everything else is as before. After a write through the client what it touches is dropped.
 *
 * Only what Prisma documents of extensions is relied on, with the exceptions of undocumented.js, each with what happens without it.
 */
const { AsyncLocalStorage } = require("node:async_hooks")
const { Library } = require("./library.js")
const { ClientTypes } = require("./client-types.js")
const { touchedModels, mayWrite, READS, WRITES } = require("./touched.js")
const { isInTransaction } = require("./undocumented.js")

/** What goes on in an asynchronous context: `info` of a read that wants it, `touched` of an interactive transaction, `isList` of one of a list. */
const context = new AsyncLocalStorage()

/** `options`: `datasourceUrl`, `schemaPath` or `schema`, `omit` as the client has it, and the library's configuration (`cache`, `limits` …). */
function withAccelerate(options = {}) {
  return (client) => {
    // Accelerant's own client has all of this.
    if (client?.$accelerate?.installTriggers !== undefined) return client
    const library = new Library(client, options)
    const types = new ClientTypes(client)
    return layered(client, library, types)
  }
}

// MARK: Queries

function queryHooks(library, types) {
  return {
    $allModels: {
      $allOperations(params) {
        const { model, operation, args, query } = params
        if (READS.has(operation)) return read(library, types, params)
        if (!WRITES.has(operation)) return query(args)
        return afterwards(query(args), library, () => touchedModels(library.models, model, operation, args))
      },
    },
    $executeRaw: ({ args, query }) => afterwards(query(args), library, () => undefined),
    $executeRawUnsafe: ({ args, query }) => afterwards(query(args), library, () => undefined),
    $queryRaw: ({ args, query }) => (mayWrite(args) ? afterwards(query(args), library, () => undefined) : query(args)),
    $queryRawUnsafe: ({ args, query }) => (mayWrite(args) ? afterwards(query(args), library, () => undefined) : query(args)),
  }
}

/** Drops what a write touches before its caller hears of its end; `touched` gives models, or undefined for anything. */
async function afterwards(running, library, touched) {
  let result
  try {
    result = await running
  } finally {
    // Also when it failed: with a connection that broke it may have happened all the same.
    if (library.isWatching || context.getStore()?.touched !== undefined) {
      const models = touched()
      // Why also where nothing is kept yet: by the end of the transaction it may be.
      note(models)
      if (library.isWatching) await library.drop(models)
    }
  }
  return result
}

/** An interactive transaction takes effect at its end: it is dropped then, once more. */
function note(models) {
  const touched = context.getStore()?.touched
  if (touched === undefined) return
  if (models === undefined) touched.isEverything = true
  else for (const model of models) touched.models.add(model)
}

const plain = ({ cacheStrategy, ...args }) => args
const isKept = (strategy) => strategy !== null && typeof strategy === "object" && Object.keys(strategy).length > 0

async function read(library, types, params) {
  const { model, operation, args, query } = params
  if (args === undefined || args === null || args.cacheStrategy === undefined) return query(args)
  const rest = plain(args)
  // Why not in a transaction: it reads what it has written itself. And every request of a list has to reach the client.
  const around = context.getStore()
  if (isInTransaction(params) || around?.touched !== undefined || around?.isList === true || !isKept(args.cacheStrategy)) return query(rest)
  const answer = await library.read(types, model, operation, args)
  // What the library cannot answer, or has no answer for, is the client's to answer: with its own words and classes.
  if (answer === undefined) return query(rest)
  const wanted = context.getStore()?.info
  if (wanted !== undefined && wanted.info === undefined && wanted.model === model && wanted.operation === operation) wanted.info = answer.info
  return answer.data
}

// MARK: What the client gets

/**
 * The query hooks above `base`, and `$accelerate`, `withAccelerateInfo()` and the end of transactions above these.
 *
 * Why `$extends` is one of the methods: what is added later belongs below. The hooks that were added last are the last to be asked, and
 * an answer of the cache has to be that to the arguments which all others have made of them.
 */
function layered(base, library, types) {
  const inner = base.$extends({ name: "accelerant", query: queryHooks(library, types) })
  const original = { $transaction: inner.$transaction, $disconnect: inner.$disconnect }
  return inner.$extends({
    name: "accelerant",
    client: {
      $accelerate: {
        invalidate: (args) => library.invalidate(types, "$accelerate.invalidate", args),
        invalidateAll: () => library.invalidate(types, "$accelerate.invalidateAll"),
      },
      $extends(extension) {
        if (typeof extension === "function") return extension(this)
        return layered(base.$extends(extension), library, types)
      },
      $transaction(what, options) {
        if (typeof what !== "function") return context.run({ ...context.getStore(), isList: true }, () => original.$transaction.call(this, what, options))
        return transact(library, () => original.$transaction.call(this, what, options))
      },
      async $disconnect() {
        await library.close()
        return original.$disconnect.call(this)
      },
    },
    model: { $allModels: Object.fromEntries([...READS].map((operation) => [operation, informed(operation)])) },
  })
}

async function transact(library, run) {
  const touched = { models: new Set(), isEverything: false }
  try {
    return await context.run({ touched }, run)
  } finally {
    if (library.isWatching && (touched.isEverything || touched.models.size > 0)) {
      await library.drop(touched.isEverything ? undefined : [...touched.models])
    }
  }
}

/** A read whose promise can also give its info. */
function informed(operation) {
  return function (args) {
    const parent = this.$parent[lowerFirst(this.$name)] ?? this.$parent[this.$name]
    const promise = parent[operation](args)
    const name = this.$name
    const withAccelerateInfo = () => {
      const wanted = { model: name, operation, info: undefined }
      const ask = () => new Promise((resolve, reject) => promise.then(resolve, reject))
      return context.run({ ...context.getStore(), info: wanted }, ask).then((data) => ({ data, info: wanted.info ?? null }))
    }
    Object.defineProperty(promise, "withAccelerateInfo", { value: withAccelerateInfo, configurable: true, enumerable: false, writable: true })
    return promise
  }
}

const lowerFirst = (text) => text.slice(0, 1).toLowerCase() + text.slice(1)

module.exports = { withAccelerate }
