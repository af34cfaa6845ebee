package import Text

/// One statement of a write, and what its rows hold: the columns of the answer first, then keys as text.
package struct WriteStatement: Sendable {
    package var statement: Plan.Statement
    /// How a row becomes a record of the answer; nil when none is asked for.
    package var record: RowShape.Record?
    /// The column of the first key.
    package var firstKey: Int
    /// How the changed rows are named from what the statement returns. Nil where no caller asked, or it is not possible.
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
    /// What the database gives by itself.
    case databaseDefault

    var isSlot: Bool { if case .slot = self { true } else { false } }
}

/// How rows that are found are locked until the transaction ends.
///
/// Under READ COMMITTED a row that somebody else has changed meanwhile is then looked at as it is now, its condition included.
package enum RowLock: Sendable {
    case none
    /// As a foreign key locks the row that it refers to.
    case keyShare
    /// As an UPDATE does that leaves the keys alone.
    case noKeyUpdate
    /// As a DELETE does, or an UPDATE of keys.
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
