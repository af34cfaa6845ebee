"use strict"
/** `$queryRaw`, `$executeRaw` and their Unsafe forms. */
const { parameter, rows, tagged } = require("../values/raw.js")
const { Sql } = require("../values/sql.js")
const { PrismaPromise } = require("./promise.js")
const { inSpan } = require("../telemetry/spans.js")
const { commentsOf, rawQuery } = require("../telemetry/comments.js")
const { throughExtensions } = require("../extensions/query.js")
const { convertError } = require("../errors/convert.js")
const { callSite } = require("../errors/call-site.js")
const { PrismaClientValidationError } = require("../errors/classes.js")
const { clientVersion } = require("../version.js")

class RawCall {
  constructor(state, operation, args, site) {
    this.state = state
    this.model = undefined
    this.operation = operation
    this.args = args
    this.site = site
    /** The tables that the statement changes, where the program has named them. */
    this.touches = state.touches
  }
  get method() {
    return this.operation
  }
}

/** `[text, values]` of the arguments as extensions see them: an Sql, or `[text, ...values]`. */
function statement(args) {
  if (args instanceof Sql || (args && Array.isArray(args.strings) && Array.isArray(args.values))) {
    return args instanceof Sql ? [args.text, args.values] : statement(new Sql(args.strings, args.values))
  }
  const [text, ...values] = args
  return [text, values]
}

function requestText(call, args, isInList, span) {
  const [query, values] = statement(args)
  const document = { query, parameters: values.map(parameter) }
  const isQuery = call.operation.startsWith("$queryRaw")
  if (isQuery) document.types = true
  if (call.touches) document.touches = call.touches
  const request = { operation: isQuery ? "$queryRaw" : "$executeRaw", args: document, ...(call.state.engine.precision.isFixed ? {} : { dateTime: "microseconds" }) }
  if (call.state.transaction !== undefined) request.transaction = call.state.transaction.id
  Object.assign(request, commentsOf(call.state, () => rawQuery(call.operation, query, document.parameters), isInList))
  request.traceparent ??= span
  return JSON.stringify(request)
}

function execute(call, args, batch) {
  const finish = (value) => (call.operation.startsWith("$queryRaw") ? rows(value) : value)
  const fail = (error) => {
    throw convertError(error, call, args)
  }
  try {
    call.state.engine.prepare()
    const span = batch === undefined ? call.state.engine.spans?.begin() : undefined
    const text = inSpan("serialize", undefined, () => requestText(call, args, batch !== undefined, span))
    if (batch !== undefined) return batch.add(text, call, args).then(finish, fail)
    const answer = call.state.engine.request(text)
    return Promise.resolve(answer).then((found) => finish(JSON.parse(found)), fail)
  } catch (error) {
    return fail(error)
  }
}

const promise = (call) => new PrismaPromise((batch) => throughExtensions(call, batch, execute))

const refusal = (name) =>
  new PrismaClientValidationError(
    `\`${name}\` is a tag function, please use it like the following:\n\`\`\`\nconst result = await prisma.${name}\`${name === "$queryRaw" ? "SELECT * FROM User WHERE id = ${1} OR email = ${'user@email.com'};" : "UPDATE User SET cool = ${true} WHERE email = ${'user@email.com'};"}\`\n\`\`\`\n\n` +
      `Or read our docs at https://www.prisma.io/docs/concepts/components/prisma-client/raw-database-access#${name.slice(1).toLowerCase()}\n`,
    { clientVersion },
  )

function taggedMethod(name) {
  const method = function (state, strings, values) {
    const sql = tagged(name, strings, values)
    if (sql === undefined) return new PrismaPromise(() => Promise.reject(refusal(name)))
    return promise(new RawCall(state, name, sql, callSite(state, method)))
  }
  return method
}

function unsafeMethod(name) {
  const method = function (state, text, values) {
    return promise(new RawCall(state, name, [text, ...values], callSite(state, method)))
  }
  return method
}

/** `$queryRawTyped`: what `prisma generate --sql` has made, a text and its values. */
const queryRawTyped = (state, { sql, values }) => promise(new RawCall(state, "$queryRawTyped", [sql, ...values], undefined))

module.exports = {
  queryRawTyped,
  queryRaw: taggedMethod("$queryRaw"),
  executeRaw: taggedMethod("$executeRaw"),
  queryRawUnsafe: unsafeMethod("$queryRawUnsafe"),
  executeRawUnsafe: unsafeMethod("$executeRawUnsafe"),
}
