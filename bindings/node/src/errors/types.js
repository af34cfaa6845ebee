"use strict"
/**
 * What a place in the arguments takes, for messages: names of types as Prisma Client's generated types have them, and the members
 * with theirs. Made from the schema as a path is walked; nothing of it decides whether a request is right.
 */

/** A type of an object: its name, and its members, made when they are asked for: name → {types, isRequired, inner}. */
class InputType {
  constructor(name, makeFields) {
    this.name = name
    this.makeFields = makeFields
  }
  get fields() {
    return (this.made ??= new Map(this.makeFields()))
  }
}

const capital = (text) => text[0].toUpperCase() + text.slice(1)
const field = (types, inner, isRequired = false) => ({ types, inner, isRequired })
const VALUES = ["scalar", "enum"]
/** A model's fields of some kinds: relations follow all others, as in Prisma Client's types. */
const entries = (model, kinds) => {
  const found = Object.entries(model.fields).filter(([, facts]) => kinds.includes(facts.kind))
  return [...found.filter(([, facts]) => facts.kind !== "object"), ...found.filter(([, facts]) => facts.kind === "object")]
}

/** The word of a field's type in the names of filters and operations: `Int`, `EnumRole`, `Bool`. */
const wordOf = (facts) => (facts.kind === "enum" ? "Enum" + facts.type : facts.type === "Boolean" ? "Bool" : facts.nativeType?.name === "Uuid" ? "Uuid" : facts.type)

const OPERATORS = {
  every: ["equals", "in", "notIn", "not"],
  ordered: ["equals", "in", "notIn", "lt", "lte", "gt", "gte", "not"],
  text: ["equals", "in", "notIn", "lt", "lte", "gt", "gte", "contains", "startsWith", "endsWith", "mode", "not"],
  searched: ["equals", "in", "notIn", "lt", "lte", "gt", "gte", "contains", "startsWith", "endsWith", "search", "mode", "not"],
  truth: ["equals", "not"],
  list: ["equals", "has", "hasEvery", "hasSome", "isEmpty"],
  json: ["equals", "path", "mode", "string_contains", "string_starts_with", "string_ends_with", "array_starts_with", "array_ends_with", "array_contains", "lt", "lte", "gt", "gte", "not"],
}

function operatorsOf(facts, hasSearch) {
  if (facts.list) return OPERATORS.list
  if (facts.kind === "enum" || facts.type === "Bytes") return OPERATORS.every
  return { Boolean: OPERATORS.truth, Json: OPERATORS.json, String: hasSearch ? OPERATORS.searched : OPERATORS.text }[facts.type] ?? OPERATORS.ordered
}

/** `hasSearch`: texts can be searched by their words, as with the preview feature fullTextSearchPostgres. */
function filterType(model, facts, hasSearch, isNested = false) {
  const word = wordOf(facts)
  const nullable = facts.required || facts.list ? "" : "Nullable"
  const name = facts.list ? `${word}NullableListFilter` : `${isNested ? "Nested" : ""}${word}${nullable}Filter`
  const value = facts.type
  const ref = `${facts.kind === "enum" ? "Enum" : ""}${facts.type === "Boolean" ? "Boolean" : facts.type}FieldRefInput`
  const withNull = (types) => (nullable ? [...types, "Null"] : types)
  if (facts.type === "Json" && !facts.list) return new InputType(name, () => jsonOperators())
  const typesOf = {
    in: withNull([`${value}[]`, `List${ref}`]), notIn: withNull([`${value}[]`, `List${ref}`]), mode: ["QueryMode"], isEmpty: ["Boolean"],
    search: ["String"], has: [value, ref, "Null"], hasEvery: [`${value}[]`, `List${ref}`], hasSome: [`${value}[]`, `List${ref}`], path: ["String[]"],
    not: [value, `Nested${word}${nullable}Filter`, ...(nullable ? ["Null"] : [])],
    equals: facts.list ? [`${value}[]`, `List${ref}`, "Null"] : withNull([value, ref]),
  }
  return new InputType(name, () =>
    operatorsOf(facts, hasSearch).filter((operator) => !isNested || operator !== "mode").map((operator) => [operator, field(typesOf[operator] ?? [value, ref], operator === "not" && !facts.list ? () => filterType(model, facts, hasSearch, true) : undefined)]),
  )
}

