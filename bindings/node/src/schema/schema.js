"use strict"
/** The data model that a client works with: `$schema`, asked of the library once for each text. */
const { open, LibraryError } = require("../native.js")
const { Decoders } = require("../values/decode.js")
const { findSchema, readSchema, readSettings, loadEnvironment } = require("./files.js")
const { PrismaClientInitializationError } = require("../errors/classes.js")
const { clientVersion } = require("../version.js")
const { datamodelOf } = require("./dmmf.js")

/** A name in the client: `User` is `prisma.user`. */
const clientName = (name) => name.slice(0, 1).toLowerCase() + name.slice(1)

class Schema {
  constructor(text, description) {
    this.text = text
    this.settings = readSettings(text)
    this.models = description.models
    this.enums = description.enums
    this.enumTypes = description.enumTypes ?? {}
    this.datasource = description.datasource ?? {}
    this.decoders = new Decoders(description.models)
    this.preciseDecoders = new Decoders(description.models, true)
    this.clientNames = Object.fromEntries(Object.keys(this.models).map((name) => [name, clientName(name)]))
    this.modelNames = Object.fromEntries(Object.keys(this.models).map((name) => [clientName(name), name]))
    for (const [name, model] of Object.entries(this.models)) {
      model.name = name
      model.clientName = this.clientNames[name]
    }
  }

  /** Fails where two models have one name in a client: `Model` and `model` are both `prisma.model`. */
  refuseTwins() {
    for (const name of Object.keys(this.models)) {
      const other = this.modelNames[this.clientNames[name]]
      if (other !== name)
        throw new Error(
          `The models ${name} and ${other} are both prisma.${this.clientNames[name]} in a client: rename one of them, and keep its table by @@map.`,
        )
    }
  }

  /** `Prisma.dmmf.datamodel`, made when it is asked for. */
  get datamodel() {
    return (this.madeDatamodel ??= datamodelOf(this))
  }

  get isStrict() {
    return this.settings.previewFeatures.has("strictUndefinedChecks")
  }
}

const known = new Map()

/** A schema by its text or its place; without either, the one that Prisma would find. */
function schemaFor({ schema, schemaPath } = {}) {
  let config, text
  if (schema !== undefined) {
    config = { schema }
    text = schema
    loadEnvironment()
  } else {
    const place = schemaPath ?? findSchema()
    if (place === undefined) {
      throw new PrismaClientInitializationError(
        "No schema was found: looked for prisma/schema.prisma, prisma/schema, schema.prisma and what package.json or prisma.config.ts name, in " +
          `${process.cwd()}. Give schemaPath or schema to the PrismaClient constructor.`,
        clientVersion,
        "P6001",
      )
    }
    loadEnvironment(place)
    config = { schemaPath: place }
    try {
      text = readSchema(place)
    } catch (error) {
      throw new PrismaClientInitializationError(`The schema ${place} cannot be read: ${error.message}`, clientVersion, "P6001")
    }
  }
  let found = known.get(text)
  if (found === undefined) {
    found = new Schema(text, describe(config))
    known.set(text, found)
  }
  return { schema: found, config }
}

/** Opens a client for as long as `$schema` takes. It connects to nothing, so that any URL does. */
function describe(config) {
  let handle
  try {
    handle = open({ ...config, datasourceUrl: "postgresql://nowhere.invalid/none", directUrl: "postgresql://nowhere.invalid/none" })
    return JSON.parse(handle.query('{"operation":"$schema"}'))
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error
    const faults = error.meta.errors ? "\n" + error.meta.errors.join("\n") : ""
    throw new PrismaClientInitializationError(error.message + faults, clientVersion, error.code)
  } finally {
    handle?.close()
  }
}

module.exports = { schemaFor, clientName }
