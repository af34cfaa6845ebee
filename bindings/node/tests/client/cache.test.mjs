import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { connect, failure, makeDatabase } from "../support/database.mjs"

let prisma
before(async () => {
  prisma = connect(await makeDatabase("node_cache"), { accelerant: { region: "fra1", cache: { maxBytes: 33554432 } } })
  await prisma.user.create({ data: { email: "alice@x", name: "Alice", balance: "1.5" } })
})
after(() => prisma.$disconnect())
const read = (cacheStrategy, args = {}) => prisma.user.findMany({ where: { email: { contains: "alice" } }, ...args, cacheStrategy })

test("the documentation's own calls", async () => {
  const strategy = { ttl: 60, swr: 60, tags: ["emails_with_alice"] }
  const first = await read(strategy).withAccelerateInfo()
  const second = await read(strategy).withAccelerateInfo()
  assert.deepEqual([first.info.cacheStatus, second.info.cacheStatus], ["miss", "ttl"])
  assert.deepEqual(first.data, second.data)
  assert.ok(second.data[0].createdAt instanceof Date)
  assert.deepEqual(Object.keys(second.info).sort(), ["cacheStatus", "lastModified", "region", "requestId", "signature"])
  assert.ok(second.info.lastModified instanceof Date && second.info.region === "fra1")
  const { requestId } = await prisma.$accelerate.invalidate({ tags: ["emails_with_alice"] })
  assert.equal(typeof requestId, "string")
  assert.equal((await read(strategy).withAccelerateInfo()).info.cacheStatus, "miss")
  await prisma.$accelerate.invalidateAll()
  assert.equal((await read(strategy).withAccelerateInfo()).info.cacheStatus, "miss")
  assert.equal((await read(undefined).withAccelerateInfo()).info.cacheStatus, "none")
})

