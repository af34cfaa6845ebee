"use strict"
/**
 * Exponentials, logarithms, angles. Each is computed in whole numbers, multiples of a power of ten, with more digits than are asked for,
 * until the digits in doubt cannot change what rounding makes of them.
 *
 * A function here takes a finite number and how many places behind the point count; it gives `[value, exponent]`, value · 10^exponent,
 * whose last three digits may be wrong.
 */
const { ten, countOf, finite } = require("./text.js")
const { toDigits } = require("./rounding.js")

const DOUBT = 1000n
const GUARD = 12
/** Digits of the number whose angle is asked for, at most: its turns have to be taken off. */
const MOST_DIGITS = 5000

// MARK: Rounding

/** `compute`'s number with `digits` significant ones, rounded as the true one would be. */
function settle(compute, digits, mode) {
  for (let places = digits + GUARD; ;) {
    const [value, exponent] = compute(places)
    const isNegative = value < 0n
    const magnitude = isNegative ? -value : value
    const reliable = countOf(magnitude) - 4
    const [low, high] = [magnitude - DOUBT, magnitude + DOUBT].map((bound) => toDigits(finite(isNegative, bound < 0n ? 0n : bound, exponent), digits, mode))
    if (reliable > digits && low.magnitude === high.magnitude && low.exponent === high.exponent) return low
    // What still looks like few digits is a number of few digits: 2, not 1.999….
    if (reliable > 2 * digits + 3 * GUARD) return toDigits(toDigits(finite(isNegative, magnitude, exponent), reliable - 2, 4), digits, mode)
    places += Math.max(digits + GUARD - reliable, places >> 1)
  }
}

/** A number next to `number`: farther from zero, or nearer to it. For functions of which no more is to be told in so few digits. */
function beside(number, digits, isLarger) {
  const pad = digits + 5
  return finite(number.isNegative, number.magnitude * ten(pad) + (isLarger ? 1n : -1n), number.exponent - pad)
}

/** The exponent of the first digit. */
const exponentOf = (number) => countOf(number.magnitude) - 1 + number.exponent

/** Whether x³ is too small beside x to be seen. */
const isTiny = (number, digits) => -2 * exponentOf(number) > Math.max(countOf(number.magnitude), digits) + 5

// MARK: Whole numbers

/** A number in units of 10^-places, cut. */
function fixed({ isNegative, magnitude, exponent }, places) {
  const shift = exponent + places
  const value = shift >= 0 ? magnitude * ten(shift) : -shift > countOf(magnitude) ? 0n : magnitude / ten(-shift)
  return isNegative ? -value : value
}

