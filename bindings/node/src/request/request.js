"use strict"
/**
 * The walk of a call on a model, from top to bottom: query extensions → arguments as the library takes them → request → answer
 * decoded → computed fields → the part that a fluent call is for.
 */
const { Form, piece, shared } = require("../native.js")
const { serializerFor } = require("../values/serialize.js")
const { writeRequest } = require("../values/write.js")
const { throughExtensions } = require("../extensions/query.js")
const { planResult, finishResult } = require("../extensions/result.js")
const { commentsOf, modelQuery } = require("../telemetry/comments.js")
const { Decoded } = require("./decoded.js")
const { findTogether } = require("./find-together.js")
const { leniently } = require("./lenient.js")
const { convertError } = require("../errors/convert.js")
const { inSpan } = require("../telemetry/spans.js")
const { Skip } = require("../values/markers.js")
const { copierFor } = require("../values/copy.js")

/** Runs a call: its value, or a promise of it. `batch` is the list transaction that it is part of. */
function run(call, batch) {
  const { extensions } = call.state
  // Functions around a call see what was read; computed fields come to what they give.
  call.isFinishedLater = extensions.hasQuery && extensions.hasResult && call.path === undefined && extensions.queryCallbacks(call.model.clientName, call.operation).length > 0
  return call.isFinishedLater ? runThenCompute(call, batch) : throughExtensions(call, batch, execute)
}

async function runThenCompute(call, batch) {
  const result = await throughExtensions(call, batch, execute)
  const plan = planResult(call, call.args)
  return plan === undefined ? result : finishResult(plan, result)
}

/** The same, giving `{data, info}`. */
async function runWithInfo(call, batch) {
  const informed = Object.assign(Object.create(Object.getPrototypeOf(call)), call, { form: Form.INFO, info: null })
  const data = await run(informed, batch)
  return { data, info: informed.info }
}

/** The answer's bytes, unread; extensions of queries are passed by. */
function runRaw(call, batch) {
  try {
    const { engine } = call.state
    engine.prepare()
    const request = requestOf(call, call.args)
    const answer = typeof request === "number" ? engine.request(request, Form.BYTES) : engine.request(request.text, Form.BYTES, request.signal)
    return answer instanceof Promise ? answer.catch((error) => fail(error, call, call.args)) : answer
  } catch (error) {
    fail(error, call, call.args)
  }
}

function fail(error, call, args) {
  throw convertError(error, call, args)
}

// MARK: Requests

/** `{"model":"User","operation":"findMany","args":`, for each operation once. */
const heads = new WeakMap()
const preciseHeads = new WeakMap()
function headOf({ model, operation }, isPrecise) {
  const known = isPrecise ? preciseHeads : heads
  let ofModel = known.get(model)
  if (ofModel === undefined) known.set(model, (ofModel = new Map()))
  let head = ofModel.get(operation)
  if (head === undefined) {
    head = `{"model":${JSON.stringify(model.name)},"operation":"${operation}",${isPrecise ? '"dateTime":"microseconds",' : ""}"args":`
    ofModel.set(operation, head)
  }
  return head
}

/** The request's text, and the signal that may stop it. `isInList`: it is one of a transaction's. `span`: the traceparent of what it is part of. */
function requestText(call, args, isInList = false, span) {
  const { state, options } = call
  let signal = options?.signal
  if (args !== undefined && args !== null && args.signal !== undefined && args.signal instanceof AbortSignal) {
    signal ??= args.signal
    args = { ...args, signal: undefined }
  }
  let text = headOf(call, call.isPrecise) + serializerFor(state.isStrict && signal === undefined).arguments(args)
  if (state.transaction !== undefined) text += `,"transaction":${JSON.stringify(state.transaction.id)}`
  const said = commentsOf(state, () => modelQuery(call, args), isInList)
  if (said.comments !== undefined) text += `,"comments":${JSON.stringify(said.comments)}`
  const traceparent = options?.traceparent ?? said.traceparent ?? span
  if (options?.timeoutMs !== undefined) text += `,"timeoutMs":${Number(options.timeoutMs)}`
  // Why last: the library knows a text without it.
  if (traceparent !== undefined) text += `,"traceparent":${JSON.stringify(String(traceparent))}`
  return { text: text + "}", signal }
}

/** The request as `engine.request` takes it: its size, where it could be written as bytes, else its text. */
function requestOf(call, args, span) {
  const { state } = call
  if (call.options === undefined && state.transaction === undefined && !state.isStrict && state.comments === undefined && state.engine.spans === undefined) {
    const size = writeRequest(shared.written, headOf(call, call.isPrecise), args)
    if (size > 0) return size
  }
  return requestText(call, args, false, span)
}

/** After the extensions: `args` are theirs. `told`: what the program gave, where the request is made again. */
function execute(call, args, batch, told = args) {
  let sent = args
  try {
    if (args?.select instanceof Skip || args?.include instanceof Skip || args?.omit instanceof Skip) sent = args = withoutSkipped(args)
    const plan = planResult(call, args)
    if (plan !== undefined) sent = plan.args
    call.isPrecise = call.state.engine.precision.isAskedBy(call, batch)
    const answer = batch === undefined ? (findTogether(call, sent, ask) ?? ask(call, sent)) : batch.add(textInList(call, sent), call, sent)
    if (!(answer instanceof Promise)) return finish(call, sent, plan, answer)
    return answer.then((value) => finish(call, sent, plan, value), (error) => again(error, call, sent, plan)).catch((error) => refused(error, call, args, batch, told))
  } catch (error) {
    return refused(error, call, args, batch, told)
  }
}

