"use strict"
/** `index.d.ts`: a schema's types. */
const fs = require("node:fs")
const path = require("node:path")
const { Inputs, parts, block } = require("./inputs.js")
const { namesText, scalarNamesText } = require("./names.js")
const { NUMBERS, resultType } = require("./scalars.js")

const READS = ["findUnique", "findUniqueOrThrow", "findFirst", "findFirstOrThrow", "findMany", "count", "aggregate", "groupBy"]
const STRATEGY = ["cacheStrategy?", "$.CacheStrategy"]

/** `///` comments as JSDoc. */
const comment = (text, indent) => (text ? `${indent}/** ${text.replace(/\*\//g, "* /").split("\n").join(`\n${indent} * `)} */\n` : "")

// MARK: One model

function payload(model, inputs) {
  const { name } = model
  const { scalars, relations } = parts(model)
  const related = (facts) => (facts.list ? `$${facts.type}Payload[]` : `$${facts.type}Payload${facts.required ? "" : " | null"}`)
  const operations = model.isView ? READS : [...READS, ...WRITES]
  return block(`$${name}Payload`, [
    ["name", `"${name}"`],
    ["key", `"${model.clientName}"`],
    ["scalars", name.startsWith("$") ? name : `$${name}Scalars`],
    ["relations", `{ ${relations.map(([field, facts]) => `${field}: ${related(facts)}`).join("; ")} }`],
    ["counts", `{ ${relations.filter(([, facts]) => facts.list).map(([field]) => `${field}: number`).join("; ")} }`],
    ["args", `{ one: ${name}OneArgs; ${operations.map((operation) => `${operation}: ${name}${argsName(operation)}Args`).join("; ")} }`],
  ])
}

const WRITES = ["create", "createMany", "createManyAndReturn", "update", "updateMany", "updateManyAndReturn", "upsert", "delete", "deleteMany"]
const argsName = (operation) => operation[0].toUpperCase() + operation.slice(1)

function selections(model, inputs) {
  const { name } = model
  const { scalars, relations } = parts(model)
  const nested = relations.map(([field, facts]) => inputs.optional(field, `boolean | ${name}$${field}Args`))
  const lists = relations.filter(([, facts]) => facts.list)
  const count = lists.length > 0 ? [inputs.optional("_count", `boolean | { select?: ${name}CountOutputTypeSelect | null }`)] : []
  return [
    `  interface $${name}Scalars {\n${scalars.map(([field, facts]) => comment(facts.documentation, "    ") + `    ${field}: ${resultType(facts)}`).join("\n")}\n  }`,
    block(`${name}Select`, [...scalars.map(([field]) => inputs.optional(field, "boolean")), ...nested, ...count]),
    block(`${name}Include`, [...nested, ...count]),
    block(`${name}Omit`, scalars.map(([field]) => inputs.optional(field, "boolean"))),
    ...(lists.length > 0
      ? [block(`${name}CountOutputTypeSelect`, lists.map(([field, facts]) => inputs.optional(field, `boolean | { where?: ${facts.type}WhereInput }`)))]
      : []),
    ...relations.map(([field, facts]) => `  type ${name}$${field}Args = ${facts.type}${facts.list ? "ManyArgs" : facts.required ? "DefaultArgs" : "RelatedArgs"}`),
    `  type ${name}ScalarFieldEnum = ${scalars.map(([field]) => `"${field}"`).join(" | ") || "never"}`,
    `  const ${name}ScalarFieldEnum: { ${scalars.map(([field]) => `${field}: "${field}"`).join("; ")} }`,
    `  type ${name}GetPayload<A extends boolean | null | undefined | ${name}DefaultArgs> = $.Result<$${name}Payload, A>`,
  ].join("\n")
}

const WORDS = { "select?": "Select", "include?": "Include", "omit?": "Omit" }

