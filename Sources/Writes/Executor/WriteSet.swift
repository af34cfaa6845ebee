package import Text

/// What a write changed, as exactly as it is known. It names too much, never too little, where a failed write may have been committed.
package struct WriteSet: Sendable {
    /// The tables of which any row may have changed, named as in `Plan.tables`. Those that actions of relations reach are among them.
    package internal(set) var tables: Set<ExactString> = []
    /// The tables of which no rows changed but those in `rows`.
    package internal(set) var tablesInPart: Set<ExactString> = []
    /// The names by `RowKey` of the rows that changed, as they were and as they are.
    package internal(set) var rows: [[UInt8]] = []

    package init() {}

    init(tables: some Sequence<String>) { self.tables = Set(tables.map { ExactString($0) }) }
}
