package import Text

/// A Prisma schema, resolved and checked. Immutable, so any thread may read it.
///
/// Made by `Schema.parse(_:)`; see `Parser.swift` for the text and `Resolver.swift` for the checks.
package struct Schema: Sendable {
    /// Models and views, in the order of the text, those marked `@@ignore` left out.
    package internal(set) var models: [Model]
    package internal(set) var enums: [Enumeration]
    package internal(set) var datasource: Datasource?
    /// Positions in `models`, by name.
    package internal(set) var modelIndex: [ExactString: Int]
    /// True if models marked `@@ignore` were left out.
    package internal(set) var leavesModelsOut = false
    /// True if the client was opened without a schema.
    package internal(set) var isNone = false

    /// The schema of a client that was opened without one.
    package static var none: Schema {
        var schema = Schema(models: [], enums: [], datasource: nil, modelIndex: [:])
        schema.isNone = true
        return schema
    }

    package func model(named name: String) -> Model? { modelIndex[ExactString(name)].map { models[$0] } }
}

/// `datasource db { … }`
package struct Datasource: Sendable {
    /// Where the connection URL comes from.
    package enum URLSource: Sendable, Equatable {
        case literal(String)
        case environment(String)
    }
    package internal(set) var name: String
    /// Prisma 7 allows a datasource without a URL. The configuration then has to name it.
    package internal(set) var url: URLSource?
    /// The URL of the server itself, if `url` is that of a pooler.
    package internal(set) var directURL: URLSource?
    /// `schemas = ["app", "audit"]`; empty when not given.
    package internal(set) var schemas: [String]
    package internal(set) var relationMode: RelationMode
}

package enum RelationMode: Sendable { case foreignKeys, prisma }

/// A `model` or a `view`.
package struct Model: Sendable {
    /// Its position in `Schema.models`.
    package internal(set) var index: Int
    package internal(set) var name: String
    /// The table's name: `@@map`, otherwise `name`.
    package internal(set) var tableName: String
    /// The PostgreSQL schema (`@@schema`); nil means the one of the connection.
    package internal(set) var tableSchema: String?
    package internal(set) var isView: Bool
    /// `@@ignore`; such models are there only in a schema that was parsed with them.
    package internal(set) var isIgnored = false
    /// Its `///` comments.
    package internal(set) var documentation: String?
    /// In the order of the text. `@ignore`d and `Unsupported` fields are left out of queries by `isQueryable`.
    package internal(set) var fields: [Field]
    /// Positions in `fields`, by name.
    package internal(set) var fieldIndex: [ExactString: Int]
    /// `@id` or `@@id`; nil for views and models identified by a unique key alone.
    package internal(set) var primaryKey: Key?
    /// `@unique` and `@@unique`, in the order of the text (fields first).
    package internal(set) var uniqueKeys: [Key]
    /// Identifiers, unique keys and indexes, in the order of the text (fields first).
    package internal(set) var indexes: [Index]

    package func position(ofField name: String) -> Int? { fieldIndex[ExactString(name)] }
    package func field(named name: String) -> Field? { position(ofField: name).map { fields[$0] } }
    /// The keys of `findUnique`: the primary key, then the unique keys.
    package var selectors: [Key] { (primaryKey.map { [$0] } ?? []) + uniqueKeys }
}

/// A key over one or several fields.
package struct Key: Sendable, Equatable {
    /// Its name in requests: the field's name, the given `name:`, or the fields' names joined by `_`.
    package internal(set) var name: String
    /// Positions in `Model.fields`.
    package internal(set) var fields: [Int]
    package var isCompound: Bool { fields.count > 1 }
}

/// `@id @@id @unique @@unique @@index`, as the database has it.
package struct Index: Sendable {
    package enum Kind: String, Sendable { case id, unique, normal }
    package struct Column: Sendable {
        /// A position in `Model.fields`.
        package internal(set) var field: Int
        package internal(set) var isDescending: Bool
        /// `ops:`, as the text has it: a name, or the text of `raw("…")`.
        package internal(set) var operatorClass: String?
    }
    package internal(set) var kind: Kind
    package internal(set) var columns: [Column]
    /// `name:`, its name in requests.
    package internal(set) var name: String?
    /// Its name in the database: `map:`, otherwise Prisma Migrate's default.
    package internal(set) var constraintName: String
    /// `type:`; nil is a B-tree.
    package internal(set) var type: IndexType?
    /// True if it has a `where:`, so it covers only some of the rows.
    package internal(set) var isPartial: Bool
    /// The content of `where:`. Nil if there is none, or one that is not understood.
    package internal(set) var condition: IndexCondition?
}

/// `where:` of a partial index.
package enum IndexCondition: Sendable, Equatable {
    package enum Test: Sendable, Equatable { case isNull, isNotNull, equals(String), differs(String) }
    /// `raw("…")`
    case text(String)
    /// `{ deletedAt: null, status: "open" }`: fields (positions in `Model.fields`) and SQL literals; all have to hold.
    case tests([FieldTest])

    package struct FieldTest: Sendable, Equatable {
        package internal(set) var field: Int
        package internal(set) var test: Test
    }
}

package enum IndexType: String, Sendable, CaseIterable {
    case bTree = "BTree", hash = "Hash", gist = "Gist", gin = "Gin", spGist = "SpGist", brin = "Brin"
}

