/// Every limit of a client with its default. All except the fixed ones can be set under `limits` and `cache` of the configuration.
package struct Limits: Sendable, Equatable {
    /// How long a request may take. Waiting for a connection counts.
    package var queryTimeoutMilliseconds = 10_000
    /// Most bytes of an answer.
    package var responseBytes = 5 * 1024 * 1024
    /// Most bytes of a request.
    package var requestBytes = 16 * 1024 * 1024
    /// Most submitted requests that wait or run at once.
    package var queueLength = 16_384
    /// Most tags that `invalidate` may name within a day. Nil is no limit.
    package var invalidatedTagsPerDay: Int?
    /// Most calls of `invalidateAll` within an hour. Nil is no limit.
    package var invalidateAllPerHour: Int?

    /// How long the listening connection may be silent before automatic answers are dropped.
    package var listenTimeoutMilliseconds = 5000

    /// Most log events that wait to be taken, and most bytes of them. Beyond that the oldest are dropped.
    package var logEvents = 10_000
    package var logBytes = 8 * 1024 * 1024

    /// Bytes of the cache: answers, keys and all overhead.
    package var cacheBytes = 64 * 1024 * 1024
    /// Larger answers are returned but not stored. Nil is an eighth of `cacheBytes`.
    package var cacheEntryBytes: Int?

    /// The range of `listenTimeoutMilliseconds`.
    package static let listenTimeouts = 200...3_600_000
    /// The ranges of `cache.tier.timeoutMs` and `cache.tier.maxEntryBytes`.
    package static let tierTimeouts = 1...10_000
    package static let tierEntryBytes = 0...67_108_864
    /// The range of `cache.snapshotMinutes`: up to a week.
    package static let snapshotMinutes = 1...10_080
    /// The range of the number of bytes in `cache.tier.prefix`, which keys in Redis begin with.
    static let tierPrefixBytes = 1...64
    /// The longest wait for the versions of a snapshot's tags when it is saved and restored, and for the tier's messages.
    static let savedVersionsMilliseconds = 2_000
    static let restoredVersionsMilliseconds = 5_000
    static let snapshotEchoMilliseconds = 500
    /// How long closing a client waits for its snapshot. A file that is not whole by then is given up.
    static let snapshotClosingMilliseconds = 20_000
    /// The longest wait for a session before a snapshot is read, and the pause until it is tried again.
    static let snapshotConnectMilliseconds = 2_000
    static let snapshotConfirmMilliseconds = 1_000
    /// The range of the number of bytes in `cache.name`.
    package static let cacheNameBytes = 1...200
    /// Most bytes of a configuration.
    package static let configurationBytes = 64 * 1024 * 1024
    /// Most compiled request shapes that a client remembers.
    package static let plans = 10_000
    /// Most tables of an automatic answer that are known by name. With more, every write drops the answer.
    package static let automaticTables = 64
    /// The greatest age of the catalog's facts when an automatic answer is read: a minute.
    package static let catalogNanoseconds: UInt64 = 60_000_000_000
    /// The pause before the catalog is asked again after a failure.
    package static let catalogRetryNanoseconds: UInt64 = 1_000_000_000
    /// Most bytes of the catalog's answer, about facts or about all tables and their partitions.
    package static let catalogBytes = 64 * 1024 * 1024
    /// How many times the structure of a database is read while it changes.
    static let catalogAttempts = 20
    /// Most differences between schema and database that an error or the log names.
    static let toldDifferences = 20
    /// Most bytes of one script of a migration.
    static let migrationBytes = 64 * 1024 * 1024
    /// The longest wait for the lock of another migration.
    static let migrationLockMilliseconds = 10_000
    /// Most bytes of a failed statement in the error of a migration. The rest is cut off.
    static let sketchBytes = 240
    /// Most bytes of a list of tags in a notice to other processes. With more, the notice says that everything was invalidated.
    static let noticeBytes = 7_000
    /// Number of buffers that are kept for answers outside the cache, and the range of their bytes. Smaller blocks are left to `malloc`.
    static let keptBuffers = 4
    static let smallestBufferBytes = 65_536
    static let largestBufferBytes = 1 << 20
    /// Number of handles of closed clients that are not reused yet.
    static let closedHandles = 256
    /// Most background refreshes that may wait. Beyond that a stale answer is served without one.
    package static let refreshQueue = 10_000
    /// Number of ended interactive transactions whose outcome a client remembers.
    package static let pastTransactions = 1000
    /// How long the rollback of an expired or abandoned transaction may take. Its connection is closed then.
    package static let rollbackMilliseconds = 2_000
    /// Most bytes of a statement, and of its parameters, in a log event. The rest is cut off.
    package static let logTextBytes = 16 * 1024
    /// Most members of the configuration's `log`.
    package static let logMembers = 64
    /// How many times a write is tried if its statements turn out to be outdated: each of them may, one after the other.
    static let preparations = 5

    /// The pauses of the housekeeper: when nothing is left to do, and between two portions of work.
    static let idleTidyingNanoseconds: UInt64 = 100_000_000
    static let busyTidyingNanoseconds: UInt64 = 100_000
    /// Bytes of the answer of `$log.take` beside its events.
    static let logFrameBytes = 64
    /// The greatest value of any limit in milliseconds: a day.
    package static let longestMilliseconds = 86_400_000
}
