import assert from "node:assert/strict"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { createRequire } from "node:module"
import { after, before, test } from "node:test"
import { load, Prisma, PrismaClient } from "../../index.mjs"
import { connect, failure, makeDatabase, SCHEMA } from "../support/database.mjs"

const { urlOfAdapter } = createRequire(import.meta.url)("../../src/schema/adapter.js")

let url
before(async () => {
  url = await makeDatabase("node_client")
})

test("events of queries, before the answer", async () => {
  const prisma = connect(url, { log: [{ emit: "event", level: "query" }, { emit: "event", level: "error" }, "warn"] })
  const events = []
  assert.equal(prisma.$on("query", (event) => events.push(event)), prisma)
  prisma.$on("error", (event) => events.push(event))
  await prisma.user.findMany({ where: { email: "a@x" } })
  assert.equal(events.length, 1)
  assert.deepEqual([events[0].params, /SELECT .*"email"/.test(events[0].query), events[0].timestamp instanceof Date, typeof events[0].duration], ['["a@x"]', true, true, "number"])
  await failure(prisma.user.findUniqueOrThrow({ where: { id: -1 } }))
  const { message, target, timestamp } = events.at(-1)
  assert.deepEqual([target, timestamp instanceof Date, /^\nInvalid `.*prisma\.user\.findUniqueOrThrow\(\)` invocation.*No record was found/s.test(message)], ["user.findUniqueOrThrow", true, true])
  await failure(prisma.user.findMany({ where: { nope: 1 } }))
  assert.match(events.at(-1).message, /Unknown argument `nope`/)
  await prisma.$disconnect()
})

test("what is logged to standard output", async (context) => {
  const lines = []
  context.mock.method(console, "log", (...words) => lines.push(words))
  const prisma = connect(url, { log: ["query", "error"] })
  await prisma.user.count()
  await failure(prisma.$queryRaw`SELEC`)
  await prisma.$disconnect()
  assert.deepEqual(lines.map(([tag]) => tag), ["prisma:query", "prisma:query", "prisma:error"])
  assert.match(lines[0][1], /^SELECT/)
  assert.match(lines[2][1], /Raw query failed\. Code: `42601`/)
})

test("a client works again after $disconnect", async () => {
  const prisma = connect(url)
  await prisma.$connect()
  await prisma.$disconnect()
  await prisma.$disconnect()
  assert.equal(await prisma.user.count(), 0)
  await prisma.$disconnect()
})

test("$disconnect lets what is outstanding end", async () => {
  const prisma = connect(url)
  const slow = prisma.$queryRaw`SELECT pg_sleep(0.2)::text`.then(() => "done")
  await prisma.$disconnect()
  assert.equal(await slow, "done")
})

test("await using", { skip: Symbol.asyncDispose === undefined && "this Node has no Symbol.asyncDispose" }, async () => {
  const prisma = connect(url)
  await prisma.user.count()
  await prisma[Symbol.asyncDispose]()
})

test("the constructor refuses what it does not know", () => {
  const refused = (options, words) => assert.throws(() => connect(url, options), (error) => error.name === "PrismaClientConstructorValidationError" && words.test(error.message) && /Read more at https:\/\/pris\.ly\/d\/client-constructor$/.test(error.message))
  refused({ logs: [] }, /Unknown property logs provided to PrismaClient constructor\. Did you mean "log"\?/)
  refused({ log: ["quer"] }, /Invalid log level "quer" provided to PrismaClient constructor\. Did you mean "query"\?/)
  refused({ errorFormat: "prety" }, /Invalid errorFormat prety provided to PrismaClient constructor\. Did you mean "pretty"\?/)
  refused({ datasourceUrl: undefined, datasources: { nope: { url: "x" } } }, /Unknown datasource nope provided to PrismaClient constructor/)
  refused({ transactionOptions: { timeout: -1 } }, /timeout needs to be greater than 0/)
  refused({ omit: { user: { nope: true } } }, /\{\n  user: \{\n    nope: true\n    ~~~~\n  \}\n\}\n\nModel "user" does not have a field named "nope"\./)
  refused({ omit: { user: { email: "x" } } }, /email: "x"\n           ~~~\n[^]*Omit field option value must be a boolean\./)
  refused({ omit: { user: { posts: true } } }, /Relations are already excluded by default and can not be specified in "omit"\./)
  refused({ omit: { nope: {} } }, /\n  nope: \{\}\n  ~~~~\n[^]*Unknown model name: nope\./)
  refused({ comments: 5 }, /Invalid value 5 for "comments" provided to PrismaClient constructor\. Expected an array of SQL commenter plugins\./)
  refused({ comments: [() => ({}), 5] }, /Invalid value at index 1 for "comments" provided to PrismaClient constructor\. Each plugin must be a function\./)
})

