/**
 * An HTTP server on node's `http` alone, in front of PostgreSQL. Its answers tell by a header how the cache took part.
 *
 *     DATABASE_URL=postgresql://… PORT=3000 node server.mjs schema.prisma
 *
 *     curl -i localhost:3000/packages?section=libs
 *     curl -i localhost:3000/packages/bash
 *     curl -i -X PUT localhost:3000/packages/bash -d '{"summary": "a shell"}'
 *     curl -i -X POST localhost:3000/invalidate
 */
import http from "node:http"
import { PrismaClient, Prisma } from "accelerant"

const prisma = new PrismaClient({ schemaPath: process.argv[2], accelerant: { cache: { auto: true } } })
const strategy = { ttl: 60, swr: 60, staleIfError: 3600, tags: ["packages"] }
const select = { name: true, version: true, section: true, summary: true }

const routes = [
  ["GET", /^\/packages$/, async (_, url) => prisma.package.findMany({
    where: { section: url.searchParams.get("section") ?? undefined },
    select, orderBy: { name: "asc" }, take: 20, cacheStrategy: strategy,
  }).withAccelerateInfo()],
  ["GET", /^\/packages\/([^/]+)$/, async ([name]) => prisma.package.findUniqueOrThrow({ where: { name }, select, cacheStrategy: strategy }).withAccelerateInfo()],
  // What this changes is dropped from the cache by itself.
  ["PUT", /^\/packages\/([^/]+)$/, async ([name], _, body) => ({ data: await prisma.package.update({ where: { name }, data: { summary: String(body.summary) }, select }) })],
  ["POST", /^\/invalidate$/, async () => ({ data: await prisma.$accelerate.invalidate({ tags: ["packages"] }) })],
]

async function readBody(request) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  return pieces.length > 0 ? JSON.parse(Buffer.concat(pieces).toString()) : {}
}

async function answer(request, response) {
  const url = new URL(request.url, "http://localhost")
  for (const [method, pattern, run] of routes) {
    const match = pattern.exec(url.pathname)
    if (method !== request.method || match === null) continue
    const { data, info } = await run(match.slice(1).map(decodeURIComponent), url, await readBody(request))
    response.setHeader("x-cache", info?.cacheStatus ?? "none")
    return reply(response, 200, data)
  }
  reply(response, 404, { error: "There is nothing here." })
}

function reply(response, status, document) {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(document))
}

function statusOf(error) {
  if (error instanceof SyntaxError) return 400
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return 500
  return error.code === "P2025" ? 404 : 503
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => reply(response, statusOf(error), { error: error.code ?? error.name }))
})
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`))
process.once("SIGTERM", () => server.close(() => prisma.$disconnect()))