package struct Field: Sendable {
    /// Its position in `Model.fields`.
    package internal(set) var index: Int
    package internal(set) var name: String
    /// The column's name: `@map`, otherwise `name`. It has no meaning for relations.
    package internal(set) var columnName: String
    package internal(set) var type: FieldType
    package internal(set) var arity: Arity
    package internal(set) var nativeType: NativeType?
    package internal(set) var defaultValue: DefaultValue?
    package internal(set) var isUpdatedAt: Bool
    package internal(set) var isIgnored: Bool
    /// True if the field alone is the model's `@id`.
    package internal(set) var isID: Bool
    /// True if the field alone is a unique key: `@unique`, not `@id`.
    package internal(set) var isUnique: Bool
    /// Its `///` comments.
    package internal(set) var documentation: String?

    package var isRelation: Bool { if case .relation = type { true } else { false } }
    /// True if a query may name it: it is neither `@ignore`d nor `Unsupported`.
    package var isQueryable: Bool { if case .unsupported = type { false } else { !isIgnored } }
}

package enum Arity: Sendable { case required, optional, list }

package enum FieldType: Sendable {
    case scalar(ScalarType)
    /// A position in `Schema.enums`.
    case enumeration(Int)
    case relation(Relation)
    case unsupported(String)
}

package enum ScalarType: String, Sendable, CaseIterable {
    case string = "String"
    case boolean = "Boolean"
    case int = "Int"
    case bigInt = "BigInt"
    case float = "Float"
    case decimal = "Decimal"
    case dateTime = "DateTime"
    case json = "Json"
    case bytes = "Bytes"
}

package struct Enumeration: Sendable {
    package struct Value: Sendable, Equatable {
        package internal(set) var name: String
        /// Its name in the database: `@map`, otherwise `name`.
        package internal(set) var databaseName: String
        package internal(set) var documentation: String?
    }
    package internal(set) var index: Int
    package internal(set) var name: String
    package internal(set) var typeName: String
    package internal(set) var typeSchema: String?
    package internal(set) var values: [Value]
    package internal(set) var documentation: String?
}

/// `@db.VarChar(40)`: the PostgreSQL type behind a scalar.
package struct NativeType: Sendable, Equatable {
    package enum Name: String, Sendable, CaseIterable {
        case text = "Text", char = "Char", varChar = "VarChar", citext = "Citext", uuid = "Uuid", xml = "Xml"
        case inet = "Inet", bit = "Bit", varBit = "VarBit"
        case boolean = "Boolean"
        case smallInt = "SmallInt", integer = "Integer", bigInt = "BigInt", oid = "Oid"
        case real = "Real", doublePrecision = "DoublePrecision"
        case decimal = "Decimal", money = "Money"
        case timestamp = "Timestamp", timestamptz = "Timestamptz", date = "Date", time = "Time", timetz = "Timetz"
        case json = "Json", jsonB = "JsonB", byteA = "ByteA"
    }
    package internal(set) var name: Name
    /// `VarChar(40)` → [40]; `Decimal(10, 2)` → [10, 2].
    package internal(set) var arguments: [Int]

    package init(_ name: Name, _ arguments: [Int] = []) {
        self.name = name
        self.arguments = arguments
    }
}

package enum DefaultValue: Sendable, Equatable {
    /// A literal as the schema text writes it: strings without their quotes and escapes, numbers and booleans as they stand,
    /// an enum value by its name in the schema.
    case literal(String)
    case list([String])
    case autoincrement
    case now
    case uuid(version: Int)
    case cuid(version: Int)
    case ulid
    case nanoid(length: Int)
    /// `dbgenerated("…")`: the database makes the value.
    case database(String?)
}

/// One side of a relation, as seen from its field.
package struct Relation: Sendable, Equatable {
    package enum Link: Sendable, Equatable {
        /// The columns of this model that hold the key, and the columns of the other model it points to (positions in `fields`).
        case references(fields: [Int], target: [Int])
        /// The opposite: columns of this model that the key refers to, and columns of the other model that hold it.
        case referenced(fields: [Int], by: [Int])
        /// An implicit many-to-many relation: the join table, and its column for this model's key.
        case joinTable(JoinTable)
    }
    package struct JoinTable: Sendable, Equatable {
        package internal(set) var tableName: String
        package internal(set) var tableSchema: String?
        /// "A" or "B": the column that points to this model, and the one that points to the other.
        package internal(set) var thisColumn: String
        package internal(set) var otherColumn: String
        /// The single-field identifiers of this model and of the other (positions in `fields`).
        package internal(set) var thisField: Int
        package internal(set) var otherField: Int
    }
    package enum Action: String, Sendable {
        case cascade = "Cascade", restrict = "Restrict", noAction = "NoAction", setNull = "SetNull", setDefault = "SetDefault"
    }

    /// The given name, or Prisma's default: `CategoryToProduct`.
    package internal(set) var name: String
    /// True if the schema gives the name.
    package internal(set) var isNamed = false
    /// The other model, a position in `Schema.models`, and its field for this relation.
    package internal(set) var model: Int
    package internal(set) var oppositeField: Int
    package internal(set) var link: Link
    /// The actions of the side that holds the key, with Prisma's defaults. The other side repeats them.
    package internal(set) var onDelete: Action
    package internal(set) var onUpdate: Action
    /// The foreign key's name in the database, on the side that holds it. Nil for join tables.
    package internal(set) var constraintName: String?
}
