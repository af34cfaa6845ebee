import assert from "node:assert/strict"
import { after, before, beforeEach, test } from "node:test"
import { Prisma } from "../../index.mjs"
import { connect, makeDatabase } from "../support/database.mjs"

// NaN, infinite floats and infinite moments: PostgreSQL has them, JSON has not.

let prisma, url
before(async () => {
  url = await makeDatabase("node_infinite")
})
const MOMENT = new Date("2024-01-02T03:04:05.678Z")
beforeEach(async () => {
  await prisma?.$disconnect()
  prisma = connect(url)
  await prisma.$executeRaw`TRUNCATE "User" RESTART IDENTITY CASCADE`
  await prisma.$executeRaw`INSERT INTO "User" (email, ratio, "createdAt", days, tags) VALUES ('a@x', 'NaN', 'infinity', '{infinity,2024-01-02 03:04:05.678}', '{}'),
    ('b@x', '-Infinity', '-infinity', '{}', '{}'), ('c@x', 1.5, '2024-01-02 03:04:05.678', '{}', '{}')`
})
after(() => prisma.$disconnect())

const select = { ratio: true, createdAt: true }
const isEarliest = (date) => date instanceof Date && date.getTime() === -Infinity
const isLatest = (date) => date instanceof Date && date.getTime() === Infinity

function checkAll([one, two, three]) {
  assert.deepEqual([one.ratio, two.ratio, three.ratio], [NaN, -Infinity, 1.5])
  assert.ok(isLatest(one.createdAt) && isEarliest(two.createdAt), String([one.createdAt, two.createdAt]))
  assert.deepEqual(three.createdAt, MOMENT)
}

test("reads give them as numbers, and as dates beyond all others", async () => {
  const read = () => prisma.user.findMany({ select, orderBy: { id: "asc" } })
  checkAll(await read())
  checkAll(await read())
  checkAll(await Promise.all([1, 2, 3].map((id) => prisma.user.findUnique({ where: { id }, select }))))
  checkAll((await prisma.user.findMany({ select, orderBy: { id: "asc" } }).withAccelerateInfo()).data)
  const { days } = await prisma.user.findFirst({ where: { id: 1 }, select: { days: true } })
  assert.ok(isLatest(days[0]))
  assert.deepEqual(days[1], MOMENT)
})

test("a read that meets one is sent again once, and its model's reads ask for words at once from then on", async () => {
  const logged = connect(url, { log: [{ level: "query", emit: "event" }] })
  const asked = []
  logged.$on("query", (event) => asked.push(event.query))
  const read = () => logged.user.findMany({ select, orderBy: { id: "asc" } })
  await read()
  assert.equal(asked.length, 2)
  await read()
  assert.equal(asked.length, 3)
  await logged.$disconnect()
})

