"use strict"
/** Requests that do not fit the schema, in the words and with the marked arguments of PrismaClientValidationError. */
const { coloursOf } = require("./colours.js")
const { withContext } = require("./context.js")
const { nodeOf, nodeAt, textOf, ObjectNode } = require("./tree.js")
const { typesFor } = require("./types.js")
const { nearest } = require("./nearest.js")
const { describe } = require("./refusals/describe.js")
const { ObjectEnumValue } = require("../values/markers.js")
const { isDate, isDecimalLike } = require("../values/serialize.js")

const KINDS = new Set(["unknownArgument", "unknownField", "unknownValue", "missing", "wrongType", "invalidValue", "needsUnique", "empty", "notAllowed", "overLimit", "syntax", "outOfRange"])

/** Whether the library's error says that the request does not fit. */
const isRefusal = (error, call) => call.model !== undefined && KINDS.has(error.meta.kind) && error.meta.path !== undefined && !error.code.startsWith("P6")

/** `args.data[0].email` → `["data", "0", "email"]` */
const segments = (path) => path.replace(/^args\.requests\[\d+\]\./, "").split(/\.|\[(\d+)\]/).filter((part) => part !== undefined && part !== "").slice(1)

const SELECTIONS = new Set(["select", "include", "omit"])

/** What is at a path: the type that takes it, the member's own description, the model of a selection. */
function placeOf(call, args, path) {
  const types = typesFor(call.state.schema)
  let place = { type: types.arguments(call.model, call.operation), model: call.model, value: args }
  for (let index = 0; index < path.length; index++) {
    const name = path[index]
    const value = place.value?.[name]
    if (place.selection !== undefined) place = stepInSelection(types, place, name, value)
    else if (SELECTIONS.has(name) && place.type !== undefined && !place.type.fields.has(name)) place = { selection: name, model: place.model, value, owner: place }
    else if (/^\d+$/.test(name) && Array.isArray(place.value)) place = { ...place, value }
    else place = step(place, name, value)
  }
  return place
}

function step(place, name, value) {
  const member = place.type?.fields.get(name)
  let type = member?.inner?.(value)
  // Keys of relations stand in the unchecked form of data alone: who gives one means that form.
  const checked = type
  const unchecked = type?.unchecked?.()
  const isKey = ([key, given]) => given !== null && !type.fields.has(key) && unchecked.fields.has(key)
  if (unchecked && Object.entries(value ?? {}).some(isKey)) type = unchecked
  return { owner: place, name, member, type, checked, model: place.model, value }
}

function stepInSelection(types, place, name, value) {
  if (/^\d+$/.test(name)) return { ...place, value }
  const owner = place
  const facts = place.model?.fields[name]
  if (facts?.kind === "object") return { owner, name, model: types.model(facts.type), type: types.relationArguments(facts), value }
  const counted = place.model?.counts?.fields[name]
  if (counted?.kind === "object") return { owner, name, model: types.model(counted.type), type: types.countArguments(counted), value }
  if (!AGGREGATES.has(name)) return { owner, name, model: place.model, value }
  // What aggregates and counts choose from is no model, and has a type's name all the same.
  const isRelationCount = name === "_count" && !AGGREGATIONS.has(operationOf(place))
  const word = isRelationCount ? "CountOutputType" : `${name[1].toUpperCase()}${name.slice(2)}AggregateOutputType`
  return { owner, name, model: { name: place.model.name + word, fields: {}, counts: isRelationCount ? place.model : undefined }, type: types.outputs("", []), value }
}

const AGGREGATIONS = new Set(["aggregate", "count", "groupBy"])
/** The operation whose arguments a place is in. */
function operationOf(place) {
  while (place.owner !== undefined) place = place.owner
  return place.type?.name
}

/** Whether a value is sent as an object that says its type, and is no field's reference. */
const isSentTagged = (value) => value instanceof ObjectEnumValue || typeof value === "bigint" || (typeof value === "object" && value !== null && (isDate(value) || isDecimalLike(value) || ArrayBuffer.isView(value)))

