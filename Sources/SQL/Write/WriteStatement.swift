package import Text

/// One statement of a write, and the columns of its rows: those of the answer first, then keys as text.
package struct WriteStatement: Sendable {
    package var statement: Plan.Statement
    /// How a row becomes a record of the answer. Nil if no answer is requested.
    package var record: RowShape.Record?
    /// The column of the first key.
    package var firstKey: Int
    /// How the changed rows are named from what the statement returns. Nil if that is not needed or not possible.
    package var rowIdentifier: RowIdentifier?

    package init(statement: Plan.Statement, record: RowShape.Record? = nil, firstKey: Int = 0, rowIdentifier: RowIdentifier? = nil) {
        self.rowIdentifier = rowIdentifier
        self.statement = statement
        self.record = record
        self.firstKey = firstKey
    }
}

/// What one column of an inserted record gets.
package enum InsertedCell: Sendable, Equatable {
    case slot(Int)
    case null
    case jsonNull
    /// The database's own default.
    case databaseDefault

    var isSlot: Bool { if case .slot = self { true } else { false } }
}

/// How found rows are locked until the transaction ends.
///
/// Under READ COMMITTED, a row that another transaction changed in the meantime is then read in its new state and checked again.
package enum RowLock: Sendable {
    case none
    /// The lock of a foreign key on the row that it refers to.
    case keyShare
    /// The lock of an UPDATE that leaves the keys alone.
    case noKeyUpdate
    /// The lock of a DELETE, or of an UPDATE of keys.
    case update

    var clause: SQLText {
        switch self {
        case .none: .empty
        case .keyShare: " FOR KEY SHARE"
        case .noKeyUpdate: " FOR NO KEY UPDATE"
        case .update: " FOR UPDATE"
        }
    }
}
