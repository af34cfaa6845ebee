"use strict"
/** A field's types: in results, in arguments, in filters, in updates. */

const RESULT = {
  String: "string", Boolean: "boolean", Int: "number", BigInt: "bigint", Float: "number", Decimal: "$.Decimal",
  DateTime: "Date", Json: "$.JsonValue", Bytes: "Uint8Array",
}
const INPUT = { ...RESULT, BigInt: "bigint | number", Decimal: "$.DecimalValue", DateTime: "Date | string", Json: "$.InputJsonValue" }
const FILTER = { Boolean: "Bool" }
const NUMBERS = new Set(["Int", "BigInt", "Float", "Decimal"])

const isEnum = (field) => field.kind === "enum"
const isNullable = (field) => !field.required && !field.list
const ofList = (type) => (/[|& ]/.test(type) ? `(${type})[]` : `${type}[]`)

/** What a record has. */
function resultType(field) {
  const one = isEnum(field) ? `$Enums.${field.type}` : RESULT[field.type]
  return field.list ? ofList(one) : isNullable(field) ? `${one} | null` : one
}

const inputType = (field) => (isEnum(field) ? `$Enums.${field.type}` : INPUT[field.type])

/** What `data` takes, where a value has to be given or may be. */
function valueType(field) {
  const one = inputType(field)
  if (field.list) return `${ofList(one)} | { set: ${ofList(one)} }`
  if (field.type !== "Json") return isNullable(field) ? `${one} | null` : one
  return isNullable(field) ? `${one} | $.NullTypes.DbNull | $.NullTypes.JsonNull` : `${one} | $.NullTypes.JsonNull`
}

/** What an update takes. */
function updateType(field) {
  const one = inputType(field)
  if (field.list) return `$.ListUpdate<${one}> | ${ofList(one)}`
  if (field.type === "Json" && field.kind === "scalar") return valueType(field)
  const whole = isNullable(field) ? `${one} | null` : one
  if (!NUMBERS.has(field.type)) return `{ set?: ${whole} } | ${whole}`
  return `$.${isNullable(field) ? "NullableNumberUpdate" : "NumberUpdate"}<${one}> | ${whole}`
}

const isUuid = (field) => field.type === "String" && field.nativeType?.name === "Uuid"

/** The name of a field's filter: `Prisma.StringNullableFilter<"User">`. */
function filterName(model, field) {
  const nullable = isNullable(field) ? "Nullable" : ""
  if (field.list) return isEnum(field) ? `Enum${field.type}NullableListFilter<"${model}">` : `${FILTER[field.type] ?? field.type}NullableListFilter<"${model}">`
  if (isEnum(field)) return `Enum${field.type}${nullable}Filter<"${model}">`
  return `${isUuid(field) ? "Uuid" : (FILTER[field.type] ?? field.type)}${nullable}Filter<"${model}">`
}

/** What `where` takes for a field. */
function whereType(model, field) {
  const filter = filterName(model, field)
  if (field.list || field.type === "Json") return filter
  const one = inputType(field)
  return `${filter} | ${one}${isNullable(field) ? " | null" : ""}`
}

/** What `having` takes for a field. */
function havingType(model, field) {
  const filter = filterName(model, field)
  if (field.list) return filter
  const nullable = isNullable(field) ? "Nullable" : ""
  const average = field.type === "Decimal" ? `Decimal${nullable}Filter<"${model}">` : `Float${nullable}Filter<"${model}">`
  const more = NUMBERS.has(field.type) ? `$.Sums<${filter}, ${average}, "${model}">` : `$.Extremes<${filter}, "${model}">`
  const short = field.type === "Json" ? "" : ` | ${inputType(field)}${isNullable(field) ? " | null" : ""}`
  return `(${filter} & ${more})${short}`
}

module.exports = { NUMBERS, isNullable, resultType, inputType, valueType, updateType, whereType, havingType }
