/// The limits of the second tier.
package enum TierLimit {
    /// Most connections of a process, without the one that listens.
    static let sessions = 4
    /// Most stores and releases that wait for the worker, and most bytes of their answers. Beyond that they are dropped.
    static let jobs = 1024
    static let jobBytes = 32 << 20
    /// The pause between two readings of the tier's clock.
    static let clockMilliseconds = 500
    /// The same after a failure: the server has become another one, and its clock is not known.
    static let unknownClockMilliseconds = 20
    /// The pause before one more connection is tried, when the server has refused one.
    static let openingMilliseconds = 100
    /// The pause between two questions where the primary is, and the most bytes of a Sentinel's answer. Why no less: 3000 processes ask 15 000 times a second.
    static let moveMilliseconds = 200
    static let sentinelReplyBytes = 65_536
    /// The pause before a host of several that did not answer is asked again whether it has become the primary, in nanoseconds.
    static let silentHost: UInt64 = 1_000_000_000
    /// Most former primaries that are remembered.
    static let endedHistories = 16
    /// How often a Sentinel is asked again at once, the first time included, where a failover came between its answers.
    static let sentinelQuestions = 3
    /// How long Sentinels that answer have to tell lower numbers, while others are silent, in nanoseconds. Sentinels tell each other of
    /// a failover every two seconds.
    static let sentinelReset: UInt64 = 5_000_000_000
    /// How long others wait for the answer of a process that has gone.
    static let leaseMilliseconds = 1000
    /// The pauses in milliseconds between two checks for the answer that another process is reading.
    static let shortestPoll = 1
    static let longestPoll = 16
    /// Limit of calls that no caller waits for.
    static let workMilliseconds = 250
    static let connectMilliseconds = 500
    /// The longest attempt to send what is pending when the tier is closed, and the pause after a failure of that.
    static let closingMilliseconds = 1000
    static let closingPauseMilliseconds = 20
    /// Life of the sign that an answer is too large.
    static let oversizedMilliseconds = 10_000
    /// Tags whose versions are read in one command.
    static let versionsAtOnce = 1000
    /// Half of the time after which a listening connection that is silent is given up.
    static let listenMilliseconds = 500
    /// The pauses in milliseconds before the listener connects again. Each is twice the one before.
    static let shortestListenPause = 20
    static let longestListenPause = 1000
    /// Failures in a row after which calls are stopped.
    package static let failuresToOpen = 3
    /// The pauses in nanoseconds before a tier that failed is called again. Each is twice the one before.
    package static let shortestProbePause: UInt64 = 50_000_000
    package static let longestProbePause: UInt64 = 2_000_000_000
    /// The greatest age of a usable reading of the tier's clock, in nanoseconds.
    package static let clockAge: UInt64 = 3_000_000_000
    /// Most tags whose invalidation the tier has not confirmed. With more, everything is invalidated.
    package static let pendingTags = 4096
}
