/// The limits of the second tier.
enum TierLimit {
    /// Most connections of a process, without the one that listens.
    static let sessions = 4
    /// Most stores and releases that wait for the worker, and most bytes of their answers. Beyond that they are dropped.
    static let jobs = 1024
    static let jobBytes = 32 << 20
    /// The pause between two readings of the tier's clock.
    static let clockMilliseconds = 500
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
}