function jsonOperators() {
  const json = ["Json", "JsonFieldRefInput"]
  const text = ["String", "StringFieldRefInput"]
  const types = { equals: [...json, "JsonNullValueFilter"], not: [...json, "JsonNullValueFilter"], path: ["String[]"], mode: ["QueryMode", "EnumQueryModeFieldRefInput"] }
  return OPERATORS.json.map((name) => [name, field(types[name] ?? (name.startsWith("string") ? text : name.startsWith("array") ? [...json, "Null"] : json))])
}

/** `orderId_line` → `OrderIdLine`, as in the name of a compound key's type. */
const keyWord = (key) => (key.name === key.fields.join("_") ? key.fields.map(capital).join("") : capital(key.name))

/** The aggregates by which groups may be ordered. */
function aggregateOrders(model) {
  const hasNumbers = entries(model, ["scalar"]).some(([, facts]) => ["Int", "BigInt", "Float", "Decimal"].includes(facts.type) && !facts.list)
  return (hasNumbers ? ["Count", "Avg", "Max", "Min", "Sum"] : ["Count", "Max", "Min"]).map((word) => [`_${word.toLowerCase()}`, field([`${model.name}${word}OrderByAggregateInput`])])
}

/** Names of types, and what stands in them, for one schema. */
class InputTypes {
  constructor(schema) {
    this.schema = schema
  }
  model(name) {
    return this.schema.models[name]
  }
  hasPreview(...names) {
    return names.some((name) => this.schema.settings?.previewFeatures?.has(name))
  }

  // Where

  where(model) {
    return new InputType(`${model.name}WhereInput`, () => [...this.connectives(model), ...this.whereFields(model)])
  }
  connectives(model) {
    const name = `${model.name}WhereInput`
    const inner = () => this.where(model)
    return [["AND", field([name, `${name}[]`], inner)], ["OR", field([`${name}[]`], inner)], ["NOT", field([name, `${name}[]`], inner)]]
  }
  whereFields(model) {
    return entries(model, [...VALUES, "object"]).map(([name, facts]) => [name, facts.kind === "object" ? this.relationFilter(facts) : this.scalarFilter(model, facts)])
  }
  /** What chooses among related records, whose own relations are no part of it. */
  scalarWhere(model) {
    const name = `${model.name}ScalarWhereInput`
    const inner = () => this.scalarWhere(model)
    return new InputType(name, () => [
      ["AND", field([name, `${name}[]`], inner)], ["OR", field([`${name}[]`], inner)], ["NOT", field([name, `${name}[]`], inner)],
      ...entries(model, VALUES).map(([key, facts]) => [key, this.scalarFilter(model, facts)]),
    ])
  }
  scalarFilter(model, facts) {
    const filter = filterType(model, facts, this.hasPreview("fullTextSearchPostgres"))
    const direct = facts.list || facts.type === "Json" ? [] : [facts.type, ...(facts.required ? [] : ["Null"])]
    return field([filter.name, ...direct], () => filter)
  }
  relationFilter(facts) {
    const target = this.model(facts.type)
    const inner = () => this.where(target)
    const whereName = `${target.name}WhereInput`
    if (facts.list) {
      const type = new InputType(`${target.name}ListRelationFilter`, () => ["every", "some", "none"].map((name) => [name, field([whereName], inner)]))
      return field([type.name], () => type)
    }
    const nullable = facts.required ? "" : "Nullable"
    const withNull = facts.required ? [whereName] : [whereName, "Null"]
    const type = new InputType(`${target.name}${nullable}ScalarRelationFilter`, () => ["is", "isNot"].map((name) => [name, field(withNull, inner)]))
    const isPlain = (value) => value !== null && typeof value === "object" && Object.keys(value).some((name) => target.fields[name] !== undefined)
    return field([type.name, ...withNull], (value) => (isPlain(value) ? inner() : type))
  }
  unique(model) {
    const keys = [model.primaryKey, ...model.uniques].filter(Boolean)
    const isSingle = (key) => key.fields.length === 1 && model.fields[key.name] !== undefined
    const compound = [...model.uniques, model.primaryKey].filter((key) => key && !isSingle(key))
    const single = new Set(keys.filter(isSingle).map((key) => key.name))
    return new InputType(`${model.name}WhereUniqueInput`, () => [
      ...[...single].map((name) => [name, field([model.fields[name].type])]),
      ...compound.map((key) => {
        const type = new InputType(`${model.name}${keyWord(key)}CompoundUniqueInput`, () => key.fields.map((name) => [name, field([model.fields[name].type], undefined, true)]))
        return [key.name, field([type.name], () => type)]
      }),
      ...this.connectives(model),
      ...this.whereFields(model).filter(([name]) => !single.has(name)),
    ])
  }

