import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { inspect } from "node:util"
import { Prisma } from "../../index.mjs"
import { connect, failure, makeDatabase } from "../support/database.mjs"

let prisma
before(async () => {
  prisma = connect(await makeDatabase("node_extensions"))
  await prisma.user.create({ data: { email: "alice@x", name: "Alice", nickname: "Al", posts: { create: [{ title: "one" }, { title: "two" }] } } })
  await prisma.user.create({ data: { email: "bob@x", name: "Bob" } })
})
after(() => prisma.$disconnect())

const names = { result: { user: { title: { needs: { name: true, nickname: true }, compute: (user) => `${user.name} (${user.nickname})` } } } }

test("computed fields", async () => {
  const extended = prisma.$extends(names)
  const user = await extended.user.findFirst({ where: { name: "Alice" } })
  assert.equal(user.title, "Alice (Al)")
  assert.ok("name" in user && Object.keys(user).includes("title") && JSON.parse(JSON.stringify(user)).title === "Alice (Al)")
  assert.equal((await prisma.user.findFirst()).title, undefined)
})

test("what a computed field needs is read, and not shown", async () => {
  const extended = prisma.$extends(names)
  assert.deepEqual({ ...(await extended.user.findFirst({ where: { name: "Alice" }, select: { title: true } })) }, { title: "Alice (Al)" })
  assert.deepEqual({ ...(await extended.user.findFirst({ where: { name: "Alice" }, select: { email: true } })) }, { email: "alice@x" })
  const omitted = await extended.user.findFirst({ where: { name: "Alice" }, omit: { name: true, nickname: true } })
  assert.ok(!("name" in omitted) && omitted.title === "Alice (Al)")
  assert.ok(!("title" in (await extended.user.findFirst({ omit: { title: true } }))))
})

test("computed fields of related records, of lists, of writes", async () => {
  const extended = prisma.$extends(names).$extends({ result: { post: { loud: { needs: { title: true }, compute: ({ title }) => title.toUpperCase() } } } })
  const [user] = await extended.user.findMany({ include: { posts: { select: { loud: true } } }, orderBy: { id: "asc" }, take: 1 })
  assert.deepEqual(user.posts.map((post) => ({ ...post })), [{ loud: "ONE" }, { loud: "TWO" }])
  assert.equal((await extended.post.findFirst({ include: { author: true } })).author.title, "Alice (Al)")
  assert.equal((await extended.user.update({ where: { email: "bob@x" }, data: { nickname: "B" } })).title, "Bob (B)")
  assert.equal((await extended.user.findUnique({ where: { email: "alice@x" } }).posts())[0].loud, "ONE")
})

test("a computed field over others, over one of its name, without needs, that is a method", async () => {
  const extended = prisma.$extends(names)
    .$extends({ result: { user: { shout: { needs: { title: true }, compute: (user) => user.title.toUpperCase() } } } })
    .$extends({ result: { user: { title: { needs: { title: true }, compute: (user) => `* ${user.title}` }, now: { compute: () => 5 }, greet: { needs: { name: true }, compute: (user) => () => `hi ${user.name}` } } } })
  const user = await extended.user.findFirst({ where: { name: "Alice" } })
  assert.deepEqual([user.title, user.now, user.greet()], ["* Alice (Al)", 5, "hi Alice"])
  assert.match((await extended.user.findFirst({ where: { name: "Alice" }, select: { shout: true } })).shout, /ALICE \(AL\)/)
  assert.deepEqual({ ...(await extended.user.findFirst({ select: { now: true } })) }, { now: 5 })
})

test("a computed field is computed once, and may be overwritten", async () => {
  let times = 0
  const extended = prisma.$extends({ result: { user: { counted: { compute: () => ++times } } } })
  const user = await extended.user.findFirst()
  assert.equal(times, 0)
  assert.deepEqual([user.counted, user.counted, times], [1, 1, 1])
  assert.match(inspect(user), /counted: 1/)
  user.counted = 9
  assert.equal(user.counted, 9)
})

test("$allModels has fields and methods for each", async () => {
  const extended = prisma.$extends({
    result: { $allModels: { label: { needs: { id: true }, compute: (record) => `#${record.id}` } } },
    model: { $allModels: { async exists(where) { return (await Prisma.getExtensionContext(this).count({ where })) > 0 } } },
  })
  assert.deepEqual([(await extended.post.findFirst()).label, await extended.user.exists({ name: "Bob" }), await extended.post.exists({ title: "nope" })], ["#1", true, false])
})

