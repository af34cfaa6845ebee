import Synchronization

/// What one read has cost the server so far, and whether that is short: a pure value of eight bytes.
///
/// Short is what takes two milliseconds at most as a rule, and hardly ever twenty. The rule is a median, which one long pause of the machine does
/// not move; what one execution in twenty takes is told by a penalty, which each slow one raises and each other one lowers.
struct ReadCost: Equatable {
    enum Limits {
        /// How often a read runs alone before anything is known of it.
        static let firstRuns: UInt8 = 3
        static let shortMicroseconds: UInt32 = 2_000
        static let slowMicroseconds: UInt32 = 20_000
        /// What a slow execution adds. One in so many leaves the penalty where it is.
        static let penalty: UInt16 = 24
        /// Beyond it a read is not short: two slow executions among a few.
        static let bearable: UInt16 = 40
        static let heaviest: UInt16 = 240
    }

    /// Counted up to `firstRuns`.
    private(set) var runs: UInt8 = 0
    private(set) var penalty: UInt16 = 0
    /// About the median.
    private(set) var microseconds: UInt32 = 0

    var isShort: Bool { runs >= Limits.firstRuns && penalty <= Limits.bearable && microseconds <= Limits.shortMicroseconds }

    /// It took so long.
    mutating func add(microseconds took: UInt32) {
        if took >= Limits.slowMicroseconds {
            penalty = min(penalty + Limits.penalty, Limits.heaviest)
        } else if penalty > 0 {
            penalty -= 1
        }
        if runs == 0 {
            microseconds = min(took, Limits.slowMicroseconds)
        } else if took > microseconds {
            microseconds = min(microseconds + microseconds / 8 + 1, Limits.slowMicroseconds)
        } else {
            microseconds -= microseconds / 8
        }
        if runs < Limits.firstRuns { runs += 1 }
    }
}

/// The cost of a read, which any thread looks at and adds to. Of two that add at once one may be lost.
final class ReadCostRecord: Sendable {
    private let word = Atomic<UInt64>(0)

    var cost: ReadCost { ReadCost(word: word.load(ordering: .relaxed)) }

    /// The same for an execution that was given up. Why not when it was short until then: it might have gone on.
    func add(atLeast nanoseconds: Int64) {
        if nanoseconds / 1_000 > Int64(ReadCost.Limits.shortMicroseconds) { add(nanoseconds: nanoseconds) }
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
