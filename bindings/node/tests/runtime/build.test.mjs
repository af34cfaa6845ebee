import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { ROOT } from "../support/database.mjs"

test("a C compiler alone builds the addon where there is none, and again when its sources are newer", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-build-"))
  for (const part of ["src", "native"]) fs.cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true })
  const environment = { ...process.env, ACCELERANT_INCLUDE: path.join(ROOT, "..", "..", "include") }
  delete environment.ACCELERANT_NODE_ADDON
  const load = (changes = {}) =>
    spawnSync(process.execPath, ["-e", 'console.log(require("./src/native.js").libraryVersion())'], { cwd: folder, env: { ...environment, ...changes }, encoding: "utf8" })
  const built = () => fs.statSync(path.join(folder, "build", "accelerant.node")).mtimeMs

  const missing = load({ CC: "/no/such/compiler", TMPDIR: path.join(folder, "none") })
  assert.equal(missing.status, 1)
  assert.match(missing.stderr, /Install a C compiler|could not be built/)

  assert.match(load().stdout, /^\d+\.\d+\.\d+\n$/)
  const first = built()
  load()
  assert.equal(built(), first)
  const later = new Date(Date.now() + 1000)
  fs.utimesSync(path.join(folder, "native", "values.c"), later, later)
  assert.match(load().stdout, /^\d+\.\d+\.\d+\n$/)
  assert.ok(built() > first)
  fs.rmSync(folder, { recursive: true })
})
