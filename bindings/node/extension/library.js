"use strict"
/** The library behind an extended client: opened at the first read that it shall answer. */
const { LibraryError } = require("../src/native.js")
const { Engine } = require("../src/client/engine.js")
const { Form } = require("../src/native.js")
const { schemaFor } = require("../src/schema/schema.js")
const { serializerFor } = require("../src/values/serialize.js")
const { globalOmit, inlineSchema, tellUnknown } = require("./undocumented.js")
const { ourArguments, withGlobalOmit, needsClasses, Decoder } = require("./values.js")

/** What a caller has to hear of; for everything else the client is asked. */
const TOLD = new Set(["P6003", "P6005"])
/** A name that no schema has: then all automatic answers are dropped. */
const ANYTHING = ["*"]

class Library {
  constructor(client, options) {
    this.client = client
    this.options = options
    this.engine = undefined
    /** Whether an answer may be kept that writes have to drop. */
    this.isWatching = false
  }

  /** The models of the schema; undefined before anything was read. */
  get models() {
    return this.schema?.models
  }

  start() {
    if (this.engine !== undefined) return
    const { datasourceUrl, schema, schemaPath, omit, ...own } = this.options
    const found = schemaFor(this.source(schema, schemaPath))
    this.schema = found.schema
    this.usesClasses = needsClasses(found.schema.models)
    // Why automatic: what a write through the client touches is not to be read old afterwards.
    const accelerant = { ...own, cache: { auto: true, ...own.cache } }
    this.isAutomatic = accelerant.cache.auto
    this.engine = new Engine({ accelerant, datasourceUrl: datasourceUrl ?? this.directUrl(found.schema) }, found.schema, found.config)
  }

  /** The schema that is given; else what Prisma would find, or what the client was generated with. */
  source(schema, schemaPath) {
    if (schema !== undefined || schemaPath !== undefined) return { schema, schemaPath }
    try {
      schemaFor()
      return {}
    } catch (error) {
      const inline = inlineSchema(this.client)
      if (inline === undefined) throw error
      return { schema: inline }
    }
  }

  /** A URL of Accelerate leads to no database of one's own: then DIRECT_URL does, as with Prisma. */
  directUrl(schema) {
    const name = schema.settings.urlVariable ?? "DATABASE_URL"
    const url = process.env[name]
    if (url === undefined || !/^prisma(\+postgres)?:/.test(url)) return undefined
    const direct = process.env.DIRECT_URL ?? process.env.DIRECT_DATABASE_URL
    if (direct !== undefined) return direct
    throw new Error(`${name} is a URL of Prisma Accelerate. Set it, DIRECT_URL, or datasourceUrl of withAccelerate(), to the URL of your PostgreSQL.`)
  }

  /** `{data, info}`, or undefined where the client has to answer. */
  async read(types, model, operation, args) {
    this.start()
    const strategy = args.cacheStrategy
    if (strategy.auto ?? this.isAutomatic) this.isWatching = true
    const text = this.request(model, operation, args)
    if (text === undefined) return undefined
    try {
      const made = this.usesClasses ? await types.values() : { decimal: String, bytes: String }
      const [answer, info] = await this.engine.request(text, Form.INFO)
      const decoder = new Decoder(this.models, made)
      const told = JSON.parse(info)
      told.lastModified = new Date(told.lastModified)
      return { data: decoder.answer(model, operation, JSON.parse(answer)), info: told }
    } catch (error) {
      if (error instanceof LibraryError && TOLD.has(error.code)) throw await types.error(error)
      return undefined
    }
  }

  /** The request's text; undefined for arguments that the client itself shall refuse, and where it cannot be known what it leaves out. */
  request(model, operation, args) {
    const omit = globalOmit(this.client, this.options.omit)
    if (omit === undefined) {
      tellUnknown(this.client)
      return undefined
    }
    try {
      const given = withGlobalOmit(this.models, omit, model, ourArguments(args))
      return `{"model":${JSON.stringify(model)},"operation":"${operation}","args":${serializerFor(this.schema.isStrict).arguments(given)}}`
    } catch {
      return undefined
    }
  }

  /** Drops the automatic answers that depend on models; undefined: all of them. Never fails. */
  async drop(models) {
    const touches = models ?? ANYTHING
    try {
      await this.engine.request(JSON.stringify({ operation: "$executeRaw", args: { query: "SELECT 1", parameters: [], touches } }))
    } catch {
      try {
        // Why everything: nothing may be left that is old, and this asks no database.
        await this.engine.request('{"operation":"$accelerate.invalidateAll"}')
      } catch {
        // A quota forbids it, or the library cannot be opened: then the cache goes as a whole, where there is one.
        await this.close()
      }
    }
  }

  async invalidate(types, operation, args = {}) {
    this.start()
    try {
      return JSON.parse(await this.engine.request(JSON.stringify({ operation, args })))
    } catch (error) {
      throw error instanceof LibraryError ? await types.error(error) : error
    }
  }

  async close() {
    await this.engine?.disconnect()
  }
}

module.exports = { Library }
