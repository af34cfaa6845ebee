"use strict"
/**
 * What the extension reads of Prisma Client that Prisma does not document. All of it stands here, and holds for the versions below; of another
 * version nothing is taken for granted.
 *
 * | member | for | where it is missing |
 * |---|---|---|
 * | `client._clientVersion` | telling the version | the version is unknown |
 * | `client._globalOmit` | `omit` of the client's options | `omit` of `withAccelerate()`; without it the client answers itself |
 * | `client._engineConfig.inlineSchema` | the schema that the client was generated with | `schema` or `schemaPath` of `withAccelerate()` |
 * | `params.__internalParams.transaction` | whether a read is part of a transaction | what `$transaction` of the extension has noted |
 */
const KNOWN = [5, 6, 7]

/** Whether the members are those of a version that this was tried on. */
function isKnown(client) {
  const major = /^(\d+)\./.exec(client?._clientVersion ?? "")?.[1]
  return major === undefined ? client !== undefined && "_globalOmit" in client : KNOWN.includes(Number(major))
}

/** What the client leaves out of every answer, `{user: {password: true}}`; undefined where that cannot be known. */
function globalOmit(client, given) {
  if (given !== undefined) return given
  return isKnown(client) ? (client._globalOmit ?? {}) : undefined
}

/** The schema's text; undefined where the client does not have it. */
function inlineSchema(client) {
  const text = client?._engineConfig?.inlineSchema
  if (typeof text !== "string") return undefined
  return text.includes("{") ? text : Buffer.from(text, "base64").toString()
}

/** Whether a hook runs in a transaction of the client's. */
const isInTransaction = (params) => params.__internalParams?.transaction !== undefined

let isTold = false
/** Says once that answers are not cached, and what to do. */
function tellUnknown(client) {
  if (isTold) return
  isTold = true
  const version = typeof client?._clientVersion === "string" ? ` ${client._clientVersion}` : ""
  process.emitWarning(
    `Prisma Client${version} is none of the versions ${KNOWN.join(", ")}, so what it leaves out of its answers is not known: reads are not cached. ` +
      "Say it to withAccelerate(): { omit: {} }, or what the client's option `omit` is.",
    { type: "AccelerantWarning", code: "ACCELERANT_UNKNOWN_CLIENT" })
}

module.exports = { KNOWN, globalOmit, inlineSchema, isInTransaction, tellUnknown }
