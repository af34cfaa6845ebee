/// The limits of a request. A request beyond one of them is refused with an error that names the limit.
package enum QueryLimit {
    /// Most objects and lists within one another in `where`, `having`, `orderBy` and selections.
    package static let nesting = 64
    /// Most terms of an order beside `cursor` and `distinct`. Why: the length of such a statement grows with the cube of their number.
    static let ordersOfDistinctPage = 16
    /// Most values of one request. PostgreSQL takes no more parameters in a statement.
    package static let slots = 65_535
    /// Most values of one write. Many records are written by several statements.
    package static let writtenSlots = 2_000_000
    /// Most texts of one request that are read a second time because they are ambiguous. Such texts nest.
    static let secondTries = 256
    /// `take` and `skip` up to here are part of the request, not values: see `Take.literal`.
    static let literalTake: UInt64 = 100
    static let literalSkip: UInt64 = 1
    /// The longest `ttl`, `swr` and `staleIfError`: a year.
    package static let cacheSeconds: Int64 = 31_536_000
    /// Most tags of one `cacheStrategy`, duplicates included.
    package static let tagsPerQuery = 64
    /// Most tags of one `$accelerate.invalidate`, duplicates included.
    package static let tagsPerInvalidation = 5
    /// Most bytes of a tag. A tag is ASCII.
    package static let tagBytes = 64
    /// The greatest `timeoutMs`: a day.
    package static let timeoutMilliseconds: Int64 = 86_400_000
    /// Most bytes of a request's `comments` as they stand in its statements.
    static let commentBytes = 4_096
    /// The greatest step of `$clock.advance`: a hundred years.
    package static let clockMilliseconds: Int64 = 100 * 366 * 86_400_000
    /// Most requests of one `$transaction`.
    package static let transactionRequests = 10_000
    /// The default time of an interactive transaction, and of the wait for its connection.
    package static let transactionMilliseconds = 5_000
    package static let transactionWaitMilliseconds = 2_000
    /// Most bytes of a savepoint's name, as of any identifier of PostgreSQL.
    static let savepointNameBytes = 63
    /// Most savepoints of one transaction at once.
    package static let savepoints = 1000
    /// Most bytes of a key in an error. Longer keys are cut.
    static let shownNameBytes = 128
    /// Most tables of `touches`.
    package static let touchedTables = 1000
    /// Most shapes of requests that are remembered. See `ShapeIndex`.
    package static let shapes = shapeBuckets * shapesPerBucket
    static let shapeBuckets = 640
    static let shapesPerBucket = 16
    /// Approximate bytes of the shapes of a bucket. All buckets together have at most 40 MiB.
    static let bytesPerShapeBucket = 64 << 10
}
