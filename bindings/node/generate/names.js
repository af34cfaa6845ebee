"use strict"
/**
 * Names of Prisma Client's types that stand for parts of others: of nested writes, aggregates, keys, field references. Programs import
 * them, and nothing here is made of them, so that a schema's types cost the compiler no more.
 */
const { parts } = require("./inputs.js")
const { NUMBERS, inputType } = require("./scalars.js")

const capital = (text) => text[0].toUpperCase() + text.slice(1)
const type = (name, text) => `  type ${name} = ${text}`

/** What other models write of this one, through the relation that leads here: `PostCreateNestedManyWithoutAuthorInput`. */
function nestedWrites(model, inputs) {
  const { relations } = parts(model)
  return relations.flatMap(([field, facts]) => {
    const { name } = model
    const suffix = `Without${capital(field)}`
    const other = inputs.schema.models[facts.type]
    const back = [facts.relationField, other.fields[facts.relationField]]
    const { create, update, unique, many } = inputs.without(back[1])
    const made = inputs.createNested(other, back)
    const changed = inputs.updateNested(other, back)
    const isOwn = (back[1].relationFromFields ?? []).length === 0
    const mass = `${name}UpdateManyMutationInput | ${name}UncheckedUpdateManyInput`
    const kind = back[1].list ? "Many" : back[1].required ? "OneRequired" : "One"
    const creating = `CreateNested${back[1].list ? "Many" : "One"}${suffix}Input`
    const updating = `Update${kind}${suffix}NestedInput`
    return [
      type(name + creating, made),
      type(name + updating, changed),
      ...(isOwn ? [creating, updating].map((input) => type(`${name}Unchecked${input}`, name + input)) : []),
      type(`${name}CreateOrConnect${suffix}Input`, `{ where: ${unique}; create: ${create} }`),
      ...(back[1].list
        ? [
            type(`${name}UpsertWithWhereUnique${suffix}Input`, `{ where: ${unique}; update: ${update}; create: ${create} }`),
            type(`${name}UpdateWithWhereUnique${suffix}Input`, `{ where: ${unique}; data: ${update} }`),
            type(`${name}UpdateManyWithWhere${suffix}Input`, `{ where: ${name}ScalarWhereInput; data: ${mass} }`),
          ]
        : [
            type(`${name}Upsert${suffix}Input`, `{ update: ${update}; create: ${create}; where?: ${name}WhereInput }`),
            type(`${name}UpdateToOneWithWhere${suffix}Input`, `{ where?: ${name}WhereInput; data: ${update} }`),
          ]),
      ...(back[1].list && !back[1].joinTable ? [type(`${many}Envelope`, `{ data: ${many} | ${many}[]; skipDuplicates?: boolean }`)] : []),
    ]
  })
}

/** `PostAuthorIdTitleCompoundUniqueInput` */
function compoundKeys(model) {
  const keys = [model.primaryKey, ...model.uniques].filter((key) => key && key.fields.length > 1)
  return keys.map((key) => {
    const word = key.name === key.fields.join("_") ? key.fields.map(capital).join("") : capital(key.name)
    return type(`${model.name}${word}CompoundUniqueInput`, `{ ${key.fields.map((field) => `${field}: ${inputType(model.fields[field])}`).join("; ")} }`)
  })
}

