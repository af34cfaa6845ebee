"use strict"
/** Of faults in what is selected, omitted, counted or aggregated: what is marked, and the sentence. */
const { ObjectNode } = require("../tree.js")
const { AVAILABLE, AGGREGATES, markKey, suggestSelection, firstUnknown } = require("./marks.js")

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

function unknownSelection(given) {
  const fault = firstUnknown(given)
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
    // Nothing is omitted by the call: the client's own option leaves no field.
    if (fault.place.value === undefined) return `The global omit configuration excludes every field of the model ${model.name}. At least one field must be included in the result`
    suggestSelection(fault, fault.node, [...selectable(fault, "select", model)], "false")
    return `The omit statement includes every field of the model ${model.name}. At least one field must be included in the result`
  }
  suggestSelection(fault, fault.node, selectable(fault, selection, model))
  if (!isBare) return `The \`${selection}\` statement for type ${model.name} needs at least one truthy value.`
  return `The \`${selection}\` statement for type ${model.name} must not be empty. ${AVAILABLE}`
}

const NUMBERS = new Set(["Int", "BigInt", "Float", "Decimal"])

const AGGREGATIONS = new Set(["aggregate", "count", "groupBy"])
/** Aggregations of which none is asked for, as the `select` that Prisma Client makes of them; undefined where it is another fault. */
function emptyAggregation(fault) {
  const { call, root, path } = fault
  if (!AGGREGATIONS.has(call.operation)) return undefined
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
  if (!COUNTED.has(fault.call.operation) || fault.path.length !== 1 || !SELECTIONS.has(name) || !(fault.node instanceof ObjectNode)) return undefined
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

module.exports = { SELECTIONS, WRITTEN, unknownSelection, emptySelection, emptyAggregation, countSelection, bothSelections }
