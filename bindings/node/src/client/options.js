"use strict"
/** The constructor's options: checked as Prisma does, and turned into the library's configuration. */
const { PrismaClientConstructorValidationError, PrismaClientInitializationError } = require("../errors/classes.js")
const { urlOfAdapter } = require("../schema/adapter.js")
const { configuredUrl } = require("../schema/files.js")
const { nearest } = require("../errors/nearest.js")
const { nodeOf, nodeAt, textOf } = require("../errors/tree.js")
const { NONE } = require("../errors/colours.js")
const { clientVersion } = require("../version.js")

const KNOWN = [
  "datasources", "datasourceUrl", "errorFormat", "adapter", "log", "transactionOptions", "omit", "comments", "accelerateUrl",
  "schema", "schemaPath", "accelerant", "__internal",
]
/** The largest `limits.queueLength` that the library takes. */
const MOST_OUTSTANDING = 1_000_000
const LEVELS = ["info", "query", "warn", "error"]
const FORMATS = ["pretty", "colorless", "minimal"]
const ISOLATION_LEVELS = ["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"]

const refuse = (message) => {
  throw new PrismaClientConstructorValidationError(message)
}
const didYouMean = (word, words) => {
  const near = nearest(word, words, 2)
  return near ? ` Did you mean "${near}"?` : ""
}

const CHECKS = {
  datasources(value, schema) {
    if (!value) return
    if (typeof value !== "object" || Array.isArray(value)) {
      refuse(`Invalid value ${JSON.stringify(value)} for "datasources" provided to PrismaClient constructor`)
    }
    const known = [schema.datasource.name ?? "db"]
    for (const [name, source] of Object.entries(value)) {
      if (!known.includes(name)) {
        const near = nearest(name, known, 2)
        refuse(`Unknown datasource ${name} provided to PrismaClient constructor.${near ? ` Did you mean "${near}"?` : ` Available datasources: ${known.join(", ")}`}`)
      }
      const shape = 'It should have this form: { url: "CONNECTION_STRING" }'
      if (typeof source !== "object" || Array.isArray(source)) {
        refuse(`Invalid value ${JSON.stringify(value)} for datasource "${name}" provided to PrismaClient constructor.\n${shape}`)
      }
      for (const [key, url] of Object.entries(source ?? {})) {
        if (key !== "url") refuse(`Invalid value ${JSON.stringify(value)} for datasource "${name}" provided to PrismaClient constructor.\n${shape}`)
        if (typeof url !== "string" && url !== undefined) {
          refuse(`Invalid value ${JSON.stringify(url)} for datasource "${name}" provided to PrismaClient constructor.\n${shape}`)
        }
      }
    }
  },
  datasourceUrl(value) {
    if (value !== undefined && typeof value !== "string") {
      refuse(`Invalid value ${JSON.stringify(value)} for "datasourceUrl" provided to PrismaClient constructor.\nExpected string or undefined.`)
    }
  },
  errorFormat(value) {
    if (!value) return
    if (typeof value !== "string") refuse(`Invalid value ${JSON.stringify(value)} for "errorFormat" provided to PrismaClient constructor.`)
    if (!FORMATS.includes(value)) refuse(`Invalid errorFormat ${value} provided to PrismaClient constructor.${didYouMean(value, FORMATS)}`)
  },
  log(value) {
    if (!value) return
    if (!Array.isArray(value)) refuse(`Invalid value ${JSON.stringify(value)} for "log" provided to PrismaClient constructor.`)
    const level = (name) => {
      if (typeof name === "string" && !LEVELS.includes(name)) {
        refuse(`Invalid log level "${name}" provided to PrismaClient constructor.${didYouMean(name, LEVELS)}`)
      }
    }
    for (const option of value) {
      level(option)
      if (option === null || typeof option !== "object") continue
      for (const [key, given] of Object.entries(option)) {
        if (key === "level") level(given)
        else if (key !== "emit") refuse(`Invalid property ${key} for "log" provided to PrismaClient constructor`)
        else if (!["stdout", "event"].includes(given)) {
          refuse(`Invalid value ${JSON.stringify(given)} for "emit" in logLevel provided to PrismaClient constructor.${didYouMean(String(given), ["stdout", "event"])}`)
        }
      }
    }
  },
  transactionOptions(value) {
    if (!value) return
    for (const name of ["maxWait", "timeout"]) {
      if (value[name] != null && value[name] <= 0) {
        refuse(`Invalid value ${value[name]} for ${name} in "transactionOptions" provided to PrismaClient constructor. ${name} needs to be greater than 0`)
      }
    }
    if (value.isolationLevel !== undefined && !ISOLATION_LEVELS.includes(value.isolationLevel)) {
      refuse(`Invalid value ${JSON.stringify(value.isolationLevel)} for isolationLevel in "transactionOptions" provided to PrismaClient constructor.${didYouMean(String(value.isolationLevel), ISOLATION_LEVELS)}`)
    }
  },
  comments(value) {
    if (value === undefined) return
    if (!Array.isArray(value)) refuse(`Invalid value ${JSON.stringify(value)} for "comments" provided to PrismaClient constructor. Expected an array of SQL commenter plugins.`)
    const wrong = value.findIndex((plugin) => typeof plugin !== "function")
    if (wrong >= 0) refuse(`Invalid value at index ${wrong} for "comments" provided to PrismaClient constructor. Each plugin must be a function.`)
  },
  omit(value, schema) {
    if (value === undefined) return
    if (typeof value !== "object") refuse('"omit" option is expected to be an object.')
    if (value === null) refuse('"omit" option can not be `null`')
    const faults = omitFaults(value, schema)
    if (faults.length === 0) return
    const root = nodeOf(value)
    for (const [path, isOfValue] of faults) {
      const field = nodeAt(root, path.slice(0, -1))?.fields?.get(path.at(-1))
      if (field) (isOfValue ? field.node : field).isWrong = true
    }
    refuse(`Error validating "omit" option:\n\n${textOf(root, NONE)}\n\n${faults.map(([, , words]) => words).join("\n")}`)
  },
}

