import Cache
import Text

/// The tags of automatic invalidation. They begin with a byte that no tag of a request may hold, so no one can name them.
///
/// An automatic answer carries `everything`, and for each table that it was read from `table`; a lookup by a unique key carries
/// `row` and `rows` in the place of its own table's.
enum AutomaticTag {
    /// Of every automatic answer.
    static var everything: Cache.Tag { Cache.Tag("\0everything") }

    /// Of answers from tables that are not known, or from too many: every write drops them.
    static var anyTable: Cache.Tag { Cache.Tag("\0any table") }

    /// Of answers that any change of the table may change. The table is called as in `Plan.tables`.
    static func table(_ name: ExactString) -> Cache.Tag { Cache.Tag("\0table\0" + name.text) }

    /// Of lookups in the table: a change of rows that no one can name drops them all.
    static func rows(of table: ExactString) -> Cache.Tag { Cache.Tag("\0rows\0" + table.text) }

    /// Of lookups of one row, by a name that `RowKey` makes.
    static func row(_ name: [UInt8]) -> Cache.Tag { name.withUnsafeBytes { Cache.Tag($0) } }
}
