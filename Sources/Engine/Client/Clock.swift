import CLinux
import Synchronization
import Text

/// The time by which cache windows are judged: the machine's clock, or one that is moved by hand.
///
/// Windows use monotonic time, so a wall clock that jumps expires nothing. `lastModified` is wall-clock time.
package struct Clock: Sendable {
    let isManual: Bool
    private let hands: Hands

    /// The origin of a manual clock plus the time that has passed, in nanoseconds. Copies of a clock share it.
    private final class Hands: Sendable {
        let elapsed = Atomic<UInt64>(Clock.origin)
    }

    private var elapsed: UInt64 { hands.elapsed.load(ordering: .relaxed) }

    package init(isManual: Bool) {
        self.isManual = isManual
        hands = Hands()
    }

    /// The start of all times: three years, in nanoseconds.
    /// Why not zero: an answer that another process read may be older than this machine's start.
    @inline(__always)
    static var origin: UInt64 { 94_608_000_000_000_000 }

    /// Monotonic nanoseconds from `origin` on. The machine's coarse clock has steps of 4 ms and takes 6–11 ns to read.
    @inline(__always)
    package var now: UInt64 { isManual ? elapsed : Clock.read(CLOCK_MONOTONIC_COARSE) &+ Clock.origin }

    /// Like `now`, exact to the nanosecond, for limits that also end waits.
    package var exact: UInt64 { isManual ? elapsed : Clock.monotonic }

    /// When something is read from the database, in milliseconds since 1970. A manual clock starts at 2000-01-01.
    package var lastModified: Int64 {
        isManual
            ? Year2000.milliseconds &+ Int64(truncatingIfNeeded: (elapsed &- Clock.origin) / 1_000_000)
            : Clock.wallMilliseconds
    }

    /// Milliseconds since 1970 by the machine's wall clock. Negative before 1970.
    package static var wallMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
    }

    /// Moves a manual clock. Returns false for the machine's clock. Time stops at `endOfTime`.
    package func advance(milliseconds: UInt64) -> Bool {
        guard isManual else { return false }
        let (step, tooLong) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        var current = elapsed
        while true {
            let (sum, overflow) = current.addingReportingOverflow(step)
            let next = tooLong || overflow ? Clock.endOfTime : min(sum, Clock.endOfTime)
            let result = hands.elapsed.compareExchange(expected: current, desired: next, ordering: .relaxed)
            if result.exchanged { return true }
            current = result.original
        }
    }

    /// Real monotonic nanoseconds, whatever the clock. Deadlines and durations always use the machine's time.
    package static var monotonic: UInt64 { read(CLOCK_MONOTONIC) }

    // Why half of the range: sums with a window of two years still fit.
    private static let endOfTime = UInt64.max / 2

    @inline(__always)
    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }
}
