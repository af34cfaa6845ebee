"use strict"
/** Of each kind of fault: what is marked in the arguments, and the sentence below them. */
const { ObjectNode } = require("./tree.js")
const { isDate, isDecimalLike } = require("../values/serialize.js")
const { ObjectEnumValue, FieldRef } = require("../values/markers.js")

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
  if (isDecimalLike(value)) return "Decimal"
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

function suggestSelection(fault, node, names) {
  if (!(node instanceof ObjectNode)) return
  for (const name of names) node.suggest(name, "true")
}

/** Where an element of a list is wrong, what a list may be is no help. */
function typeNames(fault) {
  const types = fault.place.member?.types ?? fault.meta.expected ?? []
  const others = types.filter((type) => !type.endsWith("[]"))
  return fault.isElement && fault.kind === "wrongType" && others.length > 0 ? others : types
}

// MARK: Selections

function unknownSelection(fault) {
  const { selection, model } = fault.parent
  const name = fault.path.at(-1)
  markKey(fault)
  const isScalar = selection === "include" && model.fields[name] !== undefined && model.fields[name].kind !== "object"
  if (isScalar) {
    return `Invalid scalar field \`${name}\` for ${selection} statement on model ${model.name}. ${AVAILABLE}\nNote that ${selection} statements only accept relation fields.`
  }
  suggestSelection(fault, fault.parentNode, fault.meta.expected ?? [])
  return `Unknown field \`${name}\` for ${selection} statement on model \`${model.name}\`. ${AVAILABLE}`
}

function emptySelection(fault) {
  const { model } = fault.place
  const isBare = !(fault.node instanceof ObjectNode) || fault.node.fields.size === 0
  fault.node?.fields?.clear()
  suggestSelection(fault, fault.node, fault.meta.expected ?? [])
  if (!isBare) return `The \`${fault.path.at(-1)}\` statement for type ${model.name} needs at least one truthy value.`
  return `The \`${fault.path.at(-1)}\` statement for type ${model.name} must not be empty. ${AVAILABLE}`
}

function bothSelections(fault) {
  const name = fault.path.at(-1)
  const [one, two] = name === "omit" ? ["omit", "select"] : ["include", "select"]
  for (const key of [one, two]) {
    const field = fault.parentNode?.fields?.get(key)
    if (field) field.isWrong = true
  }
  return `Please either use \`${one}\` or \`${two}\`, but not both at the same time.`
}

// MARK: Arguments

function unknownArgument(fault, nearest) {
  const name = fault.path.at(-1)
  const isByList = Array.isArray(fault.place.value) && fault.place.member !== undefined
  if (isByList || /^\d+$/.test(name)) return unknownValue(fault)
  markKey(fault)
  const type = fault.place.owner?.type
  const names = type ? [...type.fields.keys()] : (fault.meta.expected ?? [])
  const near = nearest(name, names)
  const hasMore = suggestMembers(fault.parentNode, type) || names.length > 0
  return `Unknown argument \`${name}\`.${near ? ` Did you mean \`${near}\`?` : ""}${hasMore ? ` ${AVAILABLE}` : ""}`
}

/** Puts what has to stand there: with its members where it is an object of one type. */
function addRequired(fault, name) {
  if (!(fault.parentNode instanceof ObjectNode)) return
  const { member, type } = fault.place
  const isExpanded = type !== undefined && (member.types.length === 1 || (member.types.length === 2 && member.types[1].endsWith("[]")))
  const text = isExpanded ? [...type.fields].map(([key, inner]) => ({ name: key, text: inner.types.join(" | ") })) : (member?.types ?? fault.meta.expected ?? []).join(" | ")
  fault.parentNode.suggest(name, text, true)
}

function missing(fault, nearest) {
  const name = fault.path.at(-1)
  if (fault.place.value !== null) {
    addRequired(fault, name)
    return `Argument \`${name}\` is missing.`
  }
  // Data is of the form that has the field: what neither form has is unknown.
  const { owner } = fault.place
  const unchecked = owner?.type?.unchecked?.()
  if (fault.place.member === undefined) return unknownArgument(fault, nearest)
  if (unchecked && !unchecked.fields.has(name)) {
    fault.place.owner.type = unchecked
    return unknownArgument(fault, nearest)
  }
  fault.parentNode?.fields?.delete(name)
  addRequired(fault, name)
  return `Argument \`${name}\` must not be null.`
}

