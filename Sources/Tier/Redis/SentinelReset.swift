/// Decides when Sentinels that tell lower numbers than were seen are believed: they were set up again, and count from the beginning. A pure value.
struct SentinelReset {
    /// When all of those that answer were found to tell lower numbers, without one since that does not.
    private var since: UInt64?

    /// Called after all Sentinels have been asked.
    ///
    /// Why not at once where some are silent: one that is cut off from the others tells a lower number, too. Why half of them: those that
    /// can be reached beside it would be more, as a rule.
    /// - Parameters:
    ///   - outdated: how many told a lower number.
    ///   - current: how many primaries were told by no lower one.
    ///   - all: how many Sentinels there are; those of neither kind gave no answer.
    ///   - now: nanoseconds of the monotonic clock.
    mutating func isCertain(outdated: Int, current: Int, of all: Int, now: UInt64) -> Bool {
        guard current == 0, outdated > 0, outdated * 2 >= all else {
            since = nil
            return false
        }
        if outdated == all { return true }
        let start = since ?? now
        since = start
        return now &- start >= TierLimit.sentinelReset
    }
}
