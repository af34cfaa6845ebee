"use strict"
/**
 * The option `comments`: plugins by which Prisma Client 7 puts words beside its SQL, in the format of sqlcommenter. What they give goes with
 * the request, and the library writes it beside the SQL. A plugin is asked once for a request, before it is known which statements it takes.
 */

/** The operations whose names Prisma's plugins know otherwise. */
const ACTIONS = { create: "createOne", update: "updateOne", upsert: "upsertOne", delete: "deleteOne", count: "aggregate" }
const AGGREGATES = new Set(["_count", "_avg", "_sum", "_min", "_max"])
const SAMPLED = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/

const isObject = (value) => value !== null && typeof value === "object"

/** Arguments as plugins see them: what is selected stands beside them. */
function splitArguments(args, operation) {
  const { select, include, omit, cacheStrategy, ...rest } = args ?? {}
  if (operation === "count") return { arguments: rest, selection: { _count: { arguments: {}, selection: isObject(select) ? select : { _all: true } } } }
  if (operation === "aggregate" || operation === "groupBy") return splitAggregates(rest, operation)
  const selection = select ? {} : { $composites: true, $scalars: true }
  for (const name of Object.keys(omit ?? {})) if (omit[name] === true) selection[name] = false
  for (const [name, chosen] of Object.entries(select ?? include ?? {})) if (chosen) selection[name] = isObject(chosen) ? splitArguments(chosen) : true
  return { arguments: rest, selection }
}

function splitAggregates(args, operation) {
  const found = { arguments: {}, selection: {} }
  for (const [name, value] of Object.entries(args)) {
    if (AGGREGATES.has(name)) found.selection[name] = { arguments: {}, selection: value === true ? { _all: true } : value }
    else found.arguments[name] = value
  }
  if (operation === "groupBy") for (const name of [args.by ?? []].flat()) found.selection[name] = true
  return found
}

const ofModel = (call, args) => ({
  modelName: call.model.name,
  action: ACTIONS[call.operation] ?? call.operation,
  query: splitArguments(args, call.operation),
})

/** What plugins are told of a call on a model; of findUnique calls that became one query, all of them. */
function modelQuery(call, args) {
  if (call.together === undefined) return { type: "single", ...ofModel(call, args) }
  const queries = call.together.map((member) => ofModel(member.call, member.args))
  const { modelName, action } = queries[0]
  return { type: "compacted", modelName, action, queries }
}

/** What plugins are told of raw SQL. */
const rawQuery = (operation, query, parameters) => ({
  type: "single",
  action: operation.startsWith("$query") ? "queryRaw" : "executeRaw",
  query: { arguments: { query, parameters: JSON.stringify(parameters) }, selection: {} },
})

/**
 * What the plugins say of a query: `{comments, traceparent}`, each undefined where they say nothing of it.
 *
 * Why a sampled trace by itself: the library knows a text without it, and its log events name it. A list's requests have none of their own.
 */
function commentsOf(state, query, isInList) {
  if (state.comments === undefined) return {}
  const found = {}
  for (const plugin of state.comments) {
    for (const [name, value] of Object.entries(plugin({ query: query() }) ?? {})) if (value !== undefined) found[name] = String(value)
  }
  const { traceparent, ...others } = found
  const isApart = !isInList && traceparent !== undefined && SAMPLED.test(traceparent)
  const comments = isApart ? others : found
  return { comments: Object.keys(comments).length > 0 ? comments : undefined, traceparent: isApart ? traceparent : undefined }
}

module.exports = { commentsOf, modelQuery, rawQuery }
