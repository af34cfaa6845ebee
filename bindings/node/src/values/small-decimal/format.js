"use strict"
/** Decimals as text, in ten and in other bases, and as fractions. */
const { ten, finite, textOf, invalid } = require("./text.js")
const { divided, toPlaces, toDigits } = require("./rounding.js")
const { exponentOf } = require("./functions.js")
const { MOST, read, given, make, checked, modeOf, isZeroOf, compare, ONE } = require("./methods.js")

/** The sign is that of the number before it was rounded. */
const signed = (number, text) => (number.isNegative && !isZeroOf(number) ? "-" : "") + text

function plain(number, places) {
  const digits = number.magnitude.toString() + "0".repeat(Math.max(0, number.exponent))
  const count = Math.max(0, -number.exponent)
  const padded = digits.padStart(count + 1, "0")
  const whole = padded.slice(0, padded.length - count)
  const fraction = padded.slice(padded.length - count).padEnd(places ?? 0, "0")
  return fraction === "" ? whole : `${whole}.${fraction}`
}

function scientific(number, digits) {
  const text = number.magnitude.toString().padEnd(digits ?? 0, "0")
  const exponent = number.magnitude === 0n ? 0 : exponentOf(number)
  return `${text[0]}${text.length > 1 ? `.${text.slice(1)}` : ""}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`
}

/** As `toString` writes a number, without its sign. */
function usual(number, { toExpNeg, toExpPos }) {
  const exponent = number.magnitude === 0n ? 0 : exponentOf(number)
  return exponent <= toExpNeg || exponent >= toExpPos ? scientific(number) : plain(number)
}

// MARK: Other bases

const BASES = { toBinary: ["0b", 2, 1], toOctal: ["0o", 8, 3], toHexadecimal: ["0x", 16, 4] }

/** A magnitude as whole · 2^-shift with as many significant binary digits, rounded. */
function inBits(number, bits, mode) {
  const [above, below] = number.exponent >= 0 ? [number.magnitude * ten(number.exponent), 1n] : [number.magnitude, ten(-number.exponent)]
  let shift = bits - (above.toString(2).length - below.toString(2).length)
  const scaled = () => (shift >= 0 ? divided(number.isNegative, above << BigInt(shift), below, mode) : divided(number.isNegative, above, below << BigInt(-shift), mode))
  let value = scaled()
  // Why: the first guess of the size may be one too many.
  if (value.toString(2).length > bits) {
    shift -= 1
    value = scaled()
  }
  return { value, shift }
}

/** Without an exponent, with as many significant digits of the base. */
function plainInBase(number, [prefix, base, width], digits, mode) {
  const big = BigInt(base)
  const [above, below] = number.exponent >= 0 ? [number.magnitude * ten(number.exponent), 1n] : [number.magnitude, ten(-number.exponent)]
  let places = digits - Math.ceil((above.toString(2).length - below.toString(2).length) / width) - 1
  const scaled = () => (places >= 0 ? divided(number.isNegative, above * big ** BigInt(places), below, mode) : divided(number.isNegative, above, below * big ** BigInt(-places), mode) * big ** BigInt(-places))
  // Why upwards: as many digits as asked for, and no more.
  const size = (value) => value.toString(base).length - (places < 0 ? -places : 0)
  const exact = (at) => (at >= 0 ? (above * big ** BigInt(at)) / below : above / (below * big ** BigInt(-at)))
  while (exact(places).toString(base).length < digits || exact(places) === 0n) places += 1
  let value = scaled()
  if (size(value) > digits) {
    places -= 1
    value = scaled()
  }
  const count = Math.max(0, places)
  const text = value.toString(base).padStart(count + 1, "0")
  const fraction = text.slice(text.length - count).replace(/0+$/, "")
  return prefix + text.slice(0, text.length - count) + (count > 0 && fraction !== "" ? `.${fraction}` : "")
}

