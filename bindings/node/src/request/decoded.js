"use strict"
/** An answer whose values are decoded already: of a hit that was read before, or of a list that came in pieces. */
class Decoded {
  constructor(value) {
    this.value = value
  }
}

module.exports = { Decoded }
