"use strict"
/** SQL texts with their values: Prisma.sql, join, raw, empty. A value becomes a parameter, another Sql a part of the text. */

class Sql {
  constructor(rawStrings, rawValues) {
    if (rawStrings.length - 1 !== rawValues.length) {
      if (rawStrings.length === 0) throw new TypeError("Expected at least 1 string")
      throw new TypeError(`Expected ${rawStrings.length} strings to have ${rawStrings.length - 1} values`)
    }
    this.strings = [rawStrings[0]]
    this.values = []
    rawValues.forEach((value, index) => {
      const after = rawStrings[index + 1]
      if (value instanceof Sql) {
        this.strings[this.strings.length - 1] += value.strings[0]
        this.strings.push(...value.strings.slice(1))
        this.values.push(...value.values)
        this.strings[this.strings.length - 1] += after
      } else {
        this.values.push(value)
        this.strings.push(after)
      }
    })
  }

  /** With `?` for each value. */
  get sql() {
    return this.strings.join("?")
  }
  /** With `:1`, `:2` … */
  get statement() {
    return this.#numbered(":")
  }
  /** With `$1`, `$2` …, as PostgreSQL has them. */
  get text() {
    return this.#numbered("$")
  }
  #numbered(mark) {
    return this.strings.reduce((text, string, index) => text + mark + index + string)
  }
  inspect() {
    return { sql: this.sql, statement: this.statement, text: this.text, values: this.values }
  }
}

const sql = (strings, ...values) => new Sql(strings, values)
const raw = (text) => new Sql([text], [])
const empty = raw("")

function join(values, separator = ",", prefix = "", suffix = "") {
  if (values.length === 0) {
    throw new TypeError("Expected `join([])` to be called with an array of multiple elements, but got an empty array")
  }
  return new Sql([prefix, ...Array(values.length - 1).fill(separator), suffix], values)
}

module.exports = { Sql, sql, raw, empty, join }