/** What is wrong with the option `omit`: `[path, whether the value is wrong, words]`. */
function omitFaults(value, schema) {
  const faults = []
  for (const [name, fields] of Object.entries(value)) {
    const model = schema.models[schema.modelNames[name] ?? name]
    if (!model) {
      faults.push([[name], false, `Unknown model name: ${name}.${didYouMean(name, Object.keys(schema.modelNames))}`])
      continue
    }
    for (const [field, isOmitted] of Object.entries(fields ?? {})) {
      const path = [name, field]
      if (!model.fields[field]) faults.push([path, false, `Model "${name}" does not have a field named "${field}".`])
      else if (model.fields[field].kind === "object") faults.push([path, false, 'Relations are already excluded by default and can not be specified in "omit".'])
      else if (typeof isOmitted !== "boolean") faults.push([path, true, "Omit field option value must be a boolean."])
    }
  }
  return faults
}

function checkOptions(options, schema) {
  for (const [name, value] of Object.entries(options)) {
    if (!KNOWN.includes(name)) refuse(`Unknown property ${name} provided to PrismaClient constructor.${didYouMean(name, KNOWN)}`)
    CHECKS[name]?.(value, schema)
  }
  if (options.datasourceUrl && options.datasources) {
    refuse('Can not use "datasourceUrl" and "datasources" options at the same time. Pick one of them')
  }
}

/** A URL of Accelerate leads to no database of one's own: then `directUrl` does, or DIRECT_URL, as with Prisma. */
function withoutAccelerate(url, schema) {
  if (!/^prisma(\+postgres)?:/.test(url)) return url
  const { directUrlVariable } = schema.settings
  const direct = [directUrlVariable, "DIRECT_URL", "DIRECT_DATABASE_URL"].map((name) => name && process.env[name]).find(Boolean)
  if (direct !== undefined) return direct
  throw new PrismaClientInitializationError(
    "The URL is one of Prisma Accelerate. Set it, or DIRECT_URL, to the URL of your PostgreSQL.", clientVersion, "P6001")
}

/** Where the database is. Throws what Prisma throws at the first request where nothing says so. */
function datasourceUrl(options, schema) {
  const given = options.datasourceUrl ?? Object.values(options.datasources ?? {})[0]?.url ?? options.accelerant?.datasourceUrl ?? urlOfAdapter(options.adapter)
  if (given !== undefined) return { datasourceUrl: withoutAccelerate(given, schema) }
  const { urlVariable, directUrlVariable, hasUrl } = schema.settings
  // A literal in the schema is the library's to read.
  if (hasUrl && urlVariable === undefined) return {}
  // Since Prisma 7 the schema has no URL: prisma.config.ts has it.
  const configured = hasUrl ? {} : configuredUrl()
  if (configured.url !== undefined) return { datasourceUrl: withoutAccelerate(configured.url, schema) }
  const name = urlVariable ?? configured.variable ?? "DATABASE_URL"
  const url = process.env[name]
  if (url === undefined) throw new PrismaClientInitializationError(`error: Environment variable not found: ${name}.`, clientVersion, "P1012")
  if (url === "") throw new PrismaClientInitializationError(`error: You must provide a nonempty URL. The environment variable \`${name}\` resolved to an empty string.`, clientVersion, "P1012")
  const direct = directUrlVariable === undefined ? undefined : process.env[directUrlVariable]
  const usable = withoutAccelerate(url, schema)
  return direct === undefined ? { datasourceUrl: usable } : { datasourceUrl: usable, directUrl: direct }
}

/** The levels that are logged, each with where it goes: `stdout` or `event`. */
function logTargets(options) {
  const targets = new Map()
  for (const option of options.log ?? []) {
    if (typeof option === "string") targets.set(option, "stdout")
    else targets.set(option.level, option.emit ?? "stdout")
  }
  return targets
}

/** The library's configuration. `isTraced`: each statement is told. */
function configuration(options, schema, schemaConfig, targets, isTraced) {
  const own = options.accelerant ?? {}
  // Errors are told by the client, which has the words around them.
  const log = [...targets.keys()].filter((level) => level !== "error").map((level) => (level === "query" ? { level, params: true } : level))
  if (isTraced && !targets.has("query")) log.push("query")
  // Why not in production: the server's words may quote values of the data.
  const errors = { serverMessages: process.env.NODE_ENV !== "production", ...own.errors }
  // Why so many: Prisma Client lets any number wait. Who sets a limit has it kept.
  const limits = { queueLength: MOST_OUTSTANDING, ...own.limits }
  return { ...(log.length > 0 ? { log } : {}), ...own, errors, limits, ...schemaConfig, ...datasourceUrl(options, schema) }
}

module.exports = { checkOptions, configuration, logTargets, ISOLATION_LEVELS }
