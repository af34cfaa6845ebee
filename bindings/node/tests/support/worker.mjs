/** A worker thread with a client of its own. */
import { parentPort, workerData } from "node:worker_threads"
import { PrismaClient } from "../../index.mjs"

const prisma = new PrismaClient(workerData)
for (let round = 0; round < 200; round++) await prisma.user.count({ cacheStrategy: { ttl: 60 } })
parentPort.postMessage(await prisma.user.count())
