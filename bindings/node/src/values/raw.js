"use strict"
/** Raw SQL: parameters as the library takes them, rows by the types of their columns. */
const { otherDate, bytes, exactDecimal, float, bigint } = require("./decode.js")
const { Sql } = require("./sql.js")
const { InvalidArgument } = require("./invalid-argument.js")
const { isDate, isDecimalLike, decimalText, wellFormed } = require("./serialize.js")

/** One parameter. */
function parameter(value) {
  switch (typeof value) {
    case "bigint":
      return { $type: "BigInt", value: String(value) }
    case "number":
      return Number.isFinite(value) ? value : String(value)
    case "string":
      return wellFormed(value)
    case "undefined":
      return null
    case "object":
      break
    default:
      return value
  }
  if (value === null) return null
  if (isDate(value) && Number.isNaN(value.getTime())) throw new InvalidArgument(["parameters"], "Provided Date object is invalid. Expected Date", "Invalid Date")
  if (isDate(value)) return { $type: "DateTime", value: value.toISOString() }
  if (isDecimalLike(value)) return { $type: "Decimal", value: decimalText(value) }
  if (ArrayBuffer.isView(value)) {
    return { $type: "Bytes", value: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") }
  }
  if (value instanceof ArrayBuffer) return { $type: "Bytes", value: Buffer.from(value).toString("base64") }
  if (Array.isArray(value)) return value.map(parameter)
  if (typeof value.toJSON === "function") {
    const json = value.toJSON()
    return typeof json === "object" && json !== null ? jsonParameter(json) : parameter(json)
  }
  return jsonParameter(value)
}

const jsonParameter = (value) => ({
  $type: "Json",
  value: JSON.stringify(value, (_, member) => (typeof member === "bigint" ? String(member) : member)),
})

const time = (text) => new Date(/[zZ]|[+-]\d\d(:?\d\d)?$/.test(text) ? `1970-01-01T${text}` : `1970-01-01T${text}Z`)

const COLUMNS = { bigint, bytes, decimal: exactDecimal, float, double: float, datetime: otherDate, date: otherDate, time }

/** `{"columns", "types", "rows"}` → a list of objects. */
function rows(answer) {
  if (Array.isArray(answer)) return answer
  const { columns, types, rows: found } = answer
  const decoders = types.map((type) => {
    const isList = type.endsWith("-array")
    const decode = COLUMNS[isList ? type.slice(0, -6) : type]
    if (!decode || !isList) return decode
    return (values) => values.map((value) => (value === null ? null : decode(value)))
  })
  return found.map((row) => {
    const record = {}
    for (let index = 0; index < columns.length; index++) {
      const value = row[index]
      record[columns[index]] = value === null || decoders[index] === undefined ? value : decoders[index](value)
    }
    return record
  })
}

/** `$queryRaw`s arguments: a template, an Sql. `[text, values]` */
function tagged(method, strings, values) {
  if (strings instanceof Sql || (strings !== null && typeof strings === "object" && Array.isArray(strings.strings) && Array.isArray(strings.values))) {
    return strings instanceof Sql ? strings : new Sql(strings.strings, strings.values)
  }
  if (Array.isArray(strings) && Array.isArray(strings.raw)) return new Sql(strings, values)
  return undefined
}

module.exports = { parameter, rows, tagged }
