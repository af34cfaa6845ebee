#!/usr/bin/env node
"use strict"
/** `npx accelerant generate`: types for a schema. */
const fs = require("node:fs")
const path = require("node:path")

const program = require("./program.js")

const USAGE = `Usage: accelerant generate [--schema PATH] [--output FOLDER]

Writes types for a Prisma schema. The commands ${program.COMMANDS.join(", ")} are
those of the program accelerant: accelerant check --help.

  --schema PATH     the schema, a file or a folder; else it is looked for where Prisma looks
  --output FOLDER   writes a client module of its own there: index.d.ts and index.js.
                    Without it the types of "accelerant" itself are written

accelerant/extension needs none of this: its types are made of those of Prisma Client.`

function parse(words) {
  const options = {}
  for (let index = 0; index < words.length; index++) {
    const [name, joined] = words[index].split(/=(.*)/s)
    if (name === "--schema" || name === "--output") {
      const value = joined ?? words[++index]
      if (value === undefined) fail(`${name} needs a value.`)
      options[name.slice(2)] = value
    } else fail(`Unknown option ${words[index]}.`)
  }
  return options
}

function fail(message) {
  process.stderr.write(`${message}\n\n${USAGE}\n`)
  process.exit(1)
}

const PACKAGE = path.join(__dirname, "..")

function write(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
  process.stdout.write(`${path.relative(process.cwd(), file) || file}\n`)
}

/** The client module that stands beside its types. */
const moduleText = (schemaPath) => `"use strict"
// Made by \`accelerant generate\`.
const path = require("node:path")
module.exports = require("accelerant").load({ schemaPath: path.join(__dirname, ${JSON.stringify(schemaPath)}) })
`

function generate(options) {
  const { schemaFor } = require("../src/schema/schema.js")
  const { typesText } = require("./types.js")
  const { schema, config } = schemaFor(options.schema === undefined ? {} : { schemaPath: path.resolve(options.schema) })
  schema.refuseTwins()
  if (options.output === undefined) return write(path.join(PACKAGE, "generated", "index.d.ts"), typesText(schema))
  const folder = path.resolve(options.output)
  write(path.join(folder, "index.d.ts"), typesText(schema))
  write(path.join(folder, "index.js"), moduleText(path.relative(folder, config.schemaPath)))
}

function main([command, ...words]) {
  if (command === "--help" || command === "-h" || command === "help") return void process.stdout.write(USAGE + "\n")
  if (command === "--version" || command === "-v") return void process.stdout.write(require("../package.json").version + "\n")
  if (program.COMMANDS.includes(command)) {
    try {
      return process.exit(program.run([command, ...words]))
    } catch (error) {
      process.stderr.write(`${error.message}\n`)
      return process.exit(1)
    }
  }
  if (command !== "generate") fail(command === undefined ? "A command is needed." : `Unknown command ${command}.`)
  if (words.includes("--help") || words.includes("-h")) return void process.stdout.write(USAGE + "\n")
  const options = parse(words)
  try {
    generate(options)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

if (require.main === module) main(process.argv.slice(2))
