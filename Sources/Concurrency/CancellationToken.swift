/// Ends what one request waits for in the database, from any other thread. That is a place in the pool's queue, a connect, or a running
/// statement, which is then cancelled on the server.
///
/// It is made with the request's context and passed down with the deadline. A connection has the token of the request that uses it. A token
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

// MARK: - Waiting

extension EventCount {
    /// Sleeps until the count is above `seen`, or until `deadline`. Returns false when `cancellation` is cancelled, which ends the sleep, too.
    package func wait(after seen: UInt32, until deadline: Deadline, cancellation: CancellationToken?) -> Bool {
        guard let cancellation else {
            wait(after: seen, until: deadline)
            return true
        }
        guard cancellation.begin(.eventCount(self)) else { return false }
        wait(after: seen, until: deadline)
        return !cancellation.end()
    }
}