  having(model) {
    const name = `${model.name}ScalarWhereWithAggregatesInput`
    const inner = () => this.having(model)
    return new InputType(name, () => [
      ["AND", field([name, `${name}[]`], inner)], ["OR", field([`${name}[]`], inner)], ["NOT", field([name, `${name}[]`], inner)],
      ...entries(model, VALUES).map(([key, facts]) => [key, facts.list ? this.scalarFilter(model, facts) : field([`${wordOf(facts)}${facts.required || facts.list ? "" : "Nullable"}WithAggregatesFilter`, facts.type, ...(facts.required ? [] : ["Null"])])]),
    ])
  }

  // Order

  order(model, word = "WithRelation") {
    const relevance = () => new InputType(`${model.name}OrderByRelevanceInput`, () => [
      ["fields", field([`${model.name}OrderByRelevanceFieldEnum`, `${model.name}OrderByRelevanceFieldEnum[]`], undefined, true)], ["sort", field(["SortOrder"], undefined, true)], ["search", field(["String"], undefined, true)],
    ])
    const hasRelevance = word === "WithRelation" && this.hasPreview("fullTextSearchPostgres", "fullTextSearch") && Object.values(model.fields).some((facts) => facts.type === "String" && !facts.list)
    return new InputType(`${model.name}OrderBy${word}Input`, () => [
      ...entries(model, word === "WithRelation" ? [...VALUES, "object"] : VALUES).map(([name, facts]) => {
        if (facts.kind !== "object") return [name, field(facts.required || facts.list ? ["SortOrder"] : ["SortOrder", "SortOrderInput"], (value) => (value === null || typeof value !== "object" ? undefined : this.sort()))]
        const target = this.model(facts.type)
        if (!facts.list) return [name, field([`${target.name}OrderByWithRelationInput`], () => this.order(target))]
        const type = new InputType(`${target.name}OrderByRelationAggregateInput`, () => [["_count", field(["SortOrder"])]])
        return [name, field([type.name], () => type)]
      }),
      ...(word === "WithAggregation" ? aggregateOrders(model) : []),
      ...(hasRelevance ? [["_relevance", field([`${model.name}OrderByRelevanceInput`], relevance)]] : []),
    ])
  }
  sort() {
    return new InputType("SortOrderInput", () => [["sort", field(["SortOrder"], undefined, true)], ["nulls", field(["NullsOrder"])]])
  }

  // Data

