/// The limits of a request: beyond each of them it is refused with an error that names it.
package enum QueryLimit {
    /// Objects and lists within one another in `where`, `having`, `orderBy` and selections.
    package static let nesting = 64
    /// Terms of an order beside `cursor` and `distinct`. Why: the length of such a statement grows with the cube of their number.
    static let ordersOfDistinctPage = 16
    /// Values of one request. PostgreSQL takes no more parameters in a statement.
    package static let slots = 65_535
    /// Values of one write: many records are written by several statements.
    package static let writtenSlots = 2_000_000
    /// How many texts of one request are read a second time because they may mean either of two things: such texts nest.
    static let secondTries = 256
    /// `take` and `skip` up to here are part of the request, not values: see `Take.literal`.
    static let literalTake: UInt64 = 100
    static let literalSkip: UInt64 = 1
    /// `ttl` and `swr`: a year.
    package static let cacheSeconds: Int64 = 31_536_000
    /// Of one `cacheStrategy`, before duplicates go.
    package static let tagsPerQuery = 64
    /// Of one `$accelerate.invalidate`, before duplicates go.
    package static let tagsPerInvalidation = 5
    /// Of a tag, in bytes, which are characters.
    package static let tagBytes = 64
    /// `timeoutMs`: a day.
    package static let timeoutMilliseconds: Int64 = 86_400_000
    /// What `$clock.advance` moves the clock by at most: a hundred years.
    package static let clockMilliseconds: Int64 = 100 * 366 * 86_400_000
    /// Of one `$transaction`.
    package static let transactionRequests = 10_000
    /// How long an interactive transaction may be open, and how long its connection is waited for, where it does not say.
    package static let transactionMilliseconds = 5_000
    package static let transactionWaitMilliseconds = 2_000
    /// Of the name of a savepoint, as of any identifier of PostgreSQL.
    static let savepointNameBytes = 63
    /// Of one transaction at once.
    package static let savepoints = 1000
    /// Of a key in an error; longer ones are cut.
    static let shownNameBytes = 128
    /// Tables that `touches` names.
    package static let touchedTables = 1000
    /// Shapes of requests that are remembered; see `ShapeIndex`.
    package static let shapes = shapeBuckets * shapesPerBucket
    static let shapeBuckets = 640
    static let shapesPerBucket = 16
    /// About what the shapes of a bucket hold together; all of them 40 MiB at most.
    static let bytesPerShapeBucket = 64 << 10
}
