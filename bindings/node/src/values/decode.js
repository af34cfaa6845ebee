"use strict"
/**
 * Answers → values: JSON.parse, then what JSON has no type for is put in the place of its text. What has to be converted is known
 * from the schema: a decoder per model, made once, which looks at its own fields and at the relations that are there.
 */
const { Decimal, fromAnswer } = require("./decimal.js")
const { Skip } = require("./markers.js")
const { InfiniteDate } = require("./infinite-date.js")

// MARK: Values

const DIGIT_0 = 48
const two = (text, at) => (text.charCodeAt(at) - DIGIT_0) * 10 + text.charCodeAt(at + 1) - DIGIT_0

/** "2026-01-02T03:04:05.678Z", in a tenth of the time that Date needs to read it. Microseconds are left out, as a Date has none. */
function date(text) {
  if ((text.length !== 24 && text.length !== 27) || text.charCodeAt(4) !== 45) return otherDate(text)
  const year = two(text, 0) * 100 + two(text, 2)
  const month = two(text, 5)
  // Days since 1970-01-01, counted in years that begin in March (Howard Hinnant, "chrono-compatible low-level date algorithms").
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const ofEra = y - era * 400
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + two(text, 8) - 1
  const days = era * 146097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719468
  const seconds = two(text, 11) * 3600 + two(text, 14) * 60 + two(text, 17)
  return new Date(days * 86400000 + seconds * 1000 + (text.charCodeAt(20) - DIGIT_0) * 100 + two(text, 21))
}

/** Years of other than four digits, and the two moments beyond all years. */
const otherDate = (text) => (text.endsWith("infinity") ? new InfiniteDate(text) : new Date(text))

function bytes(text) {
  const buffer = Buffer.from(text, "base64")
  return new Uint8Array(buffer)
}

const decimal = fromAnswer ?? ((text) => new Decimal(text))
const bigint = (text) => BigInt(text)

/** A number, or the word of one that JSON has not: NaN and the infinite ones. */
const float = (value) => (typeof value === "string" ? Number(value) : value)
/** Of a text that may have zeros at its end. */
const exactDecimal = (text) => new Decimal(text)

const SCALARS = { DateTime: date, Decimal: decimal, BigInt: bigint, Bytes: bytes }
/** Of answers with microseconds, in which numbers may be words. */
const PRECISE = { ...SCALARS, Decimal: exactDecimal, Float: float }

const listOf = (decode) => (values) => {
  for (let index = 0; index < values.length; index++) if (values[index] !== null) values[index] = decode(values[index])
  return values
}

/** How a field's value is read; undefined where JSON's own value is right. */
function decoderOf(field, scalars) {
  const decode = field.kind === "scalar" ? scalars[field.type] : undefined
  return decode && field.list ? listOf(decode) : decode
}

// MARK: Records

const NONE = Object.freeze([])

/**
 * A function that decodes the named fields of a record in place. It is made as code with the names in it, since a property of a name
 * that is known then costs a fraction of one that is looked up; where a program forbids code from texts, by a loop.
 */
function compile(names, decoders) {
  if (names.length === 0) return undefined
  const lines = names.map((name, index) => `v = record[${JSON.stringify(name)}]; if (v !== null && v !== undefined) record[${JSON.stringify(name)}] = d${index}(v)`)
  try {
    const parameters = names.map((_, index) => `d${index}`)
    return new Function(...parameters, `"use strict"; return (record) => { let v; ${lines.join("; ")} }`)(...decoders)
  } catch {
    return (record) => {
      for (let index = 0; index < names.length; index++) {
        const value = record[names[index]]
        if (value !== null && value !== undefined) record[names[index]] = decoders[index](value)
      }
    }
  }
}

/** How the records of one model are decoded, for each choice of its fields. */
class RecordDecoders {
  constructor(model, scalars) {
    this.special = new Map()
    this.relations = new Map()
    for (const [name, field] of Object.entries(model.fields)) {
      if (field.kind === "object") this.relations.set(name, field.type)
      const decode = decoderOf(field, scalars)
      if (decode) this.special.set(name, decode)
    }
    this.compiled = new Map()
    this.all = this.compileFor([...this.special.keys()])
  }

