package import Schema
import Text

/// A table with its columns, keys and constraints.
package struct Table: Sendable, Equatable {
    package enum Kind: Sendable { case ordinary, partitioned, foreign }

    package var name: ObjectName
    package var kind = Kind.ordinary
    /// True for a partition. Its columns follow from the partitioned table.
    package var isPartition = false
    /// True if other tables inherit from it that are not partitions.
    package var hasSubclasses = false
    /// The tables that it inherits from, of the schemas that are read.
    package var parents: [ObjectName] = []
    package var isUnlogged = false
    package var hasRowSecurity = false
    /// True if it came with an extension.
    package var isOfExtension = false
    /// True for the table of an implicit many-to-many relation. The schema does not describe its keys.
    package var isJoin = false
    package var comment: String?
    /// In the table's own order.
    package var columns: [Column] = []
    package var primaryKey: PrimaryKey?
    /// All indexes except the primary key's, sorted by name.
    package var indexes: [TableIndex] = []
    package var foreignKeys: [ForeignKey] = []
    /// Check and exclusion constraints.
    package var otherConstraints: [OtherConstraint] = []

    package init(_ name: ObjectName) { self.name = name }

    package func column(_ name: String) -> Column? { columns.first { $0.name.isExactly(name) } }

    /// True if the table inherits from another one, at whatever distance.
    func isBelow(_ other: ObjectName, _ tables: [ObjectName: Table]) -> Bool {
        var (seen, next) = (Set<ObjectName>(), parents)
        while let name = next.popLast() {
            if name == other { return true }
            if seen.insert(name).inserted { next += tables[name]?.parents ?? [] }
        }
        return false
    }
}

/// A column of a table or view.
package struct Column: Sendable, Equatable {
    package enum Identity: Sendable { case always, byDefault }

    package var name: String
    package var type: StorageType
    package var isList = false
    package var isNullable = true
    package var defaultValue: ColumnDefault?
    package var identity: Identity?
    /// The expression of a generated column, which has no default.
    package var generation: String?
    package var comment: String?
    /// Nil for the type's default collation.
    package var collation: ObjectName?
    /// True if only the column's domain forbids NULL. No statement about the column can allow it then.
    package var isRequiredByDomain = false
    /// True if a parent of the table has the column, too. Then its type is changed at the parent.
    package var isInherited = false
    /// True if the table declares the column itself.
    package var isLocal = true
    /// The default in the server's words, even if `defaultValue` expresses the same.
    package var defaultText: String?

    package init(_ name: String, _ type: StorageType) {
        self.name = name
        self.type = type
    }

    /// True if its type has a collation.
    package var isCollatable: Bool {
        if case .native(let native) = type { return [.text, .varChar, .char, .citext].contains(native.name) }
        return false
    }

    /// True if the database counts it up: an identity column, or the next value of a sequence.
    package var isAutoincrement: Bool {
        if case .sequence? = defaultValue { return true }
        return identity != nil
    }
}

/// The type of a column's values; for a list column, of its elements.
package enum StorageType: Sendable, Equatable {
    /// A type of the schema language, with all its arguments: `timestamp(3)`, `varchar` without any, `char(1)`.
    case native(NativeType)
    case enumeration(ObjectName)
    /// Any other type: its own name (`tsvector`), and the server's text with arguments (`geometry(Point,4326)`).
    case other(name: String, text: String)
}

extension StorageType {
    /// True for PostgreSQL's `"char"`. Prisma takes it for a `char` without a length.
    var isSingleByte: Bool {
        if case .other(_, let text) = self { return text.isExactly("\"char\"") }
        return false
    }
}

/// A default that the database fills in.
package enum ColumnDefault: Sendable, Equatable {
    /// `now()` or `CURRENT_TIMESTAMP`.
    case now
    /// `nextval(…)` of that sequence.
    case sequence(ObjectName)
    case constant(Constant)
    case list([Constant])
    /// Any other expression, in the words of the server or of `dbgenerated("…")`.
    case expression(String)
    /// `dbgenerated()`: any expression.
    case anything
}

