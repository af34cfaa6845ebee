/** A worker thread that reads what another thread has cached, and invalidates it when it is told to. */
import { parentPort, workerData } from "node:worker_threads"
import { PrismaClient } from "../../index.mjs"

const prisma = new PrismaClient(workerData)
const read = async () => (await prisma.user.findMany({ cacheStrategy: { ttl: 600, tags: ["shared"] } }).withAccelerateInfo()).info.cacheStatus

parentPort.postMessage(await read())
parentPort.on("message", async (order) => {
  if (order === "end") return parentPort.close()
  if (order === "invalidate") await prisma.$accelerate.invalidate({ tags: ["shared"] })
  parentPort.postMessage(order === "read" ? await read() : order)
})
