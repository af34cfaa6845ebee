"use strict"
/**
 * An exact decimal with the whole API of decimal.js, for programs that have not installed that package. Division, roots, powers and functions
 * are rounded to `precision` significant digits, as decimal.js does.
 */
const { ten, finite, parse, textOf, invalid } = require("./text.js")
const { toPlaces, toDigits } = require("./rounding.js")
const functions = require("./functions.js")
const {
  MOST, ONE, read, given, make, unusual, kept, itself, checked, modeOf, isZeroOf, signOf, negative, sum, product, quotient, wholeQuotient, compare, result, ofWhole, FUNCTIONS,
} = require("./methods.js")
const { FORMATS } = require("./format.js")

const DEFAULTS = { precision: 20, rounding: 4, modulo: 1, toExpNeg: -7, toExpPos: 21, minE: -9e15, maxE: 9e15, crypto: false }
const RANGES = { precision: [1, MOST], rounding: [0, 8], toExpNeg: [-9e15, 0], toExpPos: [0, 9e15], maxE: [0, 9e15], minE: [-9e15, 0], modulo: [0, 9] }
const EUCLID = 9
const TRUSTED = Symbol("a text that is canonical")

const isDecimal = (value) => typeof value === "object" && value !== null && "d" in value && "e" in value && "s" in value && typeof value.toFixed === "function"

function textFor(value, limits) {
  switch (typeof value) {
    case "string": return textOf(parse(value), limits)
    case "number": return Object.is(value, -0) ? "-0" : textOf(parse(String(value)), limits)
    case "bigint": return textOf(finite(value < 0n, value < 0n ? -value : value, 0), limits)
    default:
      if (typeof value?.text === "string" && isDecimal(value)) return textOf(read(value), limits)
      if (!isDecimal(value)) throw invalid(value)
      return textOf(parse(value.d === null ? String(value) : (value.s < 0 && Number(value.toFixed()) === 0 ? "-" : "") + value.toFixed()), limits)
  }
}

// MARK: Arithmetic

/** What an operation gives where one of its numbers is none, or infinite: by the rules of JavaScript. */
const binary = (operate, usual) => function (other) {
  const [one, two] = [read(this), given(this, other)]
  if (one.special !== undefined || two.special !== undefined) return unusual(this, operate(signOf(one), signOf(two)))
  return usual(this, one, two)
}
const plus = binary((one, two) => one + two, (of, one, two) => kept(of, sum(one, two, of.constructor.rounding, of.constructor.precision)))
const minus = binary((one, two) => one - two, (of, one, two) => kept(of, sum(one, negative(two), of.constructor.rounding, of.constructor.precision)))
const division = (finish) => binary((one, two) => one / two, (of, one, two) =>
  isZeroOf(one) || isZeroOf(two) ? unusual(of, signOf(one) / signOf(two)) : finish(of, one, two))

function modulo(of, one, two) {
  if (one.special !== undefined || two.special !== undefined && Number.isNaN(two.special) || isZeroOf(two)) return unusual(of, NaN)
  if (two.special !== undefined || one.magnitude === 0n) return kept(of, one)
  const { modulo: mode } = of.constructor
  if (mode === EUCLID) {
    const rest = sum(one, negative(product(wholeQuotient(one, two, 1), two)), of.constructor.rounding)
    return kept(of, rest.isNegative && rest.magnitude !== 0n ? sum(rest, { ...two, isNegative: false }) : rest)
  }
  const rest = sum(one, negative(product(wholeQuotient(one, two, mode), two)), of.constructor.rounding)
  return kept(of, rest)
}

const rounded = (mode) => function () {
  const number = read(this)
  return number.special !== undefined ? itself(this) : make(this, toPlaces(number, 0, mode ?? this.constructor.rounding))
}