test("a model by its own name, and what belongs to another database", async () => {
  const prisma = connect(url)
  assert.equal(prisma.User, prisma.user)
  assert.ok(!Object.keys(prisma).includes("User"))
  assert.throws(() => prisma.$runCommandRaw({}), { name: "PrismaClientValidationError", message: "The postgresql provider does not support $runCommandRaw. Use the mongodb provider." })
  assert.throws(() => prisma.$on("beforeExit", () => {}), /is not applicable to the client engine/)
  await prisma.$disconnect()
})

test("the namespace lists what it has of the schema", () => {
  const { Prisma } = load({ schema: SCHEMA })
  assert.ok("UserScalarFieldEnum" in Prisma && !("NopeScalarFieldEnum" in Prisma) && !("nope" in Prisma))
  assert.ok(Object.keys(Prisma).includes("SeatScalarFieldEnum"))
  assert.deepEqual({ ...Prisma }.SeatScalarFieldEnum, { row: "row", number: "number", guest: "guest" })
  assert.equal(`${Prisma.DbNull} ${Prisma.JsonNull}`, "Prisma.DbNull Prisma.JsonNull")
})

test("a missing URL is told at the first request", async () => {
  const saved = process.env.DATABASE_URL
  delete process.env.DATABASE_URL
  try {
    const prisma = new PrismaClient({ schema: SCHEMA })
    const error = await failure(prisma.user.count())
    assert.deepEqual([error.name, error.errorCode], ["PrismaClientInitializationError", "P1012"])
    assert.match(error.message, /Environment variable not found: DATABASE_URL\./)
  } finally {
    process.env.DATABASE_URL = saved
  }
})

test("a URL of Accelerate gives way to DIRECT_URL", async () => {
  const accelerate = "prisma://accelerate.prisma-data.net/?api_key=x"
  const error = await failure(connect(accelerate).user.count())
  assert.deepEqual([error.name, /URL is one of Prisma Accelerate/.test(error.message), /api_key/.test(error.message)], ["PrismaClientInitializationError", true, false])
  process.env.DIRECT_URL = url
  try {
    const prisma = connect(accelerate)
    assert.equal(await prisma.user.count(), 0)
    await prisma.$disconnect()
  } finally {
    delete process.env.DIRECT_URL
  }
})

test("what an adapter's pool is to be like stands in the URL, where the URL does not say otherwise", () => {
  const urlOf = (config, options) => urlOfAdapter({ config, options })
  assert.equal(urlOf({ connectionString: "postgresql://h/d", max: 3, connectionTimeoutMillis: 1500, application_name: "a b" }, { schema: "s" }), "postgresql://h/d?schema=s&connection_limit=3&pool_timeout=2&connect_timeout=2&application_name=a%20b")
  assert.equal(urlOf({ connectionString: "postgresql://h/d?connection_limit=9&sslmode=disable", max: 3, ssl: true }), "postgresql://h/d?connection_limit=9&sslmode=disable")
  const modes = [[true, "verify-full"], [{}, "verify-full"], [{ rejectUnauthorized: false }, "require"], [{ ca: "text" }, null], [false, null], [undefined, null]]
  for (const [ssl, mode] of modes) assert.equal(new URL(urlOf({ host: "h", ssl })).searchParams.get("sslmode"), mode)
  assert.equal(urlOf({ host: "h", port: 1, user: "u@x", password: "p/w", database: "d b" }), "postgresql://u%40x:p%2Fw@h:1/d%20b")
  assert.equal(urlOfAdapter({ externalPool: { options: { connectionString: "postgresql://h/d", max: 10, connectionTimeoutMillis: 0 } } }), "postgresql://h/d?connection_limit=10")
  assert.equal(urlOf("postgresql://h/d"), "postgresql://h/d")
  assert.equal(urlOf({ max: 3 }), undefined)
})

