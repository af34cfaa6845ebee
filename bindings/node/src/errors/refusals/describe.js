"use strict"
/** Of each kind of fault: what is marked in the arguments, and the sentence below them. */
const { ObjectNode } = require("../tree.js")
const { ObjectEnumValue } = require("../../values/markers.js")
const { AVAILABLE, BESIDE, joined, kindOf, markKey, markValue, suggestMembers, typeNames, firstUnknown } = require("./marks.js")
const { SELECTIONS, WRITTEN, unknownSelection, emptySelection, emptyAggregation, countSelection, bothSelections } = require("./selections.js")

/** Whether it is one of the names that may be chosen that is unknown. */
function isChosen({ place, kind, path }) {
  const isByList = Array.isArray(place.value) && place.member !== undefined
  const isChoice = place.member !== undefined && typeof place.value === "string" && kind !== "notAllowed"
  return isByList || isChoice || (/^\d+$/.test(path.at(-1)) && path.length > 1)
}

function unknownArgument(given, nearest) {
  if (isChosen(given)) return unknownValue(given)
  const lacking = firstMissing(given)
  if (lacking !== undefined && given.path.length > 1) return missing(lacking, nearest)
  const fault = firstUnknown(given)
  const name = fault.path.at(-1)
  markKey(fault)
  const type = fault.place.owner?.type
  const names = type ? [...type.fields.keys()] : (fault.meta.expected ?? [])
  const near = nearest(name, names)
  const hasMore = suggestMembers(fault.parentNode, type) || names.length > 0
  return `Unknown argument \`${name}\`.${near ? ` Did you mean \`${near}\`?` : ""}${hasMore ? ` ${AVAILABLE}` : ""}`
}

/** Puts what has to stand there: with its members where it is an object of one type. In the place of a null, the first type alone. */
function addRequired(fault, name) {
  if (!(fault.parentNode instanceof ObjectNode)) return
  const { member, type, value } = fault.place
  const types = (member?.types ?? fault.meta.expected ?? []).slice(0, value === null ? 1 : undefined)
  const isExpanded = type !== undefined && types.length === 1 && types[0] === type.name
  const text = isExpanded ? [...type.fields].map(([key, inner]) => ({ name: key, text: inner.types.join(" | ") })) : types.join(" | ")
  fault.parentNode.fields.delete(name)
  fault.parentNode.suggest(name, text, true)
}

/** What an object of data lacks, where it is known what it has to have. */
function firstMissing(fault) {
  const { owner } = fault.place
  const isWhole = fault.path.length === 1 || /Create/.test(owner?.type?.name)
  if (!owner?.type || !isWhole || owner.value === null || typeof owner.value !== "object") return undefined
  for (const [name, member] of owner.type.fields) {
    if (!member.isRequired || owner.value[name] !== undefined) continue
    const path = [...fault.path.slice(0, -1), name]
    return { ...fault, kind: "missing", path, place: { owner, name, member, type: member.inner?.(undefined), model: owner.model, value: undefined } }
  }
  return undefined
}

/** An unknown argument of a call that lacks another, of which Prisma Client tells first. */
function unknownBeside(fault) {
  const { owner } = fault.place
  if (owner?.type === undefined) return undefined
  const found = firstUnknown({ ...fault, kind: "unknownArgument", meta: { ...fault.meta, expected: [...owner.type.fields.keys(), ...BESIDE] }, path: [...fault.path.slice(0, -1), ""], place: { ...fault.place, name: "" } }, true)
  return found.path.at(-1) === "" ? undefined : found
}

function missing(given, nearest) {
  if (given.place.value instanceof ObjectEnumValue) return unknownValue(given)
  const isWhole = given.path.length === 1 && given.place.value === undefined
  const unknown = isWhole ? unknownBeside(given) : undefined
  if (unknown !== undefined) return unknownArgument(unknown, nearest)
  const fault = (isWhole && firstMissing(given)) || given
  const name = fault.path.at(-1)
  // A null in rows of which there are many is left out, as in Prisma Client.
  const isOfMany = /^createMany/.test(fault.call.operation) && fault.path[0] === "data"
  if (fault.place.value !== null || isOfMany) {
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
  addRequired(fault, name)
  return `Argument \`${name}\` must not be null.`
}

