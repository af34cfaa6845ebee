/// The pauses between attempts that fail: each between half and all of a span that doubles with each failure ("exponential backoff with
/// jitter"). A value: time and randomness come from the caller.
package struct Backoff: Sendable {
    /// Nanoseconds.
    package let first: Int64
    package let longest: Int64

    package init(first: Int64, longest: Int64) {
        self.first = first
        self.longest = longest
    }

    /// The pause after that many failures in a row, at least one. `jitter`: any number.
    package func pause(afterFailures failures: Int, jitter: UInt64) -> Int64 {
        let doublings = min(max(failures, 1) - 1, 20)
        let span = min(first &<< doublings, longest)
        let half = max(span / 2, 1)
        return half &+ Int64(jitter % UInt64(half))
    }
}
