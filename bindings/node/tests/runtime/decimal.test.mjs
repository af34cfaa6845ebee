import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { test } from "node:test"

const { Decimal } = createRequire(import.meta.url)("../../src/values/small-decimal/index.js")
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

const strings = (values) => values.map(String)
/** With another precision or rounding. */
const of = (settings) => Decimal.clone({ defaults: true, ...settings })

test("exponentials, logarithms and powers are right to the last digit", () => {
  const fifty = of({ precision: 50 })
  assert.deepEqual(strings([fifty.exp(1), fifty.ln(2), fifty.ln(10), fifty.log10(2), fifty.log2(10), fifty.pow(2, "0.5"), fifty.cbrt(2), fifty(10).pow("-0.5")]), [
    "2.7182818284590452353602874713526624977572470937", "0.69314718055994530941723212145817656807550013436026",
    "2.3025850929940456840179914546843642076011014886288", "0.30102999566398119521373889472449302676818988146211",
    "3.3219280948873623478703194294893901758648313930246", "1.4142135623730950488016887242096980785696718753769",
    "1.2599210498948731647672106072782283505702514647015", "0.31622776601683793319988935444327185337195551393252",
  ])
  assert.deepEqual(strings([Decimal.log(8, 2), d(1000).log(), d(8).log(4), d("0.001").log(), d(2).pow(100000), d("1.0000001").pow(1e9), d(27).pow(d(1).div(3)), d(-8).cbrt()]), [
    "3", "3", "1.5", "-3", "9.9900209301438450794e+30102", "2.6881037012649238105e+43", "3", "-2"])
  assert.deepEqual(strings([d(0).ln(), d(-1).ln(), d(5).log(1), d(-2).pow(0.5), d(0).exp(), d("-Infinity").exp(), d(1e20).exp(), d("1e-30").exp(), d("0").pow(-1)]), [
    "-Infinity", "NaN", "NaN", "NaN", "1", "0", "Infinity", "1", "Infinity"])
  assert.deepEqual([4, 2].map((rounding) => of({ rounding }).exp("1e-30").toString()), ["1", "1.0000000000000000001"])
})