const METHODS = {
  ...FUNCTIONS,
  ...FORMATS,

  // Questions

  isNaN() { return this.text === "NaN" },
  isFinite() { return read(this).special === undefined },
  isZero() { return isZeroOf(read(this)) },
  isNegative() { return this.s < 0 },
  isPositive() { return this.s > 0 },
  isInteger() {
    const number = read(this)
    return number.special === undefined && number.exponent >= 0
  },
  decimalPlaces() {
    const number = read(this)
    return number.special === undefined ? Math.max(0, -number.exponent) : NaN
  },
  precision(zeros) {
    if (zeros !== undefined && zeros !== !!zeros && zeros !== 1 && zeros !== 0) throw invalid(zeros)
    const number = read(this)
    if (number.special !== undefined) return NaN
    return number.magnitude.toString().length + (zeros ? Math.max(0, number.exponent) : 0)
  },
  comparedTo(other) { return compare(read(this), given(this, other)) },
  equals(other) { return this.comparedTo(other) === 0 },
  greaterThan(other) { return this.comparedTo(other) > 0 },
  greaterThanOrEqualTo(other) { return this.comparedTo(other) >= 0 },
  lessThan(other) { return this.comparedTo(other) < 0 },
  lessThanOrEqualTo(other) { return this.comparedTo(other) <= 0 },

  // Arithmetic

  plus,
  minus,
  times: binary((one, two) => one * two, (of, one, two) => kept(of, product(one, two))),
  dividedBy: division((of, one, two) => kept(of, quotient(one, two, of.constructor.precision))),
  dividedToIntegerBy: division((of, one, two) => kept(of, wholeQuotient(one, two, 1))),
  modulo(other) { return modulo(this, read(this), given(this, other)) },
  negated() { return make(this, negative(read(this))) },
  absoluteValue() { return this.text[0] === "-" ? this.negated() : itself(this) },

  // Rounding

  toDecimalPlaces(places, mode) {
    const rounding = modeOf(this, mode)
    const number = read(this)
    if (places === undefined || number.special !== undefined) return itself(this)
    return make(this, toPlaces(number, checked(places, 0, MOST), rounding))
  },
  toSignificantDigits(digits, mode) {
    const rounding = modeOf(this, mode)
    const number = read(this)
    const count = digits === undefined ? this.constructor.precision : checked(digits, 1, MOST)
    return number.special !== undefined ? itself(this) : make(this, toDigits(number, count, rounding))
  },
  round: rounded(undefined),
  ceil: rounded(2),
  floor: rounded(3),
  trunc: rounded(1),
  toNearest(unit, mode) {
    const rounding = modeOf(this, mode)
    const number = read(this)
    const step = unit === undefined || unit === null ? ONE : given(this, unit)
    if (number.special !== undefined) return Number.isNaN(step.special) ? unusual(this, NaN) : itself(this)
    if (step.special !== undefined) return unusual(this, Number.isNaN(step.special) ? NaN : number.isNegative ? -Infinity : Infinity)
    if (isZeroOf(step)) return make(this, finite(number.isNegative, 0n, 0))
    return make(this, { ...product(wholeQuotient(number, step, rounding), step), isNegative: number.isNegative })
  },
  clampedTo(least, most) {
    const [low, high] = [new this.constructor(least), new this.constructor(most)]
    if (low.isNaN() || high.isNaN()) return unusual(this, NaN)
    if (low.greaterThan(high)) throw invalid(most)
    return this.lessThan(low) ? low : this.greaterThan(high) ? high : itself(this)
  },
}

const ALIASES = {
  absoluteValue: "abs", comparedTo: "cmp", decimalPlaces: "dp", dividedBy: "div", dividedToIntegerBy: "divToInt", equals: "eq",
  greaterThan: "gt", greaterThanOrEqualTo: "gte", isInteger: "isInt", isNegative: "isNeg", isPositive: "isPos", lessThan: "lt",
  lessThanOrEqualTo: "lte", minus: "sub", modulo: "mod", negated: "neg", plus: "add", precision: "sd", squareRoot: "sqrt", times: "mul",
  toDecimalPlaces: "toDP", toPower: "pow", toSignificantDigits: "toSD", trunc: "truncated", clampedTo: "clamp", cubeRoot: "cbrt",
  naturalExponential: "exp", naturalLogarithm: "ln", logarithm: "log", sine: "sin", cosine: "cos", tangent: "tan",
  inverseSine: "asin", inverseCosine: "acos", inverseTangent: "atan", hyperbolicSine: "sinh", hyperbolicCosine: "cosh",
  hyperbolicTangent: "tanh", inverseHyperbolicSine: "asinh", inverseHyperbolicCosine: "acosh", inverseHyperbolicTangent: "atanh",
  toHexadecimal: "toHex",
}