/** The message of what the library refused. */
function renderRefused(error, call, given = {}) {
  // A text in the place of the arguments is an object of its characters, as everywhere in the language.
  if (typeof given === "string") given = { ...given }
  const { args, path } = desugar(call.operation, given ?? {}, segments(error.meta.path))
  if (path.length === 0 && "0" in args) path.push("0")
  const isTagged = path.at(-1) === "$type" || path.at(-1) === "_ref"
  // A value of another kind, as one of the nulls, where it may not stand: what it is sent as is not the program's.
  const isNull = isTagged && isSentTagged(path.slice(0, -1).reduce((of, name) => of?.[name], args))
  if (isNull) path.pop()
  const isReference = isTagged && !isNull
  if (isReference) path[path.length - 1] = "_ref"
  // Why: a fault of an element is told of its list.
  const isElement = /^\d+$/.test(path.at(-1))
  if (!isReference && path.length > 1 && isElement && error.meta.kind !== "needsUnique" && error.meta.kind !== "missing") path.pop()
  const root = nodeOf(args)
  // Within lists nothing is marked, as in Prisma Client.
  const isInList = isReference || path.slice(0, -1).some((name) => /^\d+$/.test(name))
  const at = (where) => (isInList ? undefined : nodeAt(root, where))
  const fault = { kind: isNull ? "wrongType" : error.meta.kind, meta: error.meta, message: error.message, path, root, call, args, isInList, isElement }
  fault.place = placeOf(call, args, path)
  fault.parent = placeOf(call, args, path.slice(0, -1))
  fault.parentNode = at(path.slice(0, -1))
  fault.node = at(path)
  return withContext(call, describe(fault, nearest), textOf(root, coloursOf(call)))
}

const AGGREGATES = new Set(["_count", "_avg", "_sum", "_min", "_max"])

/**
 * The arguments of aggregations as Prisma Client shows them: what is asked for is a `select`. `path` is changed alike.
 *
 *     {_avg: {age: true}} → {select: {_avg: {select: {age: true}}}}
 */
function desugar(operation, args, path) {
  if (!AGGREGATIONS.has(operation)) return { args, path }
  const { select: counted, ...rest } = args
  const select = {}
  const others = {}
  for (const [name, value] of Object.entries(rest)) {
    if (name === "_count" && value === true) select[name] = { select: { _all: true } }
    else if (AGGREGATES.has(name)) select[name] = value !== null && typeof value === "object" ? { select: value } : value
    else others[name] = value
  }
  if (operation === "count") select._count = { select: counted ?? { _all: true } }
  if (operation === "groupBy") for (const name of [others.by ?? []].flat()) select[name] = true
  let changed = path
  if (AGGREGATES.has(path[0])) changed = ["select", path[0], ...(path.length > 1 ? ["select", ...path.slice(1)] : [])]
  else if (operation === "count" && path[0] === "select") changed = ["select", "_count", "select", ...path.slice(1)]
  return { args: { select, ...others }, path: changed }
}

/**
 * The name of an argument that cannot be sent. Of a value that is left out by an explicit undefined, Prisma Client names what it is a
 * member of, and marks the member itself.
 */
function namedArgument({ path, reason }) {
  const name = path.at(-1)
  if (reason.startsWith("explicitly")) {
    const isOfSelection = path.length === 1 || SELECTIONS.has(path.at(-3))
    return isOfSelection ? "undefined" : path.at(-2)
  }
  return /^\d+$/.test(name) && path.length > 1 ? `${path.at(-2)}[${name}]` : name
}

/** The message of what could not be sent. */
function renderInvalid(error, call, given = {}) {
  const { args, path } = call.model === undefined ? { args: given, path: error.path } : desugar(call.operation, given ?? {}, error.path)
  const root = nodeOf(args ?? {})
  const parent = nodeAt(root, path.slice(0, -1))
  const node = nodeAt(root, path)
  const name = path.at(-1)
  if (node) node.isWrong = true
  else if (parent instanceof ObjectNode) parent.fields.set(name, { node: Object.assign(nodeOf(undefined), { isWrong: true }), isWrong: false })
  // The undefined of a selection has words of its own.
  if (SELECTIONS.has(error.path.at(-2)) && error.provided === "undefined") {
    return withContext(call, `Invalid value for selection field \`${name}\`: ${error.reason}`, textOf(root, coloursOf(call)))
  }
  return withContext(call, `Invalid value for argument \`${namedArgument({ path: error.path, reason: error.reason })}\`: ${error.reason}.`, textOf(root, coloursOf(call)))
}

module.exports = { isRefusal, renderInvalid, renderRefused, placeOf, segments }