test("angles and hyperbolic functions are right to the last digit", () => {
  const fifty = of({ precision: 50 })
  assert.deepEqual(strings(["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "atanh"].map((name) => fifty[name]("0.5"))), [
    "0.4794255386042030002732879352155713880818033679406", "0.87758256189037271611628158260382965199164519710974",
    "0.54630248984379051325517946578028538329755172017979", "0.52359877559829887307710723054658381403286156656252",
    "1.0471975511965977461542144610931676280657231331250", "0.46364760900080611621425623146121440202853705428612",
    "0.52109530549374736162242562641149155910592898261148", "1.1276259652063807852262251614026720125478471180987",
    "0.46211715726000975850231848364367254873028928033011", "0.48121182505960344749775891342436842313518433438566",
    "0.54930614433405484569762261846126285232374527891137",
  ].map((text) => text.replace(/0+$/, "")))
  assert.deepEqual(strings([d("1e30").sin(), d(22).sin(), d(355).sin(), d(11).tan(), d(2).acosh(), d(-1).acos(), d(1).asin(), Decimal.atan2(1, -1), Decimal.atan2(-1, 0), Decimal.hypot(3, 4)]), [
    "-0.090116901912138058030", "-0.0088513092904038759217", "-0.000030144353359488449214", "-225.95084645419514203", "1.3169578969248167086", "3.1415926535897932385",
    "1.5707963267948966192", "2.3561944901923449288", "-1.5707963267948966192", "5",
  ].map((text) => (text.includes(".") ? text.replace(/0+$/, "") : text)))
  assert.deepEqual(strings([d("Infinity").atan(), d("Infinity").cos(), d(2).acos(), d(1).atanh(), d("-0").sin().valueOf(), d("1e-40").tan(), d(300).tanh()]), [
    "1.5707963267948966192", "NaN", "NaN", "Infinity", "-0", "1e-40", "1"])
  assert.throws(() => d("1e6000").sin(), /Precision limit exceeded/)
})

test("functions undo each other, whatever the number", () => {
  const wide = of({ precision: 40 })
  const isNear = (one, two) => assert.ok(one.minus(two).abs().lte(two.abs().times("1e-33")), `${one} ${two}`)
  for (let round = 0; round < 60; round++) {
    const x = new wide(Math.random() * 10 ** Math.floor(Math.random() * 8 - 4)).plus("1e-6")
    isNear(x.ln().exp(), x)
    isNear(x.atan().tan(), x)
    isNear(x.asinh().sinh(), x)
    isNear(x.sin().pow(2).plus(x.cos().pow(2)), new wide(1))
    isNear(x.pow("0.25").pow(4), x)
    isNear(x.cbrt().pow(3), x)
    isNear(x.plus(1).acosh().cosh(), x.plus(1))
  }
})

test("other bases and fractions", () => {
  assert.deepEqual([d(256).toBinary(), d("0.1").toBinary(), d("255.5").toHex(), d("255.5").toHexadecimal(3), d("-10.25").toOctal(2), d(256).toBinary(1), d("-0").toBinary(), d(NaN).toHex()], [
    "0b100000000", "0b0.00011001100110011001101", "0xff.8", "0x1.ffp+7", "-0o1.2p+3", "0b1p+8", "-0b0", "NaN"])
  assert.deepEqual(["0x1f.8", "0b101.1p3", "0o17", "1_000", "+.5", "-0xff"].map((text) => String(d(text))), ["31.5", "44", "15", "1000", "0.5", "-255"])
  assert.deepEqual([d("1.75"), d("-2.5")].map((value) => value.toFraction().join("/")), ["7/4", "-5/2"])
  assert.deepEqual([d("3.14159265358979").toFraction(100), d("0.1").toFraction(3), d(0).toFraction()].map((parts) => parts.join("/")), ["311/99", "0/1", "0/1"])
  for (const call of [() => d(2).toFraction(1.5), () => d(5).toDP(-1), () => d(5).toPrecision(0), () => d(5).toFixed(1, 9), () => d(""), () => d(" 1 "), () => d(null), () => Decimal.max()]) {
    assert.throws(call, /\[DecimalError\] Invalid argument/)
  }
})

test("a clone has settings of its own", () => {
  const five = Decimal.clone({ precision: 5, rounding: Decimal.ROUND_DOWN })
  assert.deepEqual(strings([new five(2).div(3), d(2).div(3), five.sqrt(2), five(7).mod(-3)]), ["0.66666", "0.66666666666666666667", "1.4142", "1"])
  assert.ok(new five(1).constructor === five && Decimal.isDecimal(new five(1)) && Decimal.precision === 20 && five.precision === 5)
  assert.deepEqual([1, 3, 9].map((modulo) => String(Decimal.clone({ modulo })(-7).mod(3))), ["-1", "2", "2"])
  assert.throws(() => Decimal.clone({ precision: 0 }), /Invalid argument: precision: 0/)
  assert.throws(() => Decimal.set(1), /Object expected/)
})

test("numbers far apart, and beyond the limits", () => {
  assert.deepEqual(strings([d("1e1000000").plus(1), d("1e1000000").minus("1e-1000000"), d("1e9000000000000000").times(10), d("1e-9000000000000000").div(10), d("1e900000").cmp("1e-900000")]), [
    "1e+1000000", "1e+1000000", "Infinity", "0", "1"])
  assert.equal(of({ rounding: 1 })("1e1000000").minus(1).toString(), "9.9999999999999999999e+999999")
  assert.ok(Decimal.random(30).lt(1) && Decimal.random(3).dp() <= 3)
})

test("it has every method and function of decimal.js 10", () => {
  const methods = `abs absoluteValue acos acosh add asin asinh atan atanh cbrt ceil clamp clampedTo cmp comparedTo cos cosh cosine cubeRoot decimalPlaces div divToInt dividedBy
    dividedToIntegerBy dp eq equals exp floor greaterThan greaterThanOrEqualTo gt gte hyperbolicCosine hyperbolicSine hyperbolicTangent inverseCosine inverseHyperbolicCosine
    inverseHyperbolicSine inverseHyperbolicTangent inverseSine inverseTangent isFinite isInt isInteger isNaN isNeg isNegative isPos isPositive isZero lessThan lessThanOrEqualTo ln log
    logarithm lt lte minus mod modulo mul naturalExponential naturalLogarithm neg negated plus pow precision round sd sin sine sinh sqrt squareRoot sub tan tangent tanh times toBinary
    toDP toDecimalPlaces toExponential toFixed toFraction toHex toHexadecimal toJSON toNearest toNumber toOctal toPower toPrecision toSD toSignificantDigits toString trunc truncated valueOf`
  const functions = `abs acos acosh add asin asinh atan atan2 atanh cbrt ceil clamp clone config cos cosh div exp floor hypot isDecimal ln log log10 log2 max min mod mul pow random round
    set sign sin sinh sqrt sub sum tan tanh trunc`
  for (const name of methods.split(/\s+/)) assert.equal(typeof d(1)[name], "function", name)
  for (const name of functions.split(/\s+/)) assert.equal(typeof Decimal[name], "function", name)
})