  compileFor(names) {
    const key = names.join()
    if (!this.compiled.has(key)) this.compiled.set(key, compile(names, names.map((name) => this.special.get(name))))
    return this.compiled.get(key)
  }
}

/** What is done with the records of an answer: a function for each record, and the shapes of relations. */
class Shape {
  constructor(decode, relations) {
    this.decode = decode
    this.relations = relations
  }

  one(record) {
    if (record === null) return null
    const { decode, relations } = this
    if (decode !== undefined) decode(record)
    for (let index = 0; index < relations.length; index++) {
      const { name, shape } = relations[index]
      const value = record[name]
      if (value === null || value === undefined) continue
      if (Array.isArray(value)) shape.many(value)
      else shape.one(value)
    }
    return record
  }

  many(records) {
    const { decode, relations } = this
    if (relations.length > 0) for (let index = 0; index < records.length; index++) this.one(records[index])
    else if (decode !== undefined) for (let index = 0; index < records.length; index++) decode(records[index])
    return records
  }
}

/** Whether a selection is there: `Prisma.skip` is none. */
const isGiven = (selection) => selection !== null && typeof selection === "object" && !(selection instanceof Skip)

/** The decoders of a schema's models; `isPrecise` for answers that were asked for with microseconds. */
class Decoders {
  constructor(models, isPrecise = false) {
    this.models = models
    this.scalars = isPrecise ? PRECISE : SCALARS
    this.records = new Map()
  }

  of(modelName) {
    let decoders = this.records.get(modelName)
    if (decoders === undefined) this.records.set(modelName, (decoders = new RecordDecoders(this.models[modelName], this.scalars)))
    return decoders
  }

  /** The shape of what arguments ask for. */
  shape(modelName, args) {
    const decoders = this.of(modelName)
    const isSelect = isGiven(args?.select)
    const chosen = isSelect ? args.select : args?.include
    if (!isGiven(chosen)) return new Shape(decoders.all, NONE)
    let relations = NONE
    let names = NONE
    for (const name in chosen) {
      if (!chosen[name]) continue
      if (isSelect && decoders.special.has(name)) (names === NONE ? (names = []) : names).push(name)
      const target = decoders.relations.get(name)
      if (target !== undefined) (relations === NONE ? (relations = []) : relations).push({ name, shape: this.shape(target, chosen[name]) })
    }
    return new Shape(!isSelect ? decoders.all : names === NONE ? undefined : decoders.compileFor(names), relations)
  }

  /** An answer of an operation on a model. */
  answer(modelName, operation, args, value) {
    switch (operation) {
      case "count":
      case "createMany":
      case "updateMany":
      case "deleteMany":
        return value
      case "aggregate":
        return this.aggregate(modelName, value)
      case "groupBy": {
        const { all } = this.of(modelName)
        for (const group of value) {
          all?.(group)
          this.aggregate(modelName, group)
        }
        return value
      }
      default: {
        if (value === null) return null
        const shape = this.shape(modelName, args)
        return Array.isArray(value) ? shape.many(value) : shape.one(value)
      }
    }
  }

  aggregate(modelName, value) {
    const { all } = this.of(modelName)
    for (const name of ["_min", "_max", "_sum"]) if (value[name]) all?.(value[name])
    // The average of whole numbers is a fraction; of a Decimal it is one.
    if (value._avg) {
      const { fields } = this.models[modelName]
      for (const name in value._avg) {
        if (value._avg[name] === null) continue
        value._avg[name] = fields[name].type === "Decimal" ? this.scalars.Decimal(value._avg[name]) : Number(value._avg[name])
      }
    }
    return value
  }
}

module.exports = { Decoders, date, otherDate, bytes, decimal, exactDecimal, float, bigint, listOf }