  /** `without`: the relation field of `model` that a nested record leaves out. */
  create(model, isUnchecked, without) {
    const suffix = without ? `CreateWithout${capital(without)}Input` : "CreateInput"
    const type = new InputType(`${model.name}${isUnchecked ? "Unchecked" : ""}${suffix}`, () => this.dataFields(model, isUnchecked, without, (name, facts) => this.createField(model, name, facts, isUnchecked)))
    if (!isUnchecked) type.unchecked = () => this.create(model, true, without)
    return type
  }
  update(model, isUnchecked, without) {
    const suffix = without ? `UpdateWithout${capital(without)}Input` : "UpdateInput"
    const type = new InputType(`${model.name}${isUnchecked ? "Unchecked" : ""}${suffix}`, () => this.dataFields(model, isUnchecked, without, (name, facts) => this.updateField(model, name, facts, isUnchecked)))
    if (!isUnchecked) type.unchecked = () => this.update(model, true, without)
    return type
  }
  createMany(model, without) {
    const name = without ? `${model.name}CreateMany${capital(without)}Input` : `${model.name}CreateManyInput`
    return new InputType(name, () => this.dataFields(model, true, without, (field_, facts) => (facts.kind === "object" ? undefined : this.createField(model, field_, facts, true))))
  }
  updateMany(model, isUnchecked = false) {
    const name = `${model.name}${isUnchecked ? "UncheckedUpdateManyInput" : "UpdateManyMutationInput"}`
    const type = new InputType(name, () => this.dataFields(model, isUnchecked, undefined, (field_, facts) => (facts.kind === "object" ? undefined : this.updateField(model, field_, facts, isUnchecked))))
    if (!isUnchecked) type.unchecked = () => this.updateMany(model, true)
    return type
  }
  dataFields(model, isUnchecked, without, make) {
    const found = []
    const left = new Set(without ? [without, ...(model.fields[without]?.relationFromFields ?? [])] : [])
    for (const [name, facts] of entries(model, [...VALUES, "object"])) {
      if (left.has(name)) continue
      const isOwning = facts.kind === "object" && facts.relationFromFields.length > 0
      if (isUnchecked ? isOwning : facts.isForeignKey || (facts.isId && facts.default?.name === "autoincrement")) continue
      const made = make(name, facts)
      if (made) found.push([name, made])
    }
    return found
  }
  createField(model, name, facts, isUnchecked) {
    if (facts.kind === "object") {
      const inner = () => this.nestedWrite(facts, isUnchecked, false)
      return field([inner().name], inner, facts.required && !facts.list)
    }
    if (facts.list) {
      const type = new InputType(`${model.name}Create${name}Input`, () => [["set", field([`${facts.type}[]`], undefined, true)]])
      return field([type.name, `${facts.type}[]`], (value) => (Array.isArray(value) ? undefined : type))
    }
    const types = facts.type === "Json" ? [facts.required ? "JsonNullValueInput" : "NullableJsonNullValueInput", "Json"] : facts.required ? [facts.type] : [facts.type, "Null"]
    return field(types, undefined, facts.required && !facts.hasDefaultValue)
  }
  updateField(model, name, facts, isUnchecked) {
    if (facts.kind === "object") {
      const inner = () => this.nestedWrite(facts, isUnchecked, true)
      return field([inner().name], inner)
    }
    const word = wordOf({ ...facts, nativeType: undefined })
    if (facts.list) {
      const type = new InputType(`${model.name}Update${name}Input`, () => [["set", field([`${facts.type}[]`])], ["push", field([facts.type, `${facts.type}[]`])]])
      return field([type.name, `${facts.type}[]`], () => type)
    }
    if (facts.type === "Json") return field([facts.required ? "JsonNullValueInput" : "NullableJsonNullValueInput", "Json"])
    const type = new InputType(`${facts.required ? "" : "Nullable"}${word}FieldUpdateOperationsInput`, () =>
      (["Int", "BigInt", "Float", "Decimal"].includes(facts.type) ? ["set", "increment", "decrement", "multiply", "divide"] : ["set"]).map((name) => [name, field(name === "set" && !facts.required ? [facts.type, "Null"] : [facts.type])]),
    )
    return field(facts.required ? [facts.type, type.name] : [facts.type, type.name, "Null"], () => type)
  }
  /** What a relation takes in data: `create`, `connect` and so on. */
  nestedWrite(facts, isUnchecked, isUpdate) {
    const target = this.model(facts.type)
    const back = facts.relationField
    const many = facts.list ? "Many" : "One"
    const unchecked = isUnchecked && facts.relationFromFields.length === 0 ? "Unchecked" : ""
    const without = `Without${capital(back)}`
    const name = isUpdate
      ? `${target.name}${unchecked}Update${many}${!facts.list && facts.required ? "Required" : ""}${without}NestedInput`
      : `${target.name}${unchecked}CreateNested${many}${without}Input`
    const list = (types) => (facts.list ? types.flatMap((type) => [type, `${type}[]`]) : types)
    const creates = [`${target.name}Create${without}Input`, `${target.name}UncheckedCreate${without}Input`]
    const updates = [`${target.name}Update${without}Input`, `${target.name}UncheckedUpdate${without}Input`]
    const unique = () => this.unique(target)
    const members = {
      create: field(list(creates), () => this.create(target, false, back)),
      connectOrCreate: field(list([`${target.name}CreateOrConnect${without}Input`]), () => this.connectOrCreate(target, back)),
      upsert: field(list([`${target.name}Upsert${facts.list ? "WithWhereUnique" : ""}${without}Input`]), () => this.nestedUpsert(target, back, facts.list, creates, updates)),
      createMany: field([`${target.name}CreateMany${capital(back)}InputEnvelope`], () => new InputType(`${target.name}CreateMany${capital(back)}InputEnvelope`, () => [["data", field([`${target.name}CreateMany${capital(back)}Input`, `${target.name}CreateMany${capital(back)}Input[]`], () => this.createMany(target, back), true)], ["skipDuplicates", field(["Boolean"])]])),
      connect: field(list([`${target.name}WhereUniqueInput`]), unique),
      set: field(list([`${target.name}WhereUniqueInput`]), unique),
      disconnect: facts.list ? field(list([`${target.name}WhereUniqueInput`]), unique) : field(["Boolean", `${target.name}WhereInput`], () => this.where(target)),
      delete: facts.list ? field(list([`${target.name}WhereUniqueInput`]), unique) : field(["Boolean", `${target.name}WhereInput`], () => this.where(target)),
      update: facts.list
        ? field(list([`${target.name}UpdateWithWhereUnique${without}Input`]), () => this.updateWithWhere(target, back, unique))
        : field([`${target.name}UpdateToOneWithWhere${without}Input`, ...updates], (value) => (value && "data" in value ? this.updateWithWhere(target, back, () => this.where(target)) : this.update(target, false, back))),
      updateMany: field(list([`${target.name}UpdateManyWithWhere${without}Input`]), () => this.updateWithWhere(target, back, () => this.scalarWhere(target))),
      deleteMany: field(list([`${target.name}ScalarWhereInput`]), () => this.scalarWhere(target)),
    }
    return new InputType(name, () => membersOf(facts, isUpdate).map((member) => [member, members[member]]))
  }
  updateWithWhere(target, back, where) {
    const types = [`${target.name}UpdateWithout${capital(back)}Input`, `${target.name}UncheckedUpdateWithout${capital(back)}Input`]
    return new InputType(`${target.name}UpdateWithWhereUniqueWithout${capital(back)}Input`, () => [
      ["where", field([where().name], where, true)],
      ["data", field(types, () => this.update(target, false, back), true)],
    ])
  }
  nestedUpsert(target, back, isList, creates, updates) {
    const where = isList ? field([`${target.name}WhereUniqueInput`], () => this.unique(target), true) : field([`${target.name}WhereInput`], () => this.where(target))
    const update = field(updates, () => this.update(target, false, back), true)
    const create = field(creates, () => this.create(target, false, back), true)
    const members = isList ? [["where", where], ["update", update], ["create", create]] : [["update", update], ["create", create], ["where", where]]
    return new InputType(`${target.name}Upsert${isList ? "WithWhereUnique" : ""}Without${capital(back)}Input`, () => members)
  }
  connectOrCreate(target, back) {
    return new InputType(`${target.name}CreateOrConnectWithout${capital(back)}Input`, () => [
      ["where", field([`${target.name}WhereUniqueInput`], () => this.unique(target), true)],
      ["create", field([`${target.name}CreateWithout${capital(back)}Input`, `${target.name}UncheckedCreateWithout${capital(back)}Input`], () => this.create(target, false, back), true)],
    ])
  }

