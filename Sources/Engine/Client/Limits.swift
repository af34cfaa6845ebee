/// Every limit of a client, with its default. All but the fixed ones can be set under `limits` and `cache` of the configuration.
package struct Limits: Sendable, Equatable {
    /// How long a request may take, waiting for a connection included.
    package var queryTimeoutMilliseconds = 10_000
    /// How large an answer may be.
    package var responseBytes = 5 * 1024 * 1024
    /// How large a request text may be.
    package var requestBytes = 16 * 1024 * 1024
    /// How many submitted requests may wait or run at once.
    package var queueLength = 16_384
    /// How many tags `invalidate` may name within a day; nil is no limit.
    package var invalidatedTagsPerDay: Int?
    /// How often `invalidateAll` may be called within an hour; nil is no limit.
    package var invalidateAllPerHour: Int?

    /// How long the listening connection may be silent before automatic answers are dropped.
    package var listenTimeoutMilliseconds = 5000

    /// How many events of the log wait to be taken, and how many bytes they have; beyond it the oldest are dropped.
    package var logEvents = 10_000
    package var logBytes = 8 * 1024 * 1024

    /// Bytes of the cache: answers, keys and all overhead.
    package var cacheBytes = 64 * 1024 * 1024
    /// Answers larger than this are given, but not stored; nil is an eighth of `cacheBytes`.
    package var cacheEntryBytes: Int?

    /// What `listenTimeoutMilliseconds` may be.
    package static let listenTimeouts = 200...3_600_000
    /// What `cache.tier.timeoutMs` and `cache.tier.maxEntryBytes` may be.
    package static let tierTimeouts = 1...10_000
    package static let tierEntryBytes = 0...67_108_864
    /// Bytes of `cache.name`.
    package static let cacheNameBytes = 1...200
    /// A configuration text.
    package static let configurationBytes = 64 * 1024 * 1024
    /// How many compiled request shapes a client remembers.
    package static let plans = 10_000
    /// Of an automatic answer, so many tables are known by their names; with more of them every write drops it.
    package static let automaticTables = 64
    /// How old what is known of the database's tables may be when an automatic answer is read: a minute.
    package static let catalogNanoseconds: UInt64 = 60_000_000_000
    /// How long that is not asked for again after it failed.
    package static let catalogRetryNanoseconds: UInt64 = 1_000_000_000
    /// Of the catalog's answer to that.
    package static let catalogBytes = 64 * 1024 * 1024
    /// How often the structure of a database is asked for that changes meanwhile.
    static let catalogAttempts = 20
    /// How many background refreshes may wait; beyond it a stale answer is served without one.
    package static let refreshQueue = 10_000
    /// Of how many interactive transactions that have ended a client knows how they did.
    package static let pastTransactions = 1000
    /// How long a transaction that has expired, or was given up, may take to be rolled back; then its connection is closed.
    package static let rollbackMilliseconds = 2_000
    /// A statement, and its parameters, in an event of the log; what is longer is cut.
    package static let logTextBytes = 16 * 1024
    /// Members of the configuration's `log`.
    package static let logMembers = 64
    /// How often a write is tried when statements of it turn out to be prepared for tables that have changed: each may, one after the other.
    static let preparations = 5

    /// What the answer of `$log.take` has beside its events.
    static let logFrameBytes = 64
    /// The longest time any limit in milliseconds may name: a day.
    package static let longestMilliseconds = 86_400_000
}
