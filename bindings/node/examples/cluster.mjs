/**
 * Processes that each have a cache, and hear of each other's writes: `cluster` with `cache.listen`.
 *
 *     DATABASE_URL=postgresql://… node cluster.mjs schema.prisma
 *
 * The first process installs the triggers by which the database tells of writes, once. Then one worker writes, and all
 * others have the new value, without a word between them.
 */
import cluster from "node:cluster"
import { PrismaClient } from "accelerant"

const WORKERS = 3
const open = (listen) => new PrismaClient({ schemaPath: process.argv[2], accelerant: { cache: { auto: true, listen } } })
const largest = (prisma) => prisma.package.findFirst({ orderBy: { installedKib: "desc" }, cacheStrategy: { ttl: 3600 } }).withAccelerateInfo()

async function primary() {
  const prisma = open(false)
  await prisma.$accelerate.installTriggers({ execute: true })
  const before = await prisma.package.findFirst({ orderBy: { installedKib: "desc" } })
  const workers = Array.from({ length: WORKERS }, () => cluster.fork())
  const say = (what) => workers.forEach((worker) => worker.send(what))
  const all = (what) => Promise.all(workers.map((worker) => new Promise((resolve) => {
    worker.on("message", (message) => message.what === what && resolve(message))
  })))
  const ready = all("ready")
  for (const { id, cacheStatus } of await ready) console.log(`worker ${id}: the answer is kept (${cacheStatus})`)
  const seen = all("seen")
  workers[0].send({ what: "write", name: before.name, installedKib: before.installedKib + 1 })
  for (const { id, installedKib, milliseconds } of await seen) console.log(`worker ${id}: ${installedKib} KiB, ${milliseconds} ms after it was told to look`)
  await prisma.package.update({ where: { name: before.name }, data: { installedKib: before.installedKib } })
  say({ what: "end" })
  await prisma.$disconnect()
}

async function worker() {
  const prisma = open(true)
  // Waits until all changes are heard.
  await prisma.$connect()
  const { data: before } = await largest(prisma)
  const { info } = await largest(prisma)
  const { id } = cluster.worker
  process.on("message", async (message) => {
    if (message.what === "end") {
      await prisma.$disconnect()
      process.disconnect()
    } else await prisma.package.update({ where: { name: message.name }, data: { installedKib: message.installedKib } })
  })
  process.send({ what: "ready", id, cacheStatus: info.cacheStatus })
  const start = performance.now()
  for (;;) {
    const { data } = await largest(prisma)
    if (data.installedKib !== before.installedKib) {
      process.send({ what: "seen", id, installedKib: data.installedKib, milliseconds: Math.round(performance.now() - start) })
      break
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

await (cluster.isPrimary ? primary() : worker())
