import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { after, before, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, makeDatabase, SCHEMA, urlOf } from "../support/database.mjs"

// Hits that come again are copies of a value that is kept: nothing may be seen of that.
let prisma
before(async () => {
  prisma = connect(await makeDatabase("node_kept"))
  const meta = JSON.parse('{"a": [{"b": null}, "x"], "__proto__": {"c": 1}, "1": true}')
  await prisma.user.create({ data: { email: "a@x", name: "A", balance: "1.25", big: 5n, data: new Uint8Array([1, 2]), meta, tags: ["x"], days: [new Date(1)], createdAt: new Date(7), posts: { create: [{ title: "p" }] } } })
  await prisma.user.create({ data: { email: "b@x" } })
})
after(() => prisma.$disconnect())
const strategy = { cacheStrategy: { ttl: 600, tags: ["kept"] } }

test("each time the same, and each time one's own", async () => {
  const expected = await prisma.user.findMany({ include: { posts: true, profile: true }, orderBy: { id: "asc" } })
  const answers = []
  for (let round = 0; round < 5; round++) answers.push(await prisma.user.findMany({ include: { posts: true, profile: true }, orderBy: { id: "asc" }, ...strategy }))
  for (const answer of answers) {
    assert.deepEqual(answer, expected)
    assert.deepEqual(Object.keys(answer[0]), Object.keys(expected[0]))
    assert.ok(Object.hasOwn(answer[0].meta, "__proto__") && answer[0].meta.c === undefined)
    answer[0].name = "changed"
    answer[0].meta.a[0].b = "changed"
    answer[0].posts[0].title = "changed"
    answer[0].createdAt.setTime(0)
    answer[0].data[0] = 99
    answer[0].tags.push("changed")
    answer.length = 1
  }
})

test("one record, none, a number, groups", async () => {
  for (let round = 0; round < 4; round++) {
    assert.equal((await prisma.user.findFirst({ where: { email: "a@x" }, ...strategy })).big, 5n)
    assert.equal(await prisma.user.findUnique({ where: { id: -1 }, ...strategy }), null)
    assert.deepEqual(await prisma.user.findMany({ where: { id: -1 }, ...strategy }), [])
    assert.equal(await prisma.user.count({ ...strategy }), 2)
    assert.deepEqual(await prisma.user.count({ select: { _all: true, name: true }, ...strategy }), { _all: 2, name: 1 })
    assert.equal((await prisma.user.aggregate({ _sum: { big: true }, ...strategy }))._sum.big, 5n)
    assert.equal((await prisma.user.groupBy({ by: ["email"], _max: { createdAt: true }, orderBy: { email: "asc" }, ...strategy }))[0]._max.createdAt.getTime(), 7)
    assert.equal((await prisma.user.findUnique({ where: { email: "a@x" }, ...strategy }).posts())[0].title, "p")
  }
})

test("a new answer is seen", async () => {
  const name = async () => (await prisma.user.findFirst({ where: { email: "b@x" }, ...strategy }))?.name
  for (const round of ["1", "2", "3"]) {
    await prisma.user.update({ where: { email: "b@x" }, data: { name: round } })
    await prisma.$accelerate.invalidate({ tags: ["kept"] })
    for (let again = 0; again < 4; again++) assert.equal(await name(), round)
  }
})

test("more answers than are kept, and several clients", async () => {
  const other = connect(urlOf("node_kept"), { omit: { user: { email: true } } })
  for (let round = 0; round < 4; round++) {
    const numbers = await Promise.all(Array.from({ length: 2000 }, async (_, index) => {
      const client = index % 2 ? prisma : other
      return [(await client.user.findMany({ where: { id: { not: -index } }, take: 1 + (index % 3), orderBy: { id: "asc" }, ...strategy })).length, "email" in (await client.user.findFirst(strategy))]
    }))
    numbers.forEach(([count, hasEmail], index) => assert.deepEqual([count, hasEmail], [Math.min(2, 1 + (index % 3)), index % 2 === 1]))
  }
  await other.$disconnect()
})

test("with computed fields", async () => {
  const extended = prisma.$extends({ result: { user: { loud: { needs: { email: true }, compute: (user) => user.email.toUpperCase() } } } })
  for (let round = 0; round < 4; round++) {
    const [user] = await extended.user.findMany({ select: { loud: true }, orderBy: { id: "asc" }, ...strategy })
    assert.deepEqual({ ...user }, { loud: "A@X" })
    assert.deepEqual(Object.keys((await prisma.user.findMany({ select: { email: true }, orderBy: { id: "asc" }, ...strategy }))[0]), ["email"])
  }
})

test("the package loaded twice over one addon, as test runners do", async () => {
  const require = createRequire(import.meta.url)
  const before = Object.keys(require.cache)
  for (const file of before) if (!file.endsWith(".node")) delete require.cache[file]
  const second = require("../../index.js")
  const other = new second.PrismaClient({ schema: SCHEMA, datasourceUrl: urlOf("node_kept") })
  for (let round = 0; round < 5; round++) {
    for (const take of [1, 2]) {
      const args = { take, orderBy: { id: "asc" }, ...strategy }
      const [one, two] = [await prisma.user.findMany(args), await other.user.findMany(args)]
      assert.deepEqual([one.length, two.length], [take, take])
      assert.ok(one[0].balance instanceof Prisma.Decimal && two[0].balance instanceof second.Prisma.Decimal)
      const bytes = await Promise.all([prisma, other, prisma].map((client) => client.user.$raw.findFirst({ select: { email: true }, ...strategy })))
      assert.deepEqual(bytes.map((part) => Buffer.from(part).toString()), Array(3).fill('{"email":"a@x"}'))
    }
  }
  await other.$disconnect()
})
