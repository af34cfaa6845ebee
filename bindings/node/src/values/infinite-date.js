"use strict"
/**
 * PostgreSQL's moments before and after all others. Date has no such value, so this is a Date without one, which compares as its infinite
 * number does, and is written as PostgreSQL's word: a program may sort by it, print it, and give it back in a filter or in data.
 */
class InfiniteDate extends Date {
  #word

  /** `word`: "infinity" or "-infinity". */
  constructor(word) {
    super(NaN)
    this.#word = word
  }

  /** `Infinity` or `-Infinity`. */
  getTime() {
    return this.#word === "infinity" ? Infinity : -Infinity
  }
  valueOf() {
    return this.getTime()
  }
  [Symbol.toPrimitive](hint) {
    return hint === "number" ? this.getTime() : this.#word
  }
  toISOString() {
    return this.#word
  }
  toJSON() {
    return this.#word
  }
  toString() {
    return this.#word
  }
  [Symbol.for("nodejs.util.inspect.custom")]() {
    return this.#word
  }
}

module.exports = { InfiniteDate }
