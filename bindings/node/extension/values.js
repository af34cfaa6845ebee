"use strict"
/** Arguments of Prisma Client → the library's; answers of the library → values of Prisma Client. */
const { FieldRef, nulls, Skip, skip } = require("../src/values/markers.js")
const { isDate, isDecimalLike } = require("../src/values/serialize.js")
const { float } = require("../src/values/decode.js")

// MARK: Arguments

/** As deep as a request may be. */
const MOST_DEPTH = 200

/** A copy in which the client's own markers are ours: DbNull and its like, field references, Prisma.skip. */
function ourArguments(value, depth = 0) {
  if (value === null || typeof value !== "object") return value
  if (depth > MOST_DEPTH) throw new TypeError("arguments that are nested too deep, or within themselves")
  if (Array.isArray(value)) return value.map((element) => ourArguments(element, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return ourMarker(value)
  const result = {}
  for (const key of Object.keys(value)) result[key] = ourArguments(value[key], depth + 1)
  return result
}

function ourMarker(value) {
  if (typeof value._getName === "function" && nulls[value._getName()] !== undefined) return nulls[value._getName()]
  if (typeof value.modelName === "string" && typeof value.name === "string" && typeof value.typeName === "string") {
    return new FieldRef(value.modelName, value.name, value.typeName, value.isList === true, value.isEnum === true)
  }
  if (value instanceof Skip || typeof value.ifUndefined === "function") return skip
  if (isDate(value) || ArrayBuffer.isView(value) || isDecimalLike(value) || typeof value.toJSON === "function") return value
  throw new TypeError("an argument of a class that is not known")
}

/** With what the client leaves out of every answer (`omit` of its options) left out here, too. */
function withGlobalOmit(models, globalOmit, model, args) {
  if (globalOmit === undefined || Object.keys(globalOmit).length === 0) return args
  const fields = models[model].fields
  const result = { ...args }
  const omitted = globalOmit[model.slice(0, 1).toLowerCase() + model.slice(1)]
  if (!args.select && omitted) result.omit = { ...omitted, ...args.omit }
  for (const part of ["select", "include"]) {
    if (args[part] === null || typeof args[part] !== "object") continue
    result[part] = { ...args[part] }
    for (const [name, inner] of Object.entries(args[part])) {
      const field = fields[name]
      if (field?.kind !== "object" || !inner) continue
      result[part][name] = withGlobalOmit(models, globalOmit, field.type, inner === true ? {} : inner)
    }
  }
  return result
}

// MARK: Answers

const isOfType = (field, type) => field.kind === "scalar" && field.type === type

/** Whether a value of the model, or of one that it is related to, needs the client's classes. */
const needsClasses = (models) =>
  Object.values(models).some((model) => Object.values(model.fields).some((field) => isOfType(field, "Decimal") || isOfType(field, "Bytes")))

function converters(types) {
  return { DateTime: (text) => new Date(text), BigInt: (text) => BigInt(text), Decimal: types.decimal, Bytes: types.bytes, Float: float }
}

/** Converts an answer in place. */
class Decoder {
  constructor(models, types) {
    this.models = models
    this.convert = converters(types)
  }

  answer(model, operation, value) {
    if (operation === "count" || value === null) return value
    if (operation === "aggregate") return this.aggregates(model, value)
    if (operation === "groupBy") return value.map((group) => this.aggregates(model, this.record(model, group)))
    return Array.isArray(value) ? this.records(model, value) : this.record(model, value)
  }

  records(model, list) {
    for (const record of list) this.record(model, record)
    return list
  }

  record(model, record) {
    const open = [[model, record]]
    while (open.length > 0) {
      const [name, one] = open.pop()
      const { fields } = this.models[name]
      for (const key of Object.keys(one)) {
        const field = fields[key]
        const value = one[key]
        if (field === undefined || value === null) continue
        if (field.kind === "object") {
          for (const inner of Array.isArray(value) ? value : [value]) open.push([field.type, inner])
        } else if (field.kind === "scalar") {
          const convert = this.convert[field.type]
          if (convert !== undefined) one[key] = Array.isArray(value) ? value.map((element) => (element === null ? null : convert(element))) : convert(value)
        }
      }
    }
    return record
  }

  aggregates(model, value) {
    for (const name of ["_min", "_max", "_sum"]) if (value[name]) this.record(model, value[name])
    const { fields } = this.models[model]
    for (const [name, text] of Object.entries(value._avg ?? {})) {
      if (text !== null) value._avg[name] = fields[name].type === "Decimal" ? this.convert.Decimal(text) : Number(text)
    }
    return value
  }
}

module.exports = { ourArguments, withGlobalOmit, needsClasses, Decoder }
