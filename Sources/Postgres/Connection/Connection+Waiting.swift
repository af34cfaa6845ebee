import CLinux
import Concurrency
import Text

// MARK: - Waiting

extension Connection {
    /// Why a wait ended without its result.
    enum ConnectionError: Error {
        case deadline, lost
        /// The pool was closed.
        case interrupted
        /// The request was cancelled.
        case cancelled
        /// The reply is larger than an answer may be.
        case tooMuch
        case server(ServerError)
    }

    /// Sends what is queued, and reads until a reply can be taken without waiting.
    func awaitReply(_ deadline: Deadline) throws(ConnectionError) {
        do throws(ConnectionError) {
            try awaitAnything(deadline)
        } catch {
            endRelay()
            throw error
        }
        endRelay()
    }

    private func endRelay() {
        if let relay, relay.isActive { relay.end(session.descriptor) }
    }

    /// Returns the relay that feeds libpq from now on. Nil while the reply is still small.
    private func beginRelay() -> Relay? {
        if receiveMeter.readings <= ReceiveMeter.freeReadings { return nil }
        if relay == nil { relay = Relay(before: session.descriptor) }
        guard let relay, relay.isActive || relay.begin() else { return nil }
        return relay
    }

    private func awaitAnything(_ deadline: Deadline) throws(ConnectionError) {
        while true {
            let flushing = session.flush()
            if !session.isBusy { return }
            // Why: a failed flush leaves an error that would be read as a reply, and the session is not busy then.
            if flushing == .failed { throw .lost }
            guard let ready = try waitOrCancel(toWrite: flushing == .pending, deadline) else { continue }
            if ready.canRead {
                receiveMeter.readings += 1
                // Why not while a flush is pending: it would go to the relay.
                if flushing == .complete, let relay = beginRelay() {
                    try read(relay)
                } else if !session.consumeInput(), session.isBusy {
                    throw .lost
                }
            }
        }
    }

    /// Reads a portion of what has arrived.
    private func read(_ relay: Relay) throws(ConnectionError) {
        switch relay.transfer() {
        case .nothing: return
        case .bytes(let count): receiveMeter.count += count
        case .end: break
        }
        if receiveMeter.count > settings.receiveLimit { throw .tooMuch }
        repeat {
            if !session.consumeInput() {
                if session.isBusy { throw .lost }
                return
            }
        } while relay.hasUnread
    }

    /// Waits for a socket, the interrupt, the cancellation or the deadline, whichever comes first.
    static func wait(
        for descriptor: Int32, toWrite: Bool, toRead: Bool, interrupt: EventDescriptor, cancellation: CancellationToken?, _ deadline: Deadline
    ) throws(ConnectionError) -> (canRead: Bool, canWrite: Bool) {
        guard let cancellation else {
            return try wait(for: descriptor, toWrite: toWrite, toRead: toRead, interrupt: interrupt, deadline)
        }
        guard cancellation.begin(.interrupt(interrupt)) else { throw .cancelled }
        do throws(ConnectionError) {
            let ready = try wait(for: descriptor, toWrite: toWrite, toRead: toRead, interrupt: interrupt, deadline)
            if cancellation.end() { throw .cancelled }
            return ready
        } catch {
            throw cancellation.end() ? .cancelled : error
        }
    }

    /// Waits for a socket, the interrupt or the deadline, whichever comes first.
    static func wait(
        for descriptor: Int32, toWrite: Bool, toRead: Bool, interrupt: EventDescriptor, _ deadline: Deadline
    ) throws(ConnectionError) -> (canRead: Bool, canWrite: Bool) {
        // Why: poll() ignores a negative descriptor and would wait for the interrupt alone.
        if descriptor < 0 { throw .lost }
        let events = Int16((toRead ? POLLIN : 0) | (toWrite ? POLLOUT : 0))
        var descriptors = (
            pollfd(fd: descriptor, events: events, revents: 0),
            pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0)
        )
        while true {
            // Why first: a server that never stops sending is always ready, so the deadline would never be checked.
            let timeout = deadline.pollMilliseconds
            if timeout == 0 { throw .deadline }
            let (count, problem) = ForkGate.outside {
                let count = withUnsafeMutablePointer(to: &descriptors) {
                    $0.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, timeout) }
                }
                return (count, linux_errno())
            }
            if interrupt.isSignaled { throw .interrupted }
            if count < 0, problem != EINTR, problem != EAGAIN { throw .lost }
            let ready = descriptors.0.revents
            if count > 0, ready != 0 {
                let isBroken = ready & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
                return (isBroken || ready & Int16(POLLIN) != 0, isBroken || ready & Int16(POLLOUT) != 0)
            }
        }
    }

    /// Returns what the caller gets to see of an error. The connection is not used again after it.
    /// - Parameter sent: the generated statements, one of which failed.
    func failure(_ connectionError: ConnectionError, mayHaveWritten: Bool = false, of sent: [Statement] = []) -> Failure {
        switch connectionError {
        case .server(let error):
            if let finalReply, error.sqlState == "57014" { return finalReply.failure }
            var disclosure = disclosure
            for statement in sent {
                let forms = isUnprepared ? [statement.text] : [statement.preparedForm.text, statement.text]
                disclosure.texts += forms.map { String(cString: $0) }
            }
            return error.failure(disclosure)
        case .deadline:
            return mayHaveWritten ? Connection.timeoutFailure.ending(.doubtful) : Connection.timeoutFailure
        case .interrupted:
            return Pool.closedFailure
        case .cancelled:
            return mayHaveWritten ? Connection.cancelledFailure.ending(.doubtful) : Connection.cancelledFailure
        case .lost where mayHaveWritten:
            machine.lose()
            return Failure(
                .outcomeUnknown, code: "P1017",
                "The database server closed the connection while a statement ran that may write: "
                    + "it may or may not have happened.",
                meta: [("cause", .text("P1017"))])
        case .lost:
            machine.lose()
            return Connection.lostFailure
        case .tooMuch:
            let failure = Failure(
                .tooLarge, code: "P6009",
                "The response is too large: the server sends many times the limit `limits.responseBytes`. Select fewer fields or records.")
            return mayHaveWritten ? failure.ending(.doubtful) : failure
        }
    }

    static var timeoutFailure: Failure {
        Failure(.timeout, code: "P6004", "The query took longer than its time limit (`timeoutMs`, `limits.queryTimeoutMs`) allows.")
    }

    static var cancelledFailure: Failure { Failure(.cancelled, code: "P6000", "The request was cancelled.") }
}
