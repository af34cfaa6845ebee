"use strict"
/** The extensions of a client, oldest first, and what they come to for a model or an operation. Never changed, so that answers are kept. */

const NONE = []

class ExtensionList {
  constructor(extensions = NONE) {
    this.extensions = extensions
    this.callbacks = new Map()
    this.computed = new Map()
    this.hasQuery = extensions.some((extension) => extension.query)
    this.hasResult = extensions.some((extension) => extension.result)
  }

  with(extension) {
    return new ExtensionList([...this.extensions, extension])
  }

  /** The functions around an operation; `model` is the client's name of the model, undefined for $queryRaw and the like. */
  queryCallbacks(model, operation) {
    if (!this.hasQuery) return NONE
    const key = `${model ?? ""}.${operation}`
    let found = this.callbacks.get(key)
    if (found === undefined) {
      found = this.extensions.flatMap((extension) => callbacksOf(extension.query, model, operation))
      this.callbacks.set(key, found)
    }
    return found
  }

  /** The computed fields of a model, by name; undefined where there is none. */
  computedFields(model) {
    if (!this.hasResult) return undefined
    if (!this.computed.has(model.name)) this.computed.set(model.name, computedOf(this.extensions, model))
    return this.computed.get(model.name)
  }

  /** The methods that extensions give a model or, as `undefined`, the client. */
  methods(model) {
    const found = {}
    for (const extension of this.extensions) {
      if (model === undefined) Object.assign(found, extension.client)
      else Object.assign(found, extension.model?.$allModels, extension.model?.[model])
    }
    return found
  }
}

function callbacksOf(query, model, operation) {
  if (!query) return NONE
  const found = []
  const of = (group) => {
    if (group?.[operation]) found.push(group[operation])
    if (group?.$allOperations) found.push(group.$allOperations)
  }
  if (model === undefined) {
    if (typeof query[operation] === "function") found.push(query[operation])
  } else {
    of(query[model])
    of(query.$allModels)
  }
  if (query.$allOperations) found.push(query.$allOperations)
  return found
}

/**
 * Each field with the model's own fields that it needs. A field may need computed ones of earlier extensions; one of the same name
 * as an earlier one sees the earlier one's value.
 */
function computedOf(extensions, model) {
  let found
  for (const { result } of extensions) {
    for (const group of [result?.$allModels, result?.[model.clientName]]) {
      for (const [name, { needs = {}, compute }] of Object.entries(group ?? {})) {
        found ??= new Map()
        const earlier = found.get(name)
        const own = new Set()
        const computed = new Set()
        for (const needed of Object.keys(needs)) {
          if (!needs[needed]) continue
          const other = found.get(needed)
          if (other === undefined) own.add(needed)
          else {
            if (needed !== name) computed.add(needed)
            for (const field of other.needs) own.add(field)
            for (const field of other.computed) computed.add(field)
          }
        }
        found.set(name, { name, needs: [...own], computed: [...computed], compute: earlier ? over(name, earlier.compute, compute) : compute })
      }
    }
  }
  return found
}

/** A field over an earlier one of the same name. */
const over = (name, earlier, compute) => (record) =>
  compute(Object.defineProperty({ ...record }, name, { get: () => earlier(record), enumerable: true, configurable: true }))

module.exports = { ExtensionList }
