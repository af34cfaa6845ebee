"use strict"
/** What decimals do: questions, arithmetic, rounding and functions, each as a method of decimal.js. */
const { ten, countOf, finite, numberOf, textOf, invalid } = require("./text.js")
const { divided, toPlaces, toDigits } = require("./rounding.js")
const functions = require("./functions.js")

const MOST = 1e9
const POWER_DIGITS = 20_000

/** What the methods need of a decimal's text. */
const read = (decimal) => numberOf(decimal.text)
const isZeroOf = (number) => number.special === undefined && number.magnitude === 0n
/** A number of JavaScript that is as large as its sign tells: by these the rules for infinities, zeros and NaN are JavaScript's own. */
const signOf = (number) => number.special ?? (number.magnitude === 0n ? (number.isNegative ? -0 : 0) : number.isNegative ? -1 : 1)
const negative = (number) => ({ ...number, isNegative: !number.isNegative, special: number.special === undefined ? undefined : -number.special })
const ONE = finite(false, 1n, 0)

const make = (of, number) => of.constructor.fromText(textOf(number, of.constructor))
const unusual = (of, number) => of.constructor.fromText(Object.is(number, -0) ? "-0" : String(number))
/** An operand, as a number. */
const given = (of, value) => read(value instanceof of.constructor ? value : new of.constructor(value))
/** A result, with as many digits as the class keeps. */
const kept = (of, number) => make(of, toDigits(number, of.constructor.precision, of.constructor.rounding))

function checked(value, least, most) {
  if (value !== Math.trunc(value) || value < least || value > most) throw invalid(value)
  return value
}
const modeOf = (of, mode) => (mode === undefined ? of.constructor.rounding : checked(mode, 0, 8))

// MARK: Arithmetic of numbers

function sum(one, two, mode, digits) {
  if (one.magnitude === 0n && two.magnitude === 0n) return finite(one.isNegative && two.isNegative, 0n, 0)
  if (two.magnitude === 0n) return one
  if (one.magnitude === 0n) return two
  const [large, small] = functions.exponentOf(one) >= functions.exponentOf(two) ? [one, two] : [two, one]
  const gap = large.exponent - functions.exponentOf(small)
  // Why: beyond the digits that stay a small number says only on which side of the large one the sum lies.
  if (digits !== undefined && gap > digits + 5 && functions.exponentOf(large) - functions.exponentOf(small) > 2 * digits + 10) {
    return functions.beside(large, digits, large.isNegative === small.isNegative)
  }
  const exponent = Math.min(one.exponent, two.exponent)
  const value = signed(one) * ten(one.exponent - exponent) + signed(two) * ten(two.exponent - exponent)
  return finite(value === 0n ? mode === 3 : value < 0n, value < 0n ? -value : value, exponent)
}
const signed = ({ isNegative, magnitude }) => (isNegative ? -magnitude : magnitude)
const product = (one, two) => finite(one.isNegative !== two.isNegative, one.magnitude * two.magnitude, one.exponent + two.exponent)

/** A quotient with enough digits, and one that says whether anything is left. */
function quotient(one, two, digits) {
  const places = Math.max(0, digits + 3 + countOf(two.magnitude) - countOf(one.magnitude))
  const scaled = one.magnitude * ten(places)
  const value = scaled / two.magnitude
  const exponent = one.exponent - two.exponent - places
  return finite(one.isNegative !== two.isNegative, value * 10n + (scaled % two.magnitude === 0n ? 0n : 1n), exponent - 1)
}

/** A quotient as a whole number, rounded. */
function wholeQuotient(one, two, mode) {
  const isNegative = one.isNegative !== two.isNegative
  const shift = one.exponent - two.exponent
  // Why: the quotient is less than a half, so that powers of ten of that size need not be made.
  if (shift < 0 && -shift > countOf(one.magnitude) + 1) return toPlaces(finite(isNegative, one.magnitude === 0n ? 0n : 1n, -2), 0, mode)
  const [above, below] = shift >= 0 ? [one.magnitude * ten(shift), two.magnitude] : [one.magnitude, two.magnitude * ten(-shift)]
  return finite(isNegative, divided(isNegative, above, below, mode), 0)
}

