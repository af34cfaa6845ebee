package import Text

/// One statement of a write, and what its rows hold: the columns of the answer first, then keys as text.
package struct WriteStatement: Sendable {
    package var statement: Plan.Statement
    /// How a row becomes a record of the answer; nil when none is asked for.
    package var record: AnswerShape.Record?
    /// The column of the first key.
    package var firstKey: Int
    /// How the rows that it changes are named from what it gives back; nil where nobody asked, or it cannot be told.
    package var trace: RowTrace?

    package init(statement: Plan.Statement, record: AnswerShape.Record? = nil, firstKey: Int = 0, trace: RowTrace? = nil) {
        self.trace = trace
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
