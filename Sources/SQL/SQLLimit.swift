/// The limits of statements.
package enum SQLLimit {
    /// Most columns of a statement. A further related record then gets a statement of its own.
    ///
    /// PostgreSQL allows 1664. The rest is for the keys by which rows of other statements are found.
    static let readColumns = 1000
    /// Most columns in a type check. A statement with more goes without the check.
    static let checkedColumns = 1600
    /// Most parameters of a statement: the protocol counts them in 16 bits.
    static let parameters = 65_535
    /// Most changed rows of a statement that are named. With more, all rows of the table count as changed.
    package static let namedRows = 256
}