test("the URL of an adapter", async () => {
  const prisma = new PrismaClient({ schema: SCHEMA.replace(/url .*\n/, "\n"), adapter: { provider: "postgres", config: { connectionString: url } } })
  assert.equal(await prisma.user.count(), 0)
  await prisma.$disconnect()
})

test("a schema with mistakes is told by the constructor", () => {
  assert.throws(() => new PrismaClient({ schema: "model A {\n  id Nope @id\n}\n" }), (error) => error.name === "PrismaClientInitializationError" && /Nope/.test(error.message))
})

test("a schema and its environment are found where Prisma looks for them", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-"))
  fs.mkdirSync(path.join(folder, "prisma"))
  fs.writeFileSync(path.join(folder, "prisma", "schema.prisma"), SCHEMA.replace("DATABASE_URL", "FOUND_URL"))
  fs.writeFileSync(path.join(folder, ".env"), `# a comment\nHOST_PART="x"\nexport FOUND_URL='${url}' # where\n`)
  const before = process.cwd()
  process.chdir(folder)
  try {
    const prisma = new PrismaClient()
    assert.equal(await prisma.user.count(), 0)
    await prisma.$disconnect()
    assert.deepEqual(Prisma.ModelName, { User: "User", Post: "Post", Profile: "Profile", Seat: "Seat" })
    const required = createRequire(import.meta.url)("../../index.js")
    assert.deepEqual([required.Role, required.$Enums.Role.ADMIN, required.PrismaClient], [{ ADMIN: "ADMIN", USER: "USER" }, "ADMIN", PrismaClient])
  } finally {
    process.chdir(before)
    fs.rmSync(folder, { recursive: true })
  }
})

test("schema and URL where prisma.config.ts says", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-"))
  fs.mkdirSync(path.join(folder, "database"))
  fs.writeFileSync(path.join(folder, "database", "my.prisma"), SCHEMA.replace(/url .*\n/, "\n"))
  const before = process.cwd()
  process.chdir(folder)
  try {
    for (const expression of ['env("CONFIGURED_URL")', "process.env.CONFIGURED_URL", "process.env['CONFIGURED_URL']!", JSON.stringify(url)]) {
      process.env.CONFIGURED_URL = url
      fs.writeFileSync("prisma.config.ts", `import { defineConfig, env } from "prisma/config"\n// url: "postgresql://nowhere", schema: "nowhere"\nexport default defineConfig({\n  schema: "database/my.prisma",\n  datasource: { url: ${expression} },\n})\n`)
      const prisma = new PrismaClient()
      assert.equal(await prisma.user.count(), 0, expression)
      await prisma.$disconnect()
      delete process.env.CONFIGURED_URL
    }
  } finally {
    process.chdir(before)
    fs.rmSync(folder, { recursive: true })
  }
})

test("a module for a schema: its client, enums, names and data model", async () => {
  const module = load({ schema: SCHEMA })
  assert.deepEqual(module.Role, { ADMIN: "ADMIN", USER: "USER" })
  assert.deepEqual(Object.keys(module.Prisma.SeatScalarFieldEnum), ["row", "number", "guest"])
  const { models, enums } = module.Prisma.dmmf.datamodel
  assert.deepEqual(enums, [{ name: "Role", values: [{ name: "ADMIN", dbName: null }, { name: "USER", dbName: null }], dbName: null }])
  const [user, post, , seat] = models
  assert.deepEqual([user.name, user.documentation, post.dbName, seat.primaryKey], ["User", "People", "posts", { name: null, fields: ["row", "number"] }])
  assert.deepEqual(user.fields[0], { name: "id", kind: "scalar", isList: false, isRequired: true, isUnique: false, isId: true, isReadOnly: false, hasDefaultValue: true, type: "Int", nativeType: null, default: { name: "autoincrement", args: [] }, isGenerated: false, isUpdatedAt: false })
  assert.deepEqual(post.fields.find((field) => field.name === "author").relationFromFields, ["authorId"])
  const prisma = new module.PrismaClient({ datasourceUrl: url })
  assert.ok(prisma instanceof module.PrismaClient && prisma instanceof PrismaClient)
  assert.equal(await prisma.seat.count(), 0)
  await prisma.$disconnect()
})