const PROTOTYPE = {}
const hidden = (target, name, value) => Object.defineProperty(target, name, { value, enumerable: false, writable: true, configurable: true })
for (const [name, method] of Object.entries(METHODS)) hidden(PROTOTYPE, name, method)
for (const [name, alias] of Object.entries(ALIASES)) hidden(PROTOTYPE, alias, METHODS[name])
hidden(PROTOTYPE, Symbol.for("nodejs.util.inspect.custom"), METHODS.toString)
hidden(PROTOTYPE, Symbol.toStringTag, "Decimal")
Object.defineProperties(PROTOTYPE, {
  s: { get() { return this.text === "NaN" ? NaN : this.text[0] === "-" ? -1 : 1 } },
  /** The exponent of the first digit. */
  e: {
    get() {
      const number = read(this)
      return number.special !== undefined ? NaN : number.magnitude === 0n ? 0 : functions.exponentOf(number)
    },
  },
  /** The digits, in groups of seven around the point. */
  d: {
    get() {
      const { special, magnitude, exponent } = read(this)
      if (special !== undefined) return null
      const surplus = ((exponent % 7) + 7) % 7
      const digits = (magnitude * ten(surplus)).toString()
      return digits.padStart(Math.ceil(digits.length / 7) * 7, "0").match(/.{7}/g).map(Number)
    },
  },
})

