package import Text

/// A Prisma schema, resolved and checked: what a query may speak of. Immutable, so any thread may read it.
///
/// Made by `Schema.parse(_:)`; see `Parser.swift` for the text and `Resolver.swift` for the checks.
package struct Schema: Sendable {
    /// Models and views, in the order of the text, those marked `@@ignore` left out.
    package internal(set) var models: [Model]
    package internal(set) var enums: [Enumeration]
    package internal(set) var datasource: Datasource?
    /// Positions in `models`, by name.
    package internal(set) var modelIndex: [ExactString: Int]
    /// Whether models marked `@@ignore` were left out.
    package internal(set) var leavesModelsOut = false
    /// Whether the client was opened without one.
    package internal(set) var isNone = false

    /// Of a client that was opened without a schema.
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
    /// Prisma 7 allows a datasource without one; then the configuration has to name it.
    package internal(set) var url: URLSource?
    /// Around a pooler, straight to the server.
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
    /// The table's name (`@@map`, else `name`).
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
    /// All that the database keeps an index for, identifiers and unique keys too, in the order of the text (fields first).
    package internal(set) var indexes: [Index]

    package func position(ofField name: String) -> Int? { fieldIndex[ExactString(name)] }
    package func field(named name: String) -> Field? { position(ofField: name).map { fields[$0] } }
    /// What `findUnique` may name: the primary key, then the unique keys.
    package var selectors: [Key] { (primaryKey.map { [$0] } ?? []) + uniqueKeys }
}

/// A key over one or several fields.
package struct Key: Sendable, Equatable {
    /// What a request calls it: the field's name, the `name:` given, or the fields' names joined by `_`.
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
    /// `name:`, what requests call it.
    package internal(set) var name: String?
    /// What the database calls it: `map:`, else what Prisma Migrate makes of table and columns.
    package internal(set) var constraintName: String
    /// `type:`; nil is a B-tree.
    package internal(set) var type: IndexType?
    /// `where:`: over some of the rows only.
    package internal(set) var isPartial: Bool
    /// What `where:` says; nil where it is not understood, too.
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
    /// The column's name (`@map`, else `name`); of no meaning for relations.
    package internal(set) var columnName: String
    package internal(set) var type: FieldType
    package internal(set) var arity: Arity
    package internal(set) var nativeType: NativeType?
    package internal(set) var defaultValue: DefaultValue?
    package internal(set) var isUpdatedAt: Bool
    package internal(set) var isIgnored: Bool
    /// Alone the model's `@id`.
    package internal(set) var isID: Bool
    /// Alone a unique key (`@unique`; not `@id`).
    package internal(set) var isUnique: Bool
    /// Its `///` comments.
    package internal(set) var documentation: String?

    package var isRelation: Bool { if case .relation = type { true } else { false } }
    /// Whether a query may name it: neither `@ignore`d nor `Unsupported`.
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
        /// What the database calls it (`@map`, else `name`).
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
    /// `dbgenerated("…")`: the database fills it in.
    case database(String?)
}

/// One side of a relation, as the field that names it sees it.
package struct Relation: Sendable, Equatable {
    package enum Link: Sendable, Equatable {
        /// The columns of this model that hold the key, and the columns of the other model it points to (positions in `fields`).
        case references(fields: [Int], target: [Int])
        /// The mirror image: columns of this model that are pointed to, and the columns of the other model that hold the key.
        case referenced(fields: [Int], by: [Int])
        /// Implicit many-to-many: the join table and which of its columns points to this model's key.
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

    /// Given, or made as Prisma does: `CategoryToProduct`.
    package internal(set) var name: String
    /// Whether the schema gives the name.
    package internal(set) var isNamed = false
    /// The other model (a position in `Schema.models`), and the field that looks back.
    package internal(set) var model: Int
    package internal(set) var oppositeField: Int
    package internal(set) var link: Link
    /// As resolved with Prisma's defaults. Of the side that holds the key; its mirror image repeats them.
    package internal(set) var onDelete: Action
    package internal(set) var onUpdate: Action
    /// What the database calls the foreign key, of the side that holds it; nil for join tables.
    package internal(set) var constraintName: String?
}
