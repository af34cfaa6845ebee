"use strict"
/**
 * Computed fields, and fields that a client omits. Arguments are rewritten so that what computed fields need is read; records get
 * the fields, and lose what was read for them alone.
 */
const RECORDS = new Set([
  "findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "create", "createManyAndReturn", "update",
  "updateManyAndReturn", "upsert", "delete",
])

/** `{args, …}`: the arguments to be sent and what is to be done with records; undefined where nothing is. */
function planResult(call, args) {
  const { extensions, omit } = call.state
  if ((!extensions.hasResult && omit === undefined) || !RECORDS.has(call.operation)) return undefined
  return planLevel(call.state, call.model, args ?? {})
}

const isObject = (value) => value !== null && typeof value === "object"

function planLevel(state, model, args) {
  const computed = state.extensions.computedFields(model)
  const plan = { args: { ...args }, computed, shown: [], drop: [], relations: [] }
  if (isObject(args.select)) planSelect(plan, args.select, computed)
  else planOmit(plan, state.omit?.[model.name], args.omit, computed)
  for (const key of ["select", "include"]) {
    const chosen = plan.args[key]
    if (!isObject(chosen)) continue
    const changed = { ...chosen }
    for (const name of Object.keys(chosen)) {
      const field = model.fields[name]
      if (field?.kind !== "object" || !chosen[name]) continue
      const deeper = planLevel(state, state.schema.models[field.type], isObject(chosen[name]) ? chosen[name] : {})
      changed[name] = Object.keys(deeper.args).length > 0 ? deeper.args : true
      plan.relations.push([name, deeper])
    }
    plan.args[key] = changed
  }
  return plan
}

function planSelect(plan, given, computed) {
  if (computed === undefined) return
  const select = { ...given }
  for (const field of computed.values()) {
    if (given[field.name]) plan.shown.push(field)
    delete select[field.name]
  }
  for (const field of plan.shown) {
    for (const name of field.needs) {
      if (select[name]) continue
      select[name] = true
      plan.drop.push(name)
    }
  }
  // Why: nothing but computed fields without needs is selected, and a select must not be empty.
  plan.args.select = select
  if (plan.shown.length > 0 && !Object.values(select).some(Boolean)) {
    delete plan.args.select
    plan.keepNothing = true
  }
}

function planOmit(plan, ofClient, given, computed) {
  const omit = { ...ofClient }
  if (isObject(given)) Object.assign(omit, given)
  for (const field of computed?.values() ?? []) {
    if (!omit[field.name]) plan.shown.push(field)
    delete omit[field.name]
  }
  for (const field of plan.shown) {
    for (const name of field.needs) {
      if (!omit[name]) continue
      delete omit[name]
      plan.drop.push(name)
    }
  }
  const isAsked = Object.keys(omit).length > 0
  if (isAsked) plan.args.omit = omit
  else delete plan.args.omit
}

// MARK: Records

function finishResult(plan, value) {
  // Why another list: an extension may have given one that nobody may change.
  return Array.isArray(value) ? value.map((record) => finishRecord(plan, record)) : finishRecord(plan, value)
}

function finishRecord(plan, given) {
  if (given === null || typeof given !== "object") return given
  // Why: an extension may have given a record that nobody may change.
  const record = Object.isExtensible(given) ? given : { ...given }
  for (const [name, deeper] of plan.relations) {
    if (record[name] !== undefined && record[name] !== null) record[name] = finishResult(deeper, record[name])
  }
  const { shown, drop } = plan
  if (shown.length === 0 && drop.length === 0) return record
  // Why a copy: fields are computed from what was read, whatever the program does with its record.
  const read = { ...record }
  if (plan.keepNothing) for (const name of Object.keys(record)) delete record[name]
  for (const name of drop) delete record[name]
  const met = shown.filter((field) => field.needs.every((name) => name in read))
  for (const field of met) compute(record, field.name, () => field.compute(seenBy(field, read, plan.computed)))
  return met.length > 0 ? showValues(record) : record
}

/** What a computed field sees: what was read, and of the computed fields those that it needs. */
function seenBy(field, read, computed) {
  if (field.computed.length === 0) return read
  const seen = { ...read }
  for (const name of field.computed) {
    const other = computed.get(name)
    compute(seen, name, () => other.compute(seenBy(other, read, computed)))
  }
  return seen
}

const INSPECT = Symbol.for("nodejs.util.inspect.custom")

/** Has console.log show what computed fields come to. */
function showValues(record) {
  Object.defineProperty(record, INSPECT, { value: () => ({ ...record }), enumerable: false, configurable: true })
  return record
}

/** A property that is computed when it is first read. */
function compute(target, name, make) {
  const set = (value) => Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
  Object.defineProperty(target, name, {
    enumerable: true,
    configurable: true,
    get() {
      const value = make()
      set(value)
      return value
    },
    set,
  })
}

module.exports = { planResult, finishResult }