test("all eight reads take a strategy", async () => {
  const reads = {
    findUnique: { where: { id: 1 } }, findUniqueOrThrow: { where: { id: 1 } }, findFirst: {}, findFirstOrThrow: {}, findMany: {}, count: {}, aggregate: { _max: { id: true } }, groupBy: { by: ["role"] },
  }
  for (const [operation, args] of Object.entries(reads)) {
    const call = () => prisma.user[operation]({ ...args, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
    const first = await call(), second = await call()
    assert.deepEqual([operation, second.info.cacheStatus], [operation, "ttl"])
    assert.deepEqual(first.data, second.data)
  }
})

test("a hit resolves without a turn of the event loop", async () => {
  await read({ ttl: 60 })
  let turned = false
  setImmediate(() => (turned = true))
  process.nextTick(() => {})
  for (let round = 0; round < 10; round++) await read({ ttl: 60 })
  assert.equal(turned, false)
  await new Promise(setImmediate)
  assert.equal(turned, true)
})

test("what a hit gives is the caller's own", async () => {
  const one = await read({ ttl: 60 })
  one[0].name = "changed"
  assert.equal((await read({ ttl: 60 }))[0].name, "Alice")
})

test("automatic answers go with a write", async () => {
  const call = () => read({ ttl: 60, auto: true }, { take: 5 }).withAccelerateInfo()
  await call()
  assert.equal((await call()).info.cacheStatus, "ttl")
  await prisma.user.update({ where: { email: "alice@x" }, data: { age: 30 } })
  const { data, info } = await call()
  assert.deepEqual([data[0].age, info.cacheStatus], [30, "miss"])
  await prisma.$executeRawUnsafe('UPDATE "User" SET age = 31')
  assert.equal((await call()).data[0].age, 31)
})

test("raw SQL that names the tables it changes drops their automatic answers alone", async () => {
  const auto = { ttl: 60, auto: true }
  const status = async (model) => (await prisma[model].count({ cacheStrategy: auto }).withAccelerateInfo()).info.cacheStatus
  const both = async () => [await status("user"), await status("seat")]
  await both()
  assert.equal(await prisma.$accelerate.touches("Seat").$executeRaw`UPDATE "Seat" SET guest = ${"x"}`, 0)
  assert.deepEqual(await both(), ["ttl", "miss"])
  assert.deepEqual(await prisma.$accelerate.touches(["User"]).$queryRawUnsafe('UPDATE "User" SET age = $1 RETURNING age', 32), [{ age: 32 }])
  assert.deepEqual(await both(), ["miss", "ttl"])
  await prisma.$transaction([prisma.$accelerate.touches("Seat").$executeRawUnsafe('UPDATE "Seat" SET guest = NULL')])
  assert.deepEqual(await both(), ["ttl", "miss"])
  await prisma.$executeRaw`UPDATE "Seat" SET guest = NULL`
  assert.deepEqual(await both(), ["miss", "miss"])
})

test("an answer's bytes, unread", async () => {
  for (const strategy of [undefined, { ttl: 60 }, { ttl: 60 }]) {
    const bytes = await prisma.user.$raw.findMany({ where: { email: "alice@x" }, select: { name: true, balance: true }, cacheStrategy: strategy })
    assert.ok(bytes instanceof Uint8Array)
    assert.equal(Buffer.from(bytes).toString(), '[{"name":"Alice","balance":"1.5"}]')
  }
  assert.equal((await failure(prisma.user.$raw.findMany({ where: { nope: 1 } }))).name, "PrismaClientValidationError")
})

test("bytes of one answer are not those of the next", async () => {
  const answers = await Promise.all(Array.from({ length: 3000 }, (_, index) => prisma.user.$raw.findMany({ where: { email: "alice@x" }, select: { name: true }, take: 1 + (index % 7), cacheStrategy: { ttl: 60 } })))
  for (const bytes of answers) assert.equal(Buffer.from(bytes).toString(), '[{"name":"Alice"}]')
})

test("the cache's refusals", async () => {
  const six = await failure(prisma.$accelerate.invalidate({ tags: ["a", "b", "c", "d", "e", "f"] }))
  assert.deepEqual([six.name, six.code], ["PrismaClientKnownRequestError", "P6005"])
  assert.equal((await failure(prisma.user.create({ data: { email: "x@x" }, cacheStrategy: { ttl: 1 } }))).code, "P6005")
  assert.equal((await failure(read({ ttl: 1, tags: ["no spaces"] }))).code, "P6005")
})

test("P6003 where the owner set a quota", async () => {
  const { urlOf } = await import("../support/database.mjs")
  const limited = connect(urlOf("node_cache"), { accelerant: { limits: { invalidateAllPerHour: 1 } } })
  await limited.$accelerate.invalidateAll()
  try {
    await limited.$accelerate.invalidateAll()
    assert.fail("the quota holds")
  } catch (e) {
    if (e.code !== "P6003") throw e
    assert.match(e.message, /The cache invalidation rate limit has been reached/)
  }
  await limited.$disconnect()
})

test("staleIfError stands in for a database that is gone; a manual clock shows the windows", async () => {
  const stale = connect(await makeDatabase("node_stale"), { accelerant: { clock: "manual" } })
  const call = () => stale.user.findMany({ select: { name: true }, cacheStrategy: { ttl: 60, swr: 60, staleIfError: 600 } }).withAccelerateInfo()
  const status = async () => (await call()).info.cacheStatus
  assert.deepEqual([await status(), await status()], ["miss", "ttl"])
  await stale.$accelerate.advanceClock(61_000)
  assert.equal(await status(), "swr")
  await prisma.$executeRawUnsafe("DROP DATABASE node_stale WITH (FORCE)")
  await stale.$accelerate.advanceClock(300_000)
  const { data, info } = await call()
  assert.deepEqual([data, info.cacheStatus, info.staleIfError], [[], "swr", true])
  await stale.$accelerate.advanceClock(600_000)
  assert.equal((await failure(call())).name, "PrismaClientInitializationError")
  await stale.$disconnect()
})

test("triggers by which others hear of writes", async () => {
  const { sql, tables, executed } = await prisma.$accelerate.installTriggers({ tables: ["Seat"] })
  assert.ok(/CREATE/.test(sql) && tables.includes("Seat") && executed === false)
})

test("reads in a transaction pass the cache by", async () => {
  await read({ ttl: 60 })
  const status = await prisma.$transaction(async (tx) => (await tx.user.findMany({ where: { email: { contains: "alice" } }, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()).info.cacheStatus)
  assert.equal(status, "none")
})

test("with query extensions, too", async () => {
  const extended = prisma.$extends({ query: { user: { async findMany({ args, query }) { return (await query(args)).length } } }, result: { user: { loud: { needs: { name: true }, compute: (user) => user.name.toUpperCase() } } } })
  const { data, info } = await extended.user.findMany({ take: 9, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
  assert.equal(data, 1)
  assert.equal(info.cacheStatus, "miss")
  assert.equal((await extended.user.findFirst({ cacheStrategy: { ttl: 60 } })).loud, "ALICE")
})
