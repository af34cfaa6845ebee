/// How long an attempt to connect goes on that no caller waits for any more, decided: a pure value.
///
/// Short at first: what was begun while the network swallowed everything must not keep its place for long when that is over. Longer after
/// each that came to nothing: a server that is only slow would else never get to its answer, and all attempts would be in vain.
struct ConnectBudget {
    /// Also what an attempt has at least.
    static let shortestMilliseconds = 1_000
    /// `connect_timeout`; 0 sets no end.
    let longestMilliseconds: Int
    private(set) var milliseconds = shortestMilliseconds

    init(longestMilliseconds: Int) { self.longestMilliseconds = longestMilliseconds }

    /// An attempt that was given that long has come to nothing. Those that were made together count as one.
    mutating func fellShort(of given: Int) {
        let (doubled, overflow) = given.multipliedReportingOverflow(by: 2)
        milliseconds = max(milliseconds, overflow ? given : doubled)
        if longestMilliseconds > 0 { milliseconds = min(milliseconds, max(longestMilliseconds, ConnectBudget.shortestMilliseconds)) }
    }

    /// One has succeeded after that time: the next may take twice as long.
    mutating func succeeded(after took: Int) {
        milliseconds = ConnectBudget.shortestMilliseconds
        if took > milliseconds / 2 { fellShort(of: took) }
    }
}
