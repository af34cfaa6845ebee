import Cache
import Text

/// The tags of automatic invalidation. They begin with a byte that no tag of a request may contain, so no request can name them.
///
/// An automatic answer has `everything`, and `table` for each table that it was read from. A point read has `row` and `rows` instead of its
/// own table's tag.
enum AutomaticTag {
    /// For every automatic answer.
    static var everything: Cache.Tag { Cache.Tag("\0everything") }

    /// For answers from unknown tables, or from too many. Every write drops them.
    static var anyTable: Cache.Tag { Cache.Tag("\0any table") }

    /// For answers that any change of the table may affect. The table is named as in `Plan.tables`.
    static func table(_ name: ExactString) -> Cache.Tag { Cache.Tag("\0table\0" + name.text) }

    /// For point reads of the table. A change of unknown rows drops them all.
    static func rows(of table: ExactString) -> Cache.Tag { Cache.Tag("\0rows\0" + table.text) }

    /// For point reads of one row, by a name from `RowKey`.
    static func row(_ name: [UInt8]) -> Cache.Tag { name.withUnsafeBytes { Cache.Tag($0) } }
}
