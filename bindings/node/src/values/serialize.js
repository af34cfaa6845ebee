"use strict"
/**
 * Arguments → the JSON of a request. Values that JSON has no word for are tagged as the library reads them: `{"$type": "BigInt",
 * "value": "1"}`. The same arguments give the same text, by which a cache hit is found without being parsed.
 */
const { ObjectEnumValue, Skip, FieldRef } = require("./markers.js")
const { Decimal } = require("./decimal.js")
const { InvalidArgument } = require("./invalid-argument.js")

/** Text without anything that JSON escapes. Most are: testing costs less than JSON.stringify. */
const PLAIN = /^[ !#-[\]-~]*$/
const text = (value) => (value.length < 64 && PLAIN.test(value) ? `"${value}"` : JSON.stringify(wellFormed(value)))
const LONE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/
/** PostgreSQL stores no half of a surrogate pair: it becomes U+FFFD, as in every other conversion to UTF-8. */
const wellFormed = (value) => (LONE.test(value) ? Buffer.from(value).toString() : value)

/** The keys' texts, since a program has few of them. */
const keys = new Map()
function keyText(key) {
  let found = keys.get(key)
  if (found === undefined) {
    found = JSON.stringify(key) + ":"
    if (keys.size < 4096) keys.set(key, found)
  }
  return found
}

const MOST_DEPTH = 200

const SELECTIONS = new Set(["select", "include", "omit"])
/** What chooses fields, of the call's own arguments or of a related field's: an undefined there chooses as nothing does. */
const isSelection = (path, key) => SELECTIONS.has(key) && (path.length === 0 || SELECTIONS.has(path.at(-2)))

class Serializer {
  /** `strict`: an explicit undefined is a fault, as with the preview feature strictUndefinedChecks. */
  constructor(strict) {
    this.strict = strict
  }

  /** The text of an object of arguments. */
  arguments(args) {
    return args === undefined || args === null ? "{}" : this.object(args, [], 0)
  }

  object(value, path, depth) {
    if (depth > MOST_DEPTH) throw new InvalidArgument(path, `nested deeper than ${MOST_DEPTH} levels, or within itself`)
    let result = "{"
    let isTagged = false
    for (const key in value) {
      const member = value[key]
      let written
      switch (typeof member) {
        case "string":
          written = text(member)
          break
        case "number":
          written = this.number(member, path, key)
          break
        case "boolean":
          written = member ? "true" : "false"
          break
        case "undefined":
          if (this.strict && !isSelection(path, key)) throw new InvalidArgument([...path, key], "explicitly `undefined` values are not allowed", "undefined")
          continue
        default:
          if (member instanceof Skip) continue
          if (member === null) written = "null"
          else {
            path.push(key)
            written = this.special(member, path, depth + 1)
            path.pop()
          }
      }
      if (key === "$type") isTagged = true
      result += result.length === 1 ? keyText(key) + written : "," + keyText(key) + written
    }
    // Why: the library would take it for one of its own tagged values.
    return isTagged ? `{"$type":"Raw","value":${result}}}` : result + "}"
  }

  number(value, path, key) {
    if (Number.isFinite(value)) return Object.is(value, -0) ? "0" : String(value)
    // Why tagged: a Decimal may be NaN or infinite, and no other field is to take the word for a text.
    return `{"$type":"Decimal","value":"${value}"}`
  }

  /** Objects, lists, bigints, and whatever else is no plain value. */
  special(value, path, depth) {
    switch (typeof value) {
      case "object":
        break
      case "bigint":
        return `{"$type":"BigInt","value":"${value}"}`
      case "string":
        return text(value)
      case "number":
        return this.number(value, path)
      case "boolean":
        return value ? "true" : "false"
      default:
        throw new InvalidArgument(path, unsayable(Object.prototype.toString.call(value)), typeof value)
    }
    if (value === null) return "null"
    if (Array.isArray(value)) return this.list(value, path, depth)
    const prototype = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) {
      return typeof value.toJSON === "function" ? this.special(value.toJSON(), path, depth) : this.object(value, path, depth)
    }
    return this.instance(value, path, depth)
  }

  list(value, path, depth) {
    if (depth > MOST_DEPTH) throw new InvalidArgument(path, `nested deeper than ${MOST_DEPTH} levels, or within itself`)
    let result = "["
    for (let index = 0; index < value.length; index++) {
      const element = value[index]
      if (index > 0) result += ","
      if (typeof element === "string") result += text(element)
      else if (element === undefined || element instanceof Skip) {
        const what = element === undefined ? "Can not use `undefined` value within array. Use `null` or filter out `undefined` values" : "Can not use `Prisma.skip` value within array. Use `null` or filter out `Prisma.skip` values"
        throw new InvalidArgument([...path, String(index)], what, "undefined", path)
      } else {
        path.push(String(index))
        result += this.special(element, path, depth + 1)
        path.pop()
      }
    }
    return result + "]"
  }

  instance(value, path, depth) {
    if (isDate(value)) {
      if (Number.isNaN(value.getTime())) throw new InvalidArgument(path, "Provided Date object is invalid. Expected Date", "Invalid Date")
      return `{"$type":"DateTime","value":"${value.toISOString()}"}`
    }
    if (ArrayBuffer.isView(value)) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      return `{"$type":"Bytes","value":"${bytes.toString("base64")}"}`
    }
    // Why not as the word of an enum: a field of texts would take it.
    if (value instanceof ObjectEnumValue) return `{"$type":"${value._getName()}"}`
    if (value instanceof FieldRef) {
      return `{"$type":"FieldRef","value":{"_ref":${JSON.stringify(value.name)},"_container":${JSON.stringify(value.modelName)}}}`
    }
    if (Decimal.isDecimal(value) || isDecimalLike(value)) return `{"$type":"Decimal","value":"${decimalText(value)}"}`
    if (typeof value.toJSON === "function") return this.special(value.toJSON() ?? null, path, depth)
    const kind = Object.prototype.toString.call(value)
    if (BOXES.has(kind)) return this.special(value.valueOf(), path, depth)
    if (CLOSED.has(kind)) throw new InvalidArgument(path, unsayable(kind), kind.slice(8, -1))
    return this.object(value, path, depth)
  }
}

