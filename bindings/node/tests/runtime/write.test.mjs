import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { test } from "node:test"

const require = createRequire(import.meta.url)
const { writeRequest } = require("../../src/values/write.js")
const { serializerFor } = require("../../src/values/serialize.js")

const bytes = new Uint8Array(8192)
const head = '{"model":"User","operation":"findMany","args":'
const written = (args) => {
  const size = writeRequest(bytes, head, args)
  return size === 0 ? undefined : Buffer.from(bytes.subarray(0, size)).toString()
}
const text = (args) => head + serializerFor(false).arguments(args) + "}"

const pick = (list) => list[Math.floor(Math.random() * list.length)]
function random(depth) {
  const kind = depth > 3 ? pick([0, 1, 2, 3]) : pick([0, 1, 2, 3, 4, 5])
  if (kind === 0) return pick(["", "x", "a b", "it's", "[{", "~".repeat(30)])
  if (kind === 1) return pick([0, -0, 5, 10, -1, 1.5, 1e21, 1e-7, 2 ** 53])
  if (kind === 2) return pick([true, false])
  if (kind === 3) return pick([null, undefined])
  if (kind === 4) return Array.from({ length: pick([0, 1, 3]) }, () => random(depth + 1) ?? null)
  return Object.fromEntries(Array.from({ length: pick([0, 1, 3]) }, (_, index) => [pick(["where", "id", "OR", "a-b", ""]) + index, random(depth + 1)]))
}

test("the same bytes as the serializer's text", () => {
  for (let round = 0; round < 5000; round++) {
    const args = { where: random(0), take: random(3), other: random(1) }
    assert.equal(written(args), text(args))
  }
  assert.equal(written(undefined), text(undefined))
})

test("what is not plain is left to the serializer", () => {
  const cases = ["é", '"', "\\", "\n", "x".repeat(2000), 5n, NaN, Infinity, new Date(), new Uint8Array(1), Symbol("x"), () => 1, { $type: "x" }, new (class Own {})(), new Map()]
  for (const value of cases) {
    assert.equal(written({ where: { a: value } }), undefined)
    assert.equal(written({ where: { a: [value] } }), undefined)
  }
  let deep = {}
  for (let level = 0; level < 100; level++) deep = { deep }
  assert.equal(written(deep), undefined)
  assert.equal(written("text"), undefined)
})

test("what does not fit is left, too, at every size around the buffer's", () => {
  for (let count = 7000; count < 8400; count++) {
    const args = { where: { in: Array.from({ length: Math.ceil(count / 1000) }, (_, index) => "x".repeat(Math.min(1000, count - index * 1000))) } }
    assert.ok([undefined, text(args)].includes(written(args)), String(count))
  }
  const long = { in: Array.from({ length: 9000 }, () => 1) }
  assert.equal(written(long), undefined)
})
