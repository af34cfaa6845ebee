import Concurrency
import Text

/// A write whose time is up, or that is cancelled, while the server works on it: whether it happens is for the server to say. It is asked to cancel,
/// and its answer is waited for a little longer.
///
/// Afterwards the connection is not used again: the request to cancel may still be on its way.
final class FinalReply {
    /// Why the server was asked to cancel.
    let cause: Connection.ConnectionError
    /// What the caller is told when the server has cancelled it.
    let failure: Failure
    /// How long the answer is waited for.
    let deadline: Deadline
    /// What ends that wait. Why another one where the request was stopped: the stop has raised the connection's.
    let interrupt: EventDescriptor

    fileprivate enum Limits {
        /// For the request to cancel.
        static let askMilliseconds = 100
        /// For the answer, from the beginning.
        static let milliseconds = 250
    }

    /// - Parameter mayCommit: the statement may have committed something before it was cancelled.
    fileprivate init(_ cause: Connection.ConnectionError, _ failure: Failure, _ interrupt: EventDescriptor, _ mayCommit: Bool) {
        self.cause = cause
        self.interrupt = interrupt
        self.failure = mayCommit ? Connection.doubtfulFailure(failure) : Connection.undoneFailure(failure)
        deadline = .after(milliseconds: Limits.milliseconds)
    }
}

extension Connection {
    /// Calls `body`, at whose end something may be committed; of a raw statement that `mayCommit` earlier, too.
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

    /// What went wrong in the first place: a statement that the server cancelled on our word ran out of time, or was stopped.
    func cause(of connectionError: ConnectionError) -> ConnectionError {
        guard let finalReply, case .server(let problem) = connectionError, problem.sqlState == "57014" else { return connectionError }
        return finalReply.cause
    }

    /// Waits for the socket. nil once, when the wait is over, and the server was asked to cancel what would be committed.
    func waitOrCancel(toWrite: Bool, _ deadline: Deadline) throws(ConnectionError) -> (canRead: Bool, canWrite: Bool)? {
        let socket = socket
        if let finalReply {
            do throws(ConnectionError) {
                return try Connection.waitUnstopped(
                    for: socket, toWrite: toWrite, toRead: true, interrupt: finalReply.interrupt, finalReply.deadline)
            } catch {
                // Why: the server has not answered in that time, and the caller was told to stop for the first reason.
                if case .deadline = error { throw finalReply.cause }
                throw error
            }
        }
        do throws(ConnectionError) {
            return try Connection.wait(for: socket, toWrite: toWrite, toRead: true, interrupt: interrupt, deadline)
        } catch {
            guard awaitsFinalReply, let cancellation = Cancellation(of: self) else { throw error }
            let mayCommit = rawAtWork?.mayCommit ?? false
            switch error {
            case .deadline: finalReply = FinalReply(error, Connection.timeoutFailure, interrupt, mayCommit)
            case .cancelled: finalReply = FinalReply(error, Connection.cancelledFailure(), EventDescriptor(), mayCommit)
            default: throw error
            }
            cancellation.ask(until: .after(milliseconds: FinalReply.Limits.askMilliseconds))
            return nil
        }
    }
}
