"use strict"
/**
 * Copies of decoded answers: a hit that was read before is made from its value, in a fraction of the time that parsing its text
 * takes. For records of one shape the copy is code with the names in it, made once for each shape.
 */
const { Decimal } = require("./decimal.js")
const { InfiniteDate } = require("./infinite-date.js")

const MOST_DEPTH = 100
const define = (target, name, value) => Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })

/** Any value of an answer. Decimals and infinite dates are never changed, so that they are shared. */
function copyValue(value, depth = 0) {
  if (value === null || typeof value !== "object") return value
  if (depth > MOST_DEPTH) return structuredClone(value)
  if (Array.isArray(value)) {
    const list = new Array(value.length)
    for (let index = 0; index < value.length; index++) list[index] = copyValue(value[index], depth + 1)
    return list
  }
  if (value instanceof Date) return value instanceof InfiniteDate ? value : new Date(value.getTime())
  if (value instanceof Decimal) return value
  if (value instanceof Uint8Array) return value.slice()
  const made = {}
  for (const name in value) {
    if (name === "__proto__") define(made, name, value[name])
    else made[name] = copyValue(value[name], depth + 1)
  }
  return made
}

const isRecord = (value) => {
  if (value === null || typeof value !== "object") return false
  return Object.getPrototypeOf(value) === Object.prototype
}

/** How a field of all records is copied: "=" as it is, "d" a date, "*" whatever it is. */
function wayOf(records, name) {
  let way = "="
  for (const record of records) {
    const value = record[name]
    if (value === null || typeof value !== "object" || value instanceof Decimal) continue
    if (!(value instanceof Date) || value instanceof InfiniteDate) return "*"
    way = "d"
  }
  return way
}

/** The names and ways of records that all have the same names in the same order; undefined where they have not. */
function shapeOf(records) {
  if (records.length === 0 || !records.every(isRecord)) return undefined
  const names = Object.keys(records[0])
  const joined = JSON.stringify(names)
  if (names.includes("__proto__") || !records.every((record) => JSON.stringify(Object.keys(record)) === joined)) return undefined
  return names.map((name) => [name, wayOf(records, name)])
}

const made = new Map()
const MOST_SHAPES = 2000

/** A function that copies a record of a shape. */
function copierOf(shape) {
  const key = JSON.stringify(shape)
  let copier = made.get(key)
  if (copier === undefined && made.size < MOST_SHAPES) {
    const members = shape.map(([name, way]) => {
      const property = JSON.stringify(name)
      const value = `r[${property}]`
      return `${property}: ${way === "=" ? value : way === "d" ? `${value} === null ? null : new Date(${value}.getTime())` : `copyValue(${value}, 1)`}`
    })
    try {
      copier = new Function("copyValue", `"use strict"; return (r) => ({ ${members.join(", ")} })`)(copyValue)
    } catch {
      // The program forbids code from texts.
      copier = copyValue
    }
    made.set(key, copier)
  }
  return copier ?? copyValue
}

/** A function that gives the value again, as a copy. */
function copierFor(value) {
  if (value === null || typeof value !== "object") return () => value
  const records = Array.isArray(value) ? value : [value]
  const shape = shapeOf(records)
  const copy = shape ? copierOf(shape) : copyValue
  if (!Array.isArray(value)) return () => copy(value)
  return () => {
    const list = new Array(value.length)
    for (let index = 0; index < value.length; index++) list[index] = copy(value[index])
    return list
  }
}

module.exports = { copierFor, copyValue }
