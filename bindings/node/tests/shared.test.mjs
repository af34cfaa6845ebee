import assert from "node:assert/strict"
import { before, test } from "node:test"
import { Worker } from "node:worker_threads"
import { connect, makeDatabase } from "./support/database.mjs"

let url
before(async () => {
  url = await makeDatabase("node_shared")
})

const message = (worker) => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))

test("worker threads share a cache, a pool and a listener by its name", async () => {
  const options = { accelerant: { cache: { name: "workers", auto: true, listen: true } } }
  const prisma = connect(url, options)
  await prisma.$accelerate.installTriggers({ execute: true })
  await prisma.$connect()
  await prisma.user.create({ data: { email: "alice@x", name: "Alice" } })
  await prisma.user.findMany({ orderBy: { id: "asc" }, cacheStrategy: { ttl: 60 } })
  const workers = Array.from({ length: 4 }, () => new Worker(new URL("./support/shared-worker.mjs", import.meta.url), { workerData: { url, options } }))
  const ends = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)))
  assert.deepEqual(await Promise.all(workers.map(message)), Array(4).fill(["ttl", "Alice"]))
  const [{ listeners }] = await prisma.$queryRaw`SELECT count(*)::int AS listeners FROM pg_stat_activity WHERE datname = current_database() AND query LIKE ${"%notification" + "_queue_usage%"}`
  assert.equal(listeners, 1)
  await prisma.user.updateMany({ data: { name: "Other" } })
  const answers = workers.map(message)
  workers.forEach((worker) => worker.postMessage("go on"))
  const after = await Promise.all(answers)
  assert.deepEqual(after.map(([, name]) => name), Array(4).fill("Other"))
  assert.ok(after.filter(([status]) => status === "miss").length >= 1)
  await Promise.all(ends)
  // What the others shared goes on.
  assert.equal((await prisma.user.findMany({ orderBy: { id: "asc" }, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()).info.cacheStatus, "ttl")
  await prisma.$disconnect()
})
