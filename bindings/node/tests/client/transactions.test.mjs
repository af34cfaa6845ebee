import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { connect, failure, makeDatabase } from "../support/database.mjs"

let prisma
before(async () => {
  prisma = connect(await makeDatabase("node_transactions"))
})
after(() => prisma.$disconnect())
const emails = async () => (await prisma.user.findMany({ orderBy: { id: "asc" } })).map((user) => user.email)

test("a list happens together, and its answers are of their types", async () => {
  const [made, count, rows, changed] = await prisma.$transaction([
    prisma.user.create({ data: { email: "a@x", big: 1n } }), prisma.user.count(), prisma.$queryRaw`SELECT 1::bigint AS one`, prisma.$executeRaw`UPDATE "User" SET age = 1`,
  ])
  assert.equal(made.big, 1n)
  assert.deepEqual([count, rows, changed], [1, [{ one: 1n }], 1])
  assert.deepEqual(await prisma.$transaction([]), [])
})

test("a list that fails leaves nothing, and the error is of the request that failed", async () => {
  const before = await emails()
  const error = await failure(prisma.$transaction([prisma.user.create({ data: { email: "b@x" } }), prisma.user.create({ data: { email: "a@x" } })], { isolationLevel: "Serializable" }))
  assert.deepEqual([error.code, error.meta.target, error.batchRequestIdx], ["P2002", ["email"], 1])
  assert.deepEqual(await emails(), before)
  assert.match((await failure(prisma.$transaction([prisma.user.count(), prisma.user.findMany({ where: { nope: 1 } })]))).message, /Unknown argument `nope`/)
  assert.equal((await failure(prisma.$transaction([prisma.user.count()], { isolationLevel: "Nope" }))).code, "P2023")
  assert.match((await failure(prisma.$transaction([Promise.resolve(1)]))).message, /^All elements of the array need to be Prisma Client promises/)
})

test("a function's writes are kept when it returns, and undone when it throws", async () => {
  const answer = await prisma.$transaction(async (tx) => {
    await tx.user.create({ data: { email: "c@x" } })
    assert.equal(await prisma.user.count({ where: { email: "c@x" } }), 0)
    return tx.user.count({ where: { email: "c@x" } })
  })
  assert.equal(answer, 1)
  const thrown = new Error("mine")
  const error = await failure(prisma.$transaction(async (tx) => {
    await tx.user.deleteMany()
    throw thrown
  }))
  assert.equal(error, thrown)
  assert.ok((await emails()).includes("c@x"))
})

test("a transaction within a transaction is undone alone", async () => {
  await prisma.$transaction(async (tx) => {
    await tx.user.create({ data: { email: "outer@x" } })
    await failure(tx.$transaction(async (inner) => {
      await inner.user.create({ data: { email: "inner@x" } })
      await inner.user.create({ data: { email: "inner@x" } })
    }))
    await tx.$transaction([tx.user.create({ data: { email: "second@x" } })])
    await tx.$transaction(async (inner) => inner.$transaction(async (deepest) => deepest.user.create({ data: { email: "deepest@x" } })))
  })
  assert.deepEqual((await emails()).filter((email) => ["outer@x", "inner@x", "second@x", "deepest@x"].includes(email)), ["outer@x", "second@x", "deepest@x"])
})

test("a transaction that is over says so", async () => {
  let kept
  await prisma.$transaction(async (tx) => {
    kept = tx
  })
  const over = await failure(kept.user.count())
  assert.deepEqual([over.code, /Transaction already closed/.test(over.message)], ["P2028", true])
  const late = await failure(prisma.$transaction(async (tx) => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    await tx.user.count()
  }, { timeout: 50 }))
  assert.match(late.message, /Transaction API error: A query cannot be executed on an expired transaction\. The timeout for this transaction was 50 ms/)
  for (const name of ["$connect", "$disconnect", "$on", "$extends"]) assert.equal(kept[name], undefined)
})

test("requests of a transaction may run side by side", async () => {
  const counts = await prisma.$transaction(async (tx) => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => tx.user.create({ data: { email: `side${index}@x` } })))
    return Promise.all([tx.user.count({ where: { email: { startsWith: "side" } } }), ...[0, 1].map((index) => tx.user.findUnique({ where: { email: `side${index}@x` } }))])
  })
  assert.deepEqual([counts[0], counts[1].email, counts[2].email], [20, "side0@x", "side1@x"])
})

test("the client's own transaction options", async () => {
  const { urlOf } = await import("../support/database.mjs")
  const strict = connect(urlOf("node_transactions"), { transactionOptions: { timeout: 50, isolationLevel: "Serializable" } })
  const level = (client) => client.$queryRaw`SELECT current_setting('transaction_isolation') AS level`
  assert.equal((await strict.$transaction((tx) => level(tx)))[0].level, "serializable")
  assert.equal((await strict.$transaction((tx) => level(tx), { isolationLevel: "RepeatableRead" }))[0].level, "repeatable read")
  assert.equal((await strict.$transaction([level(strict)]))[0][0].level, "serializable")
  assert.equal((await failure(strict.$transaction(async (tx) => {
    await new Promise((resolve) => setTimeout(resolve, 150))
    return tx.user.count()
  }))).code, "P2028")
  await strict.$disconnect()
})

test("no time at all is no time limit, and no options are none", async () => {
  for (const name of ["timeout", "maxWait"]) {
    const error = await failure(prisma.$transaction(async () => 1, { [name]: 0 }))
    assert.deepEqual([error.code, error.message], ["P2028", `Transaction API error: ${name} is required`])
  }
  assert.equal(await prisma.$transaction(async () => 1, null), 1)
})
