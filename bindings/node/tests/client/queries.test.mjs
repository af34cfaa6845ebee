import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, failure, makeDatabase, urlOf } from "../support/database.mjs"

let prisma, statements
before(async () => {
  prisma = connect(await makeDatabase("node_queries"), { log: [{ emit: "event", level: "query" }] })
  prisma.$on("query", (event) => statements.push(event.query))
  statements = []
  for (const name of ["alice", "bob", "carol"]) {
    await prisma.user.create({ data: { email: `${name}@x`, name, posts: { create: [{ title: `${name} 1` }, { title: `${name} 2` }] }, profile: { create: { bio: name } } } })
  }
  await prisma.seat.createMany({ data: [{ row: 1, number: 1, guest: "x" }, { row: 1, number: 2, guest: "y" }] })
})
after(() => prisma.$disconnect())
const counted = async (run) => {
  statements = []
  return [await run(), statements.length]
}

test("a promise runs when it is awaited, and once", async () => {
  const promise = prisma.user.count()
  await new Promise((resolve) => setTimeout(resolve, 20))
  const [, count] = await counted(async () => {
    assert.equal(await promise, 3)
    assert.equal(await promise, 3)
  })
  assert.equal(count, 1)
  assert.equal(promise[Symbol.toStringTag], "PrismaPromise")
  assert.equal(await prisma.user.count().then((value) => value + 1).finally(() => {}), 4)
})

test("related records by fluent calls", async () => {
  assert.deepEqual((await prisma.user.findUnique({ where: { email: "alice@x" } }).posts()).map((post) => post.title), ["alice 1", "alice 2"])
  assert.deepEqual(await prisma.user.findFirstOrThrow({ where: { name: "bob" } }).posts({ where: { title: "bob 2" }, select: { title: true } }), [{ title: "bob 2" }])
  assert.equal((await prisma.post.findFirst({ where: { title: "carol 1" } }).author().profile()).bio, "carol")
  assert.equal(await prisma.user.findUnique({ where: { id: -1 } }).posts(), null)
  assert.equal(await prisma.user.findUnique({ where: { id: -1 } }).profile().user(), null)
  assert.equal((await prisma.user.update({ where: { email: "bob@x" }, data: { age: 5 } }).profile()).bio, "bob")
})

test("findUnique calls of one tick are one query", async () => {
  const [names, count] = await counted(() => Promise.all(["alice@x", "bob@x", "nobody@x", "alice@x"].map((email) => prisma.user.findUnique({ where: { email }, select: { name: true } }))))
  assert.deepEqual(names, [{ name: "alice" }, { name: "bob" }, null, { name: "alice" }])
  assert.equal(count, 1)
  names[0].name = "changed"
  assert.equal(names[3].name, "alice")
  const [authors] = await counted(() => Promise.all([1, 2, 3].map((id) => prisma.post.findUnique({ where: { id } }).author({ select: { name: true } }))))
  assert.deepEqual(authors, [{ name: "alice" }, { name: "alice" }, { name: "bob" }])
})

test("those with the same conditions beside their key, and with the same fields left out", async () => {
  const ask = (id, name) => prisma.user.findUnique({ where: { id, name }, omit: { email: true } })
  const [users, count] = await counted(() => Promise.all([ask(1, "alice"), ask(2, "alice")]))
  assert.deepEqual(users.map((user) => user && [user.id, "email" in user]), [[1, false], null])
  assert.equal(count, 1)
  const [seats, seatCount] = await counted(() => Promise.all([1, 2].map((number) => prisma.seat.findUnique({ where: { row_number: { row: 1, number }, guest: "y" } }))))
  assert.deepEqual(seats.map((seat) => seat?.number), [undefined, 2])
  assert.equal(seatCount, 1)
  const [apart, apartCount] = await counted(() => Promise.all([ask(1, "alice"), ask(2, "bob")]))
  assert.deepEqual([apart.map(({ id }) => id), apartCount], [[1, 2], 2])
  // Whose record it is shows by its key alone.
  const unseen = await Promise.all([1, 2].map((id) => prisma.user.findUnique({ where: { id }, omit: { id: true } })))
  assert.deepEqual(unseen.map(({ name }) => name), ["alice", "bob"])
})

