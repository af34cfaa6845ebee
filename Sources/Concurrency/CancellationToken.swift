import CLinux

/// Ends what one request waits for in the database, from any other thread: its place in the pool's queue, its connect, or the
/// statement that runs, which is then cancelled on the server.
///
/// A thread that works for a request has the request's token as its `current`, and every wait for the database looks at that. A wait that
/// is over cannot be reached any more, so a late cancellation touches no one who uses the same connection afterwards.
package final class CancellationToken: Sendable {
    /// What wakes the thread that waits.
    package enum Waking {
        case eventCount(EventCount)
        case interrupt(EventDescriptor)
    }

    private struct State {
        var isCancelled = false
        var waking: Waking?
    }

    private let state = Lock(State())

    package init() {}

    /// Ends the present wait, and every later one at once. Any thread.
    package func cancel() {
        state.withLock { state in
            state.isCancelled = true
            switch state.waking {
            case .eventCount(let eventCount): eventCount.signal()
            case .interrupt(let interrupt): interrupt.signal()
            case nil: break
            }
        }
    }

    /// A wait begins. False when it is cancelled, and then the wait must not begin.
    package func begin(_ waking: Waking) -> Bool {
        state.withLock { state in
            if !state.isCancelled { state.waking = waking }
            return !state.isCancelled
        }
    }

    /// A wait is over. Returns whether it is cancelled by now; if not, it no longer reaches what `begin` was given.
    package func end() -> Bool {
        state.withLock { state in
            state.waking = nil
            return state.isCancelled
        }
    }
}

// MARK: - The current one

extension CancellationToken {
    /// That of the request which the calling thread works for.
    package static var current: CancellationToken? {
        linux_stop_word().pointee.map { Unmanaged<CancellationToken>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Sleeps until the bell has rung more often than `seen`, or until `deadline`. False when the current token is cancelled, which wakes, too.
    package static func wait(on eventCount: EventCount, after seen: UInt32, until deadline: Deadline) -> Bool {
        guard let cancellationToken = current else {
            eventCount.wait(after: seen, until: deadline)
            return true
        }
        guard cancellationToken.begin(.eventCount(eventCount)) else { return false }
        eventCount.wait(after: seen, until: deadline)
        return !cancellationToken.end()
    }

    /// Calls `body` with `cancellationToken` as the current one; nil: with none.
    package static func with<Result, Problem: Error>(
        _ cancellationToken: CancellationToken?, _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        let word = linux_stop_word()
        let former = word.pointee
        word.pointee = cancellationToken.map { Unmanaged.passUnretained($0).toOpaque() }
        defer { word.pointee = former }
        return try withExtendedLifetime(cancellationToken) { () throws(Problem) in try body() }
    }
}