const STATIC = [
  "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atanh", "cbrt", "ceil", "clamp", "cos", "cosh", "div", "exp", "floor", "ln", "log", "mod", "mul", "pow", "round", "sin",
  "sinh", "sqrt", "sub", "tan", "tanh", "trunc",
]
const ROUNDING = ["ROUND_UP", "ROUND_DOWN", "ROUND_CEIL", "ROUND_FLOOR", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_CEIL", "ROUND_HALF_FLOOR"]

/** Sets what a class is set to; refuses what has no meaning, before anything is changed. */
function configure(Decimal, changes) {
  if (changes === null || typeof changes !== "object") throw new Error("[DecimalError] Object expected")
  const chosen = changes.defaults === true ? { ...DEFAULTS } : {}
  for (const name of Object.keys(DEFAULTS)) {
    const value = changes[name]
    if (value === undefined) continue
    const [least, most] = RANGES[name] ?? [0, 1]
    const isRight = name === "crypto" ? value === true || value === false || value === 0 || value === 1 : value === Math.floor(value) && value >= least && value <= most
    if (!isRight) throw new Error(`[DecimalError] Invalid argument: ${name}: ${value}`)
    chosen[name] = name === "crypto" ? Boolean(value) : value
  }
  return Object.assign(Decimal, chosen)
}

/** The largest, or the least, by `isBeyond`. */
function extreme(Decimal, values, sign) {
  if (values.length === 0) throw invalid(undefined)
  let found = new Decimal(values[0])
  for (const value of values.slice(1)) {
    const other = new Decimal(value)
    if (other.isNaN()) return other
    if (sign * other.comparedTo(found) > 0) found = other
  }
  return found
}

/** The angle of a point, in all four quarters. */
function atan2(Decimal, y, x) {
  const [above, right] = [read(new Decimal(y)), read(new Decimal(x))]
  const of = new Decimal(0)
  const signs = [signOf(above), signOf(right)]
  if (signs.some(Number.isNaN)) return unusual(of, NaN)
  const isUsual = above.special === undefined && right.special === undefined && above.magnitude !== 0n && right.magnitude !== 0n
  const turn = (parts) => result(of, (places) => [(BigInt(parts) * functions.pi(places)) / 4n, -places])
  if (!isUsual) {
    const parts = Math.round((Math.atan2(...signs) * 4) / Math.PI)
    return parts === 0 ? unusual(of, Math.atan2(...signs)) : turn(parts)
  }
  const ratio = (places) => {
    const all = places + Math.abs(functions.exponentOf(above) - functions.exponentOf(right)) + 10
    return functions.atan(quotient({ ...above, isNegative: false }, { ...right, isNegative: false }, all), places)
  }
  const isFar = Math.abs(functions.exponentOf(above) - functions.exponentOf(right)) > 4 * Decimal.precision + 20
  const isSmall = functions.exponentOf(above) < functions.exponentOf(right)
  if (isFar && isSmall && !right.isNegative) return kept(of, functions.beside(quotient(above, right, 2 * Decimal.precision + 10), 2 * Decimal.precision, false))
  return result(of, (places) => {
    const [value, exponent] = isFar ? [isSmall ? 0n : functions.pi(places) / 2n, -places] : ratio(places)
    const angle = right.isNegative ? functions.pi(places) - value : value
    return [above.isNegative ? -angle : angle, exponent]
  })
}

function random(Decimal, places = Decimal.precision) {
  checked(places, 1, MOST)
  const { randomInt } = require("node:crypto")
  let digits = ""
  while (digits.length < places) digits += Decimal.crypto ? String(randomInt(1e9)).padStart(9, "0") : String(Math.floor(Math.random() * 1e9)).padStart(9, "0")
  return new Decimal(`0.${digits.slice(0, places)}`)
}

/** A class with settings of its own. */
function makeClass(settings, prototype) {
  function Decimal(value) {
    if (!(this instanceof Decimal)) return new Decimal(value)
    this.text = value === TRUSTED ? arguments[1] : textFor(value, Decimal)
  }
  Decimal.prototype = prototype
  hidden(prototype, "constructor", Decimal)
  Object.assign(Decimal, settings)
  /** Of a text that is canonical already, as the library's answers are. */
  const fromText = (text) => new Decimal(TRUSTED, text)
  const statics = {
    fromText,
    fromCanonical: fromText,
    isDecimal: (value) => value instanceof Decimal || isDecimal(value),
    set: (changes) => configure(Decimal, changes),
    clone: (changes) => configure(makeClass(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, Decimal[name]])), Object.create(PROTOTYPE)), changes ?? {}),
    max: (...values) => extreme(Decimal, values, 1),
    min: (...values) => extreme(Decimal, values, -1),
    sum: (...values) => {
      const all = values.map((value) => new Decimal(value))
      const of = all[0]
      if (all.some((value) => !value.isFinite())) return unusual(of, all.reduce((total, value) => total + signOf(read(value)), 0))
      return kept(of, all.map(read).reduce((total, number) => sum(total, number)))
    },
    hypot: (...values) => {
      const all = values.map((value) => read(new Decimal(value)))
      const of = new Decimal(0)
      if (all.some(({ special }) => special === Infinity || special === -Infinity)) return unusual(of, Infinity)
      if (all.some(({ special }) => special !== undefined)) return unusual(of, NaN)
      return make(of, all.reduce((total, number) => sum(total, product(number, number)), ofWhole(0))).sqrt()
    },
    atan2: (y, x) => atan2(Decimal, y, x),
    log2: (value) => new Decimal(value).log(2),
    log10: (value) => new Decimal(value).log(10),
    random: (places) => random(Decimal, places),
    sign: (value) => {
      const number = read(new Decimal(value))
      return isZeroOf(number) ? (number.isNegative ? -0 : 0) : signOf(number) > 0 ? 1 : signOf(number) < 0 ? -1 : NaN
    },
  }
  statics.config = statics.set
  for (const [name, value] of Object.entries(statics)) Decimal[name] = value
  for (const name of STATIC) Decimal[name] = (value, ...others) => new Decimal(value)[name](...others)
  ROUNDING.forEach((name, mode) => (Decimal[name] = mode))
  return Object.assign(Decimal, { EUCLID, Decimal, default: Decimal })
}

module.exports = { Decimal: makeClass(DEFAULTS, PROTOTYPE) }
