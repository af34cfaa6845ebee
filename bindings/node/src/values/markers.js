"use strict"
/** Values that stand for something else than themselves: the three nulls of Json, Prisma.skip, a model's fields. */

class ObjectEnumValue {
  constructor(key) {
    // Why: a program that makes one itself gets the same as Prisma.DbNull.
    if (key !== KEY) throw new TypeError("This value cannot be made: use the one that Prisma has.")
  }
  _getName() {
    return this.constructor.name
  }
  toString() {
    return `Prisma.${this.constructor.name}`
  }
}
const KEY = Symbol()

class DbNull extends ObjectEnumValue {
  _getNamespace() {
    return "NullTypes"
  }
}
class JsonNull extends ObjectEnumValue {
  _getNamespace() {
    return "NullTypes"
  }
}
class AnyNull extends ObjectEnumValue {
  _getNamespace() {
    return "NullTypes"
  }
}

const nulls = { DbNull: new DbNull(KEY), JsonNull: new JsonNull(KEY), AnyNull: new AnyNull(KEY) }
const NullTypes = { DbNull, JsonNull, AnyNull }

/** What is given for "not given". */
class Skip {}
const skip = new Skip()

/** A field of a model, to be compared with another field of it. */
class FieldRef {
  constructor(modelName, name, typeName, isList, isEnum) {
    this.modelName = modelName
    this.name = name
    this.typeName = typeName
    this.isList = isList
    this.isEnum = isEnum
  }
  _toGraphQLInputType() {
    const prefix = this.isEnum ? "Enum" : ""
    return `${this.isList ? "List" : ""}${prefix}${this.typeName}FieldRefInput<${this.modelName}>`
  }
}

module.exports = { ObjectEnumValue, NullTypes, nulls, Skip, skip, FieldRef }
