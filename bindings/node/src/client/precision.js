"use strict"
/**
 * Which requests ask for `"dateTime": "microseconds"`. Only such answers have words for what JSON has no number for: NaN and infinite
 * floats, infinite moments. Here they become numbers, and dates that compare as infinite ones.
 *
 * Why not all requests: answers with milliseconds are shorter, and few databases hold such values. A read that meets one is sent again. What
 * may have written is not, so it asks for the words at once.
 */
const { LibraryError } = require("../native.js")

const WRITES = new Set(["create", "createMany", "createManyAndReturn", "update", "updateMany", "updateManyAndReturn", "upsert", "delete", "deleteMany"])

class Precision {
  /** `configured`: the program's own choice for all requests, which is kept. */
  constructor(configured) {
    this.isFixed = configured !== undefined
    this.isAlways = configured === "microseconds"
    /** The models whose records were seen to hold such values. */
    this.models = new Set()
  }

  /** Whether the call's request says so itself. */
  isAskedBy(call, batch) {
    if (this.isFixed) return false
    if (batch !== undefined || call.state.transaction !== undefined || WRITES.has(call.operation)) return true
    return this.models.size > 0 && this.models.has(call.model.name)
  }

  /** Whether the call is to be sent again, since its answer holds what has no number. From then on its model's calls ask for words. */
  isMet(error, call) {
    if (this.isFixed || !(error instanceof LibraryError) || error.code !== "P2023") return false
    const { column_name: column, type, enum: label } = error.meta
    if (column === undefined || type !== undefined || label !== undefined || call.isPrecise) return false
    this.models.add(call.model.name)
    return true
  }
}

module.exports = { Precision }
