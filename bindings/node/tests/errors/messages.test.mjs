/** What Prisma Client says of wrong arguments, kind by kind: the line that is marked, what is offered, the sentence. */
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, failure, makeDatabase, SCHEMA, urlOf } from "../support/database.mjs"

let prisma, url
before(async () => {
  url = await makeDatabase("node_messages")
  prisma = connect(url, { errorFormat: "minimal" })
  await prisma.user.create({ data: { email: "a@x", posts: { create: { title: "one" } } } })
})
after(() => prisma.$disconnect())

/** The arguments' text and the sentence below it. */
async function told(promise) {
  const error = await failure(promise)
  assert.equal(error.name, "PrismaClientValidationError", error.message)
  const [, , ...rest] = error.message.split("\n\n")
  return [rest.slice(0, -1).join("\n\n") || error.message.split("\n\n")[1], rest.at(-1)]
}
const offered = (text) => [...text.matchAll(/^[?+] +(\w+)/gm)].map((match) => match[1])

test("what a place takes: scalars first, then relations", async () => {
  const scalars = ["id", "email", "name", "nickname", "role", "age", "createdAt", "balance", "big", "ratio", "data", "meta", "tags", "days"]
  const [where] = await told(prisma.user.findMany({ where: { x: 1 } }))
  assert.deepEqual(offered(where), ["AND", "OR", "NOT", ...scalars, "posts", "profile"])
  const [post] = await told(prisma.post.findMany({ where: { x: 1 } }))
  assert.deepEqual(offered(post), ["AND", "OR", "NOT", "id", "title", "views", "authorId", "author"])
  assert.deepEqual(offered((await told(prisma.post.findMany({ orderBy: { x: "asc" } })))[0]), ["id", "title", "views", "authorId", "author"])
  assert.deepEqual(offered((await told(prisma.post.findMany({ select: { x: true } })))[0]), ["id", "title", "views", "authorId", "author"])
  assert.deepEqual(offered((await told(prisma.user.findMany({ include: { x: true } })))[0]), ["posts", "profile"])
  assert.deepEqual(offered((await told(prisma.user.findMany({ include: { email: true } })))[0]), ["posts", "profile"])
  assert.deepEqual(offered((await told(prisma.user.findMany({ omit: { x: true } })))[0]), [...scalars, "_count"])
})

test("among related records their own scalars choose", async () => {
  const [text, sentence] = await told(prisma.user.update({ where: { id: 1 }, data: { posts: { deleteMany: { x: 1 } } } }))
  assert.deepEqual(offered(text), ["AND", "OR", "NOT", "id", "title", "views", "authorId"])
  assert.match(text, /\?       AND\?: PostScalarWhereInput \| PostScalarWhereInput\[\],/)
  assert.match(sentence, /^Unknown argument `x`\./)
})

