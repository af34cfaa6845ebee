"use strict"
/** Where a program's schema is, and what the library does not tell of it: generators, and the variable that holds the URL. */
const fs = require("node:fs")
const path = require("node:path")

const readable = (file) => {
  try {
    return fs.statSync(file)
  } catch {
    return undefined
  }
}

const CONFIGURATIONS = ["prisma.config.ts", "prisma.config.mts", "prisma.config.js", "prisma.config.mjs", "prisma.config.cjs", ".config/prisma.ts"]

/** The text of the folder's prisma.config.ts without its comments; undefined where there is none. */
function readConfiguration(folder) {
  const file = CONFIGURATIONS.map((name) => path.join(folder, name)).find((place) => readable(place) !== undefined)
  return file && fs.readFileSync(file, "utf8").replace(/\/\*[^]*?\*\/|(^|\s)\/\/.*$/gm, "$1")
}

/** `"prisma": {"schema": "…"}` of the package.json, and `schema: "…"` of prisma.config.ts. */
function configured(folder) {
  const match = /\bschema\s*:\s*(?:path\.join\(([^)]*)\)|["'`]([^"'`]+)["'`])/.exec(readConfiguration(folder) ?? "")
  if (match) return path.resolve(folder, match[2] ?? match[1].split(",").map((part) => part.trim().replace(/^["'`]|["'`]$/g, "")).join("/"))
  try {
    const found = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).prisma?.schema
    if (typeof found === "string") return path.resolve(folder, found)
  } catch {
    // No package.json here, or none that can be read.
  }
  return undefined
}

/** Where prisma.config.ts says that the database is: `{variable}` of `url: env("…")` or `process.env.…`, or `{url}`. */
function configuredUrl(folder = process.cwd()) {
  const match = /\burl\s*:\s*(?:env(?:<[^>]*>)?\(\s*["'`](\w+)["'`]\s*\)|process\.env\.(\w+)|process\.env\[["'`](\w+)["'`]\]|["'`](postgres(?:ql)?:[^"'`]+)["'`])/.exec(readConfiguration(folder) ?? "")
  if (!match) return {}
  return match[4] === undefined ? { variable: match[1] ?? match[2] ?? match[3] } : { url: match[4] }
}

/** The schema's file or folder, as Prisma looks for it; undefined where there is none. */
function findSchema(folder = process.cwd()) {
  const named = configured(folder)
  const places = [named, path.join(folder, "prisma", "schema.prisma"), path.join(folder, "prisma", "schema"), path.join(folder, "schema.prisma")]
  return places.find((place) => place !== undefined && readable(place) !== undefined)
}

/** The text of a schema: of a file, or of all `*.prisma` files below a folder. */
function readSchema(place) {
  if (!readable(place)?.isDirectory()) return fs.readFileSync(place, "utf8")
  const texts = []
  const folders = [place]
  while (folders.length > 0) {
    const folder = folders.shift()
    for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((one, two) => (one.name < two.name ? -1 : 1))) {
      const file = path.join(folder, entry.name)
      if (entry.isDirectory()) folders.push(file)
      else if (entry.name.endsWith(".prisma")) texts.push(fs.readFileSync(file, "utf8"))
    }
  }
  return texts.join("\n")
}

/** Strings kept, comments gone: the text of `datasource` and `generator` blocks. */
function blocks(text) {
  const plain = text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*/g, (match) => (match[0] === "/" ? "" : match))
  return [...plain.matchAll(/^\s*(datasource|generator)\s+(\w+)\s*\{([^}]*)\}/gm)].map(([, kind, name, body]) => ({ kind, name, body }))
}

/** `{urlVariable, directUrlVariable, hasUrl, previewFeatures}` of a schema's text. */
function readSettings(text) {
  const found = blocks(text)
  const source = found.find((block) => block.kind === "datasource")
  const variable = (name) => new RegExp(`^\\s*${name}\\s*=\\s*env\\(\\s*"([^"]+)"\\s*\\)`, "m").exec(source?.body ?? "")?.[1]
  const features = found
    .filter((block) => block.kind === "generator")
    .flatMap((block) => /^\s*previewFeatures\s*=\s*\[([^\]]*)\]/m.exec(block.body)?.[1].match(/"([^"]*)"/g) ?? [])
    .map((quoted) => quoted.slice(1, -1))
  return {
    urlVariable: variable("url"),
    directUrlVariable: variable("directUrl"),
    hasUrl: /^\s*url\s*=/m.test(source?.body ?? ""),
    previewFeatures: new Set(features),
  }
}

const LINE = /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/gm

/** What a `.env` file says, with `${NAME}` and `$NAME` filled in. */
function readEnvironment(file) {
  let text
  try {
    text = fs.readFileSync(file, "utf8")
  } catch {
    return
  }
  for (const [, name, given = ""] of text.replace(/\r\n?/g, "\n").matchAll(LINE)) {
    if (process.env[name] !== undefined) continue
    let value = given.trim()
    const quote = value[0]
    value = value.replace(/^(['"`])([\s\S]*)\1$/m, "$2")
    if (quote === '"') value = value.replace(/\\n/g, "\n").replace(/\\r/g, "\r")
    if (quote !== "'") value = value.replace(/(?<!\\)\$\{?(\w+)\}?/g, (whole, other) => process.env[other] ?? (whole[1] === "{" ? "" : whole))
    process.env[name] = value
  }
}

const read = new Set()
/** The `.env` of the working folder and the one beside the schema, each once; what is set already stays. */
function loadEnvironment(schemaPlace) {
  const places = [path.join(process.cwd(), ".env")]
  if (schemaPlace !== undefined) places.push(path.join(readable(schemaPlace)?.isDirectory() ? schemaPlace : path.dirname(schemaPlace), ".env"))
  for (const file of places) {
    if (read.has(file)) continue
    read.add(file)
    readEnvironment(file)
  }
}

module.exports = { configuredUrl, findSchema, readSchema, readSettings, loadEnvironment }
