"use strict"
/** The inputs of a model: filters, order, data. */
const { inputType, valueType, updateType, whereType, havingType, isNullable } = require("./scalars.js")

/** `name?: type` lines of an interface. */
const lines = (members) => members.map(([name, type]) => `    ${name}: ${type}`).join("\n")
const block = (name, members, extending = "") => `  interface ${name}${extending} {\n${lines(members)}\n  }`

/** A model's fields by kind. Names that PostgreSQL has alone (`Unsupported`) are not there: no request may name them. */
function parts(model) {
  const all = Object.entries(model.fields)
  const scalars = all.filter(([, field]) => field.kind === "scalar" || field.kind === "enum")
  const relations = all.filter(([, field]) => field.kind === "object")
  const keys = new Set(relations.flatMap(([, field]) => field.relationFromFields ?? []))
  return { scalars, relations, keys, hasKey: (field) => (field.relationFromFields ?? []).length > 0 }
}

class Inputs {
  constructor(schema, isStrict) {
    this.schema = schema
    /** `Prisma.skip` may stand for what is optional. */
    this.skip = isStrict ? " | $.Skip" : ""
  }

  optional(name, type) {
    return [`${name}?`, type + this.skip]
  }

  // MARK: Filters

  where(model) {
    const { name } = model
    const { scalars, relations } = parts(model)
    const logic = (type) => [["AND?", `${type} | ${type}[]`], ["OR?", `${type}[]`], ["NOT?", `${type} | ${type}[]`]]
    const filters = scalars.map(([field, facts]) => this.optional(field, whereType(name, facts)))
    const related = relations.map(([field, facts]) => this.optional(field, this.relationFilter(facts)))
    const keys = this.uniqueKeys(model)
    return [
      block(`${name}WhereInput`, [...logic(`${name}WhereInput`), ...filters, ...related]),
      block(`${name}ScalarWhereInput`, [...logic(`${name}ScalarWhereInput`), ...filters]),
      block(`${name}ScalarWhereWithAggregatesInput`, [
        ...logic(`${name}ScalarWhereWithAggregatesInput`),
        ...scalars.map(([field, facts]) => this.optional(field, havingType(name, facts))),
      ]),
      // Why the type again beside each key: one of them has to be there, the others are filters.
      `  type ${name}WhereUniqueInput = (${keys.map(([key, type]) => `{ ${key}: ${type} }`).join(" | ") || "never"}) & ${name}WhereUniqueFields`,
      block(`${name}WhereUniqueFields`, [
        ...logic(`${name}WhereInput`),
        ...keys.map(([key, type]) => this.optional(key, type)),
        ...[...filters, ...related].filter(([field]) => !keys.some(([key]) => `${key}?` === field)),
      ]),
    ].join("\n")
  }

  relationFilter(field) {
    if (field.list) return `${field.type}ListRelationFilter`
    return `${field.type}${isNullable(field) ? "Nullable" : ""}ScalarRelationFilter | ${field.type}WhereInput${isNullable(field) ? " | null" : ""}`
  }

  /** `[name, type]` of what `where` of `findUnique` may name. */
  uniqueKeys(model) {
    const found = new Map()
    for (const key of [model.primaryKey, ...model.uniques]) {
      if (!key) continue
      if (key.fields.length === 1) found.set(key.fields[0], inputType(model.fields[key.fields[0]]))
      else found.set(key.name, `{ ${key.fields.map((field) => `${field}: ${inputType(model.fields[field])}`).join("; ")} }`)
    }
    return [...found]
  }

  // MARK: Order

  order(model) {
    const { scalars, relations } = parts(model)
    const sort = (facts) => (isNullable(facts) ? "$.SortOrder | $.SortOrderInput" : "$.SortOrder")
    const relevance = this.schema.settings.previewFeatures.has("fullTextSearchPostgres") && scalars.some(([, facts]) => facts.type === "String")
    const texts = scalars.filter(([, facts]) => facts.type === "String").map(([field]) => `"${field}"`).join(" | ")
    return [
      block(`${model.name}OrderByWithRelationInput`, [
        ...scalars.map(([field, facts]) => this.optional(field, sort(facts))),
        ...relations.map(([field, facts]) => this.optional(field, facts.list ? "$.RelationCountOrder" : `${facts.type}OrderByWithRelationInput`)),
        ...(relevance ? [["_relevance?", `{ fields: (${texts}) | (${texts})[]; sort: $.SortOrder; search: string }`]] : []),
      ]),
      block(`${model.name}OrderByWithAggregationInput`, [
        ...scalars.map(([field, facts]) => this.optional(field, sort(facts))),
        ...["_count", "_avg", "_sum", "_min", "_max"].map((name) => [`${name}?`, `{ [K in ${model.name}ScalarFieldEnum]?: $.SortOrder }`]),
      ]),
    ].join("\n")
  }

