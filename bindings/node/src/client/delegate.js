"use strict"
/** `prisma.user`: the operations of a model. */
const { FieldRef } = require("../values/markers.js")
const { Form } = require("../native.js")
const { ModelPromise, PrismaPromise } = require("./promise.js")
const { run, runWithInfo, runRaw } = require("../request/request.js")
const { callSite } = require("../errors/call-site.js")

const READS = ["findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "count", "aggregate", "groupBy"]
const WRITES = ["create", "createMany", "createManyAndReturn", "update", "updateMany", "updateManyAndReturn", "upsert", "delete", "deleteMany"]
/** What gives one record, whose relations can be asked of the promise. */
const FLUENT = new Set(["findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "create", "update", "upsert", "delete"])

/** What a call is about; extensions see `args`, errors `site` and `method`. */
class Call {
  constructor(state, model, operation, args, options, site) {
    this.state = state
    this.model = model
    this.operation = operation
    this.args = args
    this.options = options
    this.site = site
    /** The fields that lead from the record to what the fluent call is for. */
    this.path = undefined
    this.form = Form.TEXT
    /** Whether the request asks for microseconds, and for words of what has no number. */
    this.isPrecise = false
    /** Whether computed fields come to the result after the functions that extensions put around the call. */
    this.isFinishedLater = false
    /** The findUnique calls of one tick that this one stands for. */
    this.together = undefined
  }
  get method() {
    return this.model.clientName + "." + this.operation
  }
}

/** The call's promise class: with the relations of the model as methods. Made once per model. */
const classes = new WeakMap()
function fluentClass(state, model) {
  let made = classes.get(model)
  if (made) return made
  made = class extends ModelPromise {
    constructor(call) {
      super((batch) => run(call, batch), (batch) => runWithInfo(call, batch))
      Object.defineProperty(this, CALL, { value: call })
    }
  }
  classes.set(model, made)
  for (const [name, field] of Object.entries(model.fields)) {
    if (field.kind !== "object") continue
    made.prototype[name] = function (args, options) {
      return related(this[CALL], name, field, args, options)
    }
  }
  return made
}
const CALL = Symbol("call")

/** The call again, with the related records selected. */
function related(call, name, field, args, options) {
  const path = [...(call.path ?? []), name]
  const next = new Call(call.state, call.model, call.operation, deepSelect(call.args ?? {}, path, args ?? true), options ?? call.options, callSite(call.state, related))
  next.path = path
  const target = call.state.schema.models[field.type]
  if (field.list) return new ModelPromise((batch) => run(next, batch), (batch) => runWithInfo(next, batch))
  const Fluent = fluentClass(call.state, target)
  return new Fluent(next)
}

/** `args` with `select: {a: {select: {b: value}}}` for the path a, b. */
function deepSelect(args, path, value) {
  const [name, ...deeper] = path
  const present = args.select?.[name]
  const inner = deeper.length === 0 ? value : deepSelect(present && typeof present === "object" ? present : {}, deeper, value)
  return { ...args, select: { ...args.select, [name]: inner } }
}

function operationOf(state, model, operation) {
  const isRead = READS.includes(operation)
  const method = FLUENT.has(operation)
    ? function (args, options) {
        const call = new Call(state, model, operation, args, options, callSite(state, method, args))
        const Fluent = fluentClass(state, model)
        return new Fluent(call)
      }
    : function (args, options) {
        const call = new Call(state, model, operation, args, options, callSite(state, method, args))
        if (isRead) return new ModelPromise((batch) => run(call, batch), (batch) => runWithInfo(call, batch))
        return new PrismaPromise((batch) => run(call, batch))
      }
  return method
}

/** The model's fields, to be compared with each other. */
function fieldsOf(model) {
  const fields = {}
  for (const [name, field] of Object.entries(model.fields)) {
    if (field.kind === "scalar" || field.kind === "enum") fields[name] = new FieldRef(model.name, name, field.type, field.list, field.kind === "enum")
  }
  return new Proxy(fields, {
    get: (target, name) => (name in target || typeof name === "symbol" ? target[name] : undefined),
  })
}

/** The reads again, each giving the answer's bytes as they come. */
function rawReads(state, model) {
  const reads = {}
  for (const operation of READS) {
    reads[operation] = (args, options) => {
      const call = new Call(state, model, operation, args, options, undefined)
      call.form = Form.BYTES
      return new PrismaPromise((batch) => runRaw(call, batch))
    }
  }
  return reads
}

function lazily(target, name, make, enumerable = true) {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable,
    get() {
      const value = make()
      Object.defineProperty(this, name, { configurable: true, enumerable, writable: true, value })
      return value
    },
    set(value) {
      Object.defineProperty(this, name, { configurable: true, enumerable, writable: true, value })
    },
  })
}

/** A model's delegate on a client. */
function makeDelegate(client, state, model) {
  const delegate = {}
  for (const operation of READS) delegate[operation] = operationOf(state, model, operation)
  if (!model.isView) for (const operation of WRITES) delegate[operation] = operationOf(state, model, operation)
  lazily(delegate, "fields", () => fieldsOf(model))
  lazily(delegate, "$raw", () => rawReads(state, model), false)
  const constants = { name: model.name, $name: model.name, $parent: client }
  for (const [name, value] of Object.entries(constants)) {
    Object.defineProperty(delegate, name, { value, enumerable: name === "name", configurable: true, writable: true })
  }
  return delegate
}

module.exports = { makeDelegate, lazily, Call, READS, WRITES }
