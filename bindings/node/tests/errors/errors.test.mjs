import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { after, before, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, failure, makeDatabase } from "../support/database.mjs"

let prisma, minimal, url
before(async () => {
  url = await makeDatabase("node_errors")
  prisma = connect(url, { errorFormat: "colorless" })
  minimal = connect(url, { errorFormat: "minimal" })
  await prisma.user.create({ data: { email: "a@x" } })
})
after(() => Promise.all([prisma.$disconnect(), minimal.$disconnect()]))

test("an unknown argument is marked, and what there is instead", async () => {
  const error = await failure(minimal.seat.findMany({ where: { gest: "x" } }))
  assert.ok(error instanceof Prisma.PrismaClientValidationError)
  assert.equal(error.name, "PrismaClientValidationError")
  assert.equal(error.clientVersion, Prisma.prismaVersion.client)
  assert.equal(error.message, `
Invalid \`prisma.seat.findMany()\` invocation:

{
  where: {
    gest: "x",
    ~~~~
?   AND?: SeatWhereInput | SeatWhereInput[],
?   OR?: SeatWhereInput[],
?   NOT?: SeatWhereInput | SeatWhereInput[],
?   row?: IntFilter | Int,
?   number?: IntFilter | Int,
?   guest?: StringNullableFilter | String | Null
  }
}

Unknown argument \`gest\`. Did you mean \`guest\`? Available options are marked with ?.`)
})

test("the call's place in the program is shown, up to three lines before", async () => {
  const error = await failure((() => {
    // What stands before the call.
    return prisma.seat.findMany({ where: { row: "x" } })
  })())
  const place = error.message.split("\n")[2]
  assert.match(place, /errors\.test\.mjs:\d+:24$/)
  const line = Number(place.split(":").at(-2))
  assert.equal(error.message, `
Invalid \`prisma.seat.findMany()\` invocation in
${place}

  ${line - 3} test("the call's place in the program is shown, up to three lines before", async () => {
  ${line - 2}   const error = await failure((() => {
  ${line - 1}     // What stands before the call.
→ ${line}     return prisma.seat.findMany({
           where: {
             row: "x"
                  ~~~
           }
         })

Argument \`row\`: Invalid value provided. Expected IntFilter or Int, provided String.`)
})