function wrongType(fault, nearest) {
  if (fault.place.value === null) return missing(fault, nearest)
  markValue(fault)
  const types = typeNames(fault)
  const { value } = fault.place
  if (types.some((type) => type.includes("OrderByRelevanceFieldEnum"))) return unknownValue(fault)
  const text = Array.isArray(value) && types.some((type) => type.startsWith("DateTime")) ? value.find((element) => typeof element === "string" && Number.isNaN(Date.parse(element))) : undefined
  if (text !== undefined) return `Invalid value for argument \`${nameOf(fault)}\`: ${dateFault(text)}. Expected ${EXPECTED.DateTime}.`
  return `Argument \`${nameOf(fault)}\`: Invalid value provided. Expected ${joined(types, "or")}, provided ${providedKind(fault, types)}.`
}

/** What was given: of a list in the place of which one element might stand, the element that does not fit. */
function providedKind(fault, types) {
  const { value, member } = fault.place
  const all = member?.types ?? []
  const isWhole = !all.some((type) => type.endsWith("[]")) || (all.length > 1 && all[0].endsWith("[]"))
  if (!Array.isArray(value) || value.includes(null) || isWhole) return kindOf(value)
  const isOfScalars = types.some((type) => /(Create|Update)[a-z_]\w*Input$/.test(type)) && types.length === 2
  return value.map(kindOf).find((kind) => (isOfScalars || kind !== "Object") && !types.includes(kind)) ?? kindOf(value)
}

/** The argument that a fault is of: of a list's element, the list. */
const nameOf = (fault) => fault.path.filter((part) => !/^\d+$/.test(part)).at(-1)

const EXPECTED = { DateTime: "ISO-8601 DateTime", Decimal: "decimal String", BigInt: "big integer String", Bytes: "base64 String", Json: "JSON String" }

/** Why a text is no value of a type; of other types, that it has a wrong character. */
const REASONS = { Bytes: "Could not convert from `base64 encoded bytes` to `PrismaValue::Bytes`" }

/** Why a text is no DateTime, as the parser of Prisma's engine says it. */
function dateFault(text) {
  if (text.length < 4 || /^\d{0,4}(-\d{0,2}){0,2}([T ]\d{0,2}(:\d{0,2}){0,2})?$/.test(text)) return "premature end of input"
  return /^\d{4}-\d\d-\d\d/.test(text) ? "input is out of range" : "input contains invalid characters"
}

/** Texts that are values of a type. */
const VALID = {
  DateTime: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i, Decimal: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, BigInt: /^[+-]?\d+$/,
  Bytes: /^[A-Za-z0-9+/_-]+=*$/,
}
/** Words for a text without anything in it. */
const EMPTY = { Decimal: "Failed to parse empty string", BigInt: "cannot parse integer from empty string" }

function reasonOf(type, text) {
  if (type === "DateTime") return dateFault(text)
  if (text === "" && EMPTY[type] !== undefined) return EMPTY[type]
  return type === "BigInt" && VALID.BigInt.test(text) ? "number too large to fit in target type" : REASONS[type] ?? "invalid digit found in string"
}

function invalidValue(fault, nearest) {
  const type = fault.meta.expected?.[0]
  const { value: given } = fault.place
  // Of a list, the text that is none of its type.
  const value = Array.isArray(given) ? given.find((element) => typeof element === "string" && VALID[type]?.test(element) === false) : given
  if (typeof value !== "string" || EXPECTED[type] === undefined) return wrongType({ ...fault, kind: "wrongType" }, nearest)
  markValue(fault)
  const reason = reasonOf(type, value)
  return `Invalid value for argument \`${nameOf(fault)}\`: ${reason}. Expected ${EXPECTED[type]}.`
}

