import Concurrency

/// Durations in milliseconds, counted in the buckets of Prisma's histograms.
///
/// Any thread may record; it takes one short lock. Used for round trips to the database, never on a cache hit.
package final class Histogram: Sendable {
    /// Upper bounds of the buckets, in milliseconds. Larger values count in the total alone.
    package static let bounds: [Double] = [0, 1, 5, 10, 50, 100, 500, 1000, 5000, 50000]

    package struct Snapshot: Sendable {
        /// The number of values in each bucket of `bounds`, not cumulated.
        package var counts = [UInt64](repeating: 0, count: bounds.count)
        package var count: UInt64 = 0
        package var sum: Double = 0

        package init() {}
    }

    private let state = Lock(Snapshot())

    package init() {}

    package func record(milliseconds: Double) {
        state.withLock { state in
            state.count &+= 1
            state.sum += milliseconds
            if let bucket = Histogram.bounds.firstIndex(where: { milliseconds <= $0 }) { state.counts[bucket] &+= 1 }
        }
    }

    package var snapshot: Snapshot { state.withLock { $0 } }
}