test("methods of models and of the client", async () => {
  const extended = prisma.$extends({
    name: "sign up",
    model: { user: { async signUp(email) { return Prisma.getExtensionContext(this).create({ data: { email } }) }, context() { const context = Prisma.getExtensionContext(this); return [context.$name, context.$parent === extended] } } },
    client: { $hello: (name) => `hello ${name}`, async $total() { return Prisma.getExtensionContext(this).user.count() } },
  })
  assert.equal((await extended.user.signUp("new@x")).email, "new@x")
  assert.deepEqual(extended.user.context(), ["User", true])
  assert.equal(extended.$hello("you"), "hello you")
  assert.equal(await extended.$total(), await prisma.user.count())
  assert.equal(extended.$on, undefined)
  const overridden = prisma.$extends({ model: { user: { async findMany() { return "mine" } } } })
  assert.equal(await overridden.user.findMany(), "mine")
})

test("query functions surround calls, the first extension's outermost", async () => {
  const seen = []
  const tracing = (label) => Prisma.defineExtension({ query: { $allModels: { async $allOperations({ model, operation, args, query }) { seen.push(`${label} ${model}.${operation}`); const answer = await query(args); seen.push(`${label} done`); return answer } } } })
  const extended = prisma.$extends(tracing("A")).$extends(tracing("B"))
  await extended.user.count()
  assert.deepEqual(seen, ["A User.count", "B User.count", "B done", "A done"])
})

test("the order of functions within one extension", async () => {
  const seen = []
  const note = (label) => ({ args, query }) => { seen.push(label); return query(args) }
  await prisma.$extends({ query: { $allOperations: note("all"), user: { $allOperations: note("user.all"), findFirst: note("user.findFirst") }, $allModels: { findFirst: note("models.findFirst"), $allOperations: note("models.all") } } }).user.findFirst()
  assert.deepEqual(seen, ["user.findFirst", "user.all", "models.findFirst", "models.all", "all"])
})

test("query functions change arguments and answers, and the caller's arguments stay", async () => {
  const extended = prisma.$extends({ query: { user: { async findMany({ args, query }) { args.where = { ...args.where, name: "Bob" }; return (await query(args)).map((user) => user.name) } } } })
  const args = { where: { email: { endsWith: "@x" } } }
  assert.deepEqual(await extended.user.findMany(args), ["Bob"])
  assert.deepEqual(args, { where: { email: { endsWith: "@x" } } })
  assert.deepEqual(await extended.user.findMany(), ["Bob"])
})

test("query functions see raw SQL", async () => {
  const seen = []
  const extended = prisma.$extends({ query: { $queryRaw({ args, query, operation, model }) { seen.push([operation, model, args.sql ?? args]); return query(args) }, $executeRawUnsafe({ args, query }) { seen.push(args); return query(args) } } })
  await extended.$queryRaw`SELECT ${1}::int`
  await extended.$executeRawUnsafe('UPDATE "User" SET age = $1', 1)
  assert.deepEqual(seen, [["$queryRaw", undefined, "SELECT ?::int"], ['UPDATE "User" SET age = $1', 1]])
})

test("extensions hold in transactions of both kinds", async () => {
  const extended = prisma.$extends(names).$extends({ query: { user: { async create({ args, query }) { args.data.age = 77; return query(args) } } } })
  const [one] = await extended.$transaction([extended.user.create({ data: { email: "t1@x" } }), prisma.user.count()])
  assert.deepEqual([one.age, one.title], [77, "null (null)"])
  const two = await extended.$transaction((tx) => tx.user.create({ data: { email: "t2@x" } }))
  assert.deepEqual([two.age, two.title], [77, "null (null)"])
  const error = await failure(extended.$transaction([extended.user.create({ data: { email: "t3@x" } }), extended.user.create({ data: { email: "t1@x" } })]))
  assert.equal(error.code, "P2002")
  assert.equal(await prisma.user.count({ where: { email: "t3@x" } }), 0)
})

test("an extension that answers by itself, or fails, in a list", async () => {
  const extended = prisma.$extends({ query: { user: { async count() { return "mine" }, async findFirst() { throw new Error("no") } } } })
  assert.deepEqual(await extended.$transaction([extended.user.count(), prisma.post.count()]), ["mine", 2])
  assert.equal((await failure(extended.$transaction([prisma.post.count(), extended.user.findFirst()]))).message, "no")
})

test("an extension may be a function of the client", async () => {
  const extension = Prisma.defineExtension((client) => client.$extends({ client: { $five: () => 5 } }))
  assert.equal(prisma.$extends(extension).$five(), 5)
})