test("a null shows what could stand there, a missing argument all of it", async () => {
  const [filter] = await told(prisma.seat.findMany({ where: { row: null } }))
  assert.match(filter, /\+   row: \{\n\+     equals: Int \| IntFieldRefInput,\n/)
  assert.match((await told(prisma.user.update({ where: { id: 1 }, data: { email: null } })))[0], /\n\+   email: String\n/)
  assert.match((await told(prisma.user.create({ data: { email: "n@x", tags: null } })))[0], /\+   tags: \{\n\+     set: String\[\]\n\+   \}/)
  assert.match((await told(prisma.seat.createMany({})))[0], /\n\+ data: SeatCreateManyInput \| SeatCreateManyInput\[\]\n/)
  assert.match((await told(prisma.user.create({ data: { email: undefined } })))[0], /data: \{\n\+   email: String\n/)
})

test("what is missing is told before what is unknown", async () => {
  const [text, sentence] = await told(prisma.user.create({ data: { email: "m@x", posts: { create: { titel: "x" } } } }))
  assert.equal(sentence, "Argument `title` is missing.")
  assert.match(text, /titel: "x",\n\+       title: String\n/)
  assert.equal((await told(prisma.seat.createMany({ data: [{ x: 1 }] })))[1], "Argument `row` is missing.")
  assert.equal((await told(prisma.user.create({ data: { email: "m@x", nope: 1 } })))[1], "Unknown argument `nope`. Did you mean `name`? Available options are marked with ?.")
})

const SENTENCES = [
  ["an element of a list", () => prisma.user.findMany({ where: { email: { in: [1, "x"] } } }), "Argument `in`: Invalid value provided. Expected String or ListStringFieldRefInput, provided (Int, String)."],
  ["a null in a list", () => prisma.user.findMany({ where: { age: { in: [1, null] } } }), "Argument `in`: Invalid value provided. Expected ListIntFieldRefInput or Null, provided (Int, Null)."],
  ["the element that does not fit", () => prisma.user.create({ data: { email: "x", tags: ["a", 1] } }), "Argument `tags`: Invalid value provided. Expected UserCreatetagsInput or String, provided Int."],
  ["a number among conditions", () => prisma.user.findMany({ where: { OR: [5] } }), "Argument `OR`: Invalid value provided. Expected UserWhereInput, provided Int."],
  ["a list where none may be", () => prisma.user.findMany({ where: { name: ["a"] } }), "Argument `name`: Invalid value provided. Expected StringNullableFilter, String or Null, provided (String)."],
  ["no date in a list", () => prisma.user.findMany({ where: { createdAt: { in: ["x"] } } }), "Invalid value for argument `in`: premature end of input. Expected ISO-8601 DateTime."],
  ["no key for a list of records", () => prisma.user.create({ data: { email: "x", posts: { connect: { title: "x" } } } }), "Argument `connect`: Invalid value provided. Expected PostWhereUniqueInput[], provided Object."],
  ["a relation's field", () => prisma.post.findMany({ where: { author: { email: 5 } } }), "Argument `email`: Invalid value provided. Expected StringFilter or String, provided Int."],
  ["a relation in both forms of data", () => prisma.user.create({ data: { email: "x", posts: [] } }), "Argument `posts`: Invalid value provided. Expected PostCreateNestedManyWithoutAuthorInput or PostUncheckedCreateNestedManyWithoutAuthorInput, provided ()."],
  ["a field to be distinct", () => prisma.user.findMany({ distinct: "nope" }), "Invalid value for argument `distinct`. Expected UserScalarFieldEnum."],
  ["a text for all arguments", () => prisma.user.findMany("x"), "Unknown argument `0`. Available options are marked with ?."],
  ["the short date", () => prisma.user.create({ data: { email: "x", createdAt: "bad" } }), "Invalid value for argument `createdAt`: premature end of input. Expected ISO-8601 DateTime."],
  ["counts of relations", () => prisma.user.findMany({ select: { _count: { select: { nope: true } } } }), "Unknown field `nope` for select statement on model `UserCountOutputType`. Available options are marked with ?."],
  ["all fields left out", () => prisma.seat.findMany({ omit: { row: true, number: true, guest: true } }), "The omit statement includes every field of the model Seat. At least one field must be included in the result"],
  ["relations of many that are written", () => prisma.user.createManyAndReturn({ data: [{ email: "x" }], include: { posts: true } }), "Unknown field `posts` for include statement on model `CreateManyUserAndReturnOutputType`. Available options are marked with ?."],
  ["two operations on a field", () => prisma.user.update({ where: { id: 1 }, data: { age: { increment: 1, decrement: 1 } } }), "Argument `age`: Invalid value provided. Expected Int or Null, provided Object."],
  ["no operation on a field", () => prisma.user.update({ where: { id: 1 }, data: { age: {} } }), "Argument `age`: Invalid value provided. Expected Int or Null, provided Object."],
  ["no aggregation", () => prisma.user.aggregate({}), "The `select` statement for type AggregateUser must not be empty. Available options are marked with ?."],
  ["an empty aggregation", () => prisma.user.aggregate({ _sum: {} }), "The `select` statement for type UserSumAggregateOutputType must not be empty. Available options are marked with ?."],
  ["groups by nothing", () => prisma.user.groupBy({ by: [] }), "The `select` statement for type UserGroupByOutputType must not be empty. Available options are marked with ?."],
  ["the null of filters", () => prisma.user.create({ data: { email: "x", meta: Prisma.AnyNull } }), "Invalid value for argument `meta`. Expected NullableJsonNullValueInput."],
  ["an update that an upsert lacks", () => prisma.user.update({ where: { id: 1 }, data: { profile: { upsert: { create: { bio: "x" } } } } }), "Argument `update` is missing."],
]
for (const [name, ask, sentence] of SENTENCES) {
  test(`the sentence of ${name}`, async () => assert.equal((await told(ask()))[1], sentence))
}

test("what is offered where nothing is asked for", async () => {
  assert.deepEqual(offered((await told(prisma.user.aggregate({})))[0]), ["_count", "_avg", "_sum", "_min", "_max"])
  assert.deepEqual(offered((await told(prisma.profile.aggregate({ _avg: {} })))[0]), ["id", "userId"])
  assert.match((await told(prisma.post.aggregate({ where: { x: 1 }, _count: true })))[0], /_count: \{\n +select: \{\n +_all: true\n/)
  assert.match((await told(prisma.user.update({ where: { id: 1 }, data: { profile: { upsert: { create: { bio: "x" } } } } })))[0], /\+       update: ProfileUpdateWithoutUserInput \| ProfileUncheckedUpdateWithoutUserInput\n/)
  assert.match((await told(prisma.user.create({ data: { email: () => 1 } })))[0], /email: \[object Function\]\n/)
})

test("what is offered in counts, groups and envelopes", async () => {
  const [counted] = await told(prisma.user.findMany({ include: { _count: { select: { posts: { where: { x: 1 } } } } } }))
  assert.deepEqual(offered(counted), ["AND", "OR", "NOT", "id", "title", "views", "authorId", "author"])
  const [grouped] = await told(prisma.seat.groupBy({ by: ["row"], orderBy: { x: "asc" } }))
  assert.deepEqual(offered(grouped), ["row", "number", "guest", "_count", "_avg", "_max", "_min", "_sum"])
  assert.match((await told(prisma.user.create({ data: { email: "x", posts: { createMany: {} } } })))[0], /data: PostCreateManyAuthorInput \| PostCreateManyAuthorInput\[\]\n/)
  assert.ok(!offered((await told(prisma.user.findMany({ where: { email: { not: { x: 1 } } } })))[0]).includes("mode"))
})

test("what previews add is offered", async () => {
  const schema = `generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["relationJoins", "fullTextSearchPostgres"]\n}\n${SCHEMA}`
  const previewing = connect(url, { schema, errorFormat: "minimal" })
  assert.deepEqual(offered((await told(previewing.seat.findMany({ x: 1 })))[0]), ["where", "orderBy", "cursor", "take", "skip", "distinct", "relationLoadStrategy"])
  assert.deepEqual(offered((await told(previewing.seat.findMany({ orderBy: { x: "asc" } })))[0]), ["row", "number", "guest", "_relevance"])
  assert.equal((await told(previewing.seat.findMany({ relationLoadStrategy: "nope" })))[1], "Invalid value for argument `relationLoadStrategy`. Expected RelationLoadStrategy.")
  await previewing.$disconnect()
})

test("known errors in Prisma's words, with what the driver said", async () => {
  const unique = await failure(prisma.user.create({ data: { email: "a@x" } }))
  assert.deepEqual(unique.meta.driverAdapterError.cause, { originalCode: "23505", originalMessage: 'duplicate key value violates unique constraint "User_email_key"', kind: "UniqueConstraintViolation", constraint: { fields: ["email"] } })
  await prisma.seat.create({ data: { row: 1, number: 1 } })
  assert.match((await failure(prisma.seat.create({ data: { row: 1, number: 1 } }))).message, /Unique constraint failed on the fields: \(`row`, `number`\)$/)
  const range = await failure(prisma.user.create({ data: { email: "r@x", big: 2n ** 64n } }))
  assert.deepEqual([range.code, range.message.split("\n").at(-1)], ["P2020", 'Value out of range for the type: value "18446744073709551616" is out of range for type bigint'])
  const foreign = await failure(prisma.profile.create({ data: { bio: "x", userId: 99 } }))
  assert.deepEqual([foreign.meta.driverAdapterError.cause.kind, foreign.meta.driverAdapterError.cause.constraint], ["ForeignKeyConstraintViolation", { index: "Profile_userId_fkey" }])
  const raw = await failure(prisma.$queryRaw`SELECT * FROM nowhere`)
  assert.deepEqual([raw.meta.driverAdapterError.cause.kind, raw.meta.driverAdapterError.cause.table], ["TableDoesNotExist", "nowhere"])
  assert.equal((await failure(prisma.user.delete({ where: { id: -1 } }))).meta.operation, "a delete")
  const words = await failure(prisma.$queryRaw("SELECT 1"))
  assert.match(words.message, /await prisma\.\$queryRaw`SELECT \* FROM User WHERE id = \$\{1\} OR email = \$\{'user@email\.com'\};`/)
})

test("a database that is not there is named", async () => {
  const nowhere = connect(urlOf("node_no_such_database"), { errorFormat: "minimal" })
  const error = await failure(nowhere.user.count())
  assert.deepEqual([error.errorCode, error.message.split("\n").at(-1)], ["P1003", "Database `node_no_such_database` does not exist on the database server"])
  await nowhere.$disconnect()
})

test("a table that is not there is named with its schema", async () => {
  await prisma.$executeRaw`ALTER TABLE "Seat" RENAME TO "Chair"`
  const error = await failure(prisma.seat.findMany())
  await prisma.$executeRaw`ALTER TABLE "Chair" RENAME TO "Seat"`
  assert.deepEqual([error.code, error.meta.table, error.message.split("\n").at(-1)], ["P2021", "public.Seat", "The table `public.Seat` does not exist in the current database."])
})

test("of several faults the first is told, as the arguments are written", async () => {
  const last = async (promise) => (await failure(promise)).message.split("\n").at(-1)
  assert.match(await last(prisma.user.findMany({ zz: 1, aa: 2 })), /^Unknown argument `zz`/)
  assert.match(await last(prisma.user.findMany({ cacheStrategy: { ttl: 5 }, zz: 1, aa: 2 })), /^Unknown argument `zz`/)
  assert.match(await last(prisma.user.findMany({ where: { zz: 1, aa: 2 } })), /^Unknown argument `zz`/)
  assert.match(await last(prisma.user.findMany({ select: { zz: true, aa: true } })), /^Unknown field `zz` for select statement/)
  assert.match(await last(prisma.user.aggregate({ zz: 1, aa: 2, _count: true })), /^Unknown argument `zz`/)
  assert.match(await last(prisma.user.delete({ zz: 1, where: { id: 1 }, aa: 2 })), /^Unknown argument `zz`/)
  assert.match(await last(prisma.user.findUnique({ zz: 1 })), /^Unknown argument `zz`/)
  assert.match(await last(prisma.user.update({})), /^Argument `data` is missing\.$/)
  assert.match(await last(prisma.user.update()), /^Argument `data` is missing\.$/)
  assert.match(await last(prisma.user.findUnique({ select: { id: true } })), /^Argument `where` is missing\.$/)
})

test("what a value is, and why a text is none", async () => {
  const last = async (promise) => (await failure(promise)).message.split("\n").at(-1)
  const one = (where) => last(prisma.user.findMany({ where }))
  assert.equal(await one({ email: new Prisma.Decimal(1) }), "Argument `email`: Invalid value provided. Expected StringFilter or String, provided Float.")
  assert.match(await one({ meta: new Date(0) }), /^Argument `meta`: Invalid value provided\. Expected JsonNullableFilter, provided DateTime\.$/)
  assert.equal(await one({ big: "" }), "Invalid value for argument `big`: cannot parse integer from empty string. Expected big integer String.")
  assert.equal(await one({ balance: "" }), "Invalid value for argument `balance`: Failed to parse empty string. Expected decimal String.")
  assert.equal(await one({ big: { in: ["1", "x"] } }), "Invalid value for argument `in`: invalid digit found in string. Expected big integer String.")
  assert.equal(await one({ balance: { notIn: ["1.5", "0x1"] } }), "Invalid value for argument `notIn`: invalid digit found in string. Expected decimal String.")
  assert.equal(await one({ createdAt: { in: ["2024-01-01"] } }), "Invalid value for argument `in`: premature end of input. Expected ISO-8601 DateTime.")
  assert.match(await one({ big: { in: [1.5] } }), /^Argument `in`: Invalid value provided\. Expected BigInt, ListBigIntFieldRefInput or Null, provided \(Float\)\.$/)
  assert.equal(await last(prisma.profile.updateMany({ data: { userId: "x" } })), "Argument `userId`: Invalid value provided. Expected Int or IntFieldUpdateOperationsInput, provided String.")
  assert.equal(await last(prisma.profile.createMany({ data: [{ bio: "b", userId: null }] })), "Argument `userId` is missing.")
  assert.equal(await last(prisma.user.update({ where: { id: 1 }, data: { tags: [{}] } })), "Argument `tags`: Invalid value provided. Expected UserUpdatetagsInput or String, provided Object.")
  // Nulls of Json are no texts.
  assert.equal(await one({ email: Prisma.DbNull }), "Argument `email`: Invalid value provided. Expected StringFilter or String, provided Enum.")
  assert.equal(await last(prisma.user.create({ data: { email: Prisma.JsonNull } })), "Argument `email`: Invalid value provided. Expected String, provided Enum.")
})

test("selections that leave nothing, and of counts", async () => {
  const last = async (promise) => (await failure(promise)).message.split("\n").at(-1)
  assert.match(await last(prisma.user.findFirst({ select: { _count: { select: {} } } })), /^The `select` statement for type UserCountOutputType must not be empty\./)
  assert.match(await last(prisma.user.aggregate({ _count: {} })), /^The `select` statement for type UserCountAggregateOutputType must not be empty\./)
  assert.match(await last(prisma.user.updateMany({ data: {}, omit: { name: true } })), /^Unknown field `name` for omit statement on model `AffectedRowsOutput`\./)
  const omitting = connect(url, { errorFormat: "minimal", omit: { profile: { id: true, bio: true, userId: true } } })
  assert.equal(await last(omitting.profile.findFirst()), "The global omit configuration excludes every field of the model Profile. At least one field must be included in the result")
  assert.match(await last(omitting.profile.findFirst({ omit: { bio: true } })), /^The omit statement includes every field of the model Profile\./)
  await omitting.$disconnect()
})