/** What aggregates take and give: `UserSumAggregateOutputType`, `AggregateUser`, `UserGroupByOutputType`. */
function aggregates(model) {
  const { name } = model
  const { scalars, relations } = parts(model)
  const payload = `$${name}Payload`
  const union = (fields) => fields.map(([field]) => `"${field}"`).join(" | ") || "never"
  const numbers = union(scalars.filter(([, facts]) => facts.kind === "scalar" && NUMBERS.has(facts.type) && !facts.list))
  const ordered = union(scalars.filter(([, facts]) => !facts.list && facts.type !== "Json" && facts.type !== "Bytes"))
  const kinds = { Avg: numbers, Sum: numbers, Min: ordered, Max: ordered }
  const outputs = Object.keys(kinds).map((kind) => `_${kind.toLowerCase()}: ${name}${kind}AggregateOutputType | null`).join("; ")
  const whole = `{ _count: ${name}CountAggregateOutputType | null; ${outputs} }`
  return [
    type(`${name}CountAggregateOutputType`, `{ [K in ${name}ScalarFieldEnum | "_all"]: number }`),
    ...Object.entries(kinds).flatMap(([kind, fields]) => [
      type(`${name}${kind}AggregateInputType`, `{ [K in ${fields}]?: true }`),
      type(`${name}${kind}AggregateOutputType`, `NonNullable<$.Aggregated<${payload}, { _${kind.toLowerCase()}: { [K in ${fields}]: true } }>["_${kind.toLowerCase()}"]>`),
    ]),
    type(`Aggregate${name}`, whole),
    type(`${name}GroupByOutputType`, `${payload}["scalars"] & ${whole}`),
    `  type Get${name}AggregateType<A> = $.Aggregated<${payload}, A>`,
    `  type Get${name}GroupByPayload<A> = $.PrismaPromise<$.Grouped<${payload}, A>[]>`,
    ...(relations.some(([, facts]) => facts.list) ? [type(`${name}CountOutputType`, `${payload}["counts"]`)] : []),
  ]
}

function ofModel(model) {
  const { name } = model
  const payload = `$${name}Payload`
  const texts = parts(model).scalars.filter(([, facts]) => facts.type === "String" && !facts.list)
  return [
    type(`${name}FieldRefs`, `$.Reads<${payload}, {}, {}>["fields"]`),
    type(`${name}SelectScalar`, `{ [K in ${name}ScalarFieldEnum]?: boolean }`),
    `  type Prisma__${name}Client<T, Null = never> = $.FluentRead<${payload}, T | Null, {}, {}>`,
    ...(texts.length > 0 ? [`  type ${name}OrderByRelevanceFieldEnum = ${texts.map(([field]) => `"${field}"`).join(" | ")}`, `  const ${name}OrderByRelevanceFieldEnum: { ${texts.map(([field]) => `${field}: "${field}"`).join("; ")} }`] : []),
  ]
}

/** The names of one model. */
function namesText(model, inputs) {
  return [...ofModel(model), ...aggregates(model), ...compoundKeys(model), ...(model.isView ? [] : nestedWrites(model, inputs))].join("\n")
}

/** Of each scalar type: what changes a field, and what compares its aggregates. */
function scalarNamesText(enums) {
  const values = { String: "string", Int: "number", Float: "number", BigInt: "bigint | number", Decimal: "$.DecimalValue", DateTime: "Date | string", Bool: "boolean", Bytes: "Uint8Array" }
  const isNumber = (name) => NUMBERS.has(name)
  const names = [...Object.entries(values), ...enums.map((name) => [`Enum${name}`, `$Enums.${name}`])]
  const updates = names.flatMap(([name, value]) => [
    type(`${name}FieldUpdateOperationsInput`, isNumber(name) ? `$.NumberUpdate<${value}>` : `{ set?: ${value} }`),
    type(`Nullable${name}FieldUpdateOperationsInput`, isNumber(name) ? `$.NullableNumberUpdate<${value}>` : `{ set?: ${value} | null }`),
  ])
  const filters = names.flatMap(([name]) =>
    ["", "Nullable"].map((nullable) => {
      const filter = `${name}${nullable}Filter<M>`
      const average = `${name === "Decimal" ? "Decimal" : "Float"}${nullable}Filter<M>`
      return `  type ${name}${nullable}WithAggregatesFilter<M = any> = ${filter} & ${isNumber(name) ? `$.Sums<${filter}, ${average}, M>` : `$.Extremes<${filter}, M>`}`
    }),
  )
  return [...updates, ...filters].join("\n")
}

module.exports = { namesText, scalarNamesText }