  // Operations

  arguments(model, operation) {
    return new InputType(operation, () => argumentsOf(this, model, operation))
  }
  /** What a selection of aggregates or counts chooses from. */
  outputs(name, fields) {
    return new InputType(name, () => fields.map((key) => [key, field(["true"])]))
  }
  /** Of a related field that is counted. */
  countArguments(facts) {
    const target = this.model(facts.type)
    return new InputType(facts.type, () => [["where", field([`${target.name}WhereInput`], () => this.where(target))]])
  }
  /** Of a related field in a selection. */
  relationArguments(facts) {
    const target = this.model(facts.type)
    return new InputType(facts.type, () => (facts.list ? ownArguments(this, target, "findMany") : facts.required ? [] : [["where", field([`${target.name}WhereInput`], () => this.where(target))]]))
  }
}

function membersOf(facts, isUpdate) {
  if (!isUpdate) return facts.list ? ["create", "connectOrCreate", ...(facts.joinTable ? [] : ["createMany"]), "connect"] : ["create", "connectOrCreate", "connect"]
  if (facts.list) return ["create", "connectOrCreate", "upsert", ...(facts.joinTable ? [] : ["createMany"]), "set", "disconnect", "delete", "connect", "update", "updateMany", "deleteMany"]
  return ["create", "connectOrCreate", "upsert", ...(facts.required ? [] : ["disconnect", "delete"]), "connect", "update"]
}

