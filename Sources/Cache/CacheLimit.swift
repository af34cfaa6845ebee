/// The limits of a cache.
package enum CacheLimit {
    /// The longest `ttl`, `swr` and `staleIfError` in seconds: a year. Why: no sum of them in nanoseconds overflows.
    package static let windowSeconds = 31_536_000
    /// Most bytes of an answer.
    package static let answerBytes = Int(UInt32.max)
    /// Most bytes of an answer inside an entry's block. Why a limit: it is copied.
    static let insideBytes = 256 << 10

    /// Most texts that lead to an entry, and most tags of one. Beyond that the oldest text is dropped, or the entry is not kept.
    ///
    /// Why limits: each list is walked when an entry is found by its key or refreshed.
    static let aliases = 16
    static let tags = 512

    /// The time in nanoseconds after which a refresh that has not ended is begun again.
    static let refreshLease = 30 * MonotonicTime.second
    /// The longest pause in nanoseconds after refreshes that failed.
    static let longestBackoff = 30 * MonotonicTime.second

    /// The pause in nanoseconds between two searches for entries that are invalid or too old.
    static let sweepPause = MonotonicTime.second
    /// Number of entries that are examined under one lock. Why so few: other threads wait for it.
    static let portion = 50
    /// Bytes that have to be freed before `malloc` is asked to return memory to the system.
    static let surplusBytes = 4 << 20
}