function compare(one, two) {
  if (one.special !== undefined || two.special !== undefined || one.magnitude === 0n || two.magnitude === 0n || one.isNegative !== two.isNegative) {
    const [first, second] = [one, two].map((number) => signOf(number))
    return Number.isNaN(first) || Number.isNaN(second) ? NaN : first === second ? 0 : first < second ? -1 : 1
  }
  const sign = one.isNegative ? -1 : 1
  const [first, second] = [one, two].map(functions.exponentOf)
  if (first !== second) return first > second ? sign : -sign
  const exponent = Math.min(one.exponent, two.exponent)
  const [left, right] = [one, two].map((number) => number.magnitude * ten(number.exponent - exponent))
  return left === right ? 0 : left > right ? sign : -sign
}

// MARK: Powers

function whole(base, count) {
  return finite(base.isNegative && count % 2 === 1, base.magnitude ** BigInt(count), base.exponent * count)
}

function power(of, base, exponent) {
  const { precision, rounding } = of.constructor
  const plain = signOf(exponent) === 0 || base.special !== undefined || exponent.special !== undefined || base.magnitude === 0n
  if (plain) return unusual(of, Math.pow(signOf(base) === 0 || base.special !== undefined ? signOf(base) : besideOne(base), exponent.special ?? Number(textOf(exponent))))
  const isWhole = exponent.exponent >= 0
  if (base.isNegative && !isWhole) return unusual(of, NaN)
  const count = Number(textOf({ ...exponent, isNegative: false }))
  if (isWhole && count * countOf(base.magnitude) <= POWER_DIGITS) {
    const raised = whole(base, count)
    return exponent.isNegative ? kept(of, quotient(ONE, raised, precision)) : kept(of, raised)
  }
  const isNegative = base.isNegative && isWhole && exponent.exponent === 0 && exponent.magnitude % 2n === 1n
  const positive = { ...base, isNegative: false }
  if (compare(positive, ONE) === 0) return make(of, { ...ONE, isNegative })
  // Why first: of a power beyond all limits the digits are not asked for.
  const size = (functions.exponentOf(positive) + Math.log10(Number(positive.magnitude.toString().slice(0, 15)) / 10 ** (Math.min(15, countOf(positive.magnitude)) - 1))) * count
  if (size > 2 * of.constructor.maxE) return unusual(of, exponent.isNegative ? (isNegative ? -0 : 0) : isNegative ? -Infinity : Infinity)
  const found = functions.settle((places) => {
    const more = places + Math.max(0, functions.exponentOf(exponent)) + 20
    const [value, at] = functions.ln(positive, more)
    return functions.exp(product(finite(value < 0n, value < 0n ? -value : value, at), exponent), places)
  }, precision, rounding)
  return make(of, { ...found, isNegative })
}
/** A number of JavaScript on the same side of ±1: enough for powers of infinity. */
const besideOne = (base) => {
  const size = compare({ ...base, isNegative: false }, ONE)
  return (base.isNegative ? -1 : 1) * (size === 0 ? 1 : size > 0 ? 2 : 0.5)
}

// MARK: Functions of one number

const result = (of, compute) => make(of, functions.settle(compute, of.constructor.precision, of.constructor.rounding))
const nearly = (of, number, isLarger) => kept(of, functions.beside(number, of.constructor.precision, isLarger))
/** Whether a number is so small that 1 + x is 1 in all digits that are kept. */
const vanishes = (of, number) => -functions.exponentOf(number) > of.constructor.precision + 6
const halfPi = (of, isNegative, parts = 1n) => result(of, (places) => [((isNegative ? -parts : parts) * functions.pi(places)) / 2n, -places])

