import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { after, before, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, failure, makeDatabase } from "../support/database.mjs"

const require = createRequire(import.meta.url)
const { LibraryError } = require("../../src/native.js")
const { leniently } = require("../../src/request/lenient.js")

let prisma
before(async () => {
  prisma = connect(await makeDatabase("node_lenient"))
  await prisma.user.create({ data: { email: "a@x", meta: { n: 1 }, posts: { create: { title: "one" } } } })
})
after(() => prisma.$disconnect())

const stored = async (email) => (await prisma.$queryRaw`SELECT meta::text FROM "User" WHERE email = ${email}`)[0].meta

test("a plain null of a Json field is JSON's null", async () => {
  await prisma.user.create({ data: { email: "null@x", meta: null } })
  assert.equal(await stored("null@x"), "null")
  await prisma.user.createMany({ data: [{ email: "m1@x", meta: 1 }, { email: "m2@x", meta: null }, { email: "m3@x", meta: null }] })
  assert.deepEqual([await stored("m1@x"), await stored("m2@x"), await stored("m3@x")], ["1", "null", "null"])
  await prisma.post.create({ data: { title: "t", author: { create: { email: "nested@x", meta: null } } } })
  assert.equal(await stored("nested@x"), "null")
  const found = await prisma.user.findMany({ where: { meta: { equals: null } }, select: { email: true }, orderBy: { email: "asc" } })
  assert.deepEqual(found.map(({ email }) => email), ["m2@x", "m3@x", "nested@x", "null@x"])
  assert.equal(await prisma.user.count({ where: { meta: { not: null } } }), 2)
  const given = { email: "given@x", meta: null }
  await prisma.user.create({ data: given })
  assert.equal(given.meta, null)
})

test("in a list of a transaction, too, which is done once", async () => {
  const [changed, made, count] = await prisma.$transaction([
    prisma.user.update({ where: { email: "a@x" }, data: { age: { increment: 1 }, meta: null }, select: { age: true, meta: true } }),
    prisma.user.create({ data: { email: "list@x", age: 1, meta: null }, select: { meta: true } }),
    prisma.user.count({ where: { email: "list@x" } }),
  ])
  assert.deepEqual([changed, made, count, await stored("list@x")], [{ age: null, meta: null }, { meta: null }, 1, "null"])
  const error = await failure(prisma.$transaction([prisma.user.update({ where: { email: "a@x" }, data: { meta: null, name: 5 } }), prisma.user.count()]))
  assert.match(error.message, /Argument `name`: Invalid value provided/)
})

test("and where something else is wrong, the arguments are shown as they were given", async () => {
  const error = await failure(prisma.user.create({ data: { email: "x@x", meta: null, name: 5 } }))
  assert.match(error.message, /meta: null/)
  assert.match(error.message, /Argument `name`: Invalid value provided/)
  assert.match((await failure(prisma.user.findMany({ where: { meta: null } }))).message, /Argument `meta` must not be null/)
  assert.match((await failure(prisma.user.findMany({ where: { meta: { path: ["n"], gt: null } } }))).message, /Argument `gt` must not be null/)
})

test("to omit a relation changes nothing", async () => {
  const user = await prisma.user.findFirst({ where: { email: "a@x" }, omit: { posts: true, meta: true } })
  assert.ok(!("meta" in user) && "email" in user)
  const post = await prisma.post.findFirst({ where: { title: "one" }, include: { author: { omit: { profile: true } } } })
  assert.equal(post.author.email, "a@x")
  assert.match((await failure(prisma.user.findFirst({ omit: { nothing: true } }))).message, /Unknown field `nothing` for omit statement/)
})

test("writes of many give a count, selected or not", async () => {
  assert.deepEqual(await prisma.seat.createMany({ data: [{ row: 1, number: 1 }, { row: 1, number: 2 }, { row: 2, number: 1 }], select: { count: true } }), { count: 3 })
  assert.match((await failure(prisma.seat.deleteMany({ select: { row: true } }))).message, /Unknown field `row` for select statement on model `AffectedRowsOutput`/)
})

test("pages of groups are ordered by the key that they have", async () => {
  assert.deepEqual(await prisma.seat.groupBy({ by: ["number", "row"], take: 2 }), [{ number: 1, row: 1 }, { number: 2, row: 1 }])
  assert.equal((await failure(prisma.seat.groupBy({ by: ["row"], take: 2 }))).code, "P2019")
})

test("to take more than there can be is to take all", async () => {
  for (const take of [Number.MAX_SAFE_INTEGER, 3_000_000_000]) assert.equal((await prisma.seat.findMany({ take })).length, 3)
  const backwards = await prisma.seat.findMany({ take: -Number.MAX_SAFE_INTEGER, orderBy: [{ row: "asc" }, { number: "asc" }] })
  assert.deepEqual(backwards.map(({ row }) => row), [1, 1, 2])
  const users = await prisma.user.findMany({ where: { email: "a@x" }, select: { posts: { take: Number.MAX_SAFE_INTEGER, select: { title: true } } } })
  assert.deepEqual(users, [{ posts: [{ title: "one" }] }])
})

test("a field that is called as an argument is left alone", () => {
  const refused = (path) => Object.assign(new LibraryError(2), { meta: { kind: "outOfRange", path } })
  const call = { operation: "create", model: { fields: {} } }
  for (const [path, args] of [
    ["args.data.take", { data: { take: 3e9 } }],
    ["args.data[0].take", { data: [{ take: 3e9 }, { take: 5 }] }],
    ["args.where.take", { where: { take: 3e9 } }],
    ["args.cursor.take", { cursor: { take: 3e9 } }],
    ["args.data.include.take", { data: { include: { take: 3e9 } } }],
  ])
    assert.equal(leniently(refused(path), call, args), undefined, path)
  assert.deepEqual(leniently(refused("args.include.posts.take"), call, { include: { posts: { take: 3e9 } } }), { include: { posts: { take: 2 ** 31 - 1 } } })
})

test("the three nulls of Json stay what they are", async () => {
  await prisma.user.create({ data: { email: "db@x", meta: Prisma.DbNull } })
  assert.equal(await stored("db@x"), null)
})