/// A literal in a default.
package enum Constant: Sendable, Equatable {
    /// The text of a string, a moment or JSON.
    case text(String)
    /// As written: `-1`, `1.50`.
    case number(String)
    case truth(Bool)
    case bytes([UInt8])
    /// A label of the column's enum.
    case label(String)
}

/// A primary key.
package struct PrimaryKey: Sendable, Equatable {
    package var name: String
    package var columns: [String]
    package var isDeferrable = false
    package var isInitiallyDeferred = false
    /// Columns that its index carries along.
    package var included: [String] = []
    /// The storage parameters of its index: `fillfactor=70`.
    package var storage: String?

    package init(name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }
}

/// A unique key or an index.
package struct TableIndex: Sendable, Equatable {
    package struct Part: Sendable, Equatable {
        /// Nil for an expression.
        package var column: String?
        package var expression: String?
        package var isDescending = false
        /// True if NULLs are not at their usual end: last in ascending order, first in descending order.
        package var hasUnusualNulls = false
        /// Nil for the type's default class.
        package var operatorClass: String?
        package var collation: String?

        package init(column: String? = nil) { self.column = column }
    }

    package var name: String
    package var isUnique: Bool
    /// True if a constraint made it. It is dropped with the constraint.
    package var isConstraint = false
    package var isDeferrable = false
    package var isInitiallyDeferred = false
    /// Nil for a method that the schema language does not know; see `methodName`.
    package var method: IndexType?
    /// `btree`, `gin`, `bloom` …
    package var methodName: String
    package var parts: [Part]
    /// The columns of INCLUDE.
    package var included: [String] = []
    /// The condition of a partial index.
    package var condition: String?
    package var nullsNotDistinct = false
    /// Its storage parameters: `fillfactor=70`.
    package var storage: String?
    package var isValid = true
    /// `CREATE INDEX …` in the server's words, if there is a condition or an expression.
    package var definition: String?
    /// True if a migration drops the index and creates it again from its definition.
    package var isMadeAgain = false

    package init(name: String, isUnique: Bool, method: IndexType?, methodName: String, parts: [Part]) {
        self.name = name
        self.isUnique = isUnique
        self.method = method
        self.methodName = methodName
        self.parts = parts
    }

    /// The columns. Nil if a part is an expression.
    package var columns: [String]? {
        let names = parts.compactMap(\.column)
        return names.count == parts.count ? names : nil
    }

    /// True if it is over all rows and over columns alone, which the schema language can always express.
    package var isPlain: Bool { condition == nil && columns != nil }

    /// True if it depends on a column: as a part, in INCLUDE, or in an expression or the condition.
    package func isOver(_ column: String) -> Bool {
        parts.contains { $0.column?.isExactly(column) == true || $0.expression.map { ColumnReference.names(column, in: $0) } == true }
            || included.contains { $0.isExactly(column) } || condition.map { ColumnReference.names(column, in: $0) } == true
    }
}

/// A foreign key. `columns` and `targetColumns` are pairs in the same order.
package struct ForeignKey: Sendable, Equatable {
    package var name: String
    package var columns: [String]
    package var target: ObjectName
    package var targetColumns: [String]
    package var onDelete: Relation.Action
    package var onUpdate: Relation.Action
    package var isDeferrable = false
    package var isInitiallyDeferred = false
    package var isValidated = true
    /// As the server writes it, where there is more to it than this says: `MATCH FULL`, `SET NULL (column)`.
    package var definition: String?

    package init(
        name: String, columns: [String], target: ObjectName, targetColumns: [String], onDelete: Relation.Action, onUpdate: Relation.Action
    ) {
        self.name = name
        self.columns = columns
        self.target = target
        self.targetColumns = targetColumns
        self.onDelete = onDelete
        self.onUpdate = onUpdate
    }
}

/// A check or exclusion constraint.
package struct OtherConstraint: Sendable, Equatable {
    package enum Kind: Sendable { case check, exclusion }
    package var name: String
    package var kind: Kind
    /// `CHECK ((age > 0))`
    package var definition: String

    /// Whether it speaks of a column, with which it would go.
    package func isOver(_ column: String) -> Bool { ColumnReference.names(column, in: definition) }
}
