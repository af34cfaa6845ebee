import Concurrency
import Text

/// A write that times out or is cancelled while the server works on it. Only the server's reply says whether it was committed.
///
/// The server is asked to cancel, and its reply is awaited a little longer. The connection is not used again, because the
/// cancel request may still be on its way.
final class FinalReply {
    /// Why the server was asked to cancel.
    let cause: Connection.ConnectionError
    /// The failure that the caller gets if the server has cancelled the write.
    let failure: Failure
    /// When the wait for the reply ends.
    let deadline: Deadline
    /// The event that ends that wait.
    /// Why another event after a cancellation: the cancellation has signalled the connection's own one.
    let interrupt: EventDescriptor

    /// - Parameter mayCommit: true if the statement may have committed something before it was cancelled.
    fileprivate init(_ cause: Connection.ConnectionError, _ failure: Failure, _ interrupt: EventDescriptor, _ mayCommit: Bool) {
        self.cause = cause
        self.interrupt = interrupt
        self.failure = failure.ending(mayCommit ? .doubtful : .undone)
        deadline = .after(milliseconds: PostgresLimit.finalReplyMilliseconds)
    }
}

extension Connection {
    /// Calls `body`, whose end may commit something. A raw statement that `mayCommit` may commit earlier, too.
    func withFinalReply<Result: ~Copyable>(
        _ isWanted: Bool, of raw: RawStatement? = nil, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if !isWanted { return try body() }
        awaitsFinalReply = true
        if raw != nil { rawAtWork = raw }
        defer {
            if finalReply != nil { machine.markBroken() }
            (awaitsFinalReply, finalReply) = (false, nil)
            if raw != nil { rawAtWork = nil }
        }
        return try body()
    }

    /// Returns the first cause of an error. If the server cancelled a statement on request, that is the timeout or the cancellation.
    func cause(of connectionError: ConnectionError) -> ConnectionError {
        guard let finalReply, case .server(let problem) = connectionError, problem.sqlState == "57014" else { return connectionError }
        return finalReply.cause
    }

    /// Waits for the socket. Returns nil once: when the wait has ended and the server was asked to cancel.
    func waitOrCancel(toWrite: Bool, _ deadline: Deadline) throws(ConnectionError) -> (canRead: Bool, canWrite: Bool)? {
        let socket = socket
        if let finalReply {
            do throws(ConnectionError) {
                return try Connection.wait(
                    for: socket, toWrite: toWrite, toRead: true, interrupt: finalReply.interrupt, finalReply.deadline)
            } catch {
                // Why: the server has not answered in that time. The caller gets the first cause.
                if case .deadline = error { throw finalReply.cause }
                throw error
            }
        }
        do throws(ConnectionError) {
            return try Connection.wait(
                for: socket, toWrite: toWrite, toRead: true, interrupt: interrupt, cancellation: cancellation, deadline)
        } catch {
            guard awaitsFinalReply, let cancellation = Cancellation(of: self) else { throw error }
            let mayCommit = rawAtWork?.mayCommit ?? false
            switch error {
            case .deadline: finalReply = FinalReply(error, Connection.timeoutFailure, interrupt, mayCommit)
            case .cancelled: finalReply = FinalReply(error, Connection.cancelledFailure, EventDescriptor(), mayCommit)
            default: throw error
            }
            cancellation.ask(until: .after(milliseconds: PostgresLimit.finalCancelMilliseconds))
            return nil
        }
    }
}
