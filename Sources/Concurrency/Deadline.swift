import CLinux

/// A moment of the monotonic clock by which something has to be done.
package struct Deadline: Comparable, Sendable {
    /// Nanoseconds of CLOCK_MONOTONIC.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static var never: Deadline { Deadline(nanoseconds: .max) }

    /// The present moment.
    package static var now: Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// Returns the moment `milliseconds` after `start`, or `never` when the clock cannot count that far.
    package static func after(milliseconds: Int, from start: Deadline = .now) -> Deadline {
        let (span, overflow) = Int64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
        let (end, late) = start.nanoseconds.addingReportingOverflow(span)
        return overflow || late ? .never : Deadline(nanoseconds: end)
    }

    /// What poll(2) takes: whole milliseconds from now, rounded up; -1 without an end.
    package var pollMilliseconds: Int32 {
        if self == .never { return -1 }
        let left = nanoseconds &- Deadline.now.nanoseconds
        if left <= 0 { return 0 }
        return Int32(clamping: (left &+ 999_999) / 1_000_000)
    }

    /// Returns the last moment at which a job that has waited since `start` may still begin: a quarter of its time is left.
    ///
    /// Why: in a queue that does not empty, the jobs in front have waited longest. Begun at the end of their time, all would time out while
    /// they run. Each would cost a connection, and no caller would get an answer.
    package func latestStart(since start: Deadline) -> Deadline {
        if self == .never || self <= start { return self }
        return Deadline(nanoseconds: nanoseconds &- (nanoseconds &- start.nanoseconds) / 4)
    }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}
