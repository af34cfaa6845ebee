import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { before, test } from "node:test"
import { makeDatabase, ROOT, SCHEMA } from "../support/database.mjs"

let url
before(async () => {
  url = await makeDatabase("node_process")
})

/** Runs a program of its own: `{code, signal, out, error, seconds}`. `client` stands for a client in it. */
function program(source, args = []) {
  const head = `
    import { PrismaClient } from ${JSON.stringify(path.join(ROOT, "index.mjs"))}
    import cluster from "node:cluster"
    import { Worker, isMainThread, workerData, parentPort } from "node:worker_threads"
    const options = ${JSON.stringify({ schema: SCHEMA, datasourceUrl: url })}
    const client = () => new PrismaClient(options)
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  `
  const start = Date.now()
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...args, "--input-type=module", "-e", head + source], { timeout: 30_000 }, (failed, out, error) =>
      resolve({ code: child.exitCode, signal: child.signalCode, out: out.trim(), error, seconds: (Date.now() - start) / 1000 }))
  })
}
const ends = async (source, expected, code = 0, args = []) => {
  const result = await program(source, args)
  assert.deepEqual([result.code, result.signal, result.out], [code, null, expected], result.error)
  return result
}

test("the process ends when nothing is outstanding, without $disconnect", () => ends("console.log(await client().user.count())", "0"))

test("the process waits for what is outstanding", () => ends('client().$queryRaw`SELECT pg_sleep(0.3)::text`.then(() => console.log("done"))', "done"))

test("a client that was never used, and one that was disconnected", () => ends('client(); const one = client(); await one.user.count(); await one.$disconnect(); console.log("end")', "end"))

test("process.exit under load", () =>
  ends("const one = client(); for (let i = 0; i < 500; i++) one.$queryRaw`SELECT pg_sleep(0.01)::text`.catch(() => {}); setTimeout(() => { console.log('out'); process.exit(3) }, 50)", "out", 3))

test("an exception that nobody catches", async () => {
  const { code, error } = await program("const one = client(); await one.user.count(); throw new Error('mine')")
  assert.equal(code, 1)
  assert.match(error, /Error: mine/)
})

test("forgotten clients are closed", () =>
  ends(`
    for (let round = 0; round < 30; round++) { await client().user.count(); if (round % 10 === 9) { globalThis.gc(); await sleep(20) } }
    globalThis.gc(); await sleep(100); globalThis.gc(); await sleep(300)
    const [{ n }] = await client().$queryRaw\`SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = 'node_process'\`
    console.log(n < 8)`, "true", 0, ["--expose-gc"]))

const WORKER = `const start = () => new Worker(${JSON.stringify(path.join(ROOT, "tests", "support", "worker.mjs"))}, { workerData: options, execArgv: [] })`

test("worker threads have clients of their own", () =>
  ends(`${WORKER}
    const results = await Promise.all([0, 1, 2, 3].map(() => new Promise((resolve, reject) => { const worker = start(); let got; worker.on("message", (value) => (got = value)); worker.on("exit", (code) => resolve([got, code])); worker.on("error", reject) })))
    console.log(JSON.stringify(results), await client().user.count())`, "[[0,0],[0,0],[0,0],[0,0]] 0"))

test("worker threads may be terminated at any time", () =>
  ends(`${WORKER}
    await client().user.count()
    for (let round = 0; round < 12; round++) { const worker = start(); await sleep(10 + round * 12); await worker.terminate() }
    console.log(await client().user.count())`, "0"))

test("cluster: each process has its own", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-cluster-"))
  const file = path.join(folder, "server.mjs")
  fs.writeFileSync(file, `
    import cluster from "node:cluster"
    import { PrismaClient } from ${JSON.stringify(path.join(ROOT, "index.mjs"))}
    const one = new PrismaClient(${JSON.stringify({ schema: SCHEMA, datasourceUrl: url })})
    const count = await one.user.count()
    if (cluster.isPrimary) {
      const ends = [0, 1].map(() => new Promise((resolve) => cluster.fork().on("message", resolve)))
      console.log(count, JSON.stringify(await Promise.all(ends)))
      cluster.disconnect()
    } else process.send(count)`)
  const out = await new Promise((resolve) => execFile(process.execPath, [file], { timeout: 30_000 }, (failed, out, error) => resolve(failed ? error : out.trim())))
  fs.rmSync(folder, { recursive: true })
  assert.equal(out, "0 [0,0]")
})

test("connections that fail leave nothing behind", () =>
  ends(`
    options.datasourceUrl = "postgresql://localhost:1/x"
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => client().user.count()))
    console.log(results.every((result) => result.reason.errorCode === "P1001"))`, "true"))

test("an exception of a listener is none of the request's", () =>
  ends(`
    options.log = [{ emit: "event", level: "query" }]
    const one = client()
    const heard = new Promise((resolve) => process.once("uncaughtException", resolve))
    one.$on("query", () => { throw new Error("mine") })
    console.log((await one.seat.create({ data: { row: 77, number: 1 } })).row, (await heard).message)
    process.exit(0)`, "77 mine"))
