import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, failure, makeDatabase } from "../support/database.mjs"

let prisma
before(async () => {
  prisma = connect(await makeDatabase("node_values"))
})
after(() => prisma.$disconnect())

test("each type comes back as what it was given as", async () => {
  const data = {
    email: "a@x", name: "Zoë 💡", age: -5, createdAt: new Date("1999-12-31T23:59:59.999Z"), balance: new Prisma.Decimal("123456789012345678901234567890.123456789"),
    big: 9007199254740993n, ratio: 0.1, data: new Uint8Array([0, 1, 255]), meta: { a: [1, null, "x"], $type: "mine" }, tags: ["b", "a"], days: [new Date(0)],
  }
  const made = await prisma.user.create({ data })
  assert.equal(made.balance.toFixed(), "123456789012345678901234567890.123456789")
  assert.ok(Prisma.Decimal.isDecimal(made.balance))
  assert.ok(made.data instanceof Uint8Array)
  const { id, balance, role, nickname, ...rest } = made
  const { balance: _, ...given } = data
  assert.deepEqual(rest, given)
  assert.deepEqual([typeof id, role, nickname], ["number", "USER", null])
  assert.deepEqual(await prisma.user.findUnique({ where: { id } }), made)
})

test("values are found by themselves", async () => {
  await prisma.user.create({ data: { email: "b@x", big: 2n ** 62n, balance: "1.10", createdAt: new Date(5), data: Buffer.from("hi") } })
  for (const where of [{ big: 2n ** 62n }, { balance: new Prisma.Decimal("1.1") }, { balance: 1.1 }, { createdAt: new Date(5) }, { createdAt: "1970-01-01T00:00:00.005Z" }, { data: Buffer.from("hi") }]) {
    assert.equal((await prisma.user.findFirst({ where }))?.email, "b@x", JSON.stringify(Object.keys(where)))
  }
})

test("the three nulls of Json", async () => {
  await prisma.user.create({ data: { email: "n1@x", meta: Prisma.DbNull } })
  await prisma.user.create({ data: { email: "n2@x", meta: Prisma.JsonNull } })
  const emails = async (meta) => (await prisma.user.findMany({ where: { email: { startsWith: "n" }, meta: { equals: meta } }, orderBy: { id: "asc" } })).map((user) => user.email)
  assert.deepEqual(await emails(Prisma.DbNull), ["n1@x"])
  assert.deepEqual(await emails(Prisma.JsonNull), ["n2@x"])
  assert.deepEqual(await emails(Prisma.AnyNull), ["n1@x", "n2@x"])
  assert.ok(Prisma.DbNull instanceof Prisma.NullTypes.DbNull)
  assert.throws(() => new Prisma.NullTypes.DbNull(), TypeError)
})

test("undefined and Prisma.skip are not given", async () => {
  const made = await prisma.user.create({ data: { email: "u@x", name: undefined, nickname: Prisma.skip } })
  assert.deepEqual([made.name, made.nickname], [null, null])
  const error = await failure(prisma.user.findMany({ where: { email: { in: ["x", undefined] } } }))
  assert.equal(error.name, "PrismaClientValidationError")
  assert.match(error.message, /Can not use `undefined` value within array/)
})

test("Prisma.skip in the place of a selection chooses as nothing does", async () => {
  const user = await prisma.user.create({ data: { email: "skipped@x", posts: { create: { title: "t", views: 5n } } } })
  const where = { id: user.id }
  for (const selection of [{ select: Prisma.skip }, { include: Prisma.skip }, { omit: Prisma.skip }]) {
    const [one, two] = await Promise.all([prisma.user.findUnique({ where, ...selection }), prisma.user.findUnique({ where: { id: -1 }, ...selection })])
    assert.deepEqual([one, two], [user, null])
    const { author } = await prisma.post.findFirst({ where: { authorId: user.id }, include: { author: selection } })
    assert.deepEqual(author, user)
  }
  const { posts } = await prisma.user.findUnique({ where, select: Prisma.skip, include: { posts: true, profile: Prisma.skip } })
  assert.equal(posts[0].views, 5n)
})

