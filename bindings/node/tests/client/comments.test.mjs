import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { connect, failure, makeDatabase } from "../support/database.mjs"

let url
const open = []
before(async () => {
  url = await makeDatabase("node_comments")
  const prisma = connect(url)
  for (const email of ["a@x", "b@x"]) await prisma.user.create({ data: { email } })
  await prisma.$disconnect()
})
after(() => Promise.all(open.map((client) => client.$disconnect())))

/** A client with plugins, what they are told, and the comments of the statements that it sends. */
function commented(...plugins) {
  const told = []
  const comments = []
  const spy = (context) => {
    told.push(context.query)
    return {}
  }
  const client = connect(url, { comments: [spy, ...plugins], log: [{ level: "query", emit: "event" }] })
  client.$on("query", ({ query }) => {
    if (!/^(BEGIN|COMMIT|ROLLBACK)/.test(query)) comments.push(/\/\*(.*)\*\/$/.exec(query)?.[1])
  })
  open.push(client)
  return { client, told, comments }
}

/** The statement as the server has it. */
const seen = async (client) => (await client.$queryRaw`SELECT current_query() AS q`)[0].q

test("what plugins give stands beside the SQL, sorted and encoded", async () => {
  const { client } = commented(() => ({ route: "/users?a=1", z: "it's", a: "ü */" }), () => ({ z: "2", b: undefined, n: 5 }), () => undefined)
  assert.equal(await seen(client), "SELECT current_query() AS q /*a='%C3%BC%20*%2F',n='5',route='%2Fusers%3Fa%3D1',z='2'*/")
  assert.equal(await seen(commented(() => ({ z: "it's" })).client), "SELECT current_query() AS q /*z='it\\'s'*/")
  assert.equal(await seen(commented(() => ({})).client), "SELECT current_query() AS q")
  assert.equal((await commented(() => ({ a: "b" })).client.$queryRawUnsafe("SELECT current_query() AS q -- end"))[0].q, "SELECT current_query() AS q -- end\n/*a='b'*/")
})

test("plugins are told what Prisma's are told", async () => {
  const { client, told } = commented()
  const ask = async (run) => {
    told.length = 0
    await run()
    return told
  }
  const all = { $composites: true, $scalars: true }
  const count = { modelName: "User", action: "aggregate", query: { arguments: { where: { id: 1 } }, selection: { _count: { arguments: {}, selection: { _all: true } } } } }
  assert.deepEqual(await ask(() => client.user.findMany({ where: { id: 1 }, select: { id: true, posts: { take: 1, select: { id: true } } } })), [
    { type: "single", modelName: "User", action: "findMany", query: { arguments: { where: { id: 1 } }, selection: { id: true, posts: { arguments: { take: 1 }, selection: { id: true } } } } }])
  assert.deepEqual(await ask(() => client.user.update({ where: { id: 1 }, data: { age: 1 } })), [
    { type: "single", modelName: "User", action: "updateOne", query: { arguments: { where: { id: 1 }, data: { age: 1 } }, selection: all } }])
  assert.deepEqual(await ask(() => client.user.findFirst({ omit: { email: true }, include: { profile: true } })), [
    { type: "single", modelName: "User", action: "findFirst", query: { arguments: {}, selection: { ...all, email: false, profile: true } } }])
  assert.deepEqual(await ask(() => client.user.count({ where: { id: 1 } })), [{ type: "single", ...count }])
  assert.deepEqual(await ask(() => client.$queryRaw`SELECT ${1}::int AS a`), [
    { type: "single", action: "queryRaw", query: { arguments: { query: "SELECT $1::int AS a", parameters: "[1]" }, selection: {} } }])
  assert.deepEqual(await ask(() => client.$executeRawUnsafe("SELECT $1::bigint", 5n)).then(([query]) => query.action), "executeRaw")
  const unique = (id) => ({ modelName: "User", action: "findUnique", query: { arguments: { where: { id } }, selection: { id: true } } })
  assert.deepEqual(await ask(() => Promise.all([1, 2].map((id) => client.user.findUnique({ where: { id }, select: { id: true } })))), [
    { type: "compacted", modelName: "User", action: "findUnique", queries: [unique(1), unique(2)] }])
  assert.deepEqual(await ask(() => client.$transaction([client.user.count({ where: { id: 1 } }), client.user.groupBy({ by: ["role"], _sum: { age: true } })])), [
    { type: "single", ...count },
    { type: "single", modelName: "User", action: "groupBy", query: { arguments: { by: ["role"] }, selection: { _sum: { arguments: {}, selection: { age: true } }, role: true } } }])
})

test("each statement of each kind of call has them", async () => {
  let number = 0
  const { client, comments } = commented(() => ({ n: String(++number) }))
  await client.user.findMany({ take: 1 })
  await client.user.create({ data: { email: "c@x", profile: { create: { bio: "x" } } } })
  await client.$executeRaw`UPDATE "User" SET age = 1`
  const own = new Set(comments)
  assert.deepEqual([...own], ["n='1'", "n='2'", "n='3'"])
  comments.length = 0
  await client.$transaction([client.user.count(), client.post.count(), client.$queryRaw`SELECT 1 AS a`])
  assert.deepEqual(comments, ["n='4'", "n='5'", "n='6'"])
  comments.length = 0
  await client.$transaction(async (tx) => {
    await tx.user.count()
    await tx.$queryRaw`SELECT 1 AS a`
  })
  assert.deepEqual(comments, ["n='7'", "n='8'"])
})

test("a trace goes beside the others, and a cache's hit needs no statement", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
  const both = commented(() => ({ traceparent, app: "shop" }))
  const text = `/*app='shop',traceparent='${traceparent}'*/`
  assert.ok((await seen(both.client)).endsWith(text))
  const [[row]] = await both.client.$transaction([both.client.$queryRaw`SELECT current_query() AS q`])
  assert.ok(row.q.endsWith(text), row.q)
  assert.ok((await seen(commented(() => ({ traceparent })).client)).endsWith(`/*traceparent='${traceparent}'*/`))
  const read = () => both.client.user.findMany({ take: 1, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
  both.comments.length = 0
  assert.deepEqual([(await read()).info.cacheStatus, (await read()).info.cacheStatus, both.comments.length], ["miss", "ttl", 1])
})

test("a plugin's fault is the call's", async () => {
  const { client } = commented(() => {
    throw new RangeError("mine")
  })
  for (const call of [() => client.user.count(), () => client.$queryRaw`SELECT 1`]) assert.equal((await failure(call())).message, "mine")
  assert.equal((await failure(commented(() => ({ long: "x".repeat(5000) })).client.user.count())).code, "P6005")
})