/** The operations that may say how relations are loaded. */
const LOADING = new Set(["findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "create", "update", "upsert", "delete"])

function argumentsOf(types, model, operation) {
  const found = ownArguments(types, model, operation)
  if (LOADING.has(operation) && types.hasPreview("relationJoins")) found.push(["relationLoadStrategy", field(["RelationLoadStrategy"])])
  return found
}

function ownArguments(types, model, operation) {
  const { name } = model
  const where = ["where", field([`${name}WhereInput`], () => types.where(model))]
  const unique = ["where", field([`${name}WhereUniqueInput`], () => types.unique(model), true)]
  const order = ["orderBy", field([`${name}OrderByWithRelationInput[]`, `${name}OrderByWithRelationInput`], () => types.order(model))]
  const cursor = ["cursor", field([`${name}WhereUniqueInput`], () => types.unique(model))]
  const take = ["take", field(["Int"])]
  const skip = ["skip", field(["Int"])]
  const limit = ["limit", field(["Int"])]
  const distinct = ["distinct", field([`${name}ScalarFieldEnum`, `${name}ScalarFieldEnum[]`])]
  const both = (what) => [`${name}${what}Input`, `${name}Unchecked${what}Input`]
  const data = (key, what, make) => [key, field(both(what), make, true)]
  const many = ["data", field([`${name}CreateManyInput`, `${name}CreateManyInput[]`], () => types.createMany(model), true)]
  switch (operation) {
    case "findUnique": case "findUniqueOrThrow": case "delete": return [unique]
    case "findFirst": case "findFirstOrThrow": case "findMany": return [where, order, cursor, take, skip, distinct]
    case "count": case "aggregate": return [where, order, cursor, take, skip]
    case "groupBy":
      return [where, ["orderBy", field([`${name}OrderByWithAggregationInput[]`, `${name}OrderByWithAggregationInput`], () => types.order(model, "WithAggregation"))], ["by", field([`${name}ScalarFieldEnum[]`, `${name}ScalarFieldEnum`], undefined, true)], ["having", field([`${name}ScalarWhereWithAggregatesInput`], () => types.having(model))], take, skip]
    case "create": return [data("data", "Create", () => types.create(model))]
    case "createMany": case "createManyAndReturn": return [many, ["skipDuplicates", field(["Boolean"])]]
    case "update": return [data("data", "Update", () => types.update(model)), unique]
    case "updateMany": case "updateManyAndReturn": return [["data", field([`${name}UpdateManyMutationInput`, `${name}UncheckedUpdateManyInput`], () => types.updateMany(model), true)], where, limit]
    case "upsert": return [unique, data("create", "Create", () => types.create(model)), data("update", "Update", () => types.update(model))]
    case "deleteMany": return [where, limit]
    default: return []
  }
}

const known = new WeakMap()
/** The types of a schema. */
function typesFor(schema) {
  let types = known.get(schema)
  if (types === undefined) known.set(schema, (types = new InputTypes(schema)))
  return types
}

module.exports = { typesFor, InputType }