function args(model, inputs) {
  const { name } = model
  const { scalars, relations } = parts(model)
  const chosen = [["select?", `${name}Select | null`], ...(relations.length > 0 ? [["include?", `${name}Include | null`]] : []), ["omit?", `${name}Omit | null`]]
  const optional = (field, type) => inputs.optional(field, type)
  const where = optional("where", `${name}WhereInput`)
  const order = optional("orderBy", `${name}OrderByWithRelationInput | ${name}OrderByWithRelationInput[]`)
  const page = [optional("cursor", `${name}WhereUniqueInput`), optional("take", "number"), optional("skip", "number")]
  const distinct = optional("distinct", `${name}ScalarFieldEnum | ${name}ScalarFieldEnum[]`)
  const load = ["relationLoadStrategy?", '"join" | "query"']
  const numeric = scalars.filter(([, facts]) => NUMBERS.has(facts.type) && facts.kind === "scalar" && !facts.list)
  const ordered = scalars.filter(([, facts]) => !facts.list && facts.type !== "Json" && facts.type !== "Bytes")
  const truths = (fields, more = []) => `{ ${[...fields.map(([field]) => field), ...more].map((field) => `${field}?: true`).join("; ")} }`
  const aggregates = [
    ["_count?", `true | ${name}CountAggregateInputType`], ["_avg?", truths(numeric)], ["_sum?", truths(numeric)],
    ["_min?", truths(ordered)], ["_max?", truths(ordered)],
  ]
  const create = `${name}CreateInput | ${name}UncheckedCreateInput`
  const update = `${name}UpdateInput | ${name}UncheckedUpdateInput`
  const mass = `${name}UpdateManyMutationInput | ${name}UncheckedUpdateManyInput`
  const many = ["data", `${name}CreateManyInput | ${name}CreateManyInput[]`]
  const reads = [
    block(`${name}DefaultArgs`, chosen),
    block(`${name}RelatedArgs`, [...chosen, where]),
    block(`${name}OneArgs`, [...chosen, where, STRATEGY]),
    block(`${name}ManyArgs`, [...chosen, where, order, ...page, distinct, load]),
    block(`${name}FindManyArgs`, [STRATEGY], ` extends ${name}ManyArgs`),
    ...["FindFirst", "FindFirstOrThrow"].map((kind) => `  interface ${name}${kind}Args extends ${name}FindManyArgs {}`),
    block(`${name}FindUniqueArgs`, [...chosen, ["where", `${name}WhereUniqueInput`], load, STRATEGY]),
    `  interface ${name}FindUniqueOrThrowArgs extends ${name}FindUniqueArgs {}`,
    `  type ${name}CountAggregateInputType = ${truths(scalars, ["_all"])}`,
    block(`${name}CountArgs`, [where, order, ...page, distinct, ["select?", `true | ${name}CountAggregateInputType | null`], STRATEGY]),
    block(`${name}AggregateArgs`, [where, order, ...page, ...aggregates, STRATEGY]),
    block(`${name}GroupByArgs`, [
      where, optional("orderBy", `${name}OrderByWithAggregationInput | ${name}OrderByWithAggregationInput[]`),
      ["by", `${name}ScalarFieldEnum | ${name}ScalarFieldEnum[]`], optional("having", `${name}ScalarWhereWithAggregatesInput`),
      ...page.slice(1), ...aggregates, STRATEGY,
    ]),
  ]
  if (model.isView) return reads.join("\n")
  // A write of many gives of relations those whose keys the records hold.
  const others = relations.filter(([, field]) => !(field.relationFromFields ?? []).length).map(([field]) => JSON.stringify(field))
  const left = (type) => (others.length > 0 ? `Omit<${type}, ${[...others, '"_count"'].join(" | ")}>` : type)
  const written = (kind) => chosen.map(([member]) => [member, `${name}${WORDS[member]}${member === "omit?" ? "" : kind} | null`])
  const choices = (kind) => chosen.slice(0, -1).map(([member]) => `  type ${name}${WORDS[member]}${kind} = ${left(`${name}${WORDS[member]}`)}`)
  return [
    ...reads,
    ...choices("CreateManyAndReturn"),
    ...choices("UpdateManyAndReturn"),
    block(`${name}CreateArgs`, [...chosen, [isEmptyCreate(model) ? "data?" : "data", create]]),
    block(`${name}CreateManyArgs`, [many, ["skipDuplicates?", "boolean"]]),
    block(`${name}CreateManyAndReturnArgs`, [...written("CreateManyAndReturn"), many, ["skipDuplicates?", "boolean"]]),
    block(`${name}UpdateArgs`, [...chosen, ["data", update], ["where", `${name}WhereUniqueInput`]]),
    block(`${name}UpdateManyArgs`, [["data", mass], where, ["limit?", "number"]]),
    block(`${name}UpdateManyAndReturnArgs`, [...written("UpdateManyAndReturn"), ["data", mass], where, ["limit?", "number"]]),
    block(`${name}UpsertArgs`, [...chosen, ["where", `${name}WhereUniqueInput`], ["create", create], ["update", update]]),
    block(`${name}DeleteArgs`, [...chosen, ["where", `${name}WhereUniqueInput`]]),
    block(`${name}DeleteManyArgs`, [where, ["limit?", "number"]]),
  ].join("\n")
}

