"use strict"
/** The commands on schemas and databases: those of the program `accelerant`, which the package carries. */
const { spawnSync } = require("node:child_process")
const fs = require("node:fs")
const path = require("node:path")

const COMMANDS = ["check", "pull", "diff", "push", "deploy", "query", "metrics"]
const PACKAGE = path.join(__dirname, "..")
const FOLDERS = [path.join(PACKAGE, "prebuilt", `${process.platform}-${process.arch}`), path.join(PACKAGE, "..", "..", ".build", "release")]

/** Runs a command. Gives its exit code. */
function run(words) {
  const folder = FOLDERS.find((place) => fs.existsSync(path.join(place, "accelerant")))
  if (folder === undefined) throw new Error(`The program accelerant was not found. Looked in: ${FOLDERS.join(", ")}. Build it: make program.`)
  const library = process.env.ACCELERANT_LIBRARY ?? path.join(folder, "libaccelerant.so")
  const outcome = spawnSync(path.join(folder, "accelerant"), words, { stdio: "inherit", env: { ...process.env, ACCELERANT_LIBRARY: library } })
  if (outcome.error) throw outcome.error
  return outcome.status ?? 1
}

module.exports = { COMMANDS, run }
