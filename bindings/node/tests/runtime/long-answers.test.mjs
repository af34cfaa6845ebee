import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import { createRequire } from "node:module"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { ROOT } from "../support/database.mjs"

// Answers longer than any string: of a library that the test makes, since a database would need minutes and gigabytes for one.
let folder, native, handle
before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-long-"))
  const library = path.join(folder, "libaccelerant.so")
  const include = process.env.ACCELERANT_INCLUDE || path.join(ROOT, "..", "..", "include")
  execFileSync(process.env.CC || "cc", ["-shared", "-fPIC", `-I${include}`, path.join(ROOT, "tests", "support", "long-answers.c"), "-o", library])
  process.env.ACCELERANT_LIBRARY = library
  // Why a copy: the package's modules are loaded already, with the real library.
  for (const part of ["src", "native"]) fs.cpSync(path.join(ROOT, part), path.join(folder, "package", part), { recursive: true })
  process.env.ACCELERANT_INCLUDE = include
  delete process.env.ACCELERANT_NODE_ADDON
  native = createRequire(import.meta.url)(path.join(folder, "package", "src", "native.js"))
  handle = native.open({})
})
after(async () => {
  await handle?.close()
  fs.rmSync(folder, { recursive: true })
})

function isTooLong(error) {
  assert.ok(error instanceof native.LibraryError)
  assert.deepEqual([error.statusName, error.code], ["TOO_LARGE", "P6009"])
  assert.match(error.message, /^The answer has 107374182[45] bytes .* Read fewer rows/)
  return true
}

test("an answer that comes later is rejected, and the next one as well", async () => {
  for (const form of [native.Form.TEXT, native.Form.INFO, native.Form.TEXT]) await assert.rejects(handle.request("later", form), isTooLong)
})

test("an answer that is known at once is thrown", () => {
  for (const form of [native.Form.TEXT, native.Form.INFO]) assert.throws(() => handle.request("soon", form), isTooLong)
  assert.throws(() => handle.query("any"), isTooLong)
})

test("a piece that is too long is thrown", async () => {
  const external = await handle.request("later", native.Form.PIECES)
  assert.throws(() => native.piece(external, 0, 32768), isTooLong)
})