const BOXES = new Set(["[object Number]", "[object String]", "[object Boolean]"])
/** What keeps its content where JSON does not look: it would become `{}`. */
const CLOSED = new Set(["Map", "Set", "WeakMap", "WeakSet", "WeakRef", "Promise", "RegExp", "Error", "ArrayBuffer", "SharedArrayBuffer"].map((name) => `[object ${name}]`))
const unsayable = (kind) => `We could not serialize ${kind} value. Serialize the object to JSON or implement a ".toJSON()" method on it`

/** Of another realm, too: jest's and vm's dates. */
const isDate = (value) => value instanceof Date || Object.prototype.toString.call(value) === "[object Date]"

/** Any copy of decimal.js, and what has its shape. */
const isDecimalLike = (value) =>
  typeof value.toFixed === "function" && "s" in value && "e" in value && "d" in value && (Array.isArray(value.d) || value.d === null)

/** Beyond all that PostgreSQL's numeric can hold: 131072 digits before the point, 16383 behind it. */
const FAR = 200_000
/** Why not always in full: `1e500000000`, which may come from outside, has half a gigabyte of digits. The library refuses its short form. */
const decimalText = (value) => (value.d === null || Math.abs(value.e) > FAR ? String(value) : value.toFixed())

const lenient = new Serializer(false)
const strict = new Serializer(true)

module.exports = { serializerFor: (isStrict) => (isStrict ? strict : lenient), isDate, isDecimalLike, decimalText, wellFormed }
