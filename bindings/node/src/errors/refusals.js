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

// MARK: Selections

const isRelation = (facts) => facts?.kind === "object"

/** The names that a selection may have, in the order of Prisma Client's types: scalars, relations, counts. */
function selectable(fault, selection, model) {
  const expected = fault.meta.expected ?? []
  const facts = Object.entries(model.fields)
  if (facts.length === 0) return expected
  const scalars = facts.filter(([, field]) => !isRelation(field)).map(([name]) => name)
  const relations = facts.filter(([, field]) => isRelation(field)).map(([name]) => name)
  const counts = facts.some(([, field]) => isRelation(field) && field.list) ? ["_count"] : []
  if (selection === "include") return relations
  return selection === "omit" ? [...scalars, ...counts] : [...scalars, ...relations, ...counts]
}

const SELECTIONS = new Set(["select", "include", "omit"])
const WRITTEN = { createManyAndReturn: "CreateMany", updateManyAndReturn: "UpdateMany" }

function unknownSelection(fault) {
  const { selection } = fault.parent
  const written = fault.path.length === 2 ? WRITTEN[fault.call.operation] : undefined
  const model = written ? withoutLists(fault.parent.model, `${written}${fault.parent.model.name}AndReturnOutputType`) : fault.parent.model
  const name = fault.path.at(-1)
  markKey(fault)
  suggestSelection(fault, fault.parentNode, selectable(fault, selection, model))
  const isScalar = selection === "include" && model.fields[name] !== undefined && !isRelation(model.fields[name])
  if (isScalar) {
    return `Invalid scalar field \`${name}\` for ${selection} statement on model ${model.name}. ${AVAILABLE}\nNote that ${selection} statements only accept relation fields.`
  }
  return `Unknown field \`${name}\` for ${selection} statement on model \`${model.name}\`. ${AVAILABLE}`
}

/** What a write of many gives: its records, and of their relations those whose keys they hold. */
const withoutLists = (model, name) => ({
  name,
  fields: Object.fromEntries(Object.entries(model.fields).filter(([, facts]) => !isRelation(facts) || facts.relationFromFields.length > 0)),
})

function emptySelection(fault) {
  const { model } = fault.place
  const selection = fault.path.at(-1)
  const isBare = !(fault.node instanceof ObjectNode) || fault.node.fields.size === 0
  fault.node?.fields?.clear()
  if (selection === "omit") {
    suggestSelection(fault, fault.node, [...selectable(fault, "select", model)], "false")
    return `The omit statement includes every field of the model ${model.name}. At least one field must be included in the result`
  }
  suggestSelection(fault, fault.node, selectable(fault, selection, model))
  if (!isBare) return `The \`${selection}\` statement for type ${model.name} needs at least one truthy value.`
  return `The \`${selection}\` statement for type ${model.name} must not be empty. ${AVAILABLE}`
}

const NUMBERS = new Set(["Int", "BigInt", "Float", "Decimal"])
const AGGREGATES = ["_count", "_avg", "_sum", "_min", "_max"]

/** Aggregations of which none is asked for, as the `select` that Prisma Client makes of them; undefined where it is another fault. */
function emptyAggregation(fault) {
  const { call, root, path } = fault
  const { model } = call
  const fields = Object.entries(model.fields).filter(([, facts]) => !isRelation(facts))
  const numbers = fields.filter(([, facts]) => NUMBERS.has(facts.type))
  const names = (list) => list.map(([name]) => name)
  const aggregates = AGGREGATES.filter((name) => numbers.length > 0 || (name !== "_avg" && name !== "_sum"))
  const select = root.fields?.get("select")?.node
  const told = (node, offered, type) => {
    suggestSelection(fault, node, offered)
    return `The \`select\` statement for type ${type} must not be empty. ${AVAILABLE}`
  }
  if (call.operation === "aggregate" && path.length === 0) return told(select, aggregates, `Aggregate${model.name}`)
  if (call.operation === "groupBy" && path.length === 1 && path[0] === "by") return told(select, [...names(fields), ...aggregates], `${model.name}GroupByOutputType`)
  const [, name] = path
  if (path[0] !== "select" || !AGGREGATES.includes(name)) return undefined
  const ordered = fields.filter(([, facts]) => facts.type !== "Json" && !facts.list)
  const offered = { _avg: names(numbers), _sum: names(numbers), _count: [...names(fields), "_all"] }[name] ?? names(ordered)
  const node = fault.node?.fields?.get("select")?.node ?? fault.node
  const type = `${model.name}${name[1].toUpperCase()}${name.slice(2)}AggregateOutputType`
  if (!(node instanceof ObjectNode) || node.fields.size === 0) return told(node, offered, type)
  node.fields.clear()
  suggestSelection(fault, node, offered)
  return `The \`select\` statement for type ${type} needs at least one truthy value.`
}

const COUNTED = new Set(["createMany", "updateMany", "deleteMany"])

/** A selection of what a write of many gives, which is a count; undefined where it is another fault. */
function countSelection(fault) {
  const [name] = fault.path
  if (!COUNTED.has(fault.call.operation) || fault.path.length !== 1 || (name !== "select" && name !== "include") || !(fault.node instanceof ObjectNode)) return undefined
  const [[key, field] = []] = fault.node.fields
  if (field === undefined) return undefined
  field.isWrong = true
  if (name === "select") suggestSelection(fault, fault.node, ["count"])
  return `Unknown field \`${key}\` for ${name} statement on model \`AffectedRowsOutput\`. ${AVAILABLE}`
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
  const isChoice = fault.place.member !== undefined && typeof fault.place.value === "string" && fault.kind !== "notAllowed"
  if (isByList || isChoice || (/^\d+$/.test(name) && fault.path.length > 1)) return unknownValue(fault)
  const lacking = firstMissing(fault)
  if (lacking !== undefined) return missing(lacking, nearest)
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
  if (!owner?.type || !/Create/.test(owner.type.name) || owner.value === null || typeof owner.value !== "object") return undefined
  for (const [name, member] of owner.type.fields) {
    if (!member.isRequired || owner.value[name] !== undefined) continue
    const path = [...fault.path.slice(0, -1), name]
    return { ...fault, kind: "missing", path, place: { owner, name, member, type: member.inner?.(undefined), model: owner.model, value: undefined } }
  }
  return undefined
}

function missing(fault, nearest) {
  const name = fault.path.at(-1)
  if (fault.place.value instanceof ObjectEnumValue) return unknownValue(fault)
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

function invalidValue(fault, nearest) {
  const value = fault.place.value
  const type = fault.meta.expected?.[0]
  if (typeof value !== "string" || EXPECTED[type] === undefined) return wrongType(fault, nearest)
  markValue(fault)
  const reason = type === "DateTime" ? dateFault(value) : type === "BigInt" && /^-?\d+$/.test(value) ? "number too large to fit in target type" : REASONS[type] ?? "invalid digit found in string"
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

module.exports = { describe, kindOf }
