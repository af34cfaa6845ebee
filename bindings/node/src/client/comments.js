"use strict"
/**
 * The option `comments`: plugins by which Prisma Client 7 puts words beside its SQL, in the format of sqlcommenter. Of what they give `traceparent`
 * goes with the request, and the library writes it beside the SQL of a sampled trace.
 *
 * Why nothing else: a statement with words of its own is another one for the server, which would have to plan it each time.
 */
function traceparentOf(call, args) {
  const { comments } = call.state
  if (comments === undefined) return undefined
  const context = { query: { type: "single", modelName: call.model.name, action: call.operation, query: args ?? {} } }
  let found
  for (const plugin of comments) found = plugin(context)?.traceparent ?? found
  return found
}

module.exports = { traceparentOf }