/** A function that is odd, and x for tiny x: `isLarger` tells on which side. */
function odd(name, isLarger, { atInfinity, within = () => true } = {}) {
  return function () {
    const number = read(this)
    if (number.special !== undefined) return atInfinity && !Number.isNaN(number.special) ? atInfinity(this, number) : unusual(this, NaN)
    if (!within(number)) return unusual(this, NaN)
    if (number.magnitude === 0n) return this.constructor.fromText(this.text)
    if (functions.isTiny(number, this.constructor.precision)) return nearly(this, number, isLarger)
    const positive = { ...number, isNegative: false }
    return result(this, (places) => {
      const [value, exponent] = functions[name](positive, places)
      return [number.isNegative ? -value : value, exponent]
    })
  }
}
const itself = (of) => of.constructor.fromText(of.text)
const beyondOne = (number) => compare({ ...number, isNegative: false }, ONE)

/** A number beyond which e^x has no place. */
const isHuge = (number) => functions.exponentOf(number) > 17

function exponential(of, number) {
  if (number.special !== undefined) return unusual(of, Math.exp(number.special))
  if (number.magnitude === 0n) return make(of, ONE)
  if (vanishes(of, number)) return nearly(of, ONE, !number.isNegative)
  if (isHuge(number)) return unusual(of, number.isNegative ? 0 : Infinity)
  return result(of, (places) => functions.exp(number, places))
}

function naturalLogarithm(of, number) {
  const sign = signOf(number)
  if (!(sign > 0) || sign === Infinity) return unusual(of, Math.log(sign === -1 ? NaN : sign))
  if (compare(number, ONE) === 0) return unusual(of, 0)
  return result(of, (places) => functions.ln(number, places))
}

function logarithm(of, number, base) {
  if (!(signOf(base) > 0) || base.special !== undefined || compare(base, ONE) === 0) return unusual(of, NaN)
  const sign = signOf(number)
  if (!(sign > 0) || sign === Infinity) return unusual(of, sign < 0 ? NaN : sign === 0 ? -Infinity : sign)
  if (compare(number, ONE) === 0) return unusual(of, 0)
  if (base.magnitude === 1n && number.magnitude === 1n && number.exponent % base.exponent === 0) return make(of, ofWhole(number.exponent / base.exponent))
  return result(of, (places) => {
    const [first] = functions.ln(base, places)
    const all = places + 2 * lackOf(first, places) + 6
    const [above, below] = [number, base].map((of) => functions.ln(of, all)[0])
    return [(above * ten(places)) / below, -places]
  })
}
/** How many digits a divisor lacks, which the quotient would lack, too. */
const lackOf = (divisor, places) => Math.max(0, places - countOf(divisor < 0n ? -divisor : divisor))
const ofWhole = (value) => finite(value < 0, BigInt(Math.abs(value)), 0)

function angle(of, number, pick, tiny) {
  if (number.special !== undefined) return unusual(of, NaN)
  if (tiny !== undefined && (number.magnitude === 0n || -2 * functions.exponentOf(number) > of.constructor.precision + 6)) return number.magnitude === 0n ? make(of, ONE) : nearly(of, ONE, tiny)
  return result(of, (places) => [pick(...functions.sineAndCosine(number, places), places), -places])
}

