// `accelerant/extension`, on a fake of Prisma Client's extension API. It was also tried on Prisma Client 6.16 and 7.4 themselves.
import assert from "node:assert/strict"
import fs from "node:fs"
import { after, before, beforeEach, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { withAccelerate } from "../../extension/index.mjs"
import { connect, makeDatabase, SCHEMA } from "../support/database.mjs"
import { fakePrisma } from "../support/fake-prisma.mjs"

const MODELS = ["User", "Post", "Profile", "Seat"]
let url, backing, base, options
const made = []
const extend = (client = base, more = {}) => {
  const extended = client.$extends(withAccelerate({ ...options, ...more }))
  made.push(extended)
  return extended
}

before(async () => {
  url = await makeDatabase("node_extension")
  backing = connect(url)
  base = fakePrisma(backing, MODELS)
  options = { datasourceUrl: url, schema: SCHEMA }
})
beforeEach(async () => {
  await backing.post.deleteMany()
  await backing.user.deleteMany()
  await backing.user.create({ data: { id: 1, email: "alice@x", name: "Alice", balance: "1.5", big: 10n, data: new Uint8Array([1, 2]), posts: { create: { title: "one" } } } })
})
after(async () => {
  for (const client of made) await client.$disconnect()
})

const reader = (prisma) => (args = {}) =>
  prisma.user.findMany({ where: { email: { contains: "alice" } }, include: { posts: true }, ...args, cacheStrategy: { ttl: 60, swr: 60, tags: ["emails_with_alice"], ...args.cacheStrategy } }).withAccelerateInfo()

test("reads with a strategy come from the cache, with the client's own values", async () => {
  const prisma = extend()
  const read = reader(prisma)
  const first = await read(), second = await read()
  assert.deepEqual([first.info.cacheStatus, second.info.cacheStatus], ["miss", "ttl"])
  assert.ok(second.info.lastModified instanceof Date)
  const plain = await base.user.findMany({ where: { email: { contains: "alice" } }, include: { posts: true } })
  assert.deepEqual(first.data, plain)
  assert.deepEqual(second.data, plain)
  assert.ok(second.data[0].balance instanceof Prisma.Decimal && second.data[0].createdAt instanceof Date && second.data[0].data instanceof Uint8Array)
})

test("reads without one go to the client", async () => {
  const prisma = extend()
  for (const strategy of [undefined, null, {}]) {
    const { data, info } = await prisma.user.findMany({ cacheStrategy: strategy }).withAccelerateInfo()
    assert.deepEqual([data.length, info], [1, null])
  }
  assert.equal((await prisma.user.findMany()).length, 1)
})

test("all eight reads", async () => {
  const prisma = extend()
  const reads = {
    findUnique: { where: { id: 1 } }, findUniqueOrThrow: { where: { id: 1 } }, findFirst: {}, findFirstOrThrow: {}, findMany: {}, count: {},
    aggregate: { _avg: { balance: true, id: true }, _max: { createdAt: true }, _sum: { big: true } },
    groupBy: { by: ["role", "balance"], _sum: { balance: true }, _count: { _all: true } },
  }
  for (const [operation, args] of Object.entries(reads)) {
    const call = () => prisma.user[operation]({ ...args, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
    await call()
    const second = await call()
    assert.deepEqual([operation, second.info.cacheStatus], [operation, "ttl"])
    assert.deepEqual(second.data, await base.user[operation](args))
  }
})

test("writes drop what they touch: the model's and nested ones", async () => {
  const prisma = extend()
  const read = reader(prisma)
  await read()
  await prisma.user.update({ where: { id: 1 }, data: { name: "A" } })
  assert.equal((await read()).data[0].name, "A")
  await prisma.post.updateMany({ data: { title: "changed" } })
  assert.equal((await read()).data[0].posts[0].title, "changed")
  await prisma.user.update({ where: { id: 1 }, data: { posts: { create: { title: "two" } } } })
  assert.equal((await read()).data[0].posts.length, 2)
  await prisma.$executeRaw`UPDATE "User" SET name = ${"raw"}`
  assert.equal((await read()).data[0].name, "raw")
  await prisma.$queryRaw`UPDATE "User" SET name = ${"query"} RETURNING id`
  assert.equal((await read()).data[0].name, "query")
  // What has nothing to do with it stays.
  await prisma.seat.create({ data: { row: Math.floor(Math.random() * 1e6), number: 1 } })
  await prisma.$queryRaw`SELECT 1`
  assert.equal((await read()).info.cacheStatus, "ttl")
})

test("a write that may have failed drops it, too", async () => {
  const prisma = extend()
  const read = reader(prisma)
  await read()
  await assert.rejects(prisma.user.create({ data: { email: "alice@x" } }))
  assert.equal((await read()).info.cacheStatus, "miss")
})

test("without auto, writes drop nothing", async () => {
  const prisma = extend(base, { cache: { auto: false } })
  const read = reader(prisma)
  await read()
  await prisma.user.update({ where: { id: 1 }, data: { name: "A" } })
  assert.equal((await read()).data[0].name, "Alice")
  await prisma.$accelerate.invalidate({ tags: ["emails_with_alice"] })
  assert.equal((await read()).data[0].name, "A")
})

test("transactions read what they wrote, and take effect at their end", async () => {
  const prisma = extend()
  const read = reader(prisma)
  await read()
  await prisma.$transaction(async (tx) => {
    await tx.user.update({ where: { id: 1 }, data: { name: "T" } })
    assert.equal((await tx.user.findFirst({ where: { id: 1 }, cacheStrategy: { ttl: 60 } })).name, "T")
  })
  assert.equal((await read()).data[0].name, "T")
  await assert.rejects(prisma.$transaction(async (tx) => {
    await tx.user.update({ where: { id: 1 }, data: { name: "R" } })
    throw new Error("undone")
  }), /undone/)
  assert.equal((await read()).data[0].name, "T")
})

test("an old answer that was stored during a transaction is dropped at its end", async () => {
  const prisma = extend(), other = extend()
  const read = reader(prisma)
  let release
  const written = new Promise((resolve) => (release = resolve))
  let go
  const mayEnd = new Promise((resolve) => (go = resolve))
  const running = prisma.$transaction(async (tx) => {
    await tx.user.update({ where: { id: 1 }, data: { name: "New" } })
    release()
    await mayEnd
  })
  await written
  assert.equal((await read()).data[0].name, "Alice")
  assert.equal((await read()).info.cacheStatus, "ttl")
  go()
  await running
  assert.equal((await read()).data[0].name, "New")
  await other.user.count()
})

test("a list of requests reaches the client whole", async () => {
  const prisma = extend()
  const read = reader(prisma)
  await read()
  const [users, changed] = await prisma.$transaction([prisma.user.findMany({ cacheStrategy: { ttl: 60 } }), prisma.user.update({ where: { id: 1 }, data: { name: "B" } })])
  assert.deepEqual([users[0].name, changed.name], ["Alice", "B"])
  assert.equal((await read()).data[0].name, "B")
})

test("$accelerate, and errors of the client's class", async () => {
  const prisma = extend()
  const read = reader(prisma)
  await read()
  assert.equal(typeof (await prisma.$accelerate.invalidate({ tags: ["emails_with_alice"] })).requestId, "string")
  assert.equal((await read()).info.cacheStatus, "miss")
  await prisma.$accelerate.invalidateAll()
  assert.equal((await read()).info.cacheStatus, "miss")
  const known = (code) => (error) => error instanceof Prisma.PrismaClientKnownRequestError && error.code === code
  await assert.rejects(prisma.$accelerate.invalidate({ tags: ["a b"] }), known("P6005"))
  await assert.rejects(prisma.user.findMany({ cacheStrategy: { ttl: -5 } }), known("P6005"))
  await assert.rejects(prisma.user.findUniqueOrThrow({ where: { id: 99 }, cacheStrategy: { ttl: 5 } }), known("P2025"))
  await assert.rejects(prisma.user.findMany({ where: { nix: 1 }, cacheStrategy: { ttl: 5 } }), Prisma.PrismaClientValidationError)
})

test("a quota that is used up is P6003", async () => {
  const prisma = extend(base, { limits: { invalidateAllPerHour: 1 } })
  await prisma.$accelerate.invalidateAll()
  await assert.rejects(prisma.$accelerate.invalidateAll(), (error) => error.code === "P6003")
})

test("the client's own markers", async () => {
  const prisma = extend()
  for (const where of [{ meta: { equals: Prisma.DbNull } }, { name: { not: { equals: backing.user.fields.email } } }, { balance: new Prisma.Decimal("1.5"), name: Prisma.skip }]) {
    const { data, info } = await prisma.user.findMany({ where, cacheStrategy: { ttl: 5 } }).withAccelerateInfo()
    assert.deepEqual([data.length, info?.cacheStatus], [1, "miss"])
  }
})

test("other extensions, added before or after", async () => {
  let seen = 0
  const other = {
    name: "other",
    query: { user: { async findMany({ args, query }) { seen += 1; return query({ ...args, where: { ...args.where, id: 1 } }) } } },
    result: { user: { label: { needs: { email: true }, compute: (user) => `<${user.email}>` } } },
    model: { user: { hello() { return `hello ${this.$name}` } } },
    client: { $ping: () => 7 },
  }
  await backing.user.create({ data: { email: "bob@x" } })
  for (const prisma of [extend().$extends(other), extend(base.$extends(other))]) {
    made.push(prisma)
    const read = () => prisma.user.findMany({ where: { role: "USER" }, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
    await read()
    seen = 0
    const { data, info } = await read()
    assert.deepEqual([info.cacheStatus, data.length, data[0].label, seen], ["ttl", 1, "<alice@x>", 1])
    assert.deepEqual([prisma.user.hello(), prisma.$ping()], ["hello User", 7])
    await prisma.$transaction(async (tx) => assert.equal((await tx.user.findMany({ cacheStrategy: { ttl: 60 } })).length, 1))
  }
})

test("what the client leaves out is left out of the cache's answers", async () => {
  const prisma = extend()
  const lean = extend(Object.assign(fakePrisma(backing, MODELS), { _globalOmit: { user: { email: true } } }))
  for (const read of [(of) => of.user.findFirst({ cacheStrategy: { ttl: 60 } }), async (of) => (await of.post.findFirst({ include: { author: true }, cacheStrategy: { ttl: 60 } })).author]) {
    assert.ok("email" in (await read(prisma)))
    assert.ok(!("email" in (await read(lean))))
  }
})

test("accelerant's own client needs none of it", () => {
  assert.equal(withAccelerate()(backing), backing)
})

test("where the database of the library cannot be reached, the client answers", async () => {
  const prisma = extend(base, { datasourceUrl: "postgresql://127.0.0.1:1/none" })
  const { data, info } = await prisma.user.findMany({ cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
  assert.deepEqual([data.length, info], [1, null])
  await prisma.user.update({ where: { id: 1 }, data: { name: "A" } })
})

test("a URL of Accelerate is told, and DIRECT_URL is taken in its place", async () => {
  const before = { DATABASE_URL: process.env.DATABASE_URL, DIRECT_URL: process.env.DIRECT_URL }
  try {
    process.env.DATABASE_URL = "prisma://accelerate.prisma-data.net/?api_key=x"
    delete process.env.DIRECT_URL
    await assert.rejects(extend(base, { datasourceUrl: undefined }).user.findMany({ cacheStrategy: { ttl: 60 } }), /DATABASE_URL is a URL of Prisma Accelerate/)
    process.env.DIRECT_URL = url
    const { info } = await extend(base, { datasourceUrl: undefined }).user.findMany({ cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
    assert.equal(info.cacheStatus, "miss")
  } finally {
    for (const [name, value] of Object.entries(before)) value === undefined ? delete process.env[name] : (process.env[name] = value)
  }
})

test("of a version that is not known nothing is taken for granted", async () => {
  const warnings = []
  const listen = (warning) => warnings.push(warning)
  process.on("warning", listen)
  const unknown = fakePrisma(backing, MODELS, "8.0.0")
  const read = (of) => of.user.findMany({ cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
  const wary = extend(unknown)
  for (let round = 0; round < 2; round++) {
    // What it leaves out is not known: it answers itself.
    const { data, info } = await read(wary)
    assert.deepEqual([data.length, info], [1, null])
  }
  await new Promise(setImmediate)
  process.off("warning", listen)
  assert.deepEqual(warnings.map(({ code }) => code), ["ACCELERANT_UNKNOWN_CLIENT"])
  assert.match(warnings[0].message, /Prisma Client 8\.0\.0 is none of the versions 5, 6, 7.*withAccelerate\(\): \{ omit: \{\} \}/)
  // What is said is taken.
  const told = extend(unknown, { omit: { user: { email: true } } })
  await read(told)
  const { data, info } = await read(told)
  assert.deepEqual([info.cacheStatus, "email" in data[0], data[0].name], ["ttl", false, "Alice"])
  // Transactions are known by the extension itself.
  const [users, count] = await told.$transaction([told.user.findMany({ cacheStrategy: { ttl: 60 } }), told.user.count({ cacheStrategy: { ttl: 60 } })])
  assert.deepEqual([users.length, "email" in users[0], count], [1, true, 1])
  await told.$transaction(async (tx) => {
    await tx.user.update({ where: { id: 1 }, data: { name: "B" } })
    assert.equal((await tx.user.findFirst({ cacheStrategy: { ttl: 60 } })).name, "B")
  })
  assert.equal((await read(told)).data[0].name, "B")
})

test("a write is not told to have failed because the library cannot drop anything", async () => {
  const unusable = extend(base, { limits: { nope: 1 } })
  assert.equal((await unusable.user.findMany({ cacheStrategy: { ttl: 60 } })).length, 1)
  assert.equal((await unusable.user.update({ where: { id: 1 }, data: { name: "W" } })).name, "W")
})

test("arguments within themselves are the client's to refuse", async () => {
  const one = {}
  Object.assign(one, { one, again: one })
  await assert.rejects(extend().user.findMany({ where: one, cacheStrategy: { ttl: 60 } }), /within itself/)
})

test("members that are not documented stand in one file", () => {
  const folder = new URL("../../extension/", import.meta.url)
  for (const name of fs.readdirSync(folder)) {
    const text = fs.readFileSync(new URL(name, folder), "utf8")
    const found = text.match(/_globalOmit|_engineConfig|_clientVersion|__internalParams|_runtimeDataModel|_requestHandler/g) ?? []
    assert.equal(found.length > 0, name === "undocumented.js", name)
  }
})
