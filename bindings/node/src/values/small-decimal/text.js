"use strict"
/** The text of a decimal, which is its only state, and the numbers that it stands for. */

const ten = (power) => 10n ** BigInt(power)
/** How many digits a magnitude has; 1 of zero. */
const countOf = (magnitude) => magnitude.toString().length

const DECIMAL = /^(\d+)?(?:\.(\d*))?(?:e([+-]?\d+))?$/i
const SPECIAL = /^([+-]?)(NaN|Infinity)$/
const BASES = { x: 4, o: 3, b: 1 }
const BASED = /^0([xob])([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i
/** Beyond as many zeros a number is written with an exponent. */
const MOST_ZEROS = 200

const invalid = (value) => new Error(`[DecimalError] Invalid argument: ${value}`)

/** What a finite number is: ± magnitude · 10^exponent, the magnitude without zeros at its end. */
function finite(isNegative, magnitude, exponent) {
  if (magnitude === 0n) return { isNegative, magnitude, exponent: 0 }
  while (magnitude % 10n === 0n) {
    const many = magnitude % 10000000000000000n === 0n ? 16 : 1
    magnitude /= ten(many)
    exponent += many
  }
  return { isNegative, magnitude, exponent }
}

/** The number of a canonical text; `special` is NaN or an infinity. */
function numberOf(text) {
  if (text === "NaN") return { special: NaN, isNegative: false, magnitude: 0n, exponent: 0 }
  const isNegative = text[0] === "-"
  const plain = isNegative ? text.slice(1) : text
  if (plain === "Infinity") return { special: isNegative ? -Infinity : Infinity, isNegative, magnitude: 0n, exponent: 0 }
  return decimal(isNegative, DECIMAL.exec(plain))
}

function decimal(isNegative, [, whole = "", fraction = "", exponent = "0"]) {
  return finite(isNegative, BigInt(whole + fraction), Number(exponent) - fraction.length)
}

/** The one text of a number: digits, with `e` where many zeros would follow. Equal numbers have equal texts. */
function textOf({ special, isNegative, magnitude, exponent }, limits) {
  if (special !== undefined) return String(special)
  const sign = isNegative ? "-" : ""
  if (magnitude === 0n) return sign + "0"
  const digits = magnitude.toString()
  const point = digits.length + exponent
  if (limits !== undefined && point - 1 > limits.maxE) return sign + "Infinity"
  if (limits !== undefined && point - 1 < limits.minE) return sign + "0"
  if (exponent > MOST_ZEROS || point < -MOST_ZEROS) return `${sign}${digits}e${exponent}`
  if (exponent >= 0) return sign + digits + "0".repeat(exponent)
  return point > 0 ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}` : `${sign}0.${"0".repeat(-point)}${digits}`
}

/** The number that a program's text says. */
function parse(text) {
  const special = SPECIAL.exec(text)
  if (special) return numberOf(special[2] === "NaN" ? "NaN" : special[1] === "-" ? "-Infinity" : "Infinity")
  const isNegative = text[0] === "-"
  const plain = (isNegative || text[0] === "+" ? text.slice(1) : text).replace(/(\d)_(?=\d)/g, "$1")
  const match = DECIMAL.exec(plain)
  if (match && (match[1] || match[2])) return withinReach(isNegative, match)
  const based = BASED.exec(plain)
  if (!based || !(based[2] || based[3])) throw invalid(text)
  return ofBase(isNegative, based, text)
}

/** An exponent that no number of JavaScript tells apart is beyond every limit. */
function withinReach(isNegative, match) {
  const exponent = Number(match[3] ?? 0)
  if (Math.abs(exponent) < Number.MAX_SAFE_INTEGER) return decimal(isNegative, match)
  const isZero = !/[1-9]/.test((match[1] ?? "") + (match[2] ?? ""))
  return isZero || exponent < 0 ? finite(isNegative, 0n, 0) : numberOf(isNegative ? "-Infinity" : "Infinity")
}

/** `0x1f.8`, `0b101.1p3`: exact, since a half has an end in decimal digits. */
function ofBase(isNegative, [, letter, whole, fraction = "", power = "0"], text) {
  const bits = BASES[letter.toLowerCase()]
  let magnitude
  try {
    magnitude = BigInt(`0${letter}${whole}${fraction}`)
  } catch {
    throw invalid(text)
  }
  const shift = Number(power) - bits * fraction.length
  if (shift >= 0) return finite(isNegative, magnitude << BigInt(shift), 0)
  return finite(isNegative, magnitude * 5n ** BigInt(-shift), shift)
}

module.exports = { ten, countOf, finite, numberOf, textOf, parse, invalid }
