"use strict"
/** What Prisma Client's query compiler refuses (P2019): it fits the types, and has no meaning. */
const { FieldRef } = require("../values/markers.js")
const { segments } = require("./validation.js")

/** The sentence behind "Input error."; undefined where it is another error. */
function inputError(error, call, args) {
  const { kind, path } = error.meta
  if (path === undefined) return undefined
  if (kind === "outOfRange" && path === "args.take") return "The 'findFirst' operation cannot be used with a 'take' argument that isn't 1 or -1"
  if (kind === "outOfRange" && path.endsWith("limit")) return `Provided limit (${args?.limit}) must be a positive integer.`
  if (kind === "missing" && call.operation === "groupBy" && path === "args.orderBy") return defaultOrder(call.model, args)
  const reference = referenceError(error, call, args)
  if (reference !== undefined) return reference
  const found = /: (Every field used (?:for|in) .*|A JSON path cannot be set without a scalar filter\.)$/s.exec(error.message)?.[1]
  return found?.startsWith("Every field used for orderBy") && !found.includes("Missing") ? unorderable(unordered(args)) : found
}

const unorderable = (names) => `Every field used for orderBy must be included in the by-arguments of the query. Missing fields: ${names.join(", ")}`

/** The fields by which groups are ordered, and not made. */
function unordered({ by, orderBy }) {
  const names = [orderBy].flat().flatMap((order) => Object.keys(order ?? {}))
  return names.filter((name) => !name.startsWith("_") && ![by].flat().includes(name))
}

/** Pages of groups without an order are ordered by the model's key, of which groups may lack a part. */
function defaultOrder(model, args) {
  const key = model.primaryKey ?? model.uniques[0]
  const lacking = key?.fields.filter((name) => ![args?.by].flat().includes(name)) ?? []
  return lacking.length > 0 ? unorderable(lacking) : undefined
}

/** A field of another type, or of another model, in the place of a value. */
function referenceError(error, call, args) {
  if (call.model === undefined || (error.meta.kind !== "wrongType" && error.meta.kind !== "notAllowed" && error.meta.kind !== "invalidValue")) return undefined
  const path = segments(error.meta.path)
  while (path.at(-1) === "$type" || path.at(-1)?.startsWith("_")) path.pop()
  const value = path.reduce((of, name) => of?.[name], args)
  if (!(value instanceof FieldRef)) return undefined
  const { models } = call.state.schema
  let { model } = call
  let field
  for (const name of path) {
    const facts = model.fields[name]
    if (facts?.kind === "object") model = models[facts.type]
    else if (facts !== undefined) field = facts
  }
  if (field === undefined) return undefined
  if (value.modelName !== model.name) return `Expected a referenced scalar field of model ${model.name}, but found a field of model ${value.modelName}.`
  const expected = `${field.type}${field.list ? "[]" : ""}`
  return `Expected a referenced scalar field of type ${expected} but found ${value.modelName}.${value.name} of type ${value.typeName}${value.isList ? "[]" : ""}.`
}

module.exports = { inputError }
