"use strict"
/** The data model as Prisma's tools read it (DMMF): what `Prisma.dmmf.datamodel` has. */

/** `{"name", "arguments"}`, or the value as Prisma writes it. */
function defaultOf(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value
  return { name: value.name, args: value.arguments ?? [] }
}

const put = (target, name, value) => {
  if (value !== undefined) target[name] = value
}

function fieldOf(name, field) {
  const made = { name }
  if (field.dbName !== undefined && field.dbName !== name && field.kind !== "object") made.dbName = field.dbName
  Object.assign(made, {
    kind: field.kind,
    isList: field.list,
    isRequired: field.required || field.list,
    isUnique: field.isUnique === true && !field.isId,
    isId: field.isId === true,
    isReadOnly: field.isForeignKey === true,
    hasDefaultValue: field.default !== undefined,
    type: field.type,
  })
  if (field.kind !== "object") made.nativeType = field.nativeType ? [field.nativeType.name, (field.nativeType.arguments ?? []).map(String)] : null
  put(made, "default", defaultOf(field.default))
  put(made, "relationName", field.relationName)
  put(made, "relationFromFields", field.relationFromFields)
  put(made, "relationToFields", field.relationToFields)
  if (field.relationFromFields?.length) put(made, "relationOnDelete", field.relationOnDelete)
  made.isGenerated = false
  made.isUpdatedAt = field.isUpdatedAt === true
  put(made, "documentation", field.documentation)
  return made
}

function modelOf(name, model) {
  const key = model.primaryKey
  const isCompound = (unique) => unique.fields.length > 1
  const own = (unique) => (unique.name === unique.fields.join("_") ? null : unique.name)
  const made = {
    name,
    dbName: model.dbName === name ? null : model.dbName,
    schema: model.schema ?? null,
    fields: Object.entries(model.fields).map(([field, facts]) => fieldOf(field, facts)),
    primaryKey: key && isCompound(key) ? { name: own(key), fields: key.fields } : null,
    uniqueFields: model.uniques.filter(isCompound).map((unique) => unique.fields),
    uniqueIndexes: model.uniques.filter(isCompound).map((unique) => ({ name: own(unique), fields: unique.fields })),
    isGenerated: false,
  }
  put(made, "documentation", model.documentation)
  return made
}

function enumOf(name, facts) {
  const made = {
    name,
    values: facts.values.map((value) => ({ name: value.name, dbName: value.dbName === value.name ? null : value.dbName })),
    dbName: facts.dbName === name ? null : facts.dbName,
  }
  put(made, "documentation", facts.documentation)
  return made
}

function datamodelOf(schema) {
  return {
    enums: Object.entries(schema.enumTypes).map(([name, facts]) => enumOf(name, facts)),
    models: Object.entries(schema.models).map(([name, model]) => modelOf(name, model)),
    types: [],
    indexes: Object.entries(schema.models).flatMap(([name, model]) =>
      model.indexes.map((index) => ({
        model: name,
        type: index.kind,
        isDefinedOnField: index.fields.length === 1 && index.kind !== "normal",
        ...(index.name === undefined ? {} : { name: index.name }),
        ...(index.dbName === undefined ? {} : { dbName: index.dbName }),
        ...(index.type && index.type !== "BTree" ? { algorithm: index.type } : {}),
        fields: index.fields.map((field) => ({ name: field.name, ...(field.sort ? { sortOrder: "desc" } : {}) })),
      })),
    ),
  }
}

module.exports = { datamodelOf }
