import CLinux
import Concurrency
import Telemetry
import Text

extension Connection {
    /// Why an attempt to connect ended without a session.
    enum ConnectError: Error {
        /// The database could not be reached, or it refused the session.
        case failed(ConnectFailure)
        /// The caller's own deadline came first, or the pool was closed.
        case abandoned(Failure)
    }

    /// Connects. The wait ends at `deadline` or after the URL's `connect_timeout`, whichever comes first.
    ///
    /// The resolution of host names is the exception: libpq leaves it to the system, which keeps neither limit.
    static func establish(
        _ settings: ConnectionSettings, slot: UInt64, interrupt: EventDescriptor, showsServerMessages: Bool, log: Log?,
        epoch: StatementEpoch = StatementEpoch(), until deadline: Deadline, cancellation: CancellationToken? = nil
    ) throws(ConnectError) -> Connection {
        do throws(ConnectError) {
            return try establishSomewhere(
                settings, slot: slot, interrupt: interrupt, showsServerMessages: showsServerMessages, log: log, epoch: epoch, until: deadline,
                cancellation)
        } catch {
            guard case .failed(var cause) = error else { throw error }
            cause.place = settings.place
            throw .failed(cause)
        }
    }

    private static func establishSomewhere(
        _ settings: ConnectionSettings, slot: UInt64, interrupt: EventDescriptor, showsServerMessages: Bool, log: Log?, epoch: StatementEpoch,
        until deadline: Deadline, _ cancellation: CancellationToken?
    ) throws(ConnectError) -> Connection {
        let attempt = settings.connectDeadline(from: .now)
        let end = AttemptEnd(deadline: min(attempt, deadline), isCallers: deadline <= attempt, cancellation: cancellation)
        func connect(_ told: ConnectionSettings) throws(ConnectError) -> Connection {
            guard let session = Session(starting: told.completed(Session.inherited)) else {
                throw .failed(ConnectFailure(code: "P1001"))
            }
            let handshakeTrace = HandshakeTrace()
            try session.withHandshakeTrace(handshakeTrace) { () throws(ConnectError) in try completeHandshake(session, settings, interrupt, end) }
            return Connection(
                slot: slot, session: session, key: handshakeTrace.key, settings: settings, showsServerMessages: showsServerMessages,
                interrupt: interrupt, log: log, epoch: epoch)
        }
        do throws(ConnectError) {
            let connection = try connect(settings)
            if settings.mustSetTimeZone(reported: connection.session.reportedSetting("TimeZone")) { try connection.applySettings(end) }
            connection.firstSettings = connection.session.reportedSettings
            return connection
        } catch {
            guard case .failed(let cause) = error, settings.canDoWithoutOptions(after: cause) else { throw error }
        }
        let connection = try connect(settings.withoutOptions)
        try connection.applySettings(end)
        connection.firstSettings = connection.session.reportedSettings
        return connection
    }

    /// When an attempt ends, whether that is the caller's own deadline, and what ends it early.
    private struct AttemptEnd {
        let deadline: Deadline
        let isCallers: Bool
        let cancellation: CancellationToken?
    }

    private func applySettings(_ end: AttemptEnd) throws(ConnectError) {
        do throws(ConnectionError) {
            begin()
            try check(settings.settingStatement.withCString { session.sendQuery(text: $0, values: nil, count: 0, binary: false) })
            try receiveOne(end.deadline).clear()
            machine.start()
            hasLateSettings = true
        } catch {
            session.close()
            throw Connection.abandonment(error, end, stage: .established)
        }
    }

    private static func completeHandshake(
        _ session: borrowing Session, _ settings: ConnectionSettings, _ interrupt: EventDescriptor, _ end: AttemptEnd
    ) throws(ConnectError) {
        // Why: a new attempt of libpq first waits until its socket is writable.
        var progress = session.stage == .broken ? Session.Progress.failed : .writing
        var stage = session.stage
        while progress != .done {
            if progress == .failed {
                let failure = ConnectFailure(message: session.message, stage: stage)
                let attributes = settings["target_session_attrs"] ?? "any"
                let isUnmet = failure.sqlState == nil && attributes != "any" && session.wasLetIn
                throw .failed(isUnmet ? .unmet(attributes) : failure)
            }
            do throws(ConnectionError) {
                _ = try wait(
                    for: session.descriptor, toWrite: progress == .writing, toRead: progress == .reading,
                    interrupt: interrupt, cancellation: end.cancellation, end.deadline)
            } catch {
                throw abandonment(error, end, stage: stage)
            }
            stage = session.stage
            progress = session.poll()
        }
    }

    private static func abandonment(_ connectionError: ConnectionError, _ end: AttemptEnd, stage: Session.Stage) -> ConnectError {
        switch connectionError {
        case .interrupted: .abandoned(Pool.closedFailure)
        case .cancelled: .abandoned(cancelledFailure)
        case .deadline where end.isCallers: .abandoned(timeoutFailure)
        case .deadline: .failed(ConnectFailure(code: stage == .unreached ? "P1001" : "P1002"))
        case .lost, .server, .tooMuch: .failed(ConnectFailure(code: "P1001"))
        }
    }
}
