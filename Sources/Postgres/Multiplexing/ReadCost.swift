import Synchronization

/// The cost of one read for the server so far, and whether it is short: a pure value of eight bytes.
///
/// A short read takes ten milliseconds at most as a rule, and rarely twenty. The rule is a median, which one long pause does not move.
/// A penalty tracks the slow executions: each one raises it, and every other execution lowers it.
///
/// Why not fewer milliseconds: on a busy machine everything takes some, and there sharing saves most. `BatchBudget` limits how many of the
/// longer ones go together.
struct ReadCost: Equatable {
    enum Thresholds {
        /// How many times a read runs alone before its cost is known.
        static let firstRuns: UInt8 = 3
        static let shortMicroseconds: UInt32 = 10_000
        static let slowMicroseconds: UInt32 = 20_000
        /// What a slow execution adds. The penalty stays level if one in this many is slow.
        static let penalty: UInt16 = 24
        /// A read with a higher penalty is not short: two slow executions among a few.
        static let bearable: UInt16 = 40
        static let heaviest: UInt16 = 240
    }

    /// Counted up to `firstRuns`.
    private(set) var runs: UInt8 = 0
    private(set) var penalty: UInt16 = 0
    /// About the median.
    private(set) var microseconds: UInt32 = 0

    var isShort: Bool { runs >= Thresholds.firstRuns && penalty <= Thresholds.bearable && microseconds <= Thresholds.shortMicroseconds }

    /// Adds the duration of an execution.
    mutating func add(microseconds took: UInt32) {
        if took >= Thresholds.slowMicroseconds {
            penalty = min(penalty + Thresholds.penalty, Thresholds.heaviest)
        } else if penalty > 0 {
            penalty -= 1
        }
        if runs == 0 {
            microseconds = min(took, Thresholds.slowMicroseconds)
        } else if took > microseconds {
            microseconds = min(microseconds + microseconds / 8 + 1, Thresholds.slowMicroseconds)
        } else {
            microseconds -= microseconds / 8
        }
        if runs < Thresholds.firstRuns { runs += 1 }
    }
}

/// The cost of a read. Any thread may read it and add to it; one of two simultaneous additions may be lost.
final class ReadCostRecord: Sendable {
    private let word = Atomic<UInt64>(0)

    var cost: ReadCost { ReadCost(word: word.load(ordering: .relaxed)) }

    /// Adds an execution that was given up after that time. Shorter ones are ignored, because they might have gone on.
    func add(atLeast nanoseconds: Int64) {
        if nanoseconds / 1_000 > Int64(ReadCost.Thresholds.shortMicroseconds) { add(nanoseconds: nanoseconds) }
    }

    func add(nanoseconds: Int64) {
        var cost = cost
        cost.add(microseconds: UInt32(clamping: nanoseconds / 1_000))
        word.store(cost.word, ordering: .relaxed)
    }
}

extension ReadCost {
    fileprivate var word: UInt64 { UInt64(microseconds) | UInt64(penalty) << 32 | UInt64(runs) << 48 }

    fileprivate init(word: UInt64) {
        microseconds = UInt32(truncatingIfNeeded: word)
        penalty = UInt16(truncatingIfNeeded: word >> 32)
        runs = UInt8(truncatingIfNeeded: word >> 48)
    }
}
