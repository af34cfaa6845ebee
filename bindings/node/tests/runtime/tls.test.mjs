import assert from "node:assert/strict"
import { execFile, execFileSync, spawnSync } from "node:child_process"
import fs from "node:fs"
import https from "node:https"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { connect, makeDatabase, ROOT, SCHEMA, SERVER_URL, urlOf } from "../support/database.mjs"

// Node has an OpenSSL of its own in it, and exports its symbols; libpq brings the system's. Each has to use its own.
let folder, data, admin, why
before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-tls-"))
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost", "-days", "2"], { cwd: folder, stdio: "ignore" })
  } catch (error) {
    why = `openssl is needed: ${error.message}`
    return
  }
  await makeDatabase("node_tls")
  admin = connect(SERVER_URL)
  ;[{ data_directory: data }] = await admin.$queryRaw`SHOW data_directory`
  const owner = fs.statSync(data)
  for (const [from, to] of [["key.pem", "server.key"], ["cert.pem", "server.crt"]]) {
    fs.copyFileSync(path.join(folder, from), path.join(data, to))
    fs.chmodSync(path.join(data, to), 0o600)
    fs.chownSync(path.join(data, to), owner.uid, owner.gid)
  }
  await admin.$executeRawUnsafe("ALTER SYSTEM SET ssl = on")
  await admin.$queryRaw`SELECT pg_reload_conf()`
})
after(async () => {
  if (admin !== undefined) {
    await admin.$executeRawUnsafe("ALTER SYSTEM RESET ssl")
    await admin.$queryRaw`SELECT pg_reload_conf()`
    await admin.$disconnect()
  }
  fs.rmSync(folder, { recursive: true })
})

/** The test's database, by TLS alone. */
async function urlByTLS() {
  const [{ port }] = await admin.$queryRaw`SELECT current_setting('port')::int AS port`
  const url = new URL(urlOf("node_tls").replace(/\/\/[^/]*\//, `//accelerant:correct-horse@127.0.0.1:${port}/`))
  url.search = "?sslmode=require"
  return url.href
}

test("a TLS connection to the database beside Node's own TLS", async (context) => {
  if (why) return context.skip(why)
  const prisma = connect(await urlByTLS())
  const pem = (name) => fs.readFileSync(path.join(folder, name))
  const server = https.createServer({ key: pem("key.pem"), cert: pem("cert.pem") }, async (request, response) => response.end(String(await prisma.user.count()))).listen(0)
  await new Promise((resolve) => server.once("listening", resolve))
  const ask = () => new Promise((resolve, reject) => https.get({ port: server.address().port, rejectUnauthorized: false, agent: false }, (response) => response.on("data", (chunk) => resolve(String(chunk)))).on("error", reject))
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, ask)), Array(20).fill("0"))
  const [{ ssl, version }] = await prisma.$queryRaw`SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()`
  assert.deepEqual([ssl, /^TLSv1\.[23]$/.test(version)], [true, true])
  await prisma.$disconnect()
  server.close()
})

test("a process may end in the midst of TLS connections", async (context) => {
  if (why) return context.skip(why)
  const options = JSON.stringify({ schema: SCHEMA, datasourceUrl: await urlByTLS() })
  const end = (after) => new Promise((resolve) => {
    const source = `const { PrismaClient } = require(${JSON.stringify(ROOT)})
      for (let count = 0; count < 4; count++) {
        const prisma = new PrismaClient(${options})
        for (let each = 0; each < 20; each++) prisma.$queryRaw\`SELECT pg_sleep(0.005)::text\`.catch(() => {})
      }
      setTimeout(() => process.exit(3), ${after})`
    const child = execFile(process.execPath, ["-e", source], { timeout: 60_000 }, () => resolve([child.exitCode, child.signalCode]))
  })
  const found = []
  for (let turn = 0; turn < 4; turn++) found.push(...(await Promise.all([0, 10, 20].map((more) => end(turn * 25 + more)))))
  assert.deepEqual(found, Array(12).fill([3, null]))
})

test("no symbol of the library, of libpq or of its OpenSSL is Node's", () => {
  const source = `const { PrismaClient } = require(${JSON.stringify(ROOT)})
    const prisma = new PrismaClient(${JSON.stringify({ schema: SCHEMA, datasourceUrl: SERVER_URL })})
    prisma.$queryRaw\`SELECT 1\`.then(() => prisma.$disconnect())`
  const { status, stderr } = spawnSync(process.execPath, ["-e", source], { env: { ...process.env, LD_DEBUG: "bindings" }, maxBuffer: 1 << 28 })
  assert.equal(status, 0)
  const bindings = [...String(stderr).matchAll(/binding file (\S+) \[0\] to (\S+) \[0\]: normal symbol `(\w+)'/g)]
  const ours = bindings.filter(([, from]) => /\/(libpq|libssl|libcrypto|libaccelerant)/.test(from))
  assert.ok(ours.some(([, from, to]) => /libpq/.test(from) && /libssl/.test(to)))
  assert.deepEqual(ours.filter(([, , to]) => to === process.execPath || path.basename(to) === "node").map(([, , , name]) => name), [])
})
