import Concurrency
import Postgres
import Text

/// The running calls of a client that shares its pool. Closing the client ends them, while the pool serves others.
final class RunningCalls: Sendable {
    struct State: Sendable {
        var cancellationTokens: [UInt64: CancellationToken] = [:]
        var lastNumber: UInt64 = 0
        var isCancelled = false
    }

    private let state = Lock(State())

    /// True if the client is closing.
    var areCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Calls `body` so that `cancellationToken` ends its waits.
    func during<Result>(_ body: () -> Result) -> Result {
        let cancellationToken = CancellationToken.current ?? CancellationToken()
        let number = begin(cancellationToken)
        defer { end(number) }
        return CancellationToken.with(cancellationToken, body)
    }

    /// From here to `end`, closing the client cancels the token.
    func begin(_ cancellationToken: CancellationToken) -> UInt64 {
        let (number, isLate) = state.withLock { state in
            state.lastNumber += 1
            state.cancellationTokens[state.lastNumber] = cancellationToken
            return (state.lastNumber, state.isCancelled)
        }
        if isLate { cancellationToken.cancel() }
        return number
    }

    func end(_ number: UInt64) { _ = state.withLock { $0.cancellationTokens.removeValue(forKey: number) } }

    /// Ends all waits, and those that would begin.
    func stop() {
        let cancellationTokens = state.withLock { state in
            state.isCancelled = true
            return Array(state.cancellationTokens.values)
        }
        for cancellationToken in cancellationTokens { cancellationToken.cancel() }
    }
}

extension Client {
    /// Calls `body`, which may wait: if the client shares its pool, closing it ends that.
    func running<Result>(_ body: () -> Result) -> Result { calls.map { $0.during(body) } ?? body() }

    /// Returns the failure of a call that ended because the client is closing.
    func asClosing(_ failure: Failure) -> Failure {
        guard failure.status == .cancelled, let calls, calls.areCancelled else { return failure }
        var closed = Failure.closed
        // For a write that may have happened, the second sentence says so.
        closed.message += failure.message.dropFirst(Failure.cancelled.message.utf8.count)
        return closed
    }
}
