"use strict"
/**
 * What Prisma Client takes and the library refuses: said again as the library takes it. Nothing has run when a request is refused, so
 * that it can be made again, and requests that fit cost nothing.
 */
const { LibraryError } = require("../native.js")
const { placeOf, segments } = require("../errors/validation.js")
const { nulls } = require("../values/markers.js")

/** The largest number of records that the library takes in a page: there are no more in any table that fits. */
const MOST_TAKEN = 2 ** 31 - 1
const COUNTED = new Set(["createMany", "updateMany", "deleteMany"])
const isObject = (value) => value !== null && typeof value === "object" && !ArrayBuffer.isView(value)

/** A copy with what is at the path replaced; `change` gives the new value, and undefined leaves the member out. */
function changedAt(args, path, change) {
  if (path.length === 0) return change(args)
  const [name, ...deeper] = path
  if (!isObject(args) || !(name in args)) return args
  // What holds for one element of a list holds for all: each record of a createMany would be refused in its turn.
  if (Array.isArray(args)) return args.map((element) => changedAt(element, deeper, change))
  const copy = { ...args }
  const value = changedAt(args[name], deeper, change)
  if (value === undefined) delete copy[name]
  else copy[name] = value
  return copy
}

const COMPARED = new Set(["gt", "gte", "lt", "lte"])
const valueAt = (args, path) => path.reduce((of, name) => of?.[name], args)

/** A plain null of a Json field is JSON's. */
function jsonNull({ meta }, _, args, path) {
  const isPushed = meta.kind === "wrongType" && path.at(-1) === "push" && meta.expected?.join() === "Json"
  const takesNull = isPushed || (meta.kind === "missing" && meta.expected?.includes("JsonNull"))
  if (!takesNull || COMPARED.has(path.at(-1)) || valueAt(args, path) !== null) return undefined
  return changedAt(args, path, (value) => (value === null ? nulls.JsonNull : value))
}

/** Relations are never there by themselves: to omit one changes nothing. */
function omittedRelation({ meta }, call, args, path) {
  if (meta.kind !== "unknownField") return undefined
  const place = placeOf(call, args, path.slice(0, -1))
  if (place.selection !== "omit" || place.model?.fields[path.at(-1)]?.kind !== "object") return undefined
  return changedAt(args, path.slice(0, -1), (omit) => {
    const { [path.at(-1)]: _, ...others } = omit
    return Object.keys(others).length > 0 ? others : undefined
  })
}

/** What writes of many give is a count. */
function selectedCount({ meta }, { operation }, args, path) {
  const { select } = args
  if (meta.kind !== "unknownArgument" || !COUNTED.has(operation) || path.join() !== "select" || !isObject(select)) return undefined
  return Object.keys(select).join() === "count" && select.count === true ? { ...args, select: undefined } : undefined
}

/** Pages of groups without an order are ordered by the model's key. */
function orderOfGroups({ meta }, { operation, model }, args, path) {
  if (meta.kind !== "missing" || operation !== "groupBy" || path.join() !== "orderBy" || args.orderBy?.length > 0) return undefined
  const key = (model.primaryKey ?? model.uniques[0])?.fields
  return key?.every((name) => [args.by].flat().includes(name)) ? { ...args, orderBy: key.map((name) => ({ [name]: "asc" })) } : undefined
}

/** More than any table holds is all that there is. */
function hugeTake({ meta }, _, args, path) {
  // Of the call itself, or of a relation that it reads: a field may be called so, too.
  const isOfPage = path.length % 2 === 1 && path.slice(0, -1).every((name, at) => at % 2 === 1 || name === "select" || name === "include")
  if (!isOfPage) return undefined
  const value = valueAt(args, path)
  if (meta.kind !== "outOfRange" || path.at(-1) !== "take" || !Number.isInteger(value) || Math.abs(value) <= MOST_TAKEN || Math.abs(value) >= 2 ** 63) return undefined
  return changedAt(args, path, () => Math.sign(value) * MOST_TAKEN)
}

const RULES = [jsonNull, omittedRelation, selectedCount, orderOfGroups, hugeTake]

/** The arguments to ask with again; undefined where the refusal stands. */
function leniently(error, call, args) {
  if (!(error instanceof LibraryError) || call?.model === undefined || error.meta.path === undefined || !isObject(args)) return undefined
  const path = segments(error.meta.path)
  for (const rule of RULES) {
    const changed = rule(error, call, args, path)
    if (changed !== undefined) return changed
  }
  return undefined
}

module.exports = { leniently }
