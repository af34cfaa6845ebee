"use strict"
/** Prisma.Decimal: decimal.js where the program has it, the package's own exact decimal elsewhere. */
function find() {
  for (const from of [__dirname, process.cwd()]) {
    try {
      const found = require(require.resolve("decimal.js", { paths: [from] }))
      const Decimal = found.Decimal ?? found.default ?? found
      // Why a copy: precision and rounding set here are nobody else's.
      return Decimal.clone ? Decimal.clone() : Decimal
    } catch {
      // Not there: the next place.
    }
  }
  return require("./small-decimal/index.js").Decimal
}

const Decimal = find()

/** A decimal of a text that the library wrote, without a look at it; undefined with decimal.js, which has to read it. */
const fromAnswer = Decimal.fromCanonical

module.exports = { Decimal, fromAnswer }
