import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { makeDatabase, ROOT, SCHEMA } from "../support/database.mjs"

// Each block of code of the README runs as a program of its own, in a folder as a user has it.
const text = fs.readFileSync(path.join(ROOT, "README.md"), "utf8")
const blocks = [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map((match) => match[1])
const OUTPUT = ["Hello", "[{", "miss\nttl\nswr\nmiss\ntrue", "PrismaClientValidationError Unknown argument `emial`. Did you mean `email`? Available options are marked with ?.\n1.30 2n", "true"]

let folder, url
before(async () => {
  url = await makeDatabase("node_readme")
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "accelerant-readme-"))
  fs.mkdirSync(path.join(folder, "prisma"))
  fs.mkdirSync(path.join(folder, "node_modules"))
  fs.symlinkSync(ROOT, path.join(folder, "node_modules", "accelerant"))
  fs.writeFileSync(path.join(folder, "prisma", "schema.prisma"), SCHEMA)
  fs.writeFileSync(path.join(folder, ".env"), `DATABASE_URL="${url}"\n`)
})
after(() => fs.rmSync(folder, { recursive: true }))

test("the README has the blocks that are expected", () => assert.equal(blocks.length, OUTPUT.length))

blocks.forEach((block, index) => {
  test(`block ${index + 1} of the README`, async () => {
    const file = path.join(folder, `block${index}.mjs`)
    fs.writeFileSync(file, block)
    const { DATABASE_URL, ...environment } = process.env
    if (block.includes("process.env.DATABASE_URL")) environment.DATABASE_URL = url
    const out = await new Promise((resolve) => execFile(process.execPath, [file], { cwd: folder, env: environment }, (failed, stdout, stderr) => resolve(failed ? stderr : stdout.trim())))
    assert.equal(out, OUTPUT[index])
  })
})
