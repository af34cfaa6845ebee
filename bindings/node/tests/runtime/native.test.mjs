import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { after, before, test } from "node:test"
import { failure, makeDatabase, SCHEMA } from "../support/database.mjs"

const { Form, LibraryError, libraryVersion, open, piece } = createRequire(import.meta.url)("../../src/native.js")
const hit = JSON.stringify({ model: "Post", operation: "findMany", args: { orderBy: { id: "asc" }, cacheStrategy: { ttl: 600 } } })

let handle, text
before(async () => {
  handle = open({ schema: SCHEMA, datasourceUrl: await makeDatabase("node_native") })
  await handle.request(JSON.stringify({ model: "Post", operation: "createMany", args: { data: Array.from({ length: 10 }, (_, index) => ({ title: `post ${index}` })) } }))
  text = await handle.request(hit)
})
after(() => handle.close())

test("the version of the library", () => assert.match(libraryVersion(), /^\d+\.\d+\.\d+$/))

test("a hit comes back from the call, in each form", () => {
  assert.equal(handle.request(hit), text)
  assert.equal(handle.request(Buffer.from(hit)), text)
  assert.equal(Buffer.from(handle.request(hit, Form.BYTES)).toString(), text)
  const [data, info] = handle.request(hit, Form.INFO)
  assert.deepEqual([data, JSON.parse(info).cacheStatus], [text, "ttl"])
})

test("an answer's bytes can be posted to another thread, and the next ones still come", async () => {
  const first = handle.request(hit, Form.BYTES)
  let posted
  try {
    posted = structuredClone(first, { transfer: [first.buffer] })
  } catch (error) {
    // Newer versions of Node refuse, and Deno by a name of its own.
    assert.match(error.name, /^(DataCloneError|TypeError)$/)
  }
  assert.equal(Buffer.from(posted ?? first).toString(), text)
  const second = handle.request(hit, Form.BYTES)
  assert.equal(Buffer.from(second).toString(), text)
  assert.equal(Buffer.from(posted ?? first).toString(), text)
  assert.equal(Buffer.from(await handle.request('{"model":"Post","operation":"count"}', Form.BYTES)).toString(), "10")
})

test("what is not known at once is a promise", async () => {
  const promise = handle.request('{"model":"Post","operation":"count"}')
  assert.ok(promise instanceof Promise)
  assert.equal(await promise, "10")
})

test("failures: at once and later", async () => {
  assert.throws(() => handle.request("{"), (error) => error instanceof LibraryError && error.statusName === "INVALID_REQUEST" && error.code === "P2009")
  const later = await failure(handle.request('{"model":"Post","operation":"findUniqueOrThrow","args":{"where":{"id":-1}}}'))
  assert.deepEqual([later.statusName, later.code], ["NOT_FOUND", "P2025"])
  assert.throws(() => open({ schema: "nope" }), (error) => error.statusName === "INVALID_CONFIGURATION")
  assert.throws(() => open({ nope: 1 }), LibraryError)
})

test("ten thousand outstanding, hits among them: nothing lost, nothing twice", async () => {
  const seen = new Map()
  const all = []
  let atOnce = 0
  for (let index = 0; index < 10_000; index++) {
    const isHit = index % 3 === 0
    const answer = handle.request(isHit ? hit : JSON.stringify({ operation: "$queryRaw", args: { query: "SELECT $1 AS n", parameters: [index] } }))
    if (!(answer instanceof Promise)) atOnce++
    all.push(Promise.resolve(answer).then((value) => {
      if (!isHit) assert.deepEqual(JSON.parse(value), [{ n: index }])
      else assert.equal(value, text)
      seen.set(index, (seen.get(index) ?? 0) + 1)
    }))
  }
  await Promise.all(all)
  assert.equal(seen.size, 10_000)
  assert.ok([...seen.values()].every((count) => count === 1))
  assert.equal(atOnce, 3334)
})

test("a request that is cancelled ends", async () => {
  const promise = handle.request(JSON.stringify({ operation: "$queryRaw", args: { query: "SELECT pg_sleep(20)::text" } }))
  const token = handle.lastToken
  const start = Date.now()
  setTimeout(() => assert.equal(handle.cancel(token), true), 30)
  assert.equal((await failure(promise)).statusName, "CANCELLED")
  assert.ok(Date.now() - start < 9000)
  assert.equal(handle.cancel(token), false)
})

test("long requests, and texts of all planes", async () => {
  const title = "é😀\u0001\"\\".repeat(30_000)
  const made = JSON.parse(await handle.request(JSON.stringify({ model: "Post", operation: "create", args: { data: { title } } })))
  assert.equal(made.title, title)
  await handle.request(JSON.stringify({ model: "Post", operation: "delete", args: { where: { id: made.id } } }))
})

test("a large list is read a piece at a time, so that it does not hold up the loop", async () => {
  await handle.request(JSON.stringify({ operation: "$executeRaw", args: { query: `INSERT INTO "Seat" (row, number, guest) SELECT 9, i, repeat('"}]', 50) FROM generate_series(1, 5000) i` } }))
  const answer = await handle.request('{"model":"Seat","operation":"findMany","args":{"orderBy":{"number":"asc"}}}', Form.PIECES)
  assert.equal(typeof answer, "object")
  const numbers = []
  let at = 0
  do {
    const [text, next] = piece(answer, at, 32768)
    assert.ok(text.length < 34_000, `${text.length} bytes in one piece`)
    numbers.push(...JSON.parse(`[${text}]`).map((seat) => seat.number))
    at = next
  } while (at > 0)
  assert.deepEqual(numbers, Array.from({ length: 5000 }, (_, index) => index + 1))
  assert.equal(await handle.request('{"model":"Seat","operation":"findMany","args":{"take":0}}', Form.PIECES), "[]")
})

test("a closed client refuses", async () => {
  const other = open({ schema: SCHEMA, datasourceUrl: "postgresql://localhost:1/x" })
  await other.close()
  await other.close()
  assert.throws(() => other.request(hit), (error) => error.statusName === "CLOSED")
  assert.throws(() => other.query('{"operation":"$schema"}'), (error) => error.statusName === "CLOSED")
})

test("what is neither a text nor bytes is a TypeError", async () => {
  for (const wrong of [undefined, null, {}, true, new Uint16Array(4)]) {
    assert.throws(() => handle.request(wrong), { name: "TypeError", code: "ERR_INVALID_ARG_TYPE" })
    assert.throws(() => handle.query(wrong), TypeError)
  }
  assert.throws(() => open(undefined), TypeError)
  assert.equal(await handle.request('{"model":"Post","operation":"count"}'), "10")
})

test("close waits for what is asked until its turn, and the second call for the first", async () => {
  const other = open({ schema: SCHEMA, datasourceUrl: await makeDatabase("node_native_close") })
  const count = '{"operation":"$queryRaw","args":{"query":"SELECT 1 AS n"}}'
  let isClosed = false
  // Each answer's continuation asks once more.
  const again = [1, 2, 3, 4].map(async () => {
    await other.request(count)
    return other.request(count)
  })
  const both = [other.close().then(() => (isClosed = true)), other.close().then(() => isClosed)]
  const answers = await Promise.allSettled(again)
  for (const { status, value, reason } of answers) assert.ok(status === "fulfilled" ? value === '[{"n":1}]' : reason.statusName === "CLOSED")
  assert.deepEqual(await Promise.all(both), [true, true])
  assert.throws(() => other.request(count), (error) => error.statusName === "CLOSED")
})
