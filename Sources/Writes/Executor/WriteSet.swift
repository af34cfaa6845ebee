package import Text

/// What a write changed, as exactly as it is known. Where it failed and may have been committed all the same it errs to too much.
package struct WriteSet: Sendable {
    /// Tables of which any row may have changed, as `Plan.tables` names them: those that actions of relations reach included.
    package internal(set) var tables: Set<ExactString> = []
    /// Tables of which no rows changed but those in `rows`.
    package internal(set) var tablesInPart: Set<ExactString> = []
    /// Names by `RowKey` of the rows that changed, as they were and as they are.
    package internal(set) var rows: [[UInt8]] = []

    package init() {}

    init(tables: some Sequence<String>) { self.tables = Set(tables.map { ExactString($0) }) }
}
