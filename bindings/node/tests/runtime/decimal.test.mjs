import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { test } from "node:test"

const { Decimal } = createRequire(import.meta.url)("../../src/values/small-decimal.js")
const d = (value) => new Decimal(value)

test("what floating point gets wrong is exact", () => {
  assert.equal(d("0.1").plus("0.2").toString(), "0.3")
  assert.equal(d("1.005").toDecimalPlaces(2).toString(), "1.01")
  assert.equal(d("123456789012345678901234567890").toFixed(), "123456789012345678901234567890")
  assert.equal(d("1.10").toJSON(), "1.1")
})

test("the texts of decimal.js", () => {
  assert.deepEqual([d("1e30"), d("1e-8"), d("100"), d("-0.00"), d("NaN"), d("-Infinity"), d("1e20")].map(String), ["1e+30", "1e-8", "100", "0", "NaN", "-Infinity", "100000000000000000000"])
  assert.deepEqual([d("1234.5678").toPrecision(3), d("123.456").toFixed(1), d("0").toFixed(2), d("1234.5").toExponential(2), d(5).toFixed(2)], ["1.23e+3", "123.5", "0.00", "1.23e+3", "5.00"])
})

test("arithmetic", () => {
  assert.deepEqual([d(1).div(3), d(2).sqrt(), d(7).mod(3), d(-7).mod(3), d(2).pow(10), d(2).pow(-2), d("1.5").round(), d("-1.5").floor(), d("1.2").ceil(), d(10).minus("0.1")].map(String),
    ["0.33333333333333333333", "1.4142135623730950488", "1", "-1", "1024", "0.25", "2", "-2", "2", "9.9"])
  assert.ok(d(1).div(0).toNumber() === Infinity && Decimal.max(1, "3.5", 2).eq(3.5) && Decimal.sum("0.1", "0.2", "0.3").eq("0.6"))
})

test("comparison", () => {
  assert.ok(d(1).lt(2) && d("1.0").eq(1) && d("2").gte("2.00") && d(-1).isNegative() && d(0).isZero() && !d("0.5").isInteger() && d(2) > d(1))
  assert.ok(Number.isNaN(d("NaN").cmp(1)))
})

test("its parts are decimal.js's", () => {
  assert.deepEqual([d("12.5").s, d("12.5").e, d("12.5").d, d("-0.001").e, d("12345678.9").d], [1, 1, [12, 5000000], -3, [1, 2345678, 9000000]])
  assert.ok(Decimal.isDecimal(d(1)) && Decimal.isDecimal({ s: 1, e: 0, d: [1], toFixed() {} }) && !Decimal.isDecimal(1))
  assert.throws(() => d("1.2.3"), /\[DecimalError\] Invalid argument: 1\.2\.3/)
})

test("random sums and products agree with whole numbers", () => {
  for (let round = 0; round < 500; round++) {
    const one = BigInt(Math.floor(Math.random() * 2e9) - 1e9), two = BigInt(Math.floor(Math.random() * 2e9) - 1e9)
    assert.equal(d(one).div(1000).plus(d(two).div(1000)).times(1000).toFixed(), String(one + two))
    assert.equal(d(one).times(two).toFixed(), String(one * two))
  }
})
