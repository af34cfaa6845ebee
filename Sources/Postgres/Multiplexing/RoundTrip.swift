import Concurrency
import Synchronization

/// Measures how long the way to the server and back takes: seldom, by the answer to a statement that is prepared anyway.
struct RoundTripMeter {
    /// When the last one was begun.
    private var start: Deadline?
    private var isRunning = false
    private var sample: Int64?

    /// False while a former one holds.
    mutating func begin(now: Deadline) -> Bool {
        if let start, now < .after(milliseconds: PostgresLimit.roundTripMilliseconds, from: start) { return false }
        start = now
        isRunning = true
        return true
    }

    /// The answer has come.
    mutating func end(now: Deadline) {
        guard isRunning, let start else { return }
        isRunning = false
        sample = now.nanoseconds &- start.nanoseconds
    }

    /// No answer comes any more: the server refused to prepare the statement.
    mutating func giveUp() { isRunning = false }

    /// In nanoseconds, once.
    mutating func take() -> Int64? {
        defer { sample = nil }
        return sample
    }
}

/// How long the way to the server and back takes, at least: a pure value, in nanoseconds.
///
/// Why not a mean: a machine that pauses makes it seem longer, and nothing makes it seem shorter. What seems longer counts little by little, since
/// ways change.
struct RoundTrip: Equatable {
    private(set) var nanoseconds: Int64 = .max

    /// A way took so long.
    mutating func add(_ sample: Int64) {
        if nanoseconds == .max || sample < nanoseconds { return nanoseconds = max(sample, 0) }
        nanoseconds = min(sample, nanoseconds + nanoseconds / 8 + 1_000)
    }

    /// The way and the server's work took so long.
    mutating func add(bound: Int64) { if bound < nanoseconds, nanoseconds != .max { nanoseconds = max(bound, 0) } }

    /// What the server's own work took, of so long in all.
    func excess(of nanoseconds: Int64) -> Int64 { self.nanoseconds == .max ? nanoseconds : max(nanoseconds &- self.nanoseconds, 0) }
}

/// That of a pool, which any thread looks at and adds to. Of two that add at once one may be lost.
final class RoundTripRecord: Sendable {
    private let word = Atomic<Int64>(.max)

    var roundTrip: RoundTrip { RoundTrip(word: word.load(ordering: .relaxed)) }
    /// 0 while it is unknown.
    var nanoseconds: Int64 { roundTrip.nanoseconds == .max ? 0 : roundTrip.nanoseconds }

    /// Adds what a read alone took, with the sample of its way where there is one; gives what of it was the server's work.
    func add(_ sample: Int64?, within nanoseconds: Int64) -> Int64 {
        let former = roundTrip
        var roundTrip = former
        if let sample { roundTrip.add(sample) }
        roundTrip.add(bound: nanoseconds)
        if roundTrip != former { word.store(roundTrip.nanoseconds, ordering: .relaxed) }
        return roundTrip.excess(of: nanoseconds)
    }
}

extension RoundTrip {
    fileprivate init(word: Int64) { nanoseconds = word }
}
