"use strict"
/** Requests that do not fit the schema, in the words and with the marked arguments of PrismaClientValidationError. */
const { withContext } = require("./context.js")
const { nodeOf, nodeAt, textOf, ObjectNode } = require("./tree.js")
const { typesFor } = require("./types.js")
const { nearest } = require("./nearest.js")
const { describe } = require("./refusals.js")

const KINDS = new Set(["unknownArgument", "unknownField", "unknownValue", "missing", "wrongType", "invalidValue", "needsUnique", "empty", "notAllowed", "overLimit", "syntax", "outOfRange"])

/** Whether the library's error says that the request does not fit. */
const isRefusal = (error, call) => call.model !== undefined && KINDS.has(error.meta.kind) && error.meta.path !== undefined && !error.code.startsWith("P6")

/** `args.data[0].email` → `["data", "0", "email"]` */
const segments = (path) => path.split(/\.|\[(\d+)\]/).filter((part) => part !== undefined && part !== "").slice(1)

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
  let type = member?.inner?.()
  // Keys of relations stand in the unchecked form of data alone: who gives one means that form.
  const unchecked = type?.unchecked?.()
  if (unchecked && Object.keys(value ?? {}).some((key) => !type.fields.has(key) && unchecked.fields.has(key))) type = unchecked
  return { owner: place, name, member, type, model: place.model, value }
}

function stepInSelection(types, place, name, value) {
  if (/^\d+$/.test(name)) return { ...place, value }
  const facts = place.model.fields[name]
  if (name === "_count") return { owner: place, name, model: place.model, type: types.arguments(place.model, "none"), value }
  if (facts?.kind !== "object") return { owner: place, name, model: place.model, value }
  return { owner: place, name, model: types.model(facts.type), type: types.relationArguments(facts), value }
}

/** The message of what the library refused. */
function renderRefused(error, call, args = {}) {
  const root = nodeOf(args ?? {})
  const path = firstAbsent(args, segments(error.meta.path), error)
  const fault = { kind: error.meta.kind, meta: error.meta, message: error.message, path, root, call, args }
  fault.place = placeOf(call, args, path)
  fault.parent = placeOf(call, args, path.slice(0, -1))
  fault.parentNode = nodeAt(root, path.slice(0, -1))
  fault.node = nodeAt(root, path)
  return withContext(call, describe(fault, nearest), textOf(root))
}

/** Of something missing: the first part of the path that is not there. */
function firstAbsent(args, path, error) {
  if (error.meta.kind !== "missing") return path
  let value = args
  for (let index = 0; index < path.length; index++) {
    if (value === null || typeof value !== "object" || value[path[index]] === undefined) return path.slice(0, index + 1)
    value = value[path[index]]
  }
  return path
}

/** The message of what could not be sent. */
function renderInvalid(error, call, args = {}) {
  const root = nodeOf(args ?? {})
  const parent = nodeAt(root, error.path.slice(0, -1))
  const node = nodeAt(root, error.path)
  const name = error.path.at(-1)
  if (node) node.isWrong = true
  else if (parent instanceof ObjectNode) parent.fields.set(name, { node: Object.assign(nodeOf(undefined), { isWrong: true }), isWrong: false })
  return withContext(call, `Invalid value for argument \`${name}\`: ${error.reason}.`, textOf(root))
}

module.exports = { isRefusal, renderInvalid, renderRefused }