  // MARK: Data

  data(model) {
    const { name } = model
    const { scalars, relations, keys, hasKey } = parts(model)
    const isCounter = (facts) => facts.default?.name === "autoincrement"
    const mayLack = (facts) => !facts.required || facts.hasDefaultValue || facts.list
    const given = ([field, facts]) => (mayLack(facts) ? this.optional(field, valueType(facts)) : [field, valueType(facts)])
    const changed = ([field, facts]) => this.optional(field, updateType(facts))
    const own = scalars.filter(([field]) => !keys.has(field))
    const makes = (relation) => {
      const [field, facts] = relation
      const type = this.createNested(model, relation)
      return hasKey(facts) && facts.required ? [field, type] : this.optional(field, type)
    }
    const changes = (relation) => this.optional(relation[0], this.updateNested(model, relation))
    const backward = relations.filter(([, facts]) => !hasKey(facts))
    // Why what cannot be: a record is given with its relations or with its keys, not with a mixture.
    const never = (names) => [...new Set(names)].map((field) => [`${field}?`, "never"])
    const unchecked = scalars.filter(([field, facts]) => keys.has(field) || isCounter(facts)).map(([field]) => field)
    const forward = relations.filter(([, facts]) => hasKey(facts)).map(([field]) => field)
    return [
      block(`${name}CreateInput`, [...own.filter(([, facts]) => !isCounter(facts)).map(given), ...relations.map(makes), ...never(unchecked)]),
      block(`${name}UncheckedCreateInput`, [...scalars.map(given), ...backward.map(makes), ...never(forward)]),
      block(`${name}CreateManyInput`, scalars.map(given)),
      block(`${name}UpdateInput`, [...own.filter(([, facts]) => !isCounter(facts)).map(changed), ...relations.map(changes), ...never(unchecked)]),
      block(`${name}UncheckedUpdateInput`, [...scalars.map(changed), ...backward.map(changes), ...never(forward)]),
      block(`${name}UpdateManyMutationInput`, own.filter(([, facts]) => !isCounter(facts)).map(changed)),
      block(`${name}UncheckedUpdateManyInput`, scalars.map(changed)),
    ].join("\n")
  }

  /** The names of a related model's inputs without the relation that leads back. */
  without(facts) {
    const back = facts.relationField
    const suffix = back[0].toUpperCase() + back.slice(1)
    const type = facts.type
    return {
      create: `${type}CreateWithout${suffix}Input | ${type}UncheckedCreateWithout${suffix}Input`,
      update: `${type}UpdateWithout${suffix}Input | ${type}UncheckedUpdateWithout${suffix}Input`,
      many: `${type}CreateMany${suffix}Input`,
      unique: `${type}WhereUniqueInput`,
    }
  }

  createNested(model, [, facts]) {
    const { create, unique, many } = this.without(facts)
    if (!facts.list) return `$.CreateOne<${create}, ${unique}>`
    return facts.joinTable ? `$.CreateLinks<${create}, ${unique}>` : `$.CreateList<${create}, ${unique}, ${many}>`
  }

  updateNested(model, [, facts]) {
    const { create, update, unique, many } = this.without(facts)
    const { type } = facts
    const rest = `${create}, ${update}, ${unique}`
    if (!facts.list) return `$.${isNullable(facts) ? "UpdateOptionalOne" : "UpdateOne"}<${rest}, ${type}WhereInput>`
    const mass = `${type}UpdateManyMutationInput | ${type}UncheckedUpdateManyInput`
    return facts.joinTable ? `$.UpdateLinks<${rest}, ${type}ScalarWhereInput, ${mass}>` : `$.UpdateList<${rest}, ${type}ScalarWhereInput, ${many}, ${mass}>`
  }

  /** A model's inputs without each of its relations: what nested writes take that come from the other side. */
  withouts(model) {
    const { relations } = parts(model)
    return relations
      .map(([field, facts]) => {
        const suffix = field[0].toUpperCase() + field.slice(1)
        const columns = [field, ...(facts.relationFromFields ?? [])].map((name) => `"${name}"`).join(" | ")
        const own = (kind, keys) => `  type ${model.name}${kind}Without${suffix}Input = Omit<${model.name}${kind}Input, ${keys}>`
        return [
          own("Create", `"${field}"`), own("UncheckedCreate", columns), own("Update", `"${field}"`), own("UncheckedUpdate", columns),
          `  type ${model.name}CreateMany${suffix}Input = Omit<${model.name}CreateManyInput, ${columns}>`,
        ].join("\n")
      })
      .join("\n")
  }
}

module.exports = { Inputs, parts, block }
