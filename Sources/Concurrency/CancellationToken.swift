import CLinux

/// Ends what one request waits for in the database, from any other thread. That is a place in the pool's queue, a connect, or a running
/// statement, which is then cancelled on the server.
///
/// A thread that works for a request has the request's token as its `current`, and every wait for the database looks at that. A token
/// cannot reach a wait that is over. So a late cancellation never hits the next user of a connection.
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

    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Ends the present wait, and every later one at once. Any thread may call it.
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

    /// Registers a wait. Returns false when the token is cancelled; the wait must not begin then.
    package func begin(_ waking: Waking) -> Bool {
        state.withLock { state in
            if !state.isCancelled { state.waking = waking }
            return !state.isCancelled
        }
    }

    /// Ends the registration of a wait. Returns true if the token is cancelled by now; if it is not, it no longer reaches what `begin` was
    /// given.
    package func end() -> Bool {
        state.withLock { state in
            state.waking = nil
            return state.isCancelled
        }
    }
}

// MARK: - The current one

extension CancellationToken {
    /// The token of the request that the calling thread works for; nil when there is none.
    package static var current: CancellationToken? {
        linux_stop_word().pointee.map { Unmanaged<CancellationToken>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Sleeps until the count of `eventCount` is above `seen`, or until `deadline`. Returns false when the current token is cancelled,
    /// which ends the sleep, too.
    package static func wait(on eventCount: EventCount, after seen: UInt32, until deadline: Deadline) -> Bool {
        guard let cancellationToken = current else {
            eventCount.wait(after: seen, until: deadline)
            return true
        }
        guard cancellationToken.begin(.eventCount(eventCount)) else { return false }
        eventCount.wait(after: seen, until: deadline)
        return !cancellationToken.end()
    }

    /// Calls `body` with `cancellationToken` as the current one, or with none when it is nil.
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
