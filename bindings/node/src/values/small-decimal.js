"use strict"
/**
 * An exact decimal with the methods of decimal.js, for programs that have not installed that package: an integer of any size and
 * a power of ten. Division, roots and powers are rounded to `precision` significant digits, as decimal.js does.
 */
const settings = { precision: 20, rounding: 4, toExpNeg: -7, toExpPos: 21, minE: -9e15, maxE: 9e15, modulo: 1, crypto: false, defaults: true }

const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i
const ten = (power) => 10n ** BigInt(power)
const digitsOf = (integer) => (integer < 0n ? -integer : integer).toString()

/** Coefficient and exponent of a plain text. Made when they are needed: most decimals are only passed on. */
function partsOf(text) {
  const match = TEXT.exec(text)
  const fraction = match[3] ?? ""
  let coefficient = BigInt(match[2] + fraction)
  let exponent = Number(match[4] ?? 0) - fraction.length
  if (coefficient === 0n) return { coefficient, exponent: 0 }
  while (coefficient % 10n === 0n) {
    const many = coefficient % 10000000000000000n === 0n ? 16 : 1
    coefficient /= ten(many)
    exponent += many
  }
  return { coefficient: match[1] === "-" ? -coefficient : coefficient, exponent }
}

/** The one text of a number: digits, with `e` where the exponent is far off. Equal numbers have equal texts. */
function canonical(coefficient, exponent, isNegativeZero) {
  if (coefficient === 0n) return isNegativeZero ? "-0" : "0"
  const negative = coefficient < 0n
  const digits = digitsOf(coefficient)
  const trimmed = digits.replace(/0+$/, "")
  const power = exponent + digits.length - trimmed.length
  const point = trimmed.length + power
  const sign = negative ? "-" : ""
  if (point > MOST_PLAIN || point < -MOST_PLAIN) return `${sign}${trimmed}e${power}`
  if (power >= 0) return sign + trimmed + "0".repeat(power)
  return point > 0 ? `${sign}${trimmed.slice(0, point)}.${trimmed.slice(point)}` : `${sign}0.${"0".repeat(-point)}${trimmed}`
}
const MOST_PLAIN = 200000
const SPECIALS = { NaN, Infinity, "-Infinity": -Infinity }
const TRUSTED = Symbol("a text that is canonical")

class Decimal {
  /** `text`: the number's canonical text, its only state, so that what compares objects compares numbers. */
  constructor(value, text) {
    if (value === TRUSTED) this.text = text
    else if (value instanceof Decimal) this.text = value.text
    else if (typeof value === "bigint") this.text = String(value)
    else if (typeof value === "number") this.text = Decimal.#read(Object.is(value, -0) ? "-0" : String(value), value)
    else if (typeof value === "string") this.text = Decimal.#read(value.trim(), value)
    else if (Decimal.isDecimal(value)) this.text = Decimal.#read(value.toString(), value)
    else throw new Error(`[DecimalError] Invalid argument: ${value}`)
  }

  /** Of a text that is canonical already, as the library's answers are. */
  static fromCanonical(text) {
    return new Decimal(TRUSTED, text)
  }