test("a class of one's own over PrismaClient", async () => {
  class Service extends PrismaClient {
    constructor() {
      super({ schema: SCHEMA, datasourceUrl: url })
    }
    seats() {
      return this.seat.count()
    }
  }
  const service = new Service()
  assert.equal(await service.seats(), 0)
  assert.equal(await service.$extends({}).seats(), 0)
  await service.$disconnect()
})

test("metrics", async () => {
  const prisma = connect(url)
  await prisma.user.count()
  const { counters, gauges, histograms } = await prisma.$metrics.json()
  assert.ok(counters.find((counter) => counter.key === "prisma_client_queries_total").value > 0 && gauges.length && histograms.length)
  assert.match(await prisma.$metrics.prometheus(), /^# HELP prisma_client_queries_total/m)
  const labelled = await prisma.$metrics.json({ globalLabels: { app: "x" } })
  assert.deepEqual(labelled.counters[0].labels.app, "x")
  assert.match(await prisma.$metrics.prometheus({ globalLabels: { app: "x" } }), /prisma_client_queries_total\{app="x"\} \d/)
  await prisma.$disconnect()
})

test("any number of requests may wait, unless the owner sets a limit", async () => {
  const prisma = connect(url)
  const counts = await Promise.all(Array.from({ length: 30_000 }, () => prisma.seat.count()))
  assert.ok(counts.every((count) => count === 0))
  await prisma.$disconnect()
  const limited = connect(url, { accelerant: { limits: { queueLength: 5 } } })
  const codes = (await Promise.allSettled(Array.from({ length: 50 }, () => limited.seat.count()))).map((result) => result.reason?.code)
  assert.ok(codes.includes("P5011") && codes.includes(undefined))
  await limited.$disconnect()
})

test("a request can be stopped by a signal", async () => {
  const prisma = connect(url, { accelerant: { limits: { queryTimeoutMs: 5000 } } })
  const locked = prisma.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE "Seat"`
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error("enough")), 50)
    assert.equal((await failure(prisma.seat.findMany({ signal: controller.signal }))).message, "enough")
    const other = new AbortController()
    setTimeout(() => other.abort(), 50)
    assert.equal((await failure(prisma.seat.count({}, { signal: other.signal }))).name, "AbortError")
  })
  await locked
  assert.equal((await failure(prisma.seat.count({ signal: AbortSignal.abort() }))).name, "AbortError")
  assert.equal((await failure(prisma.$queryRaw`SELECT pg_sleep(0)::text`.then(() => prisma.seat.count({}, { timeoutMs: -1 })))).name, "PrismaClientKnownRequestError")
  await prisma.$disconnect()
})

test("a signal stops no other request than its own", async () => {
  const prisma = connect(url, { log: [{ emit: "event", level: "query" }] })
  const cached = { cacheStrategy: { ttl: 600 } }
  await prisma.seat.count(cached)
  const other = prisma.$queryRaw`SELECT 1 AS n FROM pg_sleep(1)`.then((rows) => rows, (error) => error)
  // A cached answer, and a refusal: both are known at once.
  for (const args of [cached, { where: { nope: 1 }, cacheStrategy: { ttl: 0.5 } }]) {
    const controller = new AbortController()
    const read = prisma.seat.count(args, { signal: controller.signal }).then(() => "answered", () => "refused")
    controller.abort()
    assert.equal(await read, args === cached ? "answered" : "refused")
  }
  assert.deepEqual(await other, [{ n: 1 }])
  await prisma.$disconnect()
})