test("answers of the cache have them, too, and each caller has dates of its own", async () => {
  const read = () => prisma.user.findMany({ select, orderBy: { id: "asc" }, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
  const statuses = []
  for (let time = 0; time < 4; time++) {
    const { data, info } = await read()
    checkAll(data)
    statuses.push(info.cacheStatus)
    checkAll(await prisma.user.findMany({ select, orderBy: { id: "asc" }, cacheStrategy: { ttl: 60 } }))
    data[2].createdAt.setTime(0)
  }
  assert.deepEqual(statuses, ["miss", "ttl", "ttl", "ttl"])
})

test("aggregates and groups", async () => {
  const all = await prisma.user.aggregate({ _min: { ratio: true, createdAt: true }, _max: { ratio: true, createdAt: true }, _sum: { ratio: true }, _avg: { ratio: true } })
  assert.deepEqual([all._min.ratio, all._max.ratio, all._sum.ratio, all._avg.ratio], [-Infinity, NaN, NaN, NaN])
  assert.ok(isEarliest(all._min.createdAt) && isLatest(all._max.createdAt))
  const groups = await prisma.user.groupBy({ by: ["ratio"], orderBy: { ratio: "asc" }, _count: true })
  assert.deepEqual(groups.map((group) => group.ratio), [-Infinity, 1.5, NaN])
})

test("writes take and give them", async () => {
  const made = await prisma.user.create({ data: { email: "n@x", ratio: NaN, createdAt: "-infinity" }, select })
  assert.ok(Number.isNaN(made.ratio) && isEarliest(made.createdAt))
  const changed = await prisma.user.update({ where: { email: "n@x" }, data: { ratio: Infinity, createdAt: (await prisma.user.findUnique({ where: { id: 1 } })).createdAt }, select })
  assert.ok(changed.ratio === Infinity && isLatest(changed.createdAt))
  assert.equal((await prisma.user.createManyAndReturn({ data: [{ email: "m@x", ratio: -Infinity }], select: { ratio: true } }))[0].ratio, -Infinity)
  // A write whose answer holds what was there before.
  assert.ok(Number.isNaN((await prisma.user.update({ where: { id: 1 }, data: { name: "A" }, select })).ratio))
})

test("filters take them: what was read finds its record", async () => {
  const [one, two] = await prisma.user.findMany({ orderBy: { id: "asc" } })
  for (const [user, where] of [[one, { createdAt: one.createdAt }], [two, { createdAt: two.createdAt }], [one, { ratio: NaN }], [two, { ratio: -Infinity }], [two, { ratio: { lt: -1e308 } }], [two, { createdAt: { lt: new Date(0) } }]]) {
    assert.deepEqual((await prisma.user.findMany({ where, select: { id: true } })).map(({ id }) => id), [user.id])
  }
})

test("transactions of both kinds, and raw SQL", async () => {
  const [found, rows] = await prisma.$transaction([prisma.user.findMany({ select, orderBy: { id: "asc" } }), prisma.$queryRaw`SELECT ratio, "createdAt" FROM "User" ORDER BY id`])
  checkAll(found)
  checkAll(rows)
  await prisma.$transaction(async (tx) => {
    checkAll(await tx.user.findMany({ select, orderBy: { id: "asc" } }))
    checkAll(await tx.$queryRaw`SELECT ratio, "createdAt" FROM "User" ORDER BY id`)
  })
  const [row] = await prisma.$queryRaw`SELECT ${NaN}::float8 AS a, ${-Infinity}::float4 AS b, 'NaN'::numeric AS c, '-infinity'::date AS d, '{NaN,1}'::float8[] AS e, '{infinity}'::timestamptz[] AS f, 1.10::numeric AS g, '2024-01-02 03:04:05.678901'::timestamp AS h`
  assert.deepEqual([row.a, row.b, row.e], [NaN, -Infinity, [NaN, 1]])
  assert.ok(row.c.isNaN() && Prisma.Decimal.isDecimal(row.c) && isEarliest(row.d) && isLatest(row.f[0]))
  assert.deepEqual([row.g.toString(), row.h], ["1.1", MOMENT])
  const [back] = await prisma.$queryRaw`SELECT id FROM "User" WHERE "createdAt" = ${row.f[0]}`
  assert.deepEqual(back, { id: 1 })
})

test("an infinite date compares, sorts and prints as what it is", async () => {
  const dates = (await prisma.user.findMany({ orderBy: { id: "asc" } })).map((user) => user.createdAt)
  const [latest, earliest, moment] = dates
  assert.ok(latest > moment && earliest < moment && latest > new Date() && !(latest < moment))
  assert.deepEqual([...dates].sort((one, other) => one - other), [earliest, moment, latest])
  assert.deepEqual([JSON.stringify(latest), String(earliest), latest.toISOString(), `${latest}`], ['"infinity"', "-infinity", "infinity", "infinity"])
})

test("who chooses a precision has it", async () => {
  const precise = connect(url, { accelerant: { dateTime: "microseconds" } })
  checkAll(await precise.user.findMany({ select, orderBy: { id: "asc" } }))
  assert.equal((await precise.user.update({ where: { id: 3 }, data: { ratio: Infinity } })).ratio, Infinity)
  await precise.$disconnect()
  const coarse = connect(url, { accelerant: { dateTime: "milliseconds" } })
  await assert.rejects(coarse.user.findMany(), (error) => error.code === "P2023" && /"dateTime": "microseconds" has words for it/.test(error.message))
  await coarse.$disconnect()
})