test("an extension puts what it goes on with into a transaction of its own", async () => {
  const forRole = (name) => ({ query: { $allModels: { async $allOperations({ args, query }) { const [, answer] = await prisma.$transaction([prisma.$executeRaw`SELECT set_config('app.role', ${name}, true)`, query(args)]); return answer } } } })
  const extended = prisma.$extends(forRole("reader")).$extends({ query: { user: { async create({ args, query }) { args.data.name = "x"; return query(args) } } } })
  assert.equal((await extended.user.create({ data: { email: "role@x" } })).name, "x")
  assert.equal((await failure(extended.user.create({ data: { email: "role@x" } }))).code, "P2002")
  // What is not awaited does not run.
  await prisma.$extends({ query: { user: { async deleteMany({ query }) { query({}); return "kept" } } } }).user.deleteMany()
  assert.equal(await prisma.user.count({ where: { email: "role@x" } }), 1)
  assert.deepEqual(await prisma.$extends({ query: { user: { async count({ args, query }) { return prisma.$transaction([query(args), query({ where: { email: "role@x" } })]) } } } }).user.count({ where: { id: -1 } }), [0, 1])
})

test("a computed field in the place of a field, twice over", async () => {
  const loud = prisma.$extends({ result: { user: { email: { needs: { email: true }, compute: (user) => user.email.toUpperCase() } } } })
  const quoted = loud.$extends({ result: { user: { email: { needs: { email: true }, compute: (user) => `<${user.email}>` } } } })
  const where = { email: "role@x" }
  assert.equal((await loud.user.findFirst({ where })).email, "ROLE@X")
  assert.equal((await quoted.user.findFirst({ where })).email, "<ROLE@X>")
  assert.deepEqual(await quoted.user.findFirst({ where, select: { email: true } }), { email: "<ROLE@X>" })
  assert.equal(quoted.$parent, loud)
})

test("a list keeps its order, however long extensions take", async () => {
  const where = { email: "order@x" }
  const slow = prisma.$extends({ query: { user: { async count({ args, query }) { await new Promise((resolve) => setTimeout(resolve, 30)); return query(args) } } } })
  assert.deepEqual(await slow.$transaction([slow.user.count({ where }), slow.user.create({ data: where, select: { email: true } }), slow.user.count({ where })]), [0, where, 1])
  const error = await failure(slow.$transaction([slow.user.count(), slow.user.create({ data: where }), slow.user.count()]))
  assert.deepEqual([error.code, error.batchRequestIdx], ["P2002", 1])
})

test("a second query of an extension, once the list is done", { timeout: 30_000 }, async () => {
  const twice = prisma.$extends({ query: { user: { async count({ args, query }) { return [await query(args), await query({ where: { id: -1 } })] } }, $queryRaw: async ({ args, query }) => [await query(args), await query(args)] } })
  const [counts, posts, rows] = await twice.$transaction([twice.user.count({ where: { id: -2 } }), prisma.post.count(), twice.$queryRaw`SELECT 1::bigint AS a`])
  assert.deepEqual([counts, typeof posts, rows], [[0, 0], "number", [[{ a: 1n }], [{ a: 1n }]]])
})

test("a computed field sees what was read, and none of the computed ones but those that it needs", async () => {
  const extended = prisma.$extends({
    result: {
      user: {
        copied: { needs: { email: true }, compute: (user) => ({ ...user }) },
        again: { needs: { copied: true }, compute: (user) => Object.keys(user) },
      },
    },
  })
  const { copied, again } = await extended.user.findFirst({ where: { name: "Alice" }, select: { copied: true, again: true } })
  assert.deepEqual([copied, again], [{ email: "alice@x" }, ["email", "copied"]])
  const save = prisma.$extends({ result: { user: { save: { needs: { id: true }, compute: ({ id, ...data }) => () => prisma.user.update({ where: { id }, data, select: { age: true } }) } } } })
  const user = await save.user.findFirst({ where: { name: "Bob" }, select: { age: true, save: true } })
  assert.deepEqual(await user.save(), { age: user.age })
})

test("functions around a call see what was read, and what they give is computed from", async () => {
  const seen = []
  const extended = prisma.$extends(names).$extends({
    query: {
      user: {
        async findFirst({ args, query }) {
          const user = await query(args)
          seen.push(Object.keys(user))
          return Object.freeze({ ...user, nickname: "Nick" })
        },
        findMany: async () => [{ name: "made" }, 5, null],
      },
    },
  })
  const user = await extended.user.findFirst({ where: { name: "Alice" }, select: { title: true, email: true } })
  assert.deepEqual([{ ...user }, seen], [{ email: "alice@x", title: "Alice (Nick)" }, [["email", "name", "nickname"]]])
  // What lacks a field that is needed has no computed one.
  assert.deepEqual(await extended.user.findMany(), [{ name: "made" }, 5, null])
  const [together] = await extended.$transaction([extended.user.findFirst({ where: { name: "Alice" }, select: { title: true } })])
  assert.deepEqual({ ...together }, { title: "Alice (Nick)" })
  assert.equal((await extended.user.findFirst({ where: { name: "Alice" }, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()).data.title, "Alice (Nick)")
})