const FUNCTIONS = {
  naturalExponential() { return exponential(this, read(this)) },
  naturalLogarithm() { return naturalLogarithm(this, read(this)) },
  logarithm(base) { return logarithm(this, read(this), base === undefined || base === null ? finite(false, 10n, 0) : given(this, base)) },
  toPower(other) { return power(this, read(this), given(this, other)) },
  squareRoot() {
    const number = read(this)
    if (signOf(number) === 0 || number.special === Infinity) return itself(this)
    if (number.special !== undefined || number.isNegative) return unusual(this, NaN)
    const shift = 2 * Math.max(0, this.constructor.precision + 3 - (countOf(number.magnitude) >> 1)) + (number.exponent & 1)
    const square = number.magnitude * ten(shift)
    const found = functions.root(square)
    return kept(this, finite(false, found * 10n + (found * found === square ? 0n : 1n), (number.exponent - shift) / 2 - 1))
  },
  cubeRoot() {
    const number = read(this)
    if (number.special !== undefined || number.magnitude === 0n) return itself(this)
    let shift = 3 * Math.max(0, this.constructor.precision + 3 - Math.floor(countOf(number.magnitude) / 3))
    while ((number.exponent - shift) % 3 !== 0) shift += 1
    const cube = number.magnitude * ten(shift)
    const found = functions.cubeRoot(cube)
    return kept(this, finite(number.isNegative, found * 10n + (found ** 3n === cube ? 0n : 1n), (number.exponent - shift) / 3 - 1))
  },
  sine() {
    const number = read(this)
    if (number.special === undefined && (number.magnitude === 0n || functions.isTiny(number, this.constructor.precision))) return number.magnitude === 0n ? itself(this) : nearly(this, number, false)
    return angle(this, number, (sine) => sine)
  },
  cosine() { return angle(this, read(this), (sine, cosine) => cosine, false) },
  tangent() {
    const number = read(this)
    if (number.special === undefined && (number.magnitude === 0n || functions.isTiny(number, this.constructor.precision))) return number.magnitude === 0n ? itself(this) : nearly(this, number, true)
    return angle(this, number, (sine, cosine, places) => {
      const lack = lackOf(cosine, places)
      if (lack > 2) [sine, cosine] = functions.sineAndCosine(number, places + 2 * lack + 6)
      return (sine * ten(places)) / (cosine === 0n ? 1n : cosine)
    })
  },
  inverseSine: odd("asin", true, { within: (number) => beyondOne(number) <= 0 }),
  inverseCosine() {
    const number = read(this)
    if (number.special !== undefined || beyondOne(number) > 0) return unusual(this, NaN)
    if (compare(number, ONE) === 0) return unusual(this, 0)
    return result(this, (places) => functions.acos(number, places))
  },
  inverseTangent: odd("atan", false, { atInfinity: (of, number) => halfPi(of, number.isNegative) }),
  hyperbolicSine() {
    const number = read(this)
    if (number.special !== undefined) return itself(this)
    return number.magnitude !== 0n && isHuge(number) ? unusual(this, number.isNegative ? -Infinity : Infinity) : sinh.call(this)
  },
  hyperbolicCosine() {
    const number = read(this)
    if (number.special !== undefined) return unusual(this, Math.abs(number.special))
    if (number.magnitude === 0n) return make(this, ONE)
    if (-2 * functions.exponentOf(number) > this.constructor.precision + 6) return nearly(this, ONE, true)
    return isHuge(number) ? unusual(this, Infinity) : result(this, (places) => functions.cosh({ ...number, isNegative: false }, places))
  },
  hyperbolicTangent() {
    const number = read(this)
    if (number.special !== undefined) return unusual(this, Math.sign(number.special))
    if (Number(textOf({ ...number, isNegative: false })) > 2 * this.constructor.precision + 20) return nearly(this, { ...ONE, isNegative: number.isNegative }, false)
    return tanh.call(this)
  },
  inverseHyperbolicSine: odd("asinh", false, { atInfinity: itself }),
  inverseHyperbolicCosine() {
    const number = read(this)
    if (number.special === Infinity) return itself(this)
    const size = compare(number, ONE)
    return !(size > 0) ? unusual(this, size === 0 ? 0 : NaN) : result(this, (places) => functions.acosh(number, places))
  },
  inverseHyperbolicTangent() {
    const number = read(this)
    if (number.special !== undefined || beyondOne(number) > 0) return unusual(this, NaN)
    return beyondOne(number) === 0 ? unusual(this, number.isNegative ? -Infinity : Infinity) : atanh.call(this)
  },
}
const [sinh, tanh, atanh] = [odd("sinh", true), odd("tanh", false), odd("atanh", true)]

module.exports = {
  MOST, ONE, read, given, make, unusual, kept, itself, checked, modeOf, isZeroOf, signOf, negative, sum, product, quotient, wholeQuotient, compare, halfPi, result, ofWhole, FUNCTIONS,
}
