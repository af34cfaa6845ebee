import Concurrency
import Postgres
import Text

/// The running calls of a client that shares its pool. Closing the client ends them, while the pool serves others.
final class RunningCalls: Sendable {
    struct State: Sendable {
        var cancellations: [UInt64: CancellationToken] = [:]
        var lastNumber: UInt64 = 0
        var isCancelled = false
    }

    private let state = Lock(State())

    /// True if the client is closing.
    var areCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Calls `body` with a token that closing the client cancels. It is the request's own, if it has one.
    func during<Result>(_ cancellation: CancellationToken?, _ body: (CancellationToken) -> Result) -> Result {
        let cancellation = cancellation ?? CancellationToken()
        let number = begin(cancellation)
        defer { end(number) }
        return body(cancellation)
    }

    /// From here to `end`, closing the client cancels the token.
    func begin(_ cancellation: CancellationToken) -> UInt64 {
        let (number, isLate) = state.withLock { state in
            state.lastNumber += 1
            state.cancellations[state.lastNumber] = cancellation
            return (state.lastNumber, state.isCancelled)
        }
        if isLate { cancellation.cancel() }
        return number
    }

    func end(_ number: UInt64) { _ = state.withLock { $0.cancellations.removeValue(forKey: number) } }

    /// Ends all waits, and those that would begin.
    func stop() {
        let cancellations = state.withLock { state in
            state.isCancelled = true
            return Array(state.cancellations.values)
        }
        for cancellation in cancellations { cancellation.cancel() }
    }
}

extension Client {
    /// Calls `body`, which may wait, with the token that ends its waits: the request's own, if it has one. If the client shares its pool,
    /// closing it cancels the token.
    func running<Result>(_ cancellation: CancellationToken? = nil, _ body: (CancellationToken?) -> Result) -> Result {
        calls.map { $0.during(cancellation, body) } ?? body(cancellation)
    }

    /// Returns the failure of a call that ended because the client is closing.
    func asClosing(_ failure: Failure) -> Failure {
        guard failure.status == .cancelled, let calls, calls.areCancelled else { return failure }
        var closed = Failure.closed
        // For a write that may have happened, the second sentence says so.
        closed.message += failure.message.dropFirst(Failure.cancelled.message.utf8.count)
        return closed
    }
}