  static #read(text, original) {
    const special = /^([+-]?)(NaN|Infinity)$/.exec(text)
    if (special) return special[2] === "NaN" ? "NaN" : special[1] === "-" ? "-Infinity" : "Infinity"
    if (/^[+-]?0[xbo]/i.test(text)) return String(text[0] === "-" ? -BigInt(text.slice(1)) : BigInt(text.replace("+", "")))
    const match = TEXT.exec(text)
    if (!match || (!match[2] && !match[3])) throw new Error(`[DecimalError] Invalid argument: ${original}`)
    const { coefficient, exponent } = partsOf(text)
    return canonical(coefficient, exponent, match[1] === "-")
  }

  get #special() {
    return SPECIALS[this.text]
  }
  get #coefficient() {
    return this.#special === undefined ? partsOf(this.text).coefficient : 0n
  }
  get #exponent() {
    return this.#special === undefined ? partsOf(this.text).exponent : 0
  }
  get #negativeZero() {
    return this.text === "-0"
  }

  static #make(coefficient, exponent, special) {
    return new Decimal(TRUSTED, special === undefined ? canonical(coefficient, exponent) : String(special))
  }

  static #of(value) {
    return value instanceof Decimal ? value : new Decimal(value)
  }

  // Parts

  get s() {
    if (this.#special !== undefined) return Number.isNaN(this.#special) ? NaN : Math.sign(this.#special)
    return this.#coefficient < 0n || this.#negativeZero ? -1 : 1
  }
  /** The exponent of the first digit. */
  get e() {
    if (this.#special !== undefined) return NaN
    return this.#coefficient === 0n ? 0 : digitsOf(this.#coefficient).length - 1 + this.#exponent
  }
  /** The digits, in groups of seven around the point. */
  get d() {
    if (this.#special !== undefined) return null
    const [whole, fraction = ""] = this.abs().toFixed().split(".")
    const groups = whole.padStart(Math.ceil(whole.length / 7) * 7, "0").match(/.{7}/g).concat((fraction.padEnd(Math.ceil(fraction.length / 7) * 7, "0").match(/.{7}/g)) ?? [])
    const numbers = groups.map(Number)
    while (numbers.length > 1 && numbers[0] === 0) numbers.shift()
    while (numbers.length > 1 && numbers[numbers.length - 1] === 0) numbers.pop()
    return numbers
  }
  get [Symbol.toStringTag]() {
    return "[object Decimal]"
  }

  // Questions

  isNaN() { return Number.isNaN(this.#special) }
  isFinite() { return this.#special === undefined }
  isZero() { return this.#special === undefined && this.#coefficient === 0n }
  isNegative() { return this.s < 0 }
  isPositive() { return this.s > 0 }
  isInteger() { return this.#special === undefined && this.#exponent >= 0 }
  decimalPlaces() { return this.#special === undefined ? Math.max(0, -this.#exponent) : NaN }
  precision(zeros) {
    if (this.#special !== undefined) return NaN
    const length = digitsOf(this.#coefficient).length
    return zeros && this.#exponent > 0 ? length + this.#exponent : length
  }

  comparedTo(other) {
    const that = Decimal.#of(other)
    if (this.#special !== undefined || that.#special !== undefined) {
      const one = this.#special ?? 0, two = that.#special ?? 0
      return Number.isNaN(one) || Number.isNaN(two) ? NaN : one === two ? 0 : one < two ? -1 : 1
    }
    const [one, two] = Decimal.#aligned(this, that)
    return one === two ? 0 : one < two ? -1 : 1
  }
  equals(other) { return this.comparedTo(other) === 0 }
  greaterThan(other) { return this.comparedTo(other) > 0 }
  greaterThanOrEqualTo(other) { return this.comparedTo(other) >= 0 }
  lessThan(other) { return this.comparedTo(other) < 0 }
  lessThanOrEqualTo(other) { return this.comparedTo(other) <= 0 }

  static #aligned(one, two) {
    const exponent = Math.min(one.#exponent, two.#exponent)
    return [one.#coefficient * ten(one.#exponent - exponent), two.#coefficient * ten(two.#exponent - exponent), exponent]
  }

  // Arithmetic

  #rounded() {
    return this.#special !== undefined ? this : this.toSignificantDigits(settings.precision, settings.rounding)
  }
  static #unusual(number) { return Decimal.#make(0n, 0, number) }

  plus(other) {
    const that = Decimal.#of(other)
    if (!this.isFinite() || !that.isFinite()) return Decimal.#unusual(this.toNumber() + that.toNumber())
    const [one, two, exponent] = Decimal.#aligned(this, that)
    return Decimal.#make(one + two, exponent).#rounded()
  }
  minus(other) { return this.plus(Decimal.#of(other).negated()) }
  times(other) {
    const that = Decimal.#of(other)
    if (!this.isFinite() || !that.isFinite()) return Decimal.#unusual(this.toNumber() * that.toNumber())
    return Decimal.#make(this.#coefficient * that.#coefficient, this.#exponent + that.#exponent).#rounded()
  }
  dividedBy(other) {
    const that = Decimal.#of(other)
    if (!this.isFinite() || !that.isFinite() || that.isZero()) return Decimal.#unusual(this.toNumber() / that.toNumber())
    // Two digits more than are kept, and one that says whether anything is left.
    const places = settings.precision + 3 + Math.max(0, that.precision() - this.precision())
    const scaled = this.#coefficient * ten(places)
    const quotient = scaled / that.#coefficient
    const rest = scaled % that.#coefficient === 0n ? 0n : (scaled < 0n) === (that.#coefficient < 0n) ? 1n : -1n
    return Decimal.#make(quotient * 10n + rest, this.#exponent - that.#exponent - places - 1).#rounded()
  }
  dividedToIntegerBy(other) { return this.dividedBy(other).trunc() }
  modulo(other) {
    const that = Decimal.#of(other)
    if (!this.isFinite() || that.isNaN() || that.isZero()) return Decimal.#unusual(NaN)
    if (!that.isFinite()) return new Decimal(this)
    const [one, two, exponent] = Decimal.#aligned(this, that)
    return Decimal.#make(one % two, exponent)
  }
  toPower(other) {
    const power = Decimal.#of(other)
    if (!power.isInteger() || !this.isFinite()) return new Decimal(Math.pow(this.toNumber(), power.toNumber()))
    const count = power.abs().toNumber()
    const raised = Decimal.#make(this.#coefficient ** BigInt(count), this.#exponent * count)
    return power.isNegative() ? new Decimal(1).dividedBy(raised) : raised.#rounded()
  }
  squareRoot() {
    if (!this.isFinite() || this.isNegative()) return Decimal.#unusual(Math.sqrt(this.toNumber()))
    if (this.isZero()) return new Decimal(0)
    const places = settings.precision + 2
    const shift = 2 * places + (((this.#exponent % 2) + 2) % 2)
    const square = this.#coefficient * ten(shift)
    let root = BigInt(Math.floor(Math.sqrt(Number(square > 10n ** 300n ? 1n : square)))) || 1n
    if (square > 10n ** 300n) root = ten(Math.ceil(digitsOf(square).length / 2))
    for (;;) {
      const next = (root + square / root) >> 1n
      if (next === root || next === root + 1n || next === root - 1n) { root = next; break }
      root = next
    }
    while (root * root > square) root -= 1n
    return Decimal.#make(root * 10n + (root * root === square ? 0n : 1n), (this.#exponent - shift) / 2 - 1).#rounded()
  }
  negated() {
    if (this.#special !== undefined) return Decimal.#unusual(-this.#special)
    return Decimal.#make(-this.#coefficient, this.#exponent)
  }
  absoluteValue() { return this.isNegative() ? this.negated() : new Decimal(this) }

  // Rounding: the modes' numbers are decimal.js's.

  #toPlaces(places, rounding) {
    if (this.#special !== undefined || -this.#exponent <= places) return new Decimal(this)
    const unit = ten(-this.#exponent - places)
    const negative = this.#coefficient < 0n
    const size = negative ? -this.#coefficient : this.#coefficient
    let kept = size / unit
    const rest = size % unit
    if (rest !== 0n) {
      const half = rest * 2n === unit ? 0 : rest * 2n > unit ? 1 : -1
      const up = [true, false, !negative, negative, half >= 0, half > 0, half > 0 || (half === 0 && kept % 2n === 1n), half > 0 || (half === 0 && !negative), half > 0 || (half === 0 && negative)]
      if (up[rounding]) kept += 1n
    }
    return Decimal.#make(negative ? -kept : kept, -places)
  }
  toDecimalPlaces(places, rounding = settings.rounding) { return places === undefined ? new Decimal(this) : this.#toPlaces(places, rounding) }
  toSignificantDigits(digits = settings.precision, rounding = settings.rounding) {
    return this.isZero() || !this.isFinite() ? new Decimal(this) : this.#toPlaces(digits - 1 - this.e, rounding)
  }
  round() { return this.#toPlaces(0, settings.rounding) }
  ceil() { return this.#toPlaces(0, 2) }
  floor() { return this.#toPlaces(0, 3) }
  trunc() { return this.#toPlaces(0, 1) }
  toNearest(unit, rounding = settings.rounding) { return this.dividedBy(unit).#toPlaces(0, rounding).times(unit) }
  clampedTo(least, most) {
    return this.lessThan(least) ? new Decimal(least) : this.greaterThan(most) ? new Decimal(most) : new Decimal(this)
  }

  // Texts

  #sign() { return this.s < 0 ? "-" : "" }

  toFixed(places, rounding = settings.rounding) {
    if (this.#special !== undefined) return String(this.#special)
    const rounded = places === undefined ? this : this.#toPlaces(places, rounding)
    const digits = digitsOf(rounded.#coefficient) + "0".repeat(Math.max(0, rounded.#exponent))
    const count = Math.max(0, -rounded.#exponent)
    const padded = digits.padStart(count + 1, "0")
    const fraction = padded.slice(padded.length - count).padEnd(places ?? 0, "0")
    const whole = padded.slice(0, padded.length - count)
    const sign = this.s < 0 && (rounded.#coefficient !== 0n || this.#negativeZero || places !== undefined) ? "-" : ""
    return sign + whole + ((places ?? count) > 0 ? "." + (count === 0 ? "0".repeat(places) : fraction) : "")
  }
  toExponential(places, rounding = settings.rounding) {
    if (this.#special !== undefined) return String(this.#special)
    const rounded = places === undefined || this.isZero() ? this : this.toSignificantDigits(places + 1, rounding)
    const digits = digitsOf(rounded.#coefficient).padEnd((places ?? 0) + 1, "0")
    const exponent = rounded.e
    return this.#sign() + digits[0] + (digits.length > 1 ? "." + digits.slice(1) : "") + "e" + (exponent < 0 ? "" : "+") + exponent
  }
  toPrecision(digits, rounding = settings.rounding) {
    if (digits === undefined || this.#special !== undefined) return this.toString()
    const rounded = this.toSignificantDigits(digits, rounding)
    const exponent = rounded.e
    if (digits <= exponent || exponent <= settings.toExpNeg) return this.toExponential(digits - 1, rounding)
    return rounded.toFixed(Math.max(0, digits - 1 - exponent))
  }
  toString() {
    if (this.#special !== undefined) return String(this.#special)
    const exponent = this.e
    const text = exponent <= settings.toExpNeg || exponent >= settings.toExpPos ? this.toExponential() : this.toFixed()
    return this.isZero() ? "0" : text
  }
  valueOf() { return this.isZero() && this.#negativeZero ? "-0" : this.toString() }
  toJSON() { return this.valueOf() }
  toNumber() { return this.#special ?? Number(this.toExponential()) }
  [Symbol.for("nodejs.util.inspect.custom")]() { return this.toString() }

  // Statics

  static isDecimal(value) {
    return value instanceof Decimal || (typeof value === "object" && value !== null && "d" in value && "e" in value && "s" in value && typeof value.toFixed === "function")
  }
  static set(changes) {
    Object.assign(settings, changes)
    for (const name of Object.keys(settings)) if (name !== "defaults") Decimal[name] = settings[name]
    return Decimal
  }
  static clone() { return Decimal }
  static max(...values) { return values.flat().map(Decimal.#of).reduce((one, two) => (two.isNaN() || two.greaterThan(one) ? two : one)) }
  static min(...values) { return values.flat().map(Decimal.#of).reduce((one, two) => (two.isNaN() || two.lessThan(one) ? two : one)) }
  static sum(...values) { return values.flat().map(Decimal.#of).reduce((one, two) => one.plus(two)) }
  static sign(value) {
    const number = new Decimal(value)
    return number.isZero() ? 0 : number.s
  }
}

const ALIASES = {
  absoluteValue: "abs", comparedTo: "cmp", decimalPlaces: "dp", dividedBy: "div", dividedToIntegerBy: "divToInt", equals: "eq",
  greaterThan: "gt", greaterThanOrEqualTo: "gte", isInteger: "isInt", isNegative: "isNeg", isPositive: "isPos", lessThan: "lt",
  lessThanOrEqualTo: "lte", minus: "sub", modulo: "mod", negated: "neg", plus: "add", precision: "sd", squareRoot: "sqrt", times: "mul",
  toDecimalPlaces: "toDP", toPower: "pow", toSignificantDigits: "toSD", trunc: "truncated", clampedTo: "clamp",
}
for (const [name, alias] of Object.entries(ALIASES)) Decimal.prototype[alias] = Decimal.prototype[name]
for (const name of ["abs", "add", "ceil", "div", "floor", "mod", "mul", "pow", "round", "sqrt", "sub", "trunc", "clamp"]) {
  Decimal[name] = (value, ...others) => new Decimal(value)[name](...others)
}
const ROUNDING = ["ROUND_UP", "ROUND_DOWN", "ROUND_CEIL", "ROUND_FLOOR", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_CEIL", "ROUND_HALF_FLOOR"]
ROUNDING.forEach((name, mode) => (Decimal[name] = mode))
Decimal.EUCLID = 9
Decimal.config = Decimal.set
Decimal.Decimal = Decimal
Decimal.set({})
module.exports = { Decimal }
