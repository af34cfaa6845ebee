"use strict"
/**
 * findUnique calls of one tick that differ in their key alone become one query, as Prisma Client's do: what a GraphQL server's
 * resolvers ask for one by one.
 */
const { serializerFor } = require("../values/serialize.js")
const { Form } = require("../native.js")
const { copyValue } = require("../values/copy.js")
const { Decoded } = require("./decoded.js")

const OPERATIONS = new Set(["findUnique", "findUniqueOrThrow"])
/** At most so many keys in one query. */
const MOST_KEYS = 1000
/** Types whose values are equal in PostgreSQL exactly when they are equal here. */
const EXACT = new Set(["Int", "BigInt", "String"])
const LOOSE_TYPES = new Set(["Citext", "Char", "Uuid", "Inet", "Xml", "Bit", "VarBit", "Money", "Oid"])

const keyText = (value) => String(value)

/** The first unique key of `where`: its name, and its fields with their values, `["id", [["id", 1]]]`; undefined where it has none of a plain value. */
function keyOf(model, where) {
  if (where === null || typeof where !== "object") return undefined
  const uniques = uniquesOf(model)
  const keyName = Object.keys(where).find((name) => where[name] !== undefined && uniques.has(name))
  if (keyName === undefined) return undefined
  const key = valuesOf(model, keyName, uniques.get(keyName), where[keyName])
  return key && [keyName, key]
}

function valuesOf(model, keyName, unique, given) {
  const values = unique.length === 1 && model.fields[keyName] ? { [keyName]: given } : given
  if (values === null || typeof values !== "object" || Object.keys(values).length !== unique.length) return undefined
  const key = []
  for (const name of unique) {
    const value = values[name]
    if (typeof value !== "string" && typeof value !== "bigint" && !Number.isSafeInteger(value)) return undefined
    if ((typeof value === "string") !== (model.fields[name].type === "String")) return undefined
    key.push([name, value])
  }
  return key
}

const uniques = new WeakMap()
/** The unique keys by their names, those whose values compare exactly. */
function uniquesOf(model) {
  let found = uniques.get(model)
  if (found) return found
  found = new Map()
  const isExact = (name) => {
    const field = model.fields[name]
    return field.kind === "scalar" && EXACT.has(field.type) && !LOOSE_TYPES.has(field.nativeType?.name) && !field.list
  }
  for (const key of [model.primaryKey, ...model.uniques]) if (key && key.fields.every(isExact)) found.set(key.name, key.fields)
  uniques.set(model, found)
  return found
}

/** A promise of the record, if the call may wait for others of its tick; else undefined. */
function findTogether(call, args, ask) {
  if (!OPERATIONS.has(call.operation) || call.options !== undefined || call.form !== Form.TEXT || args === undefined || args === null) return undefined
  if (args.cacheStrategy !== undefined || args.signal !== undefined) return undefined
  const found = keyOf(call.model, args.where)
  // A record that does not have its key tells nobody whose it is.
  if (found === undefined || found[1].some(([name]) => args.omit?.[name])) return undefined
  const [keyName, key] = found
  const { [keyName]: _, ...where } = args.where
  const others = { ...args, where }
  const group = `${call.model.name} ${key.map(([name]) => name).join(",")} ${serializerFor(call.state.isStrict).arguments(others)}`
  return enqueue(call.state, group, { call, args, others, key, ask })
}

function enqueue(state, group, member) {
  const waiting = (state.waiting ??= new Map())
  if (waiting.size === 0) process.nextTick(flush, state)
  let members = waiting.get(group)
  if (members === undefined) waiting.set(group, (members = []))
  return new Promise((resolve, reject) => members.push({ ...member, resolve, reject }))
}

function flush(state) {
  const groups = state.waiting
  state.waiting = new Map()
  for (const members of groups.values()) {
    for (let start = 0; start < members.length; start += MOST_KEYS) runGroup(members.slice(start, start + MOST_KEYS))
  }
}

const alone = (member) => {
  try {
    Promise.resolve(member.ask(member.call, member.args)).then(member.resolve, member.reject)
  } catch (error) {
    member.reject(error)
  }
}

async function runGroup(members) {
  if (members.length === 1) return alone(members[0])
  const [{ call, others, key, ask }] = members
  const fields = key.map(([name]) => name)
  const added = others.select ? fields.filter((name) => !others.select[name]) : []
  const select = others.select && { ...others.select, ...Object.fromEntries(added.map((name) => [name, true])) }
  let answer
  try {
    const together = Object.assign(Object.create(Object.getPrototypeOf(call)), call, { operation: "findMany", together: members })
    const asked = { ...others, ...(select ? { select } : {}), where: whereOf(members, fields, others.where) }
    answer = await ask(together, asked)
  } catch {
    // Each gets the error that is its own.
    return members.forEach(alone)
  }
  settle(members, fields, added, answer)
}

/** One of the keys, and what all ask for beside it. */
function whereOf(members, fields, others) {
  const keys = keysOf(members, fields)
  return Object.keys(others).length > 0 ? { AND: [others, keys] } : keys
}

function keysOf(members, fields) {
  if (fields.length === 1) {
    const values = new Map(members.map(({ key }) => [keyText(key[0][1]), key[0][1]]))
    return { [fields[0]]: { in: [...values.values()] } }
  }
  return { OR: members.map(({ key }) => Object.fromEntries(key)) }
}

function settle(members, fields, added, answer) {
  const isDecoded = answer instanceof Decoded
  const records = isDecoded ? answer.value : answer
  const found = new Map(records.map((record) => [fields.map((name) => keyText(record[name])).join("\0"), record]))
  for (const record of records) for (const name of added) delete record[name]
  const given = new Set()
  for (const member of members) {
    const text = member.key.map(([, value]) => keyText(value)).join("\0")
    const record = found.get(text)
    if (record === undefined) {
      if (member.call.operation === "findUniqueOrThrow") alone(member)
      else member.resolve(null)
      continue
    }
    // Why a copy: two who ask for the same record change only their own.
    const own = given.has(text) ? copyValue(record) : record
    given.add(text)
    member.resolve(isDecoded ? new Decoded(own) : own)
  }
}

module.exports = { findTogether }
