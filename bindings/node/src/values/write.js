"use strict"
/**
 * Requests written as bytes, for arguments that are plain: what most are. A text made by concatenation has to be flattened, then
 * encoded; bytes are ready to be sent. What is not plain here is left to serialize.js, and both write the same bytes.
 */
const MOST_DEPTH = 32
const LONGEST_TEXT = 1024

/** Where the next byte goes. */
let at = 0

/** A text of printable ASCII without a quote or a backslash; false for others. */
function writeText(bytes, text) {
  const { length } = text
  if (length > LONGEST_TEXT || at + length + 8 > bytes.length) return false
  bytes[at++] = 34
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code < 32 || code > 126 || code === 34 || code === 92) return false
    bytes[at++] = code
  }
  bytes[at++] = 34
  return true
}

function writeWord(bytes, word) {
  const { length } = word
  if (at + length + 8 > bytes.length) return false
  for (let index = 0; index < length; index++) bytes[at++] = word.charCodeAt(index)
  return true
}

function writeValue(bytes, value, depth) {
  switch (typeof value) {
    case "string":
      return writeText(bytes, value)
    case "number":
      if (value >= 0 && value < 10 && Number.isInteger(value) && at + 8 <= bytes.length) {
        bytes[at++] = 48 + value
        return true
      }
      return Number.isFinite(value) && writeWord(bytes, value === 0 ? "0" : String(value))
    case "boolean":
      return writeWord(bytes, value ? "true" : "false")
    case "object":
      if (value === null) return writeWord(bytes, "null")
      return Array.isArray(value) ? writeList(bytes, value, depth + 1) : writeObject(bytes, value, depth + 1)
    default:
      return false
  }
}

function writeList(bytes, list, depth) {
  if (depth > MOST_DEPTH || at + 8 > bytes.length) return false
  bytes[at++] = 91
  for (let index = 0; index < list.length; index++) {
    if (index > 0) bytes[at++] = 44
    if (!writeValue(bytes, list[index], depth)) return false
  }
  bytes[at++] = 93
  return at < bytes.length
}

function writeObject(bytes, object, depth) {
  const prototype = Object.getPrototypeOf(object)
  if (depth > MOST_DEPTH || (prototype !== Object.prototype && prototype !== null) || at + 8 > bytes.length) return false
  bytes[at++] = 123
  let isFirst = true
  for (const key in object) {
    const value = object[key]
    if (value === undefined) continue
    if (!isFirst) bytes[at++] = 44
    isFirst = false
    // Tagged values, and objects that write themselves, are not plain.
    if (key === "$type" || key === "toJSON" || !writeText(bytes, key)) return false
    bytes[at++] = 58
    if (!writeValue(bytes, value, depth)) return false
  }
  bytes[at++] = 125
  return at < bytes.length
}

/** Writes `head`, the arguments and a brace: how many bytes; 0 where the arguments are not plain, or too long. */
function writeRequest(bytes, head, args) {
  at = 0
  if (!writeWord(bytes, head)) return 0
  if (args === undefined || args === null) writeWord(bytes, "{}")
  else if (typeof args !== "object" || Array.isArray(args) || !writeObject(bytes, args, 0)) return 0
  bytes[at++] = 125
  return at <= bytes.length ? at : 0
}

module.exports = { writeRequest }
