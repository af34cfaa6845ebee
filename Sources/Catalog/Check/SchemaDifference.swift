/// One difference between a schema text and a database.
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

    /// What the difference affects.
    package enum Effect: String, Sendable {
        /// Reads fail, or may meet a value that they cannot return.
        case reads
        /// Writes that the schema allows fail.
        case writes
        /// The database allows what the schema forbids, or behaves differently.
        case correctness
    }

    /// `User`, `User.email`, `Role.ADMIN`. For something that the schema lacks, its name in the database: `public.audit`.
    package var path: String
    package var kind: Kind
    /// In the words of the schema language. Nil on the side where it does not exist.
    package var schema: String?
    package var database: String?
    /// Empty if nothing is affected.
    package var affects: [Effect]

    package init(_ path: String, _ kind: Kind, schema: String?, database: String?, _ affects: [Effect] = []) {
        self.path = path
        self.kind = kind
        self.schema = schema
        self.database = database
        self.affects = affects
    }
}

/// A part of the database that could not be checked, and why.
package struct UnseenPart: Sendable, Equatable {
    package var path: String
    package var reason: String
}
