"use strict"
/** A client module for one schema: `PrismaClient`, `Prisma`, `$Enums`, and each enum by its name. */
const { PrismaClient, latestSchema } = require("./client/client.js")
const { schemaFor } = require("./schema/schema.js")
const { makePrisma, enumsOf } = require("./namespace.js")

/**
 * The module of a schema that is given by its text or its place: what `prisma generate` would have written.
 *
 *     const { PrismaClient, Prisma, Role } = accelerant.load({ schemaPath: "prisma/schema.prisma" })
 */
function load(where) {
  const { schema } = schemaFor(where)
  const source = where.schema === undefined ? { schemaPath: where.schemaPath } : { schema: where.schema }
  const Client = { PrismaClient: class extends PrismaClient {} }.PrismaClient
  Client.defaults = where.schema === undefined && where.schemaPath === undefined ? {} : source
  const enums = enumsOf(schema)
  return { PrismaClient: Client, Prisma: makePrisma(() => schema), $Enums: enums, ...enums }
}

/** The schema that Prisma would find from here; else that of the client that was made last. */
function defaultSchema() {
  try {
    return schemaFor().schema
  } catch (error) {
    const made = latestSchema()
    if (made === undefined) throw error
    return made
  }
}

const Prisma = makePrisma(defaultSchema)
const $Enums = new Proxy({}, {
  get: (_, name) => (typeof name === "symbol" ? undefined : enumsOf(defaultSchema())[name]),
  ownKeys: () => Reflect.ownKeys(enumsOf(defaultSchema())),
  has: (_, name) => name in enumsOf(defaultSchema()),
  getOwnPropertyDescriptor: (_, name) => Object.getOwnPropertyDescriptor(enumsOf(defaultSchema()), name),
})

module.exports = { PrismaClient, Prisma, $Enums, load }