test("of those with a compound key, too, and each gets its own error", async () => {
  const [seats, count] = await counted(() => Promise.all([1, 2, 3].map((number) => prisma.seat.findUnique({ where: { row_number: { row: 1, number } } }))))
  assert.deepEqual(seats.map((seat) => seat?.guest), ["x", "y", undefined])
  assert.equal(count, 1)
  const results = await Promise.allSettled([1, -1].map((id) => prisma.user.findUniqueOrThrow({ where: { id } })))
  assert.deepEqual(results.map((result) => result.status), ["fulfilled", "rejected"])
  assert.equal(results[1].reason.code, "P2025")
  const mixed = await Promise.allSettled([prisma.user.findUnique({ where: { id: 1 } }), prisma.user.findUnique({ where: { id: "x" } }), prisma.user.findUnique({ where: { id: 1, name: "bob" } })])
  assert.deepEqual(mixed.map((result) => result.value?.name ?? result.reason?.name ?? null), ["alice", "PrismaClientValidationError", null])
})

test("the client's own omit, and a query's against it", async () => {
  const quiet = connect(urlOf("node_queries"), { omit: { user: { email: true }, post: { views: true } } })
  const user = await quiet.user.findFirst({ where: { name: "alice" }, include: { posts: true } })
  assert.ok(!("email" in user) && user.posts.every((post) => !("views" in post) && "title" in post))
  assert.equal((await quiet.user.findFirst({ where: { name: "alice" }, omit: { email: false } })).email, "alice@x")
  assert.deepEqual(await quiet.user.findFirst({ where: { name: "alice" }, select: { email: true } }), { email: "alice@x" })
  assert.ok(!("email" in (await quiet.user.update({ where: { email: "alice@x" }, data: { age: 1 } }))))
  assert.ok(!("age" in (await quiet.user.findFirst({ omit: { age: true } }))))
  // What the program has not written is not in its errors.
  assert.doesNotMatch((await failure(quiet.user.findMany({ where: { nope: 1 } }))).message, /^ *omit:/m)
  await quiet.$disconnect()
})

test("raw SQL gives values of its columns' types", async () => {
  const [row] = await prisma.$queryRaw`SELECT 1::int2 AS i, 2::int8 AS b, 1.5::float8 AS f, 1.10::numeric AS d, true AS t, 'x'::text AS s, '\\x01'::bytea AS y,
    '{"a": 1}'::jsonb AS j, TIMESTAMP '2020-01-01 00:00:00.123' AS ts, DATE '2020-01-02' AS da, TIME '01:02:03' AS ti, ARRAY[1::int8, NULL] AS l, NULL::int AS n, ${null}::text AS p`
  assert.deepEqual({ ...row, d: row.d.toString() }, {
    i: 1, b: 2n, f: 1.5, d: "1.1", t: true, s: "x", y: new Uint8Array([1]), j: { a: 1 }, ts: new Date("2020-01-01T00:00:00.123Z"), da: new Date("2020-01-02T00:00:00Z"),
    ti: new Date("1970-01-01T01:02:03Z"), l: [1n, null], n: null, p: null,
  })
})

test("raw SQL's parameters", async () => {
  const values = [1, 2n, 1.5, "x", true, new Date(5), new Prisma.Decimal("1.1"), Buffer.from("a"), { a: 1 }]
  const [row] = await prisma.$queryRaw`SELECT ${values[0]}::int AS a, ${values[1]}::bigint AS b, ${values[2]}::float8 AS c, ${values[3]}::text AS d, ${values[4]}::bool AS e,
    ${values[5]}::timestamptz AS f, ${values[6]}::numeric AS g, ${values[7]}::bytea AS h, ${values[8]}::jsonb AS i, ${[1, 2]}::int[] AS j`
  assert.deepEqual(Object.values({ ...row, g: String(row.g) }), [1, 2n, 1.5, "x", true, new Date(5), "1.1", new Uint8Array([97]), { a: 1 }, [1, 2]])
})

test("the ways to write raw SQL", async () => {
  const ids = Prisma.join([1, 2])
  const where = Prisma.sql`WHERE id IN (${ids}) ${Prisma.empty}`
  assert.deepEqual(await prisma.$queryRaw`SELECT id, name FROM ${Prisma.raw('"User"')} ${where} ORDER BY id`, [{ id: 1, name: "alice" }, { id: 2, name: "bob" }])
  assert.deepEqual(await prisma.$queryRaw(Prisma.sql`SELECT ${"x"}::text AS x`), [{ x: "x" }])
  assert.deepEqual(await prisma.$queryRawUnsafe("SELECT $1::int + $2 AS x", 1, 2), [{ x: 3 }])
  assert.equal(await prisma.$executeRaw`UPDATE "User" SET age = ${9} WHERE id > ${1}`, 2)
  assert.equal(await prisma.$executeRawUnsafe('UPDATE "User" SET age = $1', 8), 3)
  const sql = Prisma.sql`a ${1} b ${Prisma.sql`c ${2}`}`
  assert.deepEqual([sql.sql, sql.text, sql.statement, sql.values], ["a ? b c ?", "a $1 b c $2", "a :1 b c :2", [1, 2]])
  assert.throws(() => Prisma.join([]), /Expected `join\(\[\]\)` to be called with an array of multiple elements, but got an empty array/)
  assert.match((await failure(prisma.$queryRaw("SELECT 1"))).message, /^`\$queryRaw` is a tag function/)
  assert.deepEqual(await prisma.$queryRawTyped({ sql: "SELECT $1::bigint AS x", values: [1] }), [{ x: 1n }])
  assert.equal((await failure(prisma.$queryRaw`SELECT ${new Date("x")}`)).name, "PrismaClientValidationError")
})

