package import Schema
import Text

package struct Table: Sendable, Equatable {
    package enum Kind: Sendable { case ordinary, partitioned, foreign }

    package var name: ObjectName
    package var kind = Kind.ordinary
    /// One of a partitioned table's parts: its shape is the parent's.
    package var isPartition = false
    /// Others inherit from it, which are no partitions.
    package var hasSubclasses = false
    package var hasRowSecurity = false
    /// It came with an extension.
    package var isOfExtension = false
    /// Wanted for an implicit many-to-many relation: the schema says nothing of its keys.
    package var isJoin = false
    package var comment: String?
    /// In the table's own order.
    package var columns: [Column] = []
    package var primaryKey: PrimaryKey?
    /// All others than the primary key's, sorted by name.
    package var indexes: [TableIndex] = []
    package var foreignKeys: [ForeignKey] = []
    /// Check and exclusion constraints.
    package var otherConstraints: [OtherConstraint] = []

    package init(_ name: ObjectName) { self.name = name }

    package func column(_ name: String) -> Column? { columns.first { $0.name.isExactly(name) } }
}

package struct Column: Sendable, Equatable {
    package enum Identity: Sendable { case always, byDefault }

    package var name: String
    package var type: StorageType
    package var isList = false
    package var isNullable = true
    package var defaultValue: ColumnDefault?
    package var identity: Identity?
    /// The expression of a generated column; such a column has no default.
    package var generation: String?
    package var comment: String?
    /// Nil for the type's own.
    package var collation: ObjectName?
    /// Whether only the domain of the column forbids NULL, so that no statement about the column allows it.
    package var isRequiredByDomain = false
    /// The default as the server writes it, even where `defaultValue` says the same in other words.
    package var defaultText: String?

    package init(_ name: String, _ type: StorageType) {
        self.name = name
        self.type = type
    }

    /// Whether its type has a collation.
    package var isCollatable: Bool {
        if case .native(let native) = type { return [.text, .varChar, .char, .citext].contains(native.name) }
        return false
    }

    /// Whether the database counts it up: identity, or the next value of a sequence.
    package var isAutoincrement: Bool {
        if case .sequence? = defaultValue { return true }
        return identity != nil
    }
}

/// What a column's values are, those of a list column each.
package enum StorageType: Sendable, Equatable {
    /// A type that the schema language knows, with all of its arguments: `timestamp(3)`, `varchar` without any, `char(1)`.
    case native(NativeType)
    case enumeration(ObjectName)
    /// The type's own name (`tsvector`), and the server's text with arguments (`geometry(Point,4326)`).
    case other(name: String, text: String)
}

package enum ColumnDefault: Sendable, Equatable {
    /// `now()`, `CURRENT_TIMESTAMP`
    case now
    /// `nextval(…)` of it.
    case sequence(ObjectName)
    case constant(Constant)
    case list([Constant])
    /// Any other expression, as the server writes it or `dbgenerated("…")` does.
    case expression(String)
    /// `dbgenerated()`: some expression.
    case anything
}

package enum Constant: Sendable, Equatable {
    /// Of a string, a moment, JSON: the text itself.
    case text(String)
    /// As written: `-1`, `1.50`.
    case number(String)
    case truth(Bool)
    case bytes([UInt8])
    /// A label of the column's enum.
    case label(String)
}

package struct PrimaryKey: Sendable, Equatable {
    package var name: String
    package var columns: [String]
    package var isDeferrable = false

    package init(name: String, columns: [String]) {
        self.name = name
        self.columns = columns
    }
}

package struct TableIndex: Sendable, Equatable {
    package struct Part: Sendable, Equatable {
        /// Nil for an expression.
        package var column: String?
        package var expression: String?
        package var isDescending = false
        /// Where it is not what comes with the order: nulls last when ascending, first when descending.
        package var hasUnusualNulls = false
        /// Nil for the type's own.
        package var operatorClass: String?
        package var collation: String?

        package init(column: String? = nil) { self.column = column }
    }

    package var name: String
    package var isUnique: Bool
    /// Made by a constraint; it is dropped with that.
    package var isConstraint = false
    package var isDeferrable = false
    /// Nil for one that the schema language does not know, see `methodName`.
    package var method: IndexType?
    /// `btree`, `gin`, `bloom` …
    package var methodName: String
    package var parts: [Part]
    /// Columns that the index carries along.
    package var included: [String] = []
    /// The condition of a partial index.
    package var condition: String?
    package var nullsNotDistinct = false
    package var isValid = true
    /// `CREATE INDEX …` as the server writes it, where there is a condition or an expression.
    package var definition: String?
    /// Whether a migration drops it and makes it again by its definition.
    package var isMadeAgain = false

    package init(name: String, isUnique: Bool, method: IndexType?, methodName: String, parts: [Part]) {
        self.name = name
        self.isUnique = isUnique
        self.method = method
        self.methodName = methodName
        self.parts = parts
    }

    /// The columns, if there are no expressions among them.
    package var columns: [String]? {
        let names = parts.compactMap(\.column)
        return names.count == parts.count ? names : nil
    }

    /// Whether it is over all rows and over columns: what the schema language always could say.
    package var isPlain: Bool { condition == nil && columns != nil }

    /// Whether it goes with a column: as a part, carried along, or named in an expression or the condition.
    package func isOver(_ column: String) -> Bool {
        parts.contains { $0.column?.isExactly(column) == true || Self.names(column, in: $0.expression) }
            || included.contains { $0.isExactly(column) } || Self.names(column, in: condition)
    }

    private static func names(_ column: String, in text: String?) -> Bool {
        guard let text else { return false }
        let quoted = DDL.quoted(column)
        var lexer = SQLLexer(text)
        while let token = lexer.nextBesidesComments() {
            let word = lexer.bytes[token.range]
            if token.kind == .word && word.elementsEqual(column.utf8) || token.kind == .quotedName && word.elementsEqual(quoted.utf8) { return true }
        }
        return false
    }
}

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

package struct OtherConstraint: Sendable, Equatable {
    package enum Kind: Sendable { case check, exclusion }
    package var name: String
    package var kind: Kind
    /// `CHECK ((age > 0))`
    package var definition: String
}