function inBase(name) {
  const [prefix, base, width] = BASES[name]
  return function (digits, mode) {
    const number = read(this)
    const rounding = modeOf(this, mode)
    if (digits !== undefined) checked(digits, 1, MOST)
    if (number.special !== undefined) return String(number.special)
    const sign = number.isNegative ? "-" : ""
    if (number.magnitude === 0n) return `${sign}${prefix}0${digits === undefined ? "" : "p+0"}`
    if (digits === undefined) return sign + plainInBase(number, BASES[name], this.constructor.precision, rounding)
    const bits = digits * width - (width - 1)
    const { value, shift } = inBits(number, bits, rounding)
    const binary = value.toString(2)
    const exponent = binary.length - 1 - shift
    const rest = binary.slice(1).replace(/0+$/, "")
    const groups = rest.padEnd(Math.ceil(rest.length / width) * width, "0").match(new RegExp(`.{${width}}`, "g")) ?? []
    const fraction = groups.map((group) => parseInt(group, 2).toString(base)).join("")
    return `${sign}${prefix}1${fraction === "" ? "" : `.${fraction}`}p${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`
  }
}

// MARK: Fractions

/** The nearest fraction whose denominator is not larger, by the number's continued fraction. */
function fraction(above, below, most) {
  let [p0, q0, p1, q1] = [0n, 1n, 1n, 0n]
  let [n, d] = [above, below]
  while (d !== 0n) {
    const a = n / d
    if (q0 + a * q1 > most) break
    ;[p0, q0, p1, q1] = [p1, q1, p0 + a * p1, q0 + a * q1]
    ;[n, d] = [d, n - a * d]
  }
  if (d === 0n) return [p1, q1]
  const k = (most - q0) / q1
  const [p, q] = [p0 + k * p1, q0 + k * q1]
  const distance = (x, y) => (above * y > x * below ? above * y - x * below : x * below - above * y)
  return distance(p1, q1) * q <= distance(p, q) * q1 ? [p1, q1] : [p, q]
}

const FORMATS = {
  toFixed(places, mode) {
    const number = read(this)
    const rounding = modeOf(this, mode)
    if (places !== undefined) checked(places, 0, MOST)
    if (number.special !== undefined) return String(number.special)
    return signed(number, plain(places === undefined ? number : toPlaces(number, places, rounding), places))
  },
  toExponential(places, mode) {
    const number = read(this)
    const rounding = modeOf(this, mode)
    if (places !== undefined) checked(places, 0, MOST)
    if (number.special !== undefined) return String(number.special)
    return signed(number, places === undefined ? scientific(number) : scientific(toDigits(number, places + 1, rounding), places + 1))
  },
  toPrecision(digits, mode) {
    const number = read(this)
    const rounding = modeOf(this, mode)
    if (digits !== undefined) checked(digits, 1, MOST)
    if (digits === undefined || number.special !== undefined) return this.toString()
    const rounded = toDigits(number, digits, rounding)
    const exponent = rounded.magnitude === 0n ? 0 : exponentOf(rounded)
    if (digits <= exponent || exponent <= this.constructor.toExpNeg) return signed(number, scientific(rounded, digits))
    return signed(number, plain(rounded, Math.max(0, digits - 1 - exponent)))
  },
  toString() {
    const number = read(this)
    return number.special !== undefined ? String(number.special) : signed(number, usual(number, this.constructor))
  },
  valueOf() {
    const number = read(this)
    return number.special !== undefined ? String(number.special) : (number.isNegative ? "-" : "") + usual(number, this.constructor)
  },
  toNumber() {
    const number = read(this)
    return number.special ?? Number(textOf(number))
  },
  toBinary: inBase("toBinary"),
  toOctal: inBase("toOctal"),
  toHexadecimal: inBase("toHexadecimal"),
  toFraction(most) {
    const number = read(this)
    if (number.special !== undefined) return make(this, number)
    const limit = most === undefined || most === null ? undefined : given(this, most)
    if (limit !== undefined && (limit.special !== undefined || limit.exponent < 0 || compare(limit, ONE) < 0)) throw invalid(most)
    const [above, below] = number.exponent >= 0 ? [number.magnitude * ten(number.exponent), 1n] : [number.magnitude, ten(-number.exponent)]
    const [p, q] = fraction(above, below, limit === undefined ? below : limit.magnitude * ten(limit.exponent))
    return [make(this, finite(number.isNegative, p, 0)), make(this, finite(false, q, 0))]
  },
}
FORMATS.toJSON = FORMATS.valueOf

module.exports = { FORMATS }
