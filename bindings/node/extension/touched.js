"use strict"
/** Which models a write may change. */

const READS = new Set(["findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "count", "aggregate", "groupBy"])
const WRITES = new Set(["create", "createMany", "createManyAndReturn", "update", "updateMany", "updateManyAndReturn", "upsert", "delete", "deleteMany"])

/** The model, and those of the relations that `data`, `create` and `update` name to any depth. Undefined: it cannot be known. */
function touchedModels(models, model, operation, args) {
  if (models === undefined) return undefined
  const touched = new Set([model])
  const open = [args?.data, args?.create, args?.update].map((data) => [model, data])
  let steps = 0
  while (open.length > 0) {
    const [name, value] = open.pop()
    if (value === null || typeof value !== "object") continue
    if (++steps > 100_000) return undefined
    if (Array.isArray(value)) {
      for (const element of value) open.push([name, element])
      continue
    }
    const fields = models[name]?.fields
    if (fields === undefined) return undefined
    for (const [key, inner] of Object.entries(value)) {
      const field = fields[key]
      if (field?.kind === "object") {
        touched.add(field.type)
        for (const part of Object.values(inner ?? {})) open.push([field.type, part])
        // Of `update: {where, data}` and the like the data lies one step deeper; a field of that name is looked at, too.
      } else if (field === undefined || key === "data" || key === "create" || key === "update") open.push([name, inner])
    }
  }
  return [...touched]
}

const WORDS = /\b(insert|update|delete|merge|into|truncate|call|do|execute|alter|drop|create|copy|refresh|lock|import)\b/i

/** Whether a raw query may change something: by its words. */
function mayWrite(args) {
  const strings = args?.strings ?? (Array.isArray(args) ? (Array.isArray(args[0]) ? args[0] : [args[0]]) : undefined)
  return strings === undefined || strings.some((text) => typeof text !== "string" || WORDS.test(text))
}

module.exports = { READS, WRITES, touchedModels, mayWrite }
