"use strict"
/** Rounding. The modes' numbers are decimal.js's: up, down, to ceiling, to floor, half up, half down, half even, half to ceiling, half to floor. */
const { ten, countOf, finite } = require("./text.js")

/** Whether a magnitude is to be made larger: `half` tells on which side of a half the rest is, `isOdd` of the digit that stays. */
function isUp(mode, isNegative, half, isOdd) {
  switch (mode) {
    case 0: return true
    case 1: return false
    case 2: return !isNegative
    case 3: return isNegative
    case 4: return half >= 0
    case 5: return half > 0
    case 6: return half > 0 || (half === 0 && isOdd)
    case 7: return half > 0 || (half === 0 && !isNegative)
    default: return half > 0 || (half === 0 && isNegative)
  }
}

/** A whole quotient, rounded. */
function divided(isNegative, magnitude, divisor, mode) {
  const kept = magnitude / divisor
  const rest = magnitude % divisor
  if (rest === 0n) return kept
  const half = rest * 2n === divisor ? 0 : rest * 2n > divisor ? 1 : -1
  return isUp(mode, isNegative, half, kept % 2n === 1n) ? kept + 1n : kept
}

/** A finite number with as many digits behind the point at most. */
function toPlaces(number, places, mode) {
  const { isNegative, magnitude, exponent } = number
  const surplus = -exponent - places
  if (surplus <= 0 || magnitude === 0n) return number
  // Why apart: a power of ten of that size would be dear, and only says that less than a half is left.
  if (surplus > countOf(magnitude) + 1) return finite(isNegative, isUp(mode, isNegative, -1, false) ? 1n : 0n, -places)
  return finite(isNegative, divided(isNegative, magnitude, ten(surplus), mode), -places)
}

/** A finite number with as many significant digits at most. */
function toDigits(number, digits, mode) {
  if (number.magnitude === 0n) return number
  return toPlaces(number, digits - countOf(number.magnitude) - number.exponent, mode)
}

module.exports = { divided, toPlaces, toDigits }