/** Selections are looked at here, where `Prisma.skip` must not pass for one. */
const withoutSkipped = (args) => Object.fromEntries(Object.entries(args).filter(([, value]) => !(value instanceof Skip)))

/** The text of a request that is one of a transaction's list. */
const textInList = (call, args) => inSpan("serialize", undefined, () => requestText(call, args, true)).text

/** Asks again, where Prisma Client takes what the library has refused; else fails. */
function refused(error, call, args, batch, told) {
  const changed = batch === undefined ? leniently(error, call, args) : undefined
  return changed === undefined ? fail(error, call, told) : execute(call, changed, batch, told)
}

/** A read whose answer holds what has no number, asked for in words. */
async function again(error, call, sent, plan) {
  if (!call.state.engine.precision.isMet(error, call)) throw error
  call.isPrecise = true
  return finish(call, sent, plan, await ask(call, sent))
}

/** Asks the library: the parsed answer, at once or later; a hit that was read before comes decoded. */
function ask(call, args) {
  const { engine } = call.state
  engine.prepare()
  const span = engine.spans?.begin()
  const request = span === undefined ? requestOf(call, args) : inSpan("serialize", undefined, () => requestOf(call, args, span))
  const isWritten = typeof request === "number"
  const signal = isWritten ? undefined : request.signal
  const form = call.form === Form.INFO ? Form.INFO : engine.isLogging || signal !== undefined ? Form.PIECES : Form.VALUE
  const answer = engine.request(isWritten ? request : request.text, form, signal)
  if (typeof answer === "string") return JSON.parse(answer)
  if (form === Form.INFO) return answer instanceof Promise ? answer.then((both) => informed(call, both)) : informed(call, answer)
  if (typeof answer === "number") return valueOf(call, args, answer)
  if (Array.isArray(answer)) return keep(call, args, answer)
  return answer instanceof Promise ? answer.then((found) => parse(call, args, found)) : parse(call, args, answer)
}

function informed(call, [answer, text]) {
  if (text !== null) {
    call.info = JSON.parse(text)
    call.info.lastModified = new Date(call.info.lastModified)
  }
  return JSON.parse(answer)
}

/** The operations whose answers are lists. */
const LISTS = new Set(["findMany", "groupBy", "createManyAndReturn", "updateManyAndReturn"])

function parse(call, args, answer) {
  if (typeof answer === "string") return JSON.parse(answer)
  return LISTS.has(call.operation) ? parsePieces(call, args, answer) : JSON.parse(piece(answer, 0, 0)[0])
}

/**
 * The values of hits that came again stand in `shared.values`, by the addon's slots: a function that copies the value, and who made it.
 * Why the owner: what another copy of this package in the thread has made is of that one's classes.
 */
const owner = {}

function keep(call, args, [text, slot, ...freed]) {
  const { values } = shared
  // Why first: where decoding fails, the slot must not give what it held before.
  values[slot] = undefined
  for (const other of freed) values[other] = undefined
  const value = decodersOf(call).answer(call.model.name, call.operation, args, JSON.parse(text))
  const copy = copierFor(value)
  values[slot] = { owner, copy }
  return new Decoded(copy())
}

/** The value of a slot; where it is not this package's to give, the request is made again. */
function valueOf(call, args, slot) {
  const kept = shared.values[slot]
  if (kept !== undefined && kept.owner === owner) return new Decoded(kept.copy())
  const answer = call.state.engine.request(requestText(call, args).text, Form.TEXT)
  return answer instanceof Promise ? answer.then(JSON.parse) : JSON.parse(answer)
}

const decodersOf = ({ isPrecise, state: { schema, engine } }) => (isPrecise || engine.precision.isAlways ? schema.preciseDecoders : schema.decoders)

const PIECE_BYTES = 32768
/** A large list, decoded some elements at a time, so that the loop is not held up. */
async function parsePieces(call, args, external) {
  const decoders = decodersOf(call)
  const result = []
  for (let at = 0; ; ) {
    const [text, next] = piece(external, at, PIECE_BYTES)
    const records = decoders.answer(call.model.name, call.operation, args, JSON.parse(`[${text}]`))
    for (let index = 0; index < records.length; index++) result.push(records[index])
    if (next === 0) return new Decoded(result)
    at = next
    await new Promise(setImmediate)
  }
}

function finish(call, sent, plan, value) {
  const { model, operation } = call
  let result = value instanceof Decoded ? value.value : decodersOf(call).answer(model.name, operation, sent, value)
  if (plan !== undefined && !call.isFinishedLater) result = finishResult(plan, result)
  return call.path === undefined ? result : follow(result, call.path)
}

/** What the fluent path leads to; null where a record on the way is not there. */
function follow(value, path) {
  for (const name of path) {
    if (value === null || value === undefined) return null
    value = value[name]
  }
  return value === undefined ? null : value
}

module.exports = { run, runWithInfo, runRaw, textInList }
