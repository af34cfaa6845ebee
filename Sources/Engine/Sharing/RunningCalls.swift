import Locking
import Postgres
import Text

/// What a client that shares its pool is doing: closing the client ends it, while the pool goes on for others.
final class RunningCalls: Sendable {
    struct State: Sendable {
        var stops: [UInt64: Stop] = [:]
        var lastNumber: UInt64 = 0
        var isStopped = false
    }

    private let state = Lock(State())

    /// Whether the client is closing.
    var areStopped: Bool { state.withLock { $0.isStopped } }

    /// Calls `body` so that `stop` ends its waits.
    func during<Result>(_ body: () -> Result) -> Result {
        let stop = Stop.current ?? Stop()
        let (number, isLate) = state.withLock { state in
            state.lastNumber += 1
            state.stops[state.lastNumber] = stop
            return (state.lastNumber, state.isStopped)
        }
        if isLate { stop.raise() }
        defer { _ = state.withLock { $0.stops.removeValue(forKey: number) } }
        return Stop.during(stop, body)
    }

    /// Ends all waits, and those that would begin.
    func stop() {
        let stops = state.withLock { state in
            state.isStopped = true
            return Array(state.stops.values)
        }
        for stop in stops { stop.raise() }
    }
}

extension Client {
    /// Calls `body`, which may wait: if the client shares its pool, closing it ends that.
    func running<Result>(_ body: () -> Result) -> Result { calls.map { $0.during(body) } ?? body() }

    /// What was stopped because the client is closing is told as that.
    func asClosing(_ failure: Failure) -> Failure {
        guard failure.status == .cancelled, let calls, calls.areStopped else { return failure }
        var closed = Failure.closed
        // Of a write that may have happened, the second sentence says so.
        closed.message += failure.message.dropFirst(Failure.cancelled.message.utf8.count)
        return closed
    }
}
