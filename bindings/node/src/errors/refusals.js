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

const typeNames = (fault) => fault.place.member?.types ?? fault.meta.expected ?? []

// MARK: Selections

function unknownSelection(fault) {
  const { selection, model } = fault.parent
  const name = fault.path.at(-1)
  markKey(fault)
  suggestSelection(fault, fault.parentNode, fault.meta.expected ?? [])
  const isScalar = selection === "include" && model.fields[name] !== undefined && model.fields[name].kind !== "object"
  if (isScalar) {
    return `Invalid scalar field \`${name}\` for ${selection} statement on model ${model.name}. Note, that ${selection} statements only accept relation fields. ${AVAILABLE}`
  }
  return `Unknown field \`${name}\` for ${selection} statement on model \`${model.name}\`. ${AVAILABLE}`
}

function emptySelection(fault) {
  const { model } = fault.place
  const isBare = !(fault.node instanceof ObjectNode) || fault.node.fields.size === 0
  suggestSelection(fault, fault.node, fault.meta.expected ?? [])
  if (!isBare) {
    for (const field of fault.node.fields.values()) field.node.isWrong = true
    return `The \`${fault.path.at(-1)}\` statement for type ${model.name} needs at least one truthy value.`
  }
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
  if (/^\d+$/.test(name)) return unknownValue(fault)
  markKey(fault)
  const type = fault.place.owner?.type
  const names = type ? [...type.fields.keys()] : (fault.meta.expected ?? [])
  const near = nearest(name, names)
  const hasMore = suggestMembers(fault.parentNode, type)
  return `Unknown argument \`${name}\`.${near ? ` Did you mean \`${near}\`?` : ""}${hasMore ? ` ${AVAILABLE}` : ""}`
}

function missing(fault) {
  const name = fault.path.at(-1)
  if (fault.node !== undefined) {
    markValue(fault)
    return `Argument \`${name}\` must not be null.`
  }
  const { member, type } = fault.place
  if (fault.parentNode instanceof ObjectNode) {
    const isExpanded = type !== undefined && member.types.length === 1
    const text = isExpanded ? [...type.fields].map(([key, inner]) => ({ name: key, text: inner.types.join(" | ") })) : (member?.types ?? fault.meta.expected ?? []).join(" | ")
    fault.parentNode.suggest(name, text, true)
  }
  return `Argument \`${name}\` is missing.`
}

function wrongType(fault) {
  markValue(fault)
  const name = fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)
  const value = fault.place.value
  if (value === null) return `Argument \`${name}\` must not be null.`
  return `Argument \`${name}\`: Invalid value provided. Expected ${joined(typeNames(fault), "or")}, provided ${kindOf(value)}.`
}

const EXPECTED = { DateTime: "ISO-8601 DateTime", Decimal: "decimal String", BigInt: "big integer String", Bytes: "base64 String", Json: "JSON String" }

function invalidValue(fault) {
  const value = fault.place.value
  const type = fault.meta.expected?.[0]
  if (typeof value === "number" || typeof value === "bigint" || EXPECTED[type] === undefined) return wrongType(fault)
  markValue(fault)
  const reason = type === "DateTime" && typeof value === "string" && /^\d{0,4}(-\d{0,2}){0,2}(T\d{0,2}(:\d{0,2}){0,2})?$/.test(value) ? "premature end of input" : type === "DateTime" ? "input contains invalid characters" : "invalid digit found in string"
  return `Invalid value for argument \`${fault.path.at(-1)}\`: ${reason}. Expected ${EXPECTED[type]}.`
}

function unknownValue(fault) {
  markValue(fault)
  const name = fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)
  const types = typeNames(fault)
  const word = types.find((type) => type === "SortOrder" || type === "QueryMode" || type === "NullsOrder" || type.endsWith("ScalarFieldEnum")) ?? types.find((type) => !/Filter$|Input$|Null$|\[\]$/.test(type)) ?? types[0]
  return `Invalid value for argument \`${name}\`. Expected ${String(word).replace(/\[\]$/, "")}.`
}

function needsUnique(fault) {
  const name = fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)
  const type = fault.place.type
  if (fault.node) fault.node.isWrong = fault.node instanceof ObjectNode && fault.node.fields.size > 0 ? false : fault.node.isWrong
  suggestMembers(fault.node, type)
  const keys = (fault.meta.expected ?? []).map((key) => `\`${key}\``)
  return `Argument \`${name}\` of type ${type?.name ?? "WhereUniqueInput"} needs at least one of ${joined(keys, "or")} arguments. ${AVAILABLE}`
}

function notAllowed(fault) {
  const name = fault.path.at(-1)
  const given = fault.node instanceof ObjectNode ? [...fault.node.fields.keys()] : []
  if (/^orderBy$|^\d+$/.test(name) && given.length > 1) {
    fault.node.isWrong = true
    const owner = fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)
    return `Argument \`${owner}\` of type ${fault.place.type?.name} needs exactly one argument, but you provided ${joined(given, "and")}. Please choose one.`
  }
  markValue(fault)
  return plain(fault)
}

function outOfRange(fault) {
  markValue(fault)
  const value = fault.place.value
  const is64 = Math.abs(Number(value)) >= 2 ** 63
  const name = fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)
  return is64 ? `Unable to fit value ${value} into a 64-bit signed integer for field \`${name}\`` : `Unable to fit integer value '${value}' into an INT4 (32-bit signed integer).`
}

/** The library's own words, without what stands above them anyway. */
const plain = (fault) => fault.message.replace(/^Invalid request: /, "")

const ARGUMENTS = { unknownArgument, unknownField: unknownArgument, missing, wrongType, invalidValue, unknownValue, needsUnique, notAllowed, outOfRange }

function describe(fault, nearest) {
  const last = fault.path.at(-1)
  if (fault.parent.selection !== undefined) {
    if (fault.kind === "unknownField" || fault.kind === "unknownArgument") return unknownSelection(fault)
    markValue(fault)
    return `Invalid value for selection field \`${last}\`: ${kindOf(fault.place.value)} is neither a Boolean nor an object.`
  }
  if (fault.place.selection !== undefined && fault.kind === "empty") return emptySelection(fault)
  if (fault.place.selection !== undefined && fault.kind === "notAllowed") return bothSelections(fault)
  return (ARGUMENTS[fault.kind] ?? plain)(fault, nearest)
}

module.exports = { describe, kindOf }