test("raw SQL that fails says why", async () => {
  const error = await failure(prisma.$queryRaw`SELECT * FROM nowhere`)
  assert.deepEqual([error.name, error.code, error.meta.code, error.meta.message], ["PrismaClientKnownRequestError", "P2010", "42P01", 'relation "nowhere" does not exist'])
  const { cause } = error.meta.driverAdapterError
  assert.deepEqual(cause, { originalCode: "42P01", originalMessage: 'relation "nowhere" does not exist', kind: "TableDoesNotExist", table: "nowhere" })
  const late = await failure(prisma.$transaction([prisma.$executeRaw`SET LOCAL statement_timeout = 20`, prisma.$queryRaw`SELECT pg_sleep(30)`]))
  assert.deepEqual([late.code, late.meta.code], ["P2010", "57014"])
  assert.match(late.message, /Code: `57014`\. Message: `canceling statement due to statement timeout`$/)
  assert.equal(error.message, '\nInvalid `prisma.$queryRaw()` invocation:\n\n\nRaw query failed. Code: `42P01`. Message: `relation "nowhere" does not exist`')
})

test("a client knows its models, and is no promise", async () => {
  assert.deepEqual(Object.keys(prisma), ["user", "post", "profile", "seat"])
  assert.equal(prisma.then, undefined)
  assert.equal(prisma.nothing, undefined)
  assert.equal(prisma.user.name, "User")
  const { findMany } = prisma.user
  assert.equal((await findMany({ take: 1 })).length, 1)
})

test("writes of many", async () => {
  assert.deepEqual(await prisma.seat.createMany({ data: [{ row: 2, number: 1 }, { row: 2, number: 1 }], skipDuplicates: true }), { count: 1 })
  assert.deepEqual(await prisma.seat.createManyAndReturn({ data: [{ row: 3, number: 1 }], select: { row: true } }), [{ row: 3 }])
  assert.deepEqual(await prisma.seat.updateManyAndReturn({ where: { row: 3 }, data: { guest: "z" } }), [{ row: 3, number: 1, guest: "z" }])
  assert.equal((await prisma.seat.upsert({ where: { row_number: { row: 3, number: 1 } }, create: { row: 3, number: 1 }, update: { guest: "w" } })).guest, "w")
  assert.equal((await prisma.seat.delete({ where: { row_number: { row: 3, number: 1 } } })).guest, "w")
  assert.deepEqual(await prisma.seat.deleteMany({ where: { row: 2 } }), { count: 1 })
})

test("a large list comes in pieces that are the same as the whole", async () => {
  await prisma.post.createMany({ data: Array.from({ length: 5000 }, (_, index) => ({ title: `"[{,${index}}]" \\ é`, views: BigInt(index) })) })
  const posts = await prisma.post.findMany({ where: { title: { startsWith: '"[' } }, orderBy: { id: "asc" } })
  assert.equal(posts.length, 5000)
  assert.deepEqual(posts.map((post) => post.title), Array.from({ length: 5000 }, (_, index) => `"[{,${index}}]" \\ é`))
  assert.equal(posts[4999].views, 4999n)
})

test("large answers of other kinds: one record, many keys of one tick, a list that is written", async () => {
  const title = "x".repeat(2000)
  const user = await prisma.user.create({ data: { email: "big@x", posts: { create: Array.from({ length: 60 }, () => ({ title, views: 3n })) } }, include: { posts: true } })
  assert.deepEqual([user.posts.length, user.posts[59].views, user.createdAt instanceof Date], [60, 3n, true])
  const again = await prisma.user.findUnique({ where: { id: user.id }, include: { posts: true } })
  assert.deepEqual(again, user)
  const ids = user.posts.map((post) => post.id)
  const posts = await Promise.all([...ids, ids[0]].map((id) => prisma.post.findUnique({ where: { id } })))
  assert.deepEqual(posts, [...user.posts, user.posts[0]])
  assert.notEqual(posts[0], posts[60])
  const written = await prisma.post.updateManyAndReturn({ where: { authorId: user.id }, data: { views: 4n } })
  assert.ok(written.length === 60 && written.every((post) => post.views === 4n))
})
