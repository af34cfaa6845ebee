/**
 * What the package for Node costs: hits, misses, many at once, large answers. CPU of the whole process, the best of several runs, so
 * that what else the machine does counts little. Run by `make bench`; with --page it also writes docs/reports/node.md.
 *
 *     Tests/support/postgres.py run -- node Benchmarks/Node/run.mjs
 */
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..")
const { PrismaClient } = await import(path.join(ROOT, "bindings", "node", "index.mjs"))
const { makeDatabase, SCHEMA } = await import(path.join(ROOT, "bindings", "node", "tests", "support", "database.mjs"))

const RUNS = 5
const rows = []
const report = (what, figure, note = "") => {
  rows.push([what, figure, note])
  console.log(`${what.padEnd(58)} ${figure.padStart(12)}  ${note}`)
}
const nanoseconds = (value) => (value < 10_000 ? `${Math.round(value)} ns` : value < 1e6 ? `${(value / 1000).toFixed(1)} µs` : `${(value / 1e6).toFixed(2)} ms`)

/** The cost of one call in ns of CPU, and of time; the least of several runs. */
async function measure(count, run) {
  for (let index = 0; index < count / 5; index++) await run(index)
  let cpu = Infinity
  let time = Infinity
  for (let round = 0; round < RUNS; round++) {
    const start = process.hrtime.bigint()
    const used = process.cpuUsage()
    for (let index = 0; index < count; index++) await run(index)
    const { user, system } = process.cpuUsage(used)
    cpu = Math.min(cpu, ((user + system) * 1000) / count)
    time = Math.min(time, Number(process.hrtime.bigint() - start) / count)
  }
  return { cpu, time }
}

const url = await makeDatabase("node_benchmark")
const prisma = new PrismaClient({ schema: SCHEMA, datasourceUrl: url, accelerant: { limits: { responseBytes: 50_000_000 } } })
await prisma.$executeRawUnsafe(`INSERT INTO "User" (email, name, nickname, age, balance, "createdAt")
  SELECT 'user' || i || '@example.org', 'User Number ' || i, 'nick' || i, i % 90, i * 1.25, now() - i * interval '1 hour' FROM generate_series(1, 1000) i`)
await prisma.$executeRawUnsafe(`INSERT INTO posts (title, "authorId") SELECT 'The title of post ' || i, 1 + i % 1000 FROM generate_series(1, 10000) i`)
await prisma.$executeRawUnsafe(`CREATE INDEX ON posts ("authorId")`)
await prisma.$executeRawUnsafe("ANALYZE")

const cacheStrategy = { ttl: 600 }
const plain = { where: { id: { gt: 5 } }, orderBy: { id: "asc" }, take: 10, select: { id: true, email: true, name: true, nickname: true, role: true, age: true }, cacheStrategy }
const rich = { where: { id: { gt: 5 } }, orderBy: { id: "asc" }, take: 8, select: { id: true, email: true, name: true, createdAt: true, balance: true, age: true }, cacheStrategy }

for (const [name, args] of [["text and numbers", plain], ["dates and decimals, too", rich]]) {
  const text = Buffer.from(await prisma.user.$raw.findMany(args)).toString()
  const parse = await measure(100_000, () => void JSON.parse(text))
  const bytes = await measure(100_000, () => prisma.user.$raw.findMany(args))
  const objects = await measure(100_000, () => prisma.user.findMany(args))
  report(`hit of ${text.length} bytes, ${name}: as bytes`, nanoseconds(bytes.cpu))
  report(`hit of ${text.length} bytes, ${name}: as objects`, nanoseconds(objects.cpu), `${(objects.cpu / parse.cpu).toFixed(2)} × JSON.parse (${nanoseconds(parse.cpu)})`)
}
{
  // A different query each time, so that none is read twice in a row and none is kept as a value.
  const args = Array.from({ length: 4096 }, (_, index) => ({ ...plain, where: { id: { gt: index % 900, lt: 5000 + index } } }))
  for (const each of args) await prisma.user.findMany(each)
  const text = Buffer.from(await prisma.user.$raw.findMany(args[7])).toString()
  const parse = await measure(20_000, () => void JSON.parse(text))
  const objects = await measure(20_000, (index) => prisma.user.findMany(args[(index * 613) % args.length]))
  report("hits of 4096 queries in turn: as objects", nanoseconds(objects.cpu), `${(objects.cpu / parse.cpu).toFixed(2)} × JSON.parse`)
}

// Prisma Client 7 with its driver adapter on the machine of the table in docs/benchmarks.md: time of a call.
const PRISMA = { key: 770_000, twenty: 773_000, nested: 12_000_000 }
for (const [name, count, run, theirs] of [
  ["miss: a row by its key", 3000, (index) => prisma.user.findUnique({ where: { id: 1 + (index % 1000) } }), PRISMA.key],
  ["miss: 20 rows", 2000, (index) => prisma.user.findMany({ where: { id: { gt: index % 900 } }, orderBy: { id: "asc" }, take: 20 }), PRISMA.twenty],
  ["miss: 100 rows with 10 related each", 100, () => prisma.user.findMany({ orderBy: { id: "asc" }, take: 100, include: { posts: { take: 10, orderBy: { id: "asc" } } } }), PRISMA.nested],
]) {
  const { cpu, time } = await measure(count, run)
  report(name, nanoseconds(time), `CPU ${nanoseconds(cpu)}; ${(time / theirs).toFixed(2)} × Prisma Client 7 (${nanoseconds(theirs)})`)
}

{
  const start = performance.now()
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, index) => prisma.user.findFirst({ where: { id: 1 + (index % 1000) } })))
  if (answers.some((answer, index) => answer.id !== 1 + (index % 1000))) throw new Error("an answer went to somebody else")
  report("10 000 requests at once", `${Math.round(performance.now() - start)} ms`)
}

{
  // The longest turn of the event loop while a large answer comes in. Why the least of many: others may have the processor meanwhile.
  const longest = async (run) => {
    let most = 0
    let isRunning = true
    let last = performance.now()
    const tick = () => {
      const now = performance.now()
      most = Math.max(most, now - last)
      last = now
      if (isRunning) setImmediate(tick)
    }
    setImmediate(tick)
    await run()
    isRunning = false
    return most
  }
  const read = () => prisma.post.findMany({ orderBy: { id: "asc" } })
  await read()
  const bytes = (await prisma.post.$raw.findMany({ orderBy: { id: "asc" } })).length
  let least = Infinity
  for (let round = 0; round < 100; round++) least = Math.min(least, await longest(read))
  report(`longest turn of the loop, answers of ${Math.round(bytes / 1024)} KB`, `${least.toFixed(2)} ms`)
}
await prisma.$disconnect()

if (process.argv.includes("--page")) {
  const table = rows.map((row) => `| ${row.join(" | ")} |`).join("\n")
  fs.writeFileSync(path.join(ROOT, "docs", "reports", "node.md"), `# What the package for Node costs

Made by \`make bench PAGE=1\` (\`Benchmarks/Node/run.mjs\`), with Node ${process.version}.
A hit's cost is the CPU of the whole call: arguments written as JSON, the lookup, the promise, its
\`await\`. A miss is the time of a call over a Unix socket. The figures of Prisma Client 7
are of its fastest runs with its driver adapter, on the machine of [Benchmarks](benchmarks.md).

| what | cost | |
|---|---|---|
${table}

A hit that is read again costs less than \`JSON.parse\`: its value is kept, and copied for each
caller. Answers of up to 16 KB are kept so, 8 MB of them per thread.
`)
}
