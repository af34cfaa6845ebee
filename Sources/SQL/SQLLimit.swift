/// The limits of statements.
package enum SQLLimit {
    /// Columns of a statement before a further related record gets a statement of its own. PostgreSQL gives 1664 at most. What is left is for
    /// the keys by which other statements' rows are found.
    static let readColumns = 1000
    /// How many columns a check of types may hold. A statement with more of them goes without the check.
    static let checkedColumns = 1600
    /// How many parameters a statement may have: the protocol counts them in 16 bits.
    static let parameters = 65_535
    /// How many changed rows of a statement are named. With more of them, all rows of the table count as changed.
    package static let namedRows = 256
}