/** The whole root of a square. */
function root(square) {
  if (square < 2n) return square
  let guess = 1n << BigInt((square.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (guess + square / guess) >> 1n
    if (next >= guess) return guess
    guess = next
  }
}

/** The whole root of a cube. */
function cubeRoot(cube) {
  if (cube === 0n) return 0n
  let guess = 1n << BigInt(Math.ceil(cube.toString(2).length / 3))
  for (;;) {
    const next = (2n * guess + cube / (guess * guess)) / 3n
    if (next >= guess) return guess
    guess = next
  }
}

/** A quotient, rounded to the nearest whole number. */
function nearest(value, divisor) {
  const doubled = 2n * value + (value < 0n ? -divisor : divisor)
  return doubled / (2n * divisor)
}

const constants = new Map()
/** A constant in units of 10^-places, kept for those who ask for no more. */
function constant(name, places, make) {
  let kept = constants.get(name)
  if (kept === undefined || kept.places < places) constants.set(name, (kept = { places: places + 20, value: make(places + 20) }))
  return kept.value / ten(kept.places - places)
}

/** 1/n ± 1/(3n³) + 1/(5n⁵) …: the angle, or the area, whose tangent is 1/n. */
function inverse(n, places, sign) {
  const square = n * n
  let term = ten(places) / n
  let sum = term
  for (let index = 3n; term !== 0n; index += 2n) {
    term = (sign * term) / square
    sum += term / index
  }
  return sum
}

/** By Machin. */
const pi = (places) => constant("pi", places, (all) => (16n * inverse(5n, all + 5, -1n) - 4n * inverse(239n, all + 5, -1n)) / ten(5))
const ln10 = (places) => constant("ln10", places, (all) => (46n * inverse(31n, all + 5, 1n) + 34n * inverse(49n, all + 5, 1n) + 20n * inverse(161n, all + 5, 1n)) / ten(5))

// MARK: Exponentials and logarithms

/** e^x = 10^k · e^r, and e^r by the 2^h-th root of it. */
function exp(number, places) {
  const more = Math.max(0, exponentOf(number)) + 2
  const all = places + GUARD
  const tens = nearest(fixed(number, all + more), ln10(all + more))
  const rest = (fixed(number, all + more) - tens * ln10(all + more)) / ten(more)
  const halvings = BigInt(Math.ceil(Math.sqrt(all)))
  const unit = ten(all) << (2n * halvings)
  let term = unit
  let sum = unit
  const part = (rest << (2n * halvings)) >> halvings
  for (let index = 1n; term !== 0n; index++) {
    term = (term * part) / unit / index
    sum += term
  }
  for (let index = 0n; index < halvings; index++) sum = (sum * sum) / unit
  return [(sum >> (2n * halvings)) / ten(GUARD), Number(tens) - places]
}

/** ln x = E · ln 10 + ln y for a y near 1, and ln y = 16 · artanh((z - 1) / (z + 1)) for its eighth root z. */
function ln(number, places) {
  let exponent = exponentOf(number)
  const all = places + GUARD + countOf(BigInt(Math.abs(exponent)))
  let near = fixed({ ...number, isNegative: false, exponent: number.exponent - exponent }, all)
  const unit = ten(all)
  if (near > 3n * unit) {
    near /= 10n
    exponent += 1
  }
  for (let index = 0; index < 3; index++) near = root(near * unit)
  const quotient = ((near - unit) * unit) / (near + unit)
  const square = (quotient * quotient) / unit
  let term = quotient
  let sum = quotient
  for (let index = 3n; term !== 0n; index += 2n) {
    term = (term * square) / unit
    sum += term / index
  }
  return [(16n * sum + BigInt(exponent) * ln10(all)) / ten(all - places), -places]
}

// MARK: Angles

/** The sine and the cosine of a number. */
function sineAndCosine(number, places) {
  const more = Math.max(0, exponentOf(number)) + 2
  if (more > MOST_DIGITS) throw new Error("[DecimalError] Precision limit exceeded")
  const all = places + GUARD
  const quarter = pi(all + more) / 2n
  const value = fixed(number, all + more)
  const turns = nearest(value, quarter)
  const rest = (value - turns * quarter) / ten(more)
  const unit = ten(all)
  const square = (rest * rest) / unit
  const series = (first, from) => {
    let term = first
    let sum = first
    for (let index = from; term !== 0n; index += 2n) {
      term = (-term * square) / unit / (index * (index + 1n))
      sum += term
    }
    return sum / ten(GUARD)
  }
  const sine = series(rest, 2n)
  const cosine = series(unit, 1n)
  return [[sine, cosine], [cosine, -sine], [-sine, -cosine], [-cosine, sine]][Number(((turns % 4n) + 4n) % 4n)]
}

/** The angle of a tangent, in units of 10^-all, three times halved. */
function arc(tangent, all) {
  const unit = ten(all)
  if (tangent < 0n) return -arc(-tangent, all)
  if (tangent > unit) return pi(all) / 2n - arc((unit * unit) / tangent, all)
  let small = tangent
  for (let index = 0; index < 3; index++) small = (small * unit) / (unit + root(unit * unit + small * small))
  const square = (small * small) / unit
  let term = small
  let sum = small
  for (let index = 3n; term !== 0n; index += 2n) {
    term = (-term * square) / unit
    sum += term / index
  }
  return 8n * sum
}

/** Of a function of the number in units of 10^-places. */
const ofFixed = (compute) => (number, places) => {
  const all = places + GUARD + Math.max(0, exponentOf(number))
  return [compute(fixed(number, all), ten(all), all) / ten(all - places), -places]
}

const atan = ofFixed((value, unit, all) => arc(value, all))
const asin = ofFixed((value, unit, all) => {
  const other = root(unit * unit - value * value)
  return other === 0n ? (value < 0n ? -pi(all) : pi(all)) / 2n : arc((value * unit) / other, all)
})
const acos = (number, places) => {
  // Why by the half angle: next to 1 an angle is the difference of two that are nearly equal.
  const half = ofFixed((value, unit, all) => (unit + value <= 0n ? pi(all) : 2n * arc(root(((unit - value) * unit * unit) / (unit + value)), all)))
  return half(number, places)
}

// MARK: Hyperbolic functions

/** (e^x ± e^-x) / 2 of a number that is not negative. */
function halfSum(sign) {
  return (number, places) => {
    const all = places + GUARD
    const [value, exponent] = exp(number, all)
    const other = exponent < 0 ? ten(-2 * exponent) / value : 0n
    return [(value + sign * other) / 2n, exponent]
  }
}

function tanh(number, places) {
  const [value, exponent] = exp({ ...number, magnitude: 2n * number.magnitude }, places + GUARD)
  const unit = exponent < 0 ? ten(-exponent) : 1n
  return [((value - unit) * ten(places)) / (value + unit), -places]
}

/** The logarithm of a value in units of 10^-all. */
const lnOf = (value, all, places) => ln(finite(false, value, -all), places)

function asinh(number, places) {
  const all = places + GUARD + Math.abs(exponentOf(number))
  const [value, unit] = [fixed(number, all), ten(all)]
  return lnOf(value + root(value * value + unit * unit), all, places)
}

function acosh(number, places) {
  const all = 2 * places + GUARD + Math.abs(exponentOf(number))
  const [value, unit] = [fixed(number, all), ten(all)]
  return lnOf(value + root(value * value - unit * unit), all, places)
}

function atanh(number, places) {
  const all = 2 * places + GUARD + countOf(number.magnitude)
  const [value, unit] = [fixed(number, all), ten(all)]
  const [sum, exponent] = lnOf(((unit + value) * unit) / (unit - value), all, places)
  return [sum / 2n, exponent]
}

module.exports = {
  settle, beside, exponentOf, isTiny, root, cubeRoot, pi, exp, ln, sineAndCosine, atan, asin, acos, sinh: halfSum(-1n), cosh: halfSum(1n), tanh, asinh, acosh, atanh,
}
