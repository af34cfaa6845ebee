/**
 * The same query four ways: without a cache, after an invalidation, as a hit, and after a write.
 *
 *     DATABASE_URL=postgresql://… node script.mjs schema.prisma
 *
 * `make demo` at the top of the repository runs it on a database of real data.
 */
import { PrismaClient, Prisma } from "accelerant"

const ROUNDS = 100
const prisma = new PrismaClient({ schemaPath: process.argv[2], accelerant: { cache: { auto: true } } })

const query = {
  where: { OR: [{ section: "libs" }, { summary: { contains: "library", mode: "insensitive" } }] },
  orderBy: [{ installedKib: "desc" }, { name: "asc" }],
  select: { name: true, installedKib: true, installedAt: true, summary: true },
  take: 20,
}
const strategy = { ttl: 60, swr: 60, tags: ["packages"] }
const read = (cacheStrategy) => prisma.package.findMany({ ...query, cacheStrategy }).withAccelerateInfo()

/** One line: the median of some rounds, each after `prepare`. */
async function tell(label, cacheStrategy, prepare) {
  const times = []
  let answer
  for (let round = 0; round < ROUNDS; round++) {
    await prepare?.()
    const start = process.hrtime.bigint()
    answer = await read(cacheStrategy)
    times.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  const median = times.sort((one, two) => one - two)[ROUNDS / 2]
  const { cacheStatus, lastModified } = answer.info
  console.log(`${label.padEnd(28)}${median.toFixed(1).padStart(9)} µs   ${cacheStatus.padEnd(5)} ${answer.data.length} rows, read at ${lastModified.toISOString()}`)
  return answer.data
}

await prisma.$connect()
await tell("without a cache", undefined)
await tell("after an invalidation", strategy, () => prisma.$accelerate.invalidate({ tags: ["packages"] }))
const [largest] = await tell("from the cache", strategy)
await tell("after a write", strategy, () => prisma.package.update({ where: { name: largest.name }, data: { installedKib: largest.installedKib } }))
console.log(`\nThe largest: ${largest.name}, ${largest.installedKib} KiB, installed ${largest.installedAt?.toISOString() ?? "at an unknown time"}`)

try {
  await prisma.package.findUniqueOrThrow({ where: { name: "no-such-package" }, cacheStrategy: strategy })
} catch (error) {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error
  console.log(`What is not there: ${error.code}`)
}
await prisma.$disconnect()
