/// The limits of a write.
enum WriteLimit {
    /// Parameters of one statement. PostgreSQL takes 65 535; fewer keep its memory small.
    static let parameters = 32_000
    /// How many models the actions of relations may lead through, one after the other.
    static let actions = 64
    /// How many statements are kept for connections to prepare. Beyond this all are forgotten.
    static let keptStatements = 2000
    /// A longer statement, in bytes, writes many records at once. It is prepared once and not kept.
    static let keptStatementBytes = 16_384
    /// Most records of one answer that are read back in the order of their keys: each looks for its place among all.
    static let orderedRecords = 1_000
}
