"use strict"
/** What all refusals share: what a value is called, what is marked in the arguments, and what may stand there. */
const { ObjectNode } = require("../tree.js")
const { isDate, isDecimalLike } = require("../../values/serialize.js")
const { ObjectEnumValue, FieldRef, Skip } = require("../../values/markers.js")

const AVAILABLE = "Available options are marked with ?."

const joined = (words, last) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`)

/** What a value is, in the words of the schema language. */
function kindOf(value) {
  if (value === null) return "Null"
  if (value === undefined) return "Undefined"
  switch (typeof value) {
    case "string": return "String"
    case "number": return Number.isInteger(value) ? "Int" : "Float"
    case "boolean": return "Boolean"
    case "bigint": return "BigInt"
  }
  if (Array.isArray(value)) return `(${value.map(kindOf).join(", ")})`
  if (isDate(value)) return "DateTime"
  // A decimal is sent as a number with a fraction.
  if (isDecimalLike(value)) return "Float"
  if (ArrayBuffer.isView(value)) return "Bytes"
  if (value instanceof ObjectEnumValue) return "Enum"
  if (value instanceof FieldRef) return "FieldRef"
  return "Object"
}

const markKey = (fault) => {
  const field = fault.parentNode instanceof ObjectNode && fault.parentNode.fields.get(fault.path.at(-1))
  if (field) field.isWrong = true
}
const markValue = (fault) => {
  if (fault.node) fault.node.isWrong = true
}

/** The members of a type that are not given yet, beside what is wrong. */
function suggestMembers(node, type) {
  if (!(node instanceof ObjectNode) || type === undefined) return false
  for (const [name, member] of type.fields) node.suggest(name, member.types.join(" | "))
  return node.suggestions.length > 0
}

function suggestSelection(fault, node, names, text = "true") {
  if (!(node instanceof ObjectNode)) return
  for (const name of names) node.suggest(name, text)
}

/** What may stand where something is wrong: in both forms of data, and of a list's element what an element may be. */
function typeNames(fault) {
  const name = fault.path.at(-1)
  const other = fault.place.owner?.type?.unchecked?.().fields.get(name)
  const types = [...new Set([...(fault.place.member?.types ?? fault.meta.expected ?? []), ...(other?.types ?? [])])]
  const isOfElement = fault.isElement || (Array.isArray(fault.place.value) && types.some((type) => type.endsWith("[]")))
  if (!isOfElement || fault.kind !== "wrongType") return types
  // Where an element is null, no list fits.
  const value = fault.isElement ? fault.place.owner?.value?.[fault.place.name] ?? fault.place.value : fault.place.value
  const others = types.filter((type) => !type.endsWith("[]"))
  if (Array.isArray(value) && value.includes(null) && others.length > 0) return others
  return [...new Set(types.map((type) => type.replace(/\[\]$/, "")))]
}

const AGGREGATES = ["_count", "_avg", "_sum", "_min", "_max"]

/** What a call may have beside the members that are offered. */
const BESIDE = ["select", "include", "omit", "relationLoadStrategy"]
/** What the call itself has beside the language. */
const OF_THE_CALL = new Set(["cacheStrategy", "signal"])

/** Of several unknown members the first, as the program has written them. */
function firstUnknown(fault, isBeside = false) {
  const { owner } = fault.place
  const expected = fault.meta.expected ?? []
  const isOfMember = isBeside || /^unknown/.test(fault.kind) && Object.hasOwn(owner?.value ?? {}, fault.path.at(-1)) && !(fault.place.value instanceof FieldRef)
  if (expected.length === 0 || !isOfMember || owner.value === null || typeof owner?.value !== "object" || Array.isArray(owner.value)) return fault
  const isDesugared = fault.path.length === 1 && AGGREGATES.some((name) => expected.includes(name))
  const isUnknown = ([key, value]) => value !== undefined && !(value instanceof Skip) && !expected.includes(key) && !OF_THE_CALL.has(key) && !(isDesugared && key === "select")
  const [name, value] = Object.entries(owner.value).find(isUnknown) ?? []
  if (name === undefined || name === fault.path.at(-1)) return fault
  return { ...fault, path: [...fault.path.slice(0, -1), name], place: { ...fault.place, name, member: undefined, type: undefined, value }, node: fault.parentNode?.fields?.get(name)?.node }
}

module.exports = { AVAILABLE, AGGREGATES, BESIDE, joined, kindOf, markKey, markValue, suggestMembers, suggestSelection, typeNames, firstUnknown }
