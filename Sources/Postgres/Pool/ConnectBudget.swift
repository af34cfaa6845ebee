/// Decides how long an attempt to connect goes on after its caller has left. It is a pure value.
///
/// The time is short at first. An attempt that began while the network dropped everything must not hold its slot long after the network is
/// back. The time grows after each attempt that failed, because a slow server would otherwise never get to its answer.
struct ConnectBudget {
    /// The least time of any attempt.
    static let shortestMilliseconds = 1_000
    /// The URL's `connect_timeout`; 0 sets no limit.
    let longestMilliseconds: Int
    private(set) var milliseconds = shortestMilliseconds

    init(longestMilliseconds: Int) { self.longestMilliseconds = longestMilliseconds }

    /// An attempt with that much time has failed. Attempts that were made together count as one.
    mutating func fellShort(of given: Int) {
        let (doubled, overflow) = given.multipliedReportingOverflow(by: 2)
        milliseconds = max(milliseconds, overflow ? given : doubled)
        if longestMilliseconds > 0 { milliseconds = min(milliseconds, max(longestMilliseconds, ConnectBudget.shortestMilliseconds)) }
    }

    /// An attempt succeeded after that time. The next one may take twice as long.
    mutating func succeeded(after took: Int) {
        milliseconds = ConnectBudget.shortestMilliseconds
        if took > milliseconds / 2 { fellShort(of: took) }
    }
}
