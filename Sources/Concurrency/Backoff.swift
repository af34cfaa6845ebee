/// The pauses between failed attempts: exponential backoff with jitter. A span doubles with each failure, and a pause is between half of it
/// and all of it. A value: time and randomness come from the caller.
package struct Backoff: Sendable {
    /// Nanoseconds.
    package let first: Int64
    package let longest: Int64

    package init(first: Int64, longest: Int64) {
        self.first = first
        self.longest = longest
    }

    /// Returns the pause in nanoseconds after `failures` failures in a row, of which there is at least one. `jitter` is any random number.
    package func pause(afterFailures failures: Int, jitter: UInt64) -> Int64 {
        let doublings = min(max(failures, 1) - 1, 20)
        let span = min(first &<< doublings, longest)
        let half = max(span / 2, 1)
        return half &+ Int64(jitter % UInt64(half))
    }
}
