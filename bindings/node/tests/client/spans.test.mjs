import assert from "node:assert/strict"
import fs from "node:fs"
import { createRequire } from "node:module"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { connect, failure, makeDatabase } from "../support/database.mjs"

/** As much of @opentelemetry/api as the client asks for, with the spans that were ended. */
const API = `
const { AsyncLocalStorage } = require("node:async_hooks")
const active = new AsyncLocalStorage()
const ended = []
let number = 0
class Span {
  constructor(name, options, parent) {
    Object.assign(this, { name, options, parent: parent?.name, id: (++number).toString(16).padStart(16, "0"), faults: [] })
  }
  spanContext() { return { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: this.id } }
  recordException(error) { this.faults.push(error.name) }
  setStatus(status) { this.status = status }
  end(time) { this.time = time; ended.push(this) }
}
class Recording {}
const tracer = {
  startActiveSpan(name, options, run) {
    const span = new Span(name, options, active.getStore()?.span)
    return active.run({ span }, () => run(span))
  },
  startSpan: (name, options, context) => new Span(name, options, context?.span),
}
exports.trace = { getTracerProvider: () => ({ getDelegate: () => new Recording(), getTracer: () => tracer }), getActiveSpan: () => active.getStore()?.span }
exports.context = { active: () => active.getStore() ?? {} }
exports.ended = ended
`
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-spans-"))
const home = process.cwd()
const place = path.join(folder, "node_modules", "@opentelemetry", "api")
fs.mkdirSync(place, { recursive: true })
fs.writeFileSync(path.join(place, "index.js"), API)
process.chdir(folder)

let url, prisma, api
before(async () => {
  url = await makeDatabase("node_spans")
  api = createRequire(path.join(folder, "package.json"))("@opentelemetry/api")
  prisma = connect(url, { errorFormat: "minimal" })
  await prisma.user.create({ data: { email: "a@x" } })
})
after(async () => {
  await prisma.$disconnect()
  process.chdir(home)
  fs.rmSync(folder, { recursive: true })
})

async function spansOf(run) {
  api.ended.length = 0
  await run()
  return [...api.ended]
}
const lines = (spans) => spans.map(({ name, parent }) => `${parent ?? "-"} > ${name}`.replaceAll("prisma:client:", ""))

test("a call is a span of OpenTelemetry, and its statements are spans within", async () => {
  const spans = await spansOf(() => prisma.user.findMany({ where: { id: 1 } }))
  assert.deepEqual(lines(spans), ["operation > serialize", "operation > db_query", "- > operation"])
  const [, statement, operation] = spans
  assert.deepEqual(operation.options.attributes, { method: "findMany", model: "User", name: "User.findMany" })
  assert.equal(operation.name, "prisma:client:operation")
  assert.match(statement.options.attributes["db.query.text"], /^SELECT .* FROM "User"/)
  assert.deepEqual([statement.options.attributes["db.system.name"], statement.options.kind], ["postgresql", 2])
  assert.ok(statement.options.startTime <= statement.time)
})

test("raw queries, connecting, and calls side by side", async () => {
  const [, statement, operation] = await spansOf(() => prisma.$queryRawUnsafe("SELECT 1 AS a"))
  assert.deepEqual([operation.options.attributes, statement.options.attributes["db.query.text"]], [{ method: "queryRaw", name: "queryRaw" }, "SELECT 1 AS a"])
  const both = await spansOf(() => Promise.all([prisma.user.count(), prisma.seat.count()]))
  for (const table of ["User", "Seat"]) {
    const own = both.find((span) => span.options.attributes?.name === `${table}.count`)
    const query = both.find((span) => span.options.attributes?.["db.query.text"]?.includes(`"${table}"`))
    assert.ok(own !== undefined && query !== undefined && query.parent === "prisma:client:operation", table)
  }
  const other = connect(url)
  assert.deepEqual(lines(await spansOf(() => other.$connect())), ["- > connect"])
  assert.deepEqual(lines(await spansOf(() => other.$disconnect())), ["- > disconnect"])
})

test("transactions", async () => {
  const interactive = await spansOf(() => prisma.$transaction(async (tx) => tx.user.count()))
  assert.deepEqual(lines(interactive), [
    "transaction > start_transaction", "operation > serialize", "operation > db_query", "transaction > operation", "commit_transaction > db_query", "transaction > commit_transaction", "- > transaction"])
  const undone = await spansOf(() => failure(prisma.$transaction(async () => { throw new TypeError("mine") })))
  assert.deepEqual(lines(undone), ["transaction > start_transaction", "transaction > rollback_transaction", "- > transaction"])
  assert.deepEqual(undone.at(-1).faults, ["TypeError"])
  const list = await spansOf(() => prisma.$transaction([prisma.user.count(), prisma.seat.count()]))
  assert.equal(list.filter(({ options }) => /^SELECT/.test(options.attributes?.["db.query.text"])).length, 2)
  assert.deepEqual([lines(list).at(-1), list.at(-1).options.attributes], ["- > transaction", { method: "$transaction" }])
})

test("a failed call's span tells the failure, and a hit has no statement", async () => {
  const spans = await spansOf(() => failure(prisma.user.create({ data: { email: "a@x" } })))
  assert.deepEqual([spans.at(-1).faults, spans.at(-1).status.code], [["PrismaClientKnownRequestError"], 2])
  const read = () => prisma.user.findMany({ take: 1, cacheStrategy: { ttl: 60 } })
  await read()
  assert.deepEqual(lines(await spansOf(read)), ["operation > serialize", "- > operation"])
})

test("what the server gets is the same as without spans", async () => {
  const [row] = await prisma.$queryRaw`SELECT current_query() AS q`
  assert.equal(row.q, "SELECT current_query() AS q")
})

test("the helper of @prisma/instrumentation takes the place of the API", async () => {
  const told = []
  const helper = {
    isEnabled: () => true,
    getTraceParent: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    getActiveContext: () => "the context",
    runInChildSpan(options, run) {
      told.push(options)
      return run({}, {})
    },
  }
  globalThis.V7_PRISMA_INSTRUMENTATION = { helper }
  try {
    const spans = await spansOf(() => prisma.user.findMany({ where: { id: 1 } }))
    assert.deepEqual(spans, [])
    assert.deepEqual(told.map(({ name }) => name), ["operation", "serialize", "db_query"])
    assert.deepEqual(told[0], { name: "operation", attributes: { method: "findMany", model: "User", name: "User.findMany" } })
    assert.equal(told[2].context, "the context")
    helper.isEnabled = () => false
    told.length = 0
    await prisma.user.findMany({ where: { id: 1 } })
    assert.deepEqual(told, [])
  } finally {
    delete globalThis.V7_PRISMA_INSTRUMENTATION
  }
})
