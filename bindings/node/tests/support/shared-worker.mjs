/** A worker thread with a client of its own on the cache that all share: says how its read was answered, before and after a word. */
import { parentPort, workerData } from "node:worker_threads"
import { connect } from "./database.mjs"

const prisma = connect(workerData.url, workerData.options)
const read = () => prisma.user.findMany({ orderBy: { id: "asc" }, cacheStrategy: { ttl: 60 } }).withAccelerateInfo()
const tell = async () => {
  const { data, info } = await read()
  parentPort.postMessage([info.cacheStatus, data[0].name])
}

await tell()
await new Promise((resolve) => parentPort.once("message", resolve))
await tell()
await prisma.$disconnect()