const VALIDATION = [
  ["missing data", () => minimal.seat.create({ data: { row: 1 } }), "{\n  data: {\n    row: 1,\n+   number: Int\n  }\n}\n\nArgument `number` is missing."],
  ["no unique key", () => minimal.seat.findUnique({ where: { row: 1 } }), /\?   row_number\?: SeatRowNumberCompoundUniqueInput,[^]*Argument `where` of type SeatWhereUniqueInput needs at least one of `row_number` arguments\. Available options are marked with \?\.$/],
  ["an undefined key", () => minimal.seat.findUnique({ where: { row_number: undefined } }), /^\nInvalid `prisma\.seat\.findUnique\(\)` invocation:\n\n{\n  where: {\n    row_number: undefined,\n\?   AND\?: /],
  ["a number that no column takes", () => minimal.user.create({ data: { email: "x", age: 1e20 } }), /Unable to fit value 100000000000000000000 into a 64-bit signed integer for field `age`$/],
  ["null where none may be", () => minimal.user.create({ data: { email: null } }), "{\n  data: {\n+   email: String\n  }\n}\n\nArgument `email` must not be null."],
  ["an enum's value", () => minimal.user.findMany({ where: { role: "NOPE" } }), /Invalid value for argument `role`\. Expected Role\.$/],
  ["a date", () => minimal.user.findMany({ where: { createdAt: "2020-01-01" } }), /Invalid value for argument `createdAt`: premature end of input\. Expected ISO-8601 DateTime\.$/],
  ["an unknown field of a selection", () => minimal.user.findMany({ select: { nope: true, posts: { select: { id: true } } } }), /Unknown field `nope` for select statement on model `User`\. Available options are marked with \?\.$/],
  ["an empty selection", () => minimal.seat.findMany({ select: {} }), "{\n  select: {\n?   row?: true,\n?   number?: true,\n?   guest?: true\n  }\n}\n\nThe `select` statement for type Seat must not be empty. Available options are marked with ?."],
  ["nothing selected", () => minimal.seat.findMany({ select: { row: false } }), /The `select` statement for type Seat needs at least one truthy value\.$/],
  ["select and include", () => minimal.user.findMany({ select: { id: true }, include: { posts: true } }), /Please either use `include` or `select`, but not both at the same time\.$/],
  ["a scalar field to include", () => minimal.user.findMany({ include: { email: true } }), /Invalid scalar field `email` for include statement on model User\. Available options are marked with \?\.\nNote that include statements only accept relation fields\.$/],
  ["two orders in one object", () => minimal.seat.findMany({ orderBy: { row: "asc", number: "asc" } }), /Argument `orderBy`: Invalid value provided\. Expected SeatOrderByWithRelationInput\[\], provided Object\.$/],
  ["two orders in an object of a list", () => minimal.seat.findMany({ orderBy: [{ row: "asc", number: "asc" }] }), /Argument `orderBy`: Invalid value provided\. Expected SeatOrderByWithRelationInput, provided \(Object\)\.$/],
  ["two orders by a relation", () => minimal.post.findMany({ orderBy: { author: { id: "asc", email: "asc" } } }), /Argument `author` of type UserOrderByWithRelationInput needs at most one argument, but you provided id and email\. Please choose one\.$/],
  ["a null of Json for a filter", () => minimal.user.findMany({ where: { meta: Prisma.JsonNull } }), /meta: Prisma\.JsonNull\n +~{15}\n[^]*Argument `meta`: Invalid value provided\. Expected JsonNullableFilter, provided Enum\.$/],
  ["a selection of a count", () => minimal.seat.createMany({ data: [], select: { row: true } }), /row: true,\n +~~~\n\? +count\?: true\n[^]*Unknown field `row` for select statement on model `AffectedRowsOutput`\. Available options are marked with \?\.$/],
  ["bytes", () => minimal.user.findMany({ where: { data: "!" } }), /Invalid value for argument `data`: Could not convert from `base64 encoded bytes` to `PrismaValue::Bytes`\. Expected base64 String\.$/],
  ["an aggregate of nothing", () => minimal.post.aggregate({ _sum: { views: false } }), /\? +id\?: true,\n\? +views\?: true,\n\? +authorId\?: true\n[^]*The `select` statement for type PostSumAggregateOutputType needs at least one truthy value\.$/],
  ["an aggregate of a text", () => minimal.user.aggregate({ _avg: { email: true } }), /^\nInvalid `prisma\.user\.aggregate\(\)` invocation:\n\n{\n  select: {\n    _avg: {\n      select: {\n        email: true,\n        ~~~~~\n[^]*on model `UserAvgAggregateOutputType`/],
  ["deep within", () => minimal.user.update({ where: { id: 1 }, data: { posts: { update: { where: { id: 1 }, data: { nope: 1 } } } } }), /Unknown argument `nope`\. Available options are marked with \?\.$/],
  ["a type of a list", () => minimal.user.findMany({ where: { id: { in: ["x"] } } }), /Argument `in`: Invalid value provided\. Expected .*ListIntFieldRefInput, provided \(String\)\.$/],
]
for (const [name, call, expected] of VALIDATION) {
  test(`validation: ${name}`, async () => {
    const error = await failure(call())
    assert.equal(error.name, "PrismaClientValidationError")
    if (typeof expected === "string") assert.equal(error.message.slice(error.message.indexOf("\n\n") + 2), expected)
    else assert.match(error.message, expected)
  })
}

const KNOWN = [
  ["unique", () => minimal.user.create({ data: { email: "a@x" } }), "P2002", { modelName: "User", driverAdapterError: "UniqueConstraintViolation" }, "Unique constraint failed on the fields: (`email`)"],
  ["not found", () => minimal.user.findUniqueOrThrow({ where: { id: -1 } }), "P2025", { modelName: "User", operation: "a query" }, "An operation failed because it depends on one or more records that were required but not found. No record was found for a query."],
  ["nothing to update", () => minimal.user.update({ where: { id: -1 }, data: { age: 1 } }), "P2025", { modelName: "User", operation: "an update" }, /No record was found for an update\.$/],
  ["foreign key", () => minimal.post.create({ data: { title: "x", authorId: -1 } }), "P2003", undefined, "Foreign key constraint violated on the constraint: `posts_authorId_fkey`"],
  ["out of range", () => minimal.user.findMany({ where: { id: 3000000000 } }), "P2020", { modelName: "User", driverAdapterError: "ValueOutOfRange" }, 'Value out of range for the type: value "3000000000" is out of range for type integer'],
  ["a nested record that is not there", () => minimal.user.create({ data: { email: "q@x", profile: { connect: { id: -1 } } } }), "P2025", { modelName: "User", model: "Profile", neededFor: null, operation: "a nested connect", relationType: "one-to-one", relation: "ProfileToUser" }, /No 'Profile' record was found for a nested connect on one-to-one relation 'ProfileToUser'\.$/],
  ["records to connect that are not there", () => minimal.user.create({ data: { email: "q@x", posts: { connect: [{ id: -1 }] } } }), "P2018", { modelName: "User", expectedRows: 1, relationType: "one-to-many", relation: "PostToUser" }, /^The required connected records were not found\. Expected 1 records/],
  ["an unrelated record", () => minimal.user.update({ where: { email: "a@x" }, data: { posts: { delete: { id: -1 } } } }), "P2017", { modelName: "User", relation: "PostToUser", parent: "User", child: "Post" }, "The records for relation `PostToUser` between the `User` and `Post` models are not connected."],
  ["input", () => minimal.user.groupBy({ by: ["role"], having: { age: 5 } }), "P2019", { modelName: "User", details: "Every field used in `having` filters must either be an aggregation filter or be included in the selection of the query. Missing fields: age" }, /Input error\. Every field used in `having` filters/],
  ["groups in pages without an order", () => minimal.seat.groupBy({ by: ["row"], take: 1 }), "P2019", { modelName: "Seat", details: "Every field used for orderBy must be included in the by-arguments of the query. Missing fields: number" }, /^Input error\. Every field used for orderBy/],
  ["a field of another type", () => minimal.user.findMany({ where: { email: { equals: minimal.user.fields.age } } }), "P2019", undefined, "Input error. Expected a referenced scalar field of type String but found User.age of type Int."],
  ["a field of another model", () => minimal.user.findMany({ where: { posts: { some: { title: { equals: minimal.user.fields.email } } } } }), "P2019", undefined, "Input error. Expected a referenced scalar field of model Post, but found a field of model User."],
  ["a list's field for one value", () => minimal.user.findMany({ where: { OR: [{ name: { equals: minimal.user.fields.tags } }] } }), "P2019", undefined, "Input error. Expected a referenced scalar field of type String but found User.tags of type String[]."],
  ["the cache's parameters", () => minimal.user.findMany({ cacheStrategy: { ttl: -1 } }), "P6005", undefined, /An invalid parameter was provided\./],
]
/** What Prisma Client 7 tells, with the kind alone of what the server said. */
const plain = (meta) => ({ ...meta, ...(meta.driverAdapterError ? { driverAdapterError: meta.driverAdapterError.cause.kind } : {}) })
for (const [name, call, code, meta, message] of KNOWN) {
  test(`known errors: ${name}`, async () => {
    const error = await failure(call())
    assert.ok(error instanceof Prisma.PrismaClientKnownRequestError && error instanceof Error)
    assert.deepEqual([error.name, error.code, error.clientVersion], ["PrismaClientKnownRequestError", code, Prisma.prismaVersion.client])
    if (meta) assert.deepEqual(plain(error.meta), meta)
    const said = error.message.replace(/^\nInvalid `prisma\.\w+\.\w+\(\)` invocation:\n\n\n/, "")
    if (typeof message === "string") assert.equal(said, message)
    else assert.match(said, message)
  })
}

test("what Prisma Client 6 told of an error is there for those who ask for it by name", async () => {
  const update = (await failure(minimal.user.update({ where: { id: -1 }, data: { age: 1 } }))).meta
  assert.equal(update.cause, "No record was found for an update.")
  const range = (await failure(minimal.user.findMany({ where: { id: 3000000000 } }))).meta
  assert.equal(range.driverAdapterError.cause.kind, "ValueOutOfRange")
  assert.equal(range.driverAdapterError.cause.originalMessage, 'value "3000000000" is out of range for type integer')
  const unique = (await failure(minimal.user.create({ data: { email: "a@x" } }))).meta
  assert.deepEqual([unique.target, Object.keys(unique)], [["email"], ["modelName", "driverAdapterError"]])
  assert.ok(unique.driverAdapterError instanceof Error && String(unique.driverAdapterError) === "DriverAdapterError: UniqueConstraintViolation")
  const foreign = (await failure(minimal.post.create({ data: { title: "x", authorId: -1 } }))).meta
  assert.deepEqual([foreign.field_name, Object.keys(foreign)], ["posts_authorId_fkey", ["modelName", "driverAdapterError"]])
})

test("facts of a relation that has to be there, told by what the arguments say and by what the tables hold", async () => {
  const user = await minimal.user.create({ data: { email: "relations@x", profile: { create: { bio: "b" } } }, include: { profile: true } })
  const change = (profile) => failure(minimal.user.update({ where: { id: user.id }, data: { profile } }))
  const said = (await change({ disconnect: true })).meta
  assert.deepEqual({ ...said }, { modelName: "User", relation_name: "ProfileToUser", model_a_name: "Profile", model_b_name: "User" })
  const held = (await change({ create: { bio: "c" } })).meta
  assert.deepEqual({ ...held }, { modelName: "User", relation: "ProfileToUser", modelA: "Profile", modelB: "User" })
  assert.deepEqual([said.modelA, held.model_a_name], ["Profile", "Profile"])
})

test("no connection is an error of the initialization", async () => {
  const nowhere = connect("postgresql://localhost:1/x")
  for (const error of [await failure(nowhere.$connect()), await failure(nowhere.user.count())]) {
    assert.deepEqual([error.name, error.errorCode, error.code], ["PrismaClientInitializationError", "P1001", "P6008"])
    assert.match(error.message, /Can't reach database server at `localhost:1`\n\nPlease make sure your database server is running at `localhost:1`\.$/)
  }
  await nowhere.$disconnect()
})

test("the stack leads to the class's users", async () => {
  const error = await failure(minimal.user.create({ data: { email: "a@x" } }))
  assert.match(error.stack, /^PrismaClientKnownRequestError: \nInvalid/)
  assert.equal(Object.prototype.toString.call(error), "[object PrismaClientKnownRequestError]")
})

test("with errorFormat pretty a terminal sees colours, and the same words", async () => {
  const pretty = connect(url, { errorFormat: "pretty" })
  const before = process.env.FORCE_COLOR
  const ask = () => failure(pretty.seat.findMany({ where: { gest: "x" } }))
  try {
    process.env.FORCE_COLOR = "1"
    const coloured = (await ask()).message
    process.env.FORCE_COLOR = "0"
    const bare = (await ask()).message
    const withoutColours = coloured.replace(/\x1b\[\d+m/g, "")
    // The two calls stand in one line of this file.
    assert.equal(withoutColours, bare)
    assert.ok(!bare.includes("\x1b"))
    assert.ok(coloured.includes("\x1b[31m~~~~\x1b[39m") && coloured.includes("\x1b[2m?") && coloured.includes("\x1b[31m→\x1b[39m"), JSON.stringify(coloured))
    assert.match(coloured, /\x1b\[31mInvalid `\x1b\[1m.*seat\.findMany\(\)\x1b\[22m` invocation in\x1b\[39m\n\x1b\[4m.*errors\.test\.mjs/)
    assert.ok(coloured.includes("Unknown argument `\x1b[1mgest\x1b[22m`."))
    const missing = await failure((process.env.FORCE_COLOR = "1", pretty.user.create({ data: {} })))
    assert.match(missing.message, /\x1b\[32m\+\s+email: String\x1b\[39m/)
  } finally {
    if (before === undefined) delete process.env.FORCE_COLOR
    else process.env.FORCE_COLOR = before
    await pretty.$disconnect()
  }
})

test("who turns colours off has none", () => {
  const { isColourful } = createRequire(import.meta.url)("../../src/errors/colours.js")
  assert.deepEqual([[{}, true], [{}, false], [{ FORCE_COLOR: "1" }, false], [{ FORCE_COLOR: "0" }, true], [{ NO_COLOR: "" }, true], [{ TERM: "dumb" }, true]].map((given) => isColourful(...given)), [
    true, false, true, false, false, false])
})

test("what JSON cannot say is refused where it stands", async () => {
  const data = (meta) => minimal.user.create({ data: { email: "json@x", meta } })
  for (const [value, words] of [
    [NaN, /argument `meta`: JSON has no value for NaN/], [{ a: [1, { b: Infinity }] }, /argument `b`: JSON has no value for Infinity/], [[-Infinity], /argument `meta\[0\]`: JSON has no value for -Infinity/],
    [new Map([["a", 1]]), /argument `meta`: We could not serialize \[object Map\] value/], [{ a: new Set([1]) }, /argument `a`: We could not serialize \[object Set\] value/],
    [{ a: /x/ }, /\[object RegExp\]/], [{ a: new Error("x") }, /\[object Error\]/], [{ a: new ArrayBuffer(1) }, /\[object ArrayBuffer\]/], [{ a: () => 1 }, /\[object Function\]/],
  ]) {
    const error = await failure(data(value))
    assert.ok(error instanceof Prisma.PrismaClientValidationError, String(error))
    assert.match(error.message, words)
  }
  assert.ok((await failure(minimal.user.findMany({ where: { meta: { equals: { a: NaN } } } }))).message.includes("JSON has no value for NaN"))
  assert.equal(await minimal.user.count({ where: { email: "json@x" } }), 0)
  class Point {
    x = 1
  }
  const made = await data({ point: new Point(), boxed: new Number(2), map: { toJSON: () => [3] }, at: new Date(0) })
  assert.deepEqual(made.meta, { point: { x: 1 }, boxed: 2, map: [3], at: "1970-01-01T00:00:00.000Z" })
})

test("what is no number is none of a text, nor of a whole number", async () => {
  for (const [data, words] of [[{ email: NaN }, /argument `email`|Argument `email`/], [{ email: "n@x", age: Infinity }, /`age`/]]) {
    const error = await failure(minimal.user.create({ data }))
    assert.ok(error instanceof Prisma.PrismaClientValidationError, String(error))
    assert.match(error.message, words)
  }
  const made = await minimal.user.create({ data: { email: "n@x", balance: NaN } })
  assert.ok(made.balance.isNaN())
})

test("a whole number beyond 64 bits in the place of a smaller one", async () => {
  const error = await failure(minimal.user.findMany({ where: { age: 2n ** 70n } }))
  assert.ok(error instanceof Prisma.PrismaClientUnknownRequestError)
  assert.match(error.message, /Could not convert argument value Object \{"\$type": String\("BigInt"\), "value": String\("1180591620717411303424"\)\} to ArgumentValue\.$/)
})

test("objects that lead to each other are refused, and shown as far as there is room", async () => {
  const one = {}, other = { one }
  Object.assign(one, { other, again: other, self: one })
  const extended = minimal.$extends({ query: { $allModels: { $allOperations: ({ args, query }) => query(args) } } })
  for (const client of [minimal, extended]) {
    const error = await failure(client.user.findMany({ where: one }))
    assert.ok(error instanceof Prisma.PrismaClientValidationError, String(error))
    assert.match(error.message, /nested deeper than 200 levels, or within itself/)
  }
})

test("a unique key is told by its columns, as the database names them", async () => {
  const schema = `datasource db {
  provider = "postgresql"
}
model Owner {
  id    Int    @id
  code  String @unique @map("the_code")
  rated Rating[]
}
model Rating {
  ownerId Int    @map("owner_id")
  rater   String
  owner   Owner  @relation(fields: [ownerId], references: [id])
  @@id([ownerId, rater])
}
`
  const tables = [
    `CREATE TABLE "Owner" (id int PRIMARY KEY, the_code text NOT NULL UNIQUE)`,
    `CREATE TABLE "Rating" (owner_id int NOT NULL REFERENCES "Owner" (id), rater text NOT NULL, PRIMARY KEY (owner_id, rater))`,
  ]
  const mapped = connect(await makeDatabase("node_errors_mapped", tables), { schema, errorFormat: "minimal" })
  await mapped.owner.create({ data: { id: 1, code: "a", rated: { create: { rater: "r" } } } })
  const own = await failure(mapped.owner.create({ data: { id: 2, code: "a" } }))
  assert.deepEqual([own.meta.target, own.meta.driverAdapterError.cause.constraint], [["code"], { fields: ["the_code"] }])
  assert.match(own.message, /Unique constraint failed on the fields: \(`the_code`\)$/)
  const nested = await failure(mapped.owner.update({ where: { id: 1 }, data: { rated: { create: { rater: "r" } } } }))
  assert.deepEqual([nested.meta.target, nested.meta.driverAdapterError.cause.constraint], [["ownerId", "rater"], { fields: ["owner_id", "rater"] }])
  await mapped.$disconnect()
})