/** Whether a record may be made of nothing. */
const isEmptyCreate = (model) =>
  Object.values(model.fields).every((field) => field.list || !field.required || field.hasDefaultValue || (field.kind === "object" && !(field.relationFromFields ?? []).length))

/** A record that nobody can make: it needs a value that no request can name. */
const cannotBeMade = (model) => Object.values(model.fields).some((field) => field.kind === "unsupported" && field.required && !field.hasDefaultValue)

function delegate(model) {
  const whole = model.isView ? `$.Reads<$${model.name}Payload, E, O>` : `$.Delegate<$${model.name}Payload, E, O>`
  const without = cannotBeMade(model) && !model.isView ? `Omit<${whole}, "create" | "createMany" | "createManyAndReturn" | "upsert">` : whole
  return `  type ${model.name}Delegate<E = {}, O = {}> = ${without}`
}

function relationFilters(model) {
  const where = `${model.name}WhereInput`
  return [
    `  type ${model.name}ListRelationFilter = $.ListRelationFilter<${where}>`,
    `  type ${model.name}ScalarRelationFilter = $.OneRelationFilter<${where}>`,
    `  type ${model.name}NullableScalarRelationFilter = $.OneNullableRelationFilter<${where}>`,
  ].join("\n")
}

function modelText(model, inputs) {
  const texts = [payload(model, inputs), selections(model, inputs), inputs.where(model), relationFilters(model), inputs.order(model), args(model, inputs), delegate(model)]
  if (!model.isView) texts.push(inputs.data(model), inputs.withouts(model))
  texts.push(namesText(model, inputs))
  return `  // ${model.name}\n${texts.join("\n")}`
}

// MARK: The whole

function enumText(name, values) {
  const members = values.map((value) => `    ${value}: "${value}"`).join("\n")
  return `  const ${name}: {\n${members}\n  }\n  type ${name} = ${values.map((value) => `"${value}"`).join(" | ") || "never"}`
}

function enumFilters(name) {
  const type = `$Enums.${name}`
  return [
    `  type Enum${name}Filter<M = any> = $.Filters.EnumFilter<${type}, M>`,
    `  type Enum${name}NullableFilter<M = any> = $.Filters.EnumNullableFilter<${type}, M>`,
    `  type Enum${name}NullableListFilter<M = any> = $.ListFilter<${type}, M>`,
  ].join("\n")
}

/** The fixed part, within a namespace that no model's name can meet. */
function fixedText() {
  const text = fs.readFileSync(path.join(__dirname, "fixed.d.ts"), "utf8")
  return text.replace(/^export /gm, "").replace(/^declare /gm, "").split("\n").map((line) => (line ? `  ${line}` : line)).join("\n")
}

function typesText(schema) {
  const inputs = new Inputs(schema, schema.isStrict)
  const models = Object.values(schema.models)
  const enums = Object.entries(schema.enums)
  const fill = {
    FIXED: fixedText(),
    ENUMS: enums.map(([name, values]) => enumText(name, values)).join("\n"),
    ENUM_EXPORTS: enums.map(([name]) => `export import ${name} = $Enums.${name}`).join("\n"),
    ENUM_FILTERS: [...enums.map(([name]) => enumFilters(name)), scalarNamesText(enums.map(([name]) => name))].join("\n"),
    MODEL_EXPORTS: models.map((model) => `${comment(model.documentation, "")}export type ${model.name} = { [K in keyof Prisma.$${model.name}Scalars]: Prisma.$${model.name}Scalars[K] }`).join("\n"),
    MODELS: models.map((model) => modelText(model, inputs)).join("\n\n"),
    PAYLOADS: models.map((model) => `    ${model.clientName}: $${model.name}Payload`).join("\n"),
    MEMBERS: models.map((model) => `${comment(model.documentation, "  ")}  readonly ${model.clientName}: $.WithMethods<Prisma.${model.name}Delegate<E, O>, E, "${model.clientName}">`).join("\n"),
    MODEL_NAMES: models.map((model) => `    ${model.name}: "${model.name}"`).join("\n"),
    GLOBAL_OMIT: models.map((model) => `    ${model.clientName}?: ${model.name}Omit`).join("\n"),
    DATASOURCE: schema.datasource.name ?? "db",
    VALUE_TYPES: "",
  }
  const frame = fs.readFileSync(path.join(__dirname, "frame.d.ts"), "utf8")
  return frame.replace(/^[ ]*\/\/ <([A-Z_]+)>$/gm, (_, name) => fill[name]).replace(/\$\{DATASOURCE\}/g, fill.DATASOURCE)
}

module.exports = { typesText }
