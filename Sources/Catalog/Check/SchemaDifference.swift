/// One thing that a schema text and a database say differently.
package struct SchemaDifference: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        // Tables and views.
        case missingTable, extraTable, missingView, isView
        // Columns.
        case missingColumn, extraColumn, type, list, nullability, defaultValue = "default"
        // Keys and indexes.
        case primaryKey, unique, extraUnique, index, extraIndex, name
        // Foreign keys.
        case foreignKey, extraForeignKey, onDelete, onUpdate
        // Enums, and tables of many-to-many relations.
        case missingEnum, extraEnum, missingValue, extraValue, valueOrder, missingJoinTable
    }

    /// What suffers.
    package enum Effect: String, Sendable {
        /// Reads fail, or may meet a value that they cannot answer.
        case reads
        /// Writes fail that the schema allows.
        case writes
        /// The database lets in what the schema rules out, or does something else than it says.
        case correctness
    }

    /// `User`, `User.email`, `Role.ADMIN`; of what the schema lacks the name in the database, `public.audit`.
    package var path: String
    package var kind: Kind
    /// In the words of the schema language; nil for what is not there.
    package var schema: String?
    package var database: String?
    /// Empty where nothing suffers.
    package var affects: [Effect]

    package init(_ path: String, _ kind: Kind, schema: String?, database: String?, _ affects: [Effect] = []) {
        self.path = path
        self.kind = kind
        self.schema = schema
        self.database = database
        self.affects = affects
    }
}

/// What could not be looked at.
package struct UnseenPart: Sendable, Equatable {
    package var path: String
    package var reason: String
}