function wrongType(fault, nearest) {
  if (fault.place.value === null) return missing(fault, nearest)
  markValue(fault)
  const name = nameOf(fault)
  return `Argument \`${name}\`: Invalid value provided. Expected ${joined(typeNames(fault), "or")}, provided ${kindOf(fault.place.value)}.`
}

/** The argument that a fault is of: of a list's element, the list. */
const nameOf = (fault) => fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)

const EXPECTED = { DateTime: "ISO-8601 DateTime", Decimal: "decimal String", BigInt: "big integer String", Bytes: "base64 String", Json: "JSON String" }

/** Why a text is no DateTime, as the parser of Prisma's engine says it. */
function dateFault(text) {
  if (/^\d{0,4}(-\d{0,2}){0,2}([T ]\d{0,2}(:\d{0,2}){0,2})?$/.test(text)) return "premature end of input"
  return /^\d{4}-\d\d-\d\d/.test(text) ? "input is out of range" : "input contains invalid characters"
}

function invalidValue(fault, nearest) {
  const value = fault.place.value
  const type = fault.meta.expected?.[0]
  if (typeof value !== "string" || EXPECTED[type] === undefined) return wrongType(fault, nearest)
  markValue(fault)
  const reason = type === "DateTime" ? dateFault(value) : type === "BigInt" && /^-?\d+$/.test(value) ? "number too large to fit in target type" : "invalid digit found in string"
  return `Invalid value for argument \`${nameOf(fault)}\`: ${reason}. Expected ${EXPECTED[type]}.`
}

function unknownValue(fault) {
  markValue(fault)
  const types = typeNames(fault).map((type) => type.replace(/\[\]$/, ""))
  const word = types.find((type) => !/Filter$|Input$|Null$/.test(type)) ?? types[0]
  return `Invalid value for argument \`${nameOf(fault)}\`. Expected ${word}.`
}

function needsUnique(fault) {
  const type = fault.place.type
  suggestMembers(fault.node, type)
  const keys = (fault.meta.expected ?? []).map((key) => `\`${key}\``)
  return `Argument \`${nameOf(fault)}\` of type ${type?.name ?? "WhereUniqueInput"} needs at least one of ${joined(keys, "or")} arguments. ${AVAILABLE}`
}

function notAllowed(fault, nearest) {
  const given = fault.node instanceof ObjectNode ? [...fault.node.fields.keys()] : []
  if (nameOf(fault) === "orderBy" && given.length > 1) {
    fault.node.isWrong = true
    return `Argument \`orderBy\` of type ${fault.place.type?.name} needs exactly one argument, but you provided ${joined(given, "and")}. Please choose one.`
  }
  // A key beside a relation that holds it: the form of data that has the relation has no such argument.
  const { owner } = fault.place
  if (fault.message.includes("cannot stand beside a relation") && owner?.checked) {
    owner.type = owner.checked
    return unknownArgument(fault, nearest)
  }
  markValue(fault)
  return plain(fault)
}

function outOfRange(fault) {
  markValue(fault)
  const value = fault.place.value
  if (typeof value === "string") return `Invalid value for argument \`${nameOf(fault)}\`: number too large to fit in target type. Expected ${EXPECTED[fault.meta.expected?.[0]] ?? "Int"}.`
  return `Unable to fit value ${value} into a 64-bit signed integer for field \`${nameOf(fault)}\``
}

/** The library's own words, without what stands above them anyway. */
const plain = (fault) => fault.message.replace(/^Invalid request: /, "")

const ARGUMENTS = { unknownArgument, unknownField: unknownArgument, missing, wrongType, invalidValue, unknownValue, needsUnique, notAllowed, outOfRange }

function describe(fault, nearest) {
  const last = fault.path.at(-1)
  if (fault.parent.selection !== undefined) {
    if (fault.kind === "unknownField" || fault.kind === "unknownArgument") return unknownSelection(fault)
    if (fault.kind === "notAllowed") return bothSelections(fault)
    markValue(fault)
    return `Invalid value for selection field \`${last}\`: ${kindOf(fault.place.value)} is neither a Boolean nor an object.`
  }
  if (fault.place.selection !== undefined && fault.kind === "empty") return emptySelection(fault)
  if (fault.place.selection !== undefined && fault.kind === "notAllowed") return bothSelections(fault)
  return (ARGUMENTS[fault.kind] ?? plain)(fault, nearest)
}

module.exports = { describe, kindOf }