function unknownValue(fault) {
  markValue(fault)
  const types = typeNames(fault).map((type) => type.replace(/\[\]$/, ""))
  const word = types.find((type) => (fault.place.value instanceof ObjectEnumValue ? /NullValue/ : /^(?!.*(Filter|Input|Null)$)/).test(type)) ?? types[0]
  return `Invalid value for argument \`${nameOf(fault)}\`. Expected ${word}.`
}

function needsUnique(fault) {
  const type = fault.place.type
  const list = fault.place.member?.types.find((name) => name.endsWith("[]"))
  if (list !== undefined && !/^\d+$/.test(fault.path.at(-1)) && fault.node instanceof ObjectNode && fault.node.fields.size > 0) {
    markValue(fault)
    return `Argument \`${nameOf(fault)}\`: Invalid value provided. Expected ${list}, provided Object.`
  }
  suggestMembers(fault.node, type)
  const keys = (fault.meta.expected ?? []).map((key) => `\`${key}\``)
  return `Argument \`${nameOf(fault)}\` of type ${type?.name ?? "WhereUniqueInput"} needs at least one of ${joined(keys, "or")} arguments. ${AVAILABLE}`
}

/** Several members of an order that may have one. */
function orderBySeveral(fault, given) {
  const type = `${fault.place.type?.name}`
  markValue(fault)
  if (nameOf(fault) !== "orderBy") return `Argument \`${nameOf(fault)}\` of type ${type} needs at most one argument, but you provided ${joined(given, "and")}. Please choose one.`
  return `Argument \`orderBy\`: Invalid value provided. Expected ${fault.isElement ? type : `${type}[]`}, provided ${fault.isElement ? "(Object)" : "Object"}.`
}

function notAllowed(fault, nearest) {
  const given = fault.node instanceof ObjectNode ? [...fault.node.fields.keys()] : []
  if (fault.message.includes("an order by several")) return orderBySeveral(fault, given)
  // A key beside a relation that holds it: the form of data that has the relation has no such argument.
  const { owner } = fault.place
  if (fault.message.includes("cannot stand beside a relation") && owner?.checked) {
    owner.type = owner.checked
    return unknownArgument(fault, nearest)
  }
  markValue(fault)
  if (fault.place.value instanceof ObjectEnumValue) return unknownValue(fault)
  // Operations of which there are none, or several.
  if (fault.message.includes(" needs exactly one of ") && fault.place.member !== undefined) {
    const types = fault.place.member.types.filter((type) => !type.endsWith("Input"))
    return `Argument \`${nameOf(fault)}\`: Invalid value provided. Expected ${joined(types, "or")}, provided ${kindOf(fault.place.value)}.`
  }
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
  if (fault.kind === "empty") {
    const told = emptyAggregation(fault)
    if (told !== undefined) return told
  }
  const counted = countSelection(fault)
  if (counted !== undefined) return counted
  if (fault.parent.selection !== undefined) {
    if (fault.kind === "unknownField" || fault.kind === "unknownArgument") return unknownSelection(fault)
    if (fault.kind === "notAllowed") return WRITTEN[fault.call.operation] && !SELECTIONS.has(last) ? unknownSelection(fault) : bothSelections(fault)
    markValue(fault)
    return `Invalid value for selection field \`${last}\`: ${kindOf(fault.place.value)} is neither a Boolean nor an object.`
  }
  if (fault.place.selection !== undefined && fault.kind === "empty") return emptySelection(fault)
  if (fault.place.selection !== undefined && fault.kind === "notAllowed") return bothSelections(fault)
  return (ARGUMENTS[fault.kind] ?? plain)(fault, nearest)
}

module.exports = { describe }
