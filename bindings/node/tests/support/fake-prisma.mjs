/**
 * A small fake of what Prisma documents of a client's extensions, over this package's own client, for tests of `accelerant/extension`
 * where there is no Prisma Client: `$extends` with its four parts, contexts with `$name` and `$parent`, lazy promises, both forms of
 * `$transaction`. Query hooks run in the order in which they were added; a promise of a list that never asks the database holds the list up.
 */
class Lazy {
  constructor(run) {
    this.run = run
  }
  then(fulfilled, rejected) {
    return (this.promise ??= this.run(undefined)).then(fulfilled, rejected)
  }
  catch(rejected) {
    return this.then(undefined, rejected)
  }
  finally(done) {
    return this.then((value) => (done(), value), (error) => { done(); throw error })
  }
  get [Symbol.toStringTag]() {
    return "PrismaPromise"
  }
}

const OPERATIONS = [
  "findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "count", "aggregate", "groupBy",
  "create", "createMany", "update", "updateMany", "upsert", "delete", "deleteMany",
]
const lower = (name) => name[0].toLowerCase() + name.slice(1)

/** `backing` runs what is left of a call when all extensions have had their say. Of a `version` that is not known it has no undocumented members. */
export function fakePrisma(backing, models, version = "7.4.0") {
  return makeClient({ backing, models, extensions: [], parent: undefined, transaction: undefined, version, isBare: Number.parseInt(version) > 7 })
}

function makeClient(state) {
  const client = {}
  for (const model of state.models) client[lower(model)] = makeModel(client, state, model)
  for (const operation of ["$queryRaw", "$executeRaw", "$queryRawUnsafe", "$executeRawUnsafe"]) {
    client[operation] = (...args) => new Lazy((batch) => throughHooks(state, undefined, operation, args, batch))
  }
  if (state.version !== "") client._clientVersion = state.version
  if (!state.isBare) client._globalOmit = state.globalOmit
  client.$connect = () => state.backing.$connect()
  client.$disconnect = () => state.backing.$disconnect()
  client.$extends = function (extension) {
    if (typeof extension === "function") return extension(this)
    return makeClient({ ...state, extensions: [...state.extensions, extension], parent: client })
  }
  client.$transaction = function (what, options) {
    return Array.isArray(what) ? runList(state, what) : runFunction(this, state, what, options)
  }
  client.inTransaction = (backing) => inTransaction(client, state, backing)
  for (const { client: members } of state.extensions) Object.assign(client, members)
  return client
}

function inTransaction(client, state, backing) {
  const parent = state.parent?.inTransaction(backing)
  const made = makeClient({ ...state, backing, parent, transaction: { kind: "itx", id: "1" } })
  for (const name of ["$connect", "$disconnect", "$transaction", "$extends"]) made[name] = undefined
  return made
}

const runFunction = (client, state, run, options) => state.backing.$transaction((tx) => run(client.inTransaction(tx)), options)

/** Gathers what the promises ask for until all have asked, then runs it in one transaction. */
async function runList(state, promises) {
  const asked = []
  let start
  const all = new Promise((resolve) => (start = resolve))
  const batch = {
    ask: (run) => new Promise((resolve, reject) => {
      asked.push({ run, resolve, reject })
      if (asked.length === promises.length) start()
    }),
  }
  const results = promises.map((promise) => promise.run(batch))
  await all
  try {
    const values = await state.backing.$transaction(async (tx) => {
      const found = []
      for (const { run } of asked) found.push(await run(tx))
      return found
    })
    asked.forEach(({ resolve }, index) => resolve(values[index]))
  } catch (error) {
    asked.forEach(({ reject }) => reject(error))
  }
  return Promise.all(results)
}

function makeModel(client, state, model) {
  const delegate = { $name: model, name: model, get $parent() { return state.parent } }
  for (const operation of OPERATIONS) {
    delegate[operation] = (args) => new Lazy((batch) => throughHooks(state, model, operation, args, batch))
  }
  for (const { model: methods } of state.extensions) Object.assign(delegate, methods?.$allModels, methods?.[lower(model)])
  return delegate
}

const hooksOf = (state, model, operation) =>
  state.extensions.flatMap(({ query = {} }) =>
    model === undefined ? [query[operation]] : [query[lower(model)]?.[operation], query[lower(model)]?.$allOperations, query.$allModels?.[operation], query.$allModels?.$allOperations],
  ).filter((hook) => hook !== undefined)

async function throughHooks(state, model, operation, args, batch) {
  const hooks = hooksOf(state, model, operation)
  const transaction = batch ? { kind: "batch" } : state.transaction
  const call = (index, given) => {
    if (index === hooks.length) return atLast(state, model, operation, given, batch)
    return hooks[index]({ model, operation, args: given, query: (changed) => call(index + 1, changed), ...(state.isBare ? {} : { __internalParams: { transaction } }) })
  }
  const result = await call(0, args)
  return model === undefined ? result : computed(state, model, result)
}

function atLast(state, model, operation, args, batch) {
  const run = (backing) => (model === undefined ? backing[operation](...args) : backing[lower(model)][operation](args))
  return batch ? batch.ask(run) : run(state.backing)
}

/** Computed fields, which come when all hooks are through. */
function computed(state, model, result) {
  const fields = Object.assign({}, ...state.extensions.map(({ result: parts }) => ({ ...parts?.$allModels, ...parts?.[lower(model)] })))
  for (const record of Array.isArray(result) ? result : [result]) {
    if (record === null || typeof record !== "object") continue
    for (const [name, { compute }] of Object.entries(fields)) record[name] = compute(record)
  }
  return result
}
