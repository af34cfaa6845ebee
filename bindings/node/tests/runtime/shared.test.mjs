import assert from "node:assert/strict"
import path from "node:path"
import { before, test } from "node:test"
import { Worker } from "node:worker_threads"
import { connect, makeDatabase, ROOT, SCHEMA } from "../support/database.mjs"

let url
before(async () => {
  url = await makeDatabase("node_shared")
})
const named = () => ({ schema: SCHEMA, datasourceUrl: url, accelerant: { cache: { name: "node_shared" } } })
const statusIn = (worker) => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))

test("worker threads whose clients have the same cache.name share one cache and its invalidations", async () => {
  const prisma = connect(url, named())
  const read = () => prisma.user.findMany({ cacheStrategy: { ttl: 600, tags: ["shared"] } }).withAccelerateInfo()
  assert.equal((await read()).info.cacheStatus, "miss")
  const workers = [0, 1].map(() => new Worker(path.join(ROOT, "tests", "support", "sharing.mjs"), { workerData: named() }))
  assert.deepEqual(await Promise.all(workers.map(statusIn)), ["ttl", "ttl"])
  workers[0].postMessage("invalidate")
  await statusIn(workers[0])
  assert.equal((await read()).info.cacheStatus, "miss")
  workers[1].postMessage("read")
  assert.equal(await statusIn(workers[1]), "ttl")
  await workers[0].terminate()
  workers[1].postMessage("end")
  await new Promise((resolve) => workers[1].once("exit", resolve))
  assert.equal((await read()).info.cacheStatus, "ttl")
  await prisma.$disconnect()
})

test("clients of one thread, too; each has its own outstanding requests", async () => {
  const clients = [connect(url, named()), connect(url, named())]
  const counts = await Promise.all(Array.from({ length: 400 }, (_, index) => clients[index % 2].user.count({ where: { id: { gt: -index } } })))
  assert.ok(counts.every((count) => count === 0))
  await clients[0].$disconnect()
  assert.equal(await clients[1].user.count(), 0)
  await clients[1].$disconnect()
})