test("strictUndefinedChecks refuses undefined, and takes Prisma.skip", async () => {
  const { SCHEMA, urlOf } = await import("../support/database.mjs")
  const strict = connect(urlOf("node_values"), { schema: `generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["strictUndefinedChecks"]\n}\n${SCHEMA}` })
  const error = await failure(strict.user.findMany({ where: { email: undefined } }))
  // Prisma Client names what the undefined is a member of, and marks the member.
  assert.match(error.message, /email: undefined\n +~{9}\n[^]*Invalid value for argument `where`: explicitly `undefined` values are not allowed\./)
  assert.match((await failure(strict.user.findMany({ take: undefined }))).message, /Invalid value for argument `undefined`: explicitly/)
  assert.match((await failure(strict.user.createMany({ data: [{ email: "x", name: undefined }] }))).message, /Invalid value for argument `0`: explicitly/)
  assert.match((await failure(strict.user.findUnique({ where: { id: 1 } }).posts({ where: undefined }))).message, /Invalid value for argument `undefined`: explicitly/)
  assert.equal((await strict.user.findMany({ select: undefined, include: { posts: { select: undefined } } })).length, await strict.user.count())
  assert.match((await failure(strict.user.findMany({ where: { id: { in: [Prisma.skip] } } }))).message, /argument `in\[0\]`: Can not use `Prisma\.skip` value within array\. Use `null` or filter out `Prisma\.skip` values\./)
  assert.match((await failure(strict.user.findMany({ select: { email: undefined } }))).message, /Invalid value for selection field `email`: explicitly `undefined` values are not allowed$/)
  assert.equal((await strict.user.findMany({ where: { email: Prisma.skip } })).length, await strict.user.count())
  await strict.$disconnect()
})

test("field references", async () => {
  await prisma.user.create({ data: { email: "f@x", name: "same", nickname: "same" } })
  const found = await prisma.user.findMany({ where: { name: { equals: prisma.user.fields.nickname } } })
  assert.deepEqual(found.map((user) => user.email), ["f@x"])
  assert.equal(prisma.user.fields.posts, undefined)
})

test("aggregates have the types of their fields", async () => {
  const answer = await prisma.user.aggregate({ _sum: { big: true, balance: true }, _avg: { age: true, balance: true }, _min: { createdAt: true }, _max: { big: true }, _count: true })
  assert.equal(typeof answer._sum.big, "bigint")
  assert.ok(Prisma.Decimal.isDecimal(answer._sum.balance) && Prisma.Decimal.isDecimal(answer._avg.balance))
  assert.equal(answer._avg.age, -5)
  assert.ok(answer._min.createdAt instanceof Date)
  const groups = await prisma.user.groupBy({ by: ["createdAt"], where: { email: "a@x" }, _sum: { big: true } })
  assert.deepEqual(groups, [{ createdAt: new Date("1999-12-31T23:59:59.999Z"), _sum: { big: 9007199254740993n } }])
})

test("values of related records are read, too", async () => {
  const made = await prisma.user.create({ data: { email: "r@x", posts: { create: [{ title: "A", views: 7n }] } }, include: { posts: { include: { author: { select: { createdAt: true } } } }, _count: { select: { posts: true } } } })
  assert.equal(made.posts[0].views, 7n)
  assert.ok(made.posts[0].author.createdAt instanceof Date)
  assert.deepEqual(made._count, { posts: 1 })
})

test("values that cannot be sent are refused with their place", async () => {
  for (const [where, words] of [[{ createdAt: new Date("x") }, /Invalid value for argument `createdAt`: Provided Date object is invalid\. Expected Date\./], [{ meta: { equals: () => 1 } }, /could not serialize/]]) {
    const error = await failure(prisma.user.findMany({ where }))
    assert.equal(error.name, "PrismaClientValidationError")
    assert.match(error.message, words)
  }
  const loop = {}
  loop.self = loop
  assert.equal((await failure(prisma.user.create({ data: { email: "l@x", meta: loop } }))).name, "PrismaClientValidationError")
})

test("dates of all years", async () => {
  for (const text of ["0001-01-01T00:00:00.000Z", "1582-10-15T12:00:00.001Z", "2024-02-29T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]) {
    const made = await prisma.user.create({ data: { email: text, createdAt: new Date(text) } })
    assert.equal(made.createdAt.toISOString(), text)
  }
})

test("half a surrogate pair is stored as U+FFFD", async () => {
  const made = await prisma.user.create({ data: { email: "s\uD800@x" } })
  assert.equal(made.email, "s\uFFFD@x")
  assert.deepEqual(await prisma.$queryRaw`SELECT ${"s\uD800@x"}::text AS email`, [{ email: made.email }])
})

test("a decimal beyond all that a column may hold is refused in short", async () => {
  for (const text of ["1e500000000", "-1e-500000000"]) {
    const decimal = new Prisma.Decimal(text)
    for (const call of [prisma.user.findMany({ where: { balance: decimal } }), prisma.user.create({ data: { email: "d@x", balance: decimal } }), prisma.$queryRaw`SELECT ${decimal}::numeric`]) {
      const { name, code, message } = await failure(call)
      assert.match(name, /^PrismaClient/)
      // In full it would be too large a request.
      assert.ok(code !== "P6009" && message.length < 10_000, `${code}, ${message.length} characters`)
    }
  }
})
