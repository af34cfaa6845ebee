import CLinux
import Locking

/// Ends what one request waits for in the database, from any other thread: its place in the pool's queue, its connect, or the
/// statement that runs, which is then cancelled on the server.
///
/// A thread that works for a request has the request's stop as its `current`, and every wait of this module looks at that. A wait that
/// is over cannot be reached any more, so a late stop touches nobody who uses the same connection afterwards.
package final class Stop: Sendable {
    /// What wakes the thread that waits.
    enum Waking {
        case bell(Doorbell)
        case interrupt(Interrupt)
    }

    private struct State {
        var isRaised = false
        var waking: Waking?
    }

    private let state = Lock(State())

    package init() {}

    /// Ends the present wait, and every later one at once. Any thread.
    package func raise() {
        state.withLock { state in
            state.isRaised = true
            switch state.waking {
            case .bell(let bell): bell.ring()
            case .interrupt(let interrupt): interrupt.raise()
            case nil: break
            }
        }
    }

    /// A wait begins. False when the stop has been raised, and then it must not.
    func begin(_ waking: Waking) -> Bool {
        state.withLock { state in
            if !state.isRaised { state.waking = waking }
            return !state.isRaised
        }
    }

    /// A wait is over. Whether the stop has been raised by now; if not, it no longer reaches what `begin` was given.
    func end() -> Bool {
        state.withLock { state in
            state.waking = nil
            return state.isRaised
        }
    }
}

// MARK: - The current one

extension Stop {
    /// That of the request which the calling thread works for.
    package static var current: Stop? {
        linux_stop_word().pointee.map { Unmanaged<Stop>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Sleeps until the bell has rung more often than `seen`, or until `deadline`. False when the current stop is raised, which wakes, too.
    package static func sleep(on bell: Doorbell, after seen: UInt64, until deadline: Deadline) -> Bool {
        guard let stop = current else {
            bell.wait(after: seen, until: deadline)
            return true
        }
        guard stop.begin(.bell(bell)) else { return false }
        bell.wait(after: seen, until: deadline)
        return !stop.end()
    }

    /// Calls `body` with `stop` as the current one; nil: with none.
    package static func during<Result, Problem: Error>(
        _ stop: Stop?, _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        let word = linux_stop_word()
        let former = word.pointee
        word.pointee = stop.map { Unmanaged.passUnretained($0).toOpaque() }
        defer { word.pointee = former }
        return try withExtendedLifetime(stop) { () throws(Problem) in try body() }
    }
}
