"use strict"
/** `Prisma`: what programs import beside PrismaClient. What depends on the schema is read from it when it is first asked for. */
const classes = require("./errors/classes.js")
const { Sql, sql, raw, empty, join } = require("./values/sql.js")
const { nulls, NullTypes, skip } = require("./values/markers.js")
const { Decimal } = require("./values/decimal.js")
const { prismaVersion } = require("./version.js")
const { lazily } = require("./client/delegate.js")

const same = (names) => Object.freeze(Object.fromEntries(names.map((name) => [name, name])))

const FIXED = {
  ...classes,
  Sql, sql, sqltag: sql, raw, empty, join,
  Decimal,
  ...nulls, NullTypes,
  skip,
  prismaVersion,
  TransactionIsolationLevel: same(["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"]),
  SortOrder: same(["asc", "desc"]),
  QueryMode: same(["default", "insensitive"]),
  RelationLoadStrategy: same(["query", "join"]),
  NullsOrder: same(["first", "last"]),
  JsonNullValueFilter: Object.freeze({ ...nulls }),
  JsonNullValueInput: Object.freeze({ JsonNull: nulls.JsonNull }),
  NullableJsonNullValueInput: Object.freeze({ DbNull: nulls.DbNull, JsonNull: nulls.JsonNull }),
  getExtensionContext: (context) => context,
  // A function extends the client itself.
  defineExtension: (extension) => (typeof extension === "function" ? extension : (client) => client.$extends(extension)),
  /** Its argument: the types are what it is for. */
  validator: () => (value) => value,
}

const scalars = (model) => Object.entries(model.fields).filter(([, field]) => field.kind === "scalar" || field.kind === "enum")

const SUFFIXES = { ScalarFieldEnum: () => true, OrderByRelevanceFieldEnum: (field) => field.type === "String" && !field.list }

/** `Prisma.UserScalarFieldEnum` and the like: undefined for other names. */
function fieldEnum(schemaOf, name) {
  if (typeof name === "symbol") return undefined
  const suffix = Object.keys(SUFFIXES).find((ending) => name.endsWith(ending))
  return suffix && scalarFieldEnum(schemaOf(), name.slice(0, -suffix.length), SUFFIXES[suffix])
}

/** The namespace for the schema that `schemaOf` gives when it is asked. */
function makePrisma(schemaOf) {
  const prisma = { ...FIXED }
  lazily(prisma, "ModelName", () => same(Object.keys(schemaOf().models)))
  lazily(prisma, "dmmf", () => ({ datamodel: schemaOf().datamodel }))
  const names = () => Object.keys(schemaOf().models).flatMap((model) => Object.keys(SUFFIXES).map((suffix) => capital(model) + suffix))
  return new Proxy(prisma, {
    get: (target, name, receiver) => (name in target ? Reflect.get(target, name, receiver) : fieldEnum(schemaOf, name)),
    has: (target, name) => name in target || fieldEnum(schemaOf, name) !== undefined,
    ownKeys: (target) => [...Reflect.ownKeys(target), ...names().filter((name) => !(name in target))],
    getOwnPropertyDescriptor(target, name) {
      const own = Reflect.getOwnPropertyDescriptor(target, name)
      const value = own === undefined ? fieldEnum(schemaOf, name) : undefined
      return value === undefined ? own : { value, enumerable: true, configurable: true, writable: true }
    },
  })
}

const capital = (name) => name[0].toUpperCase() + name.slice(1)

function scalarFieldEnum(schema, name, isMeant) {
  const found = Object.values(schema.models).find((model) => model.name === name || capital(model.name) === name)
  return found && same(scalars(found).filter(([, field]) => isMeant(field)).map(([field]) => field))
}

const enumsOf = (schema) => Object.fromEntries(Object.entries(schema.enums).map(([name, values]) => [name, same(values)]))

module.exports = { makePrisma, enumsOf }
