import CLinux
import Telemetry
import Text

extension Connection {
    /// What ends an attempt to connect.
    enum ConnectError: Error {
        /// The database could not be reached, or refused.
        case failed(ConnectFailure)
        /// The caller's own deadline came first, or the pool was closed.
        case abandoned(Failure)
    }

    /// Connects, waiting at most until `deadline` and as long as the URL's `connect_timeout` allows.
    ///
    /// Only the resolution of host names, which libpq leaves to the system, keeps to neither.
    static func establish(
        _ settings: ConnectionSettings, slot: UInt64, interrupt: Interrupt, showsServerMessages: Bool, log: Log?,
        until deadline: Deadline
    ) throws(ConnectError) -> Connection {
        let attempt = settings.connectDeadline(from: .now)
        guard let session = Session(starting: settings.completed(Session.inherited)) else {
            throw .failed(ConnectFailure(code: "P1001"))
        }
        let account = StartupAccount()
        try session.withAccount(account) { () throws(ConnectError) in
            try carryOn(session, interrupt, until: min(attempt, deadline), isCallers: deadline <= attempt)
        }
        return Connection(
            slot: slot, session: session, key: account.key, settings: settings, showsServerMessages: showsServerMessages,
            interrupt: interrupt, log: log)
    }

    private static func carryOn(
        _ session: borrowing Session, _ interrupt: Interrupt, until deadline: Deadline, isCallers: Bool
    ) throws(ConnectError) {
        // A new attempt of libpq waits for its socket to become writable first.
        var progress = session.stage == .broken ? Session.Progress.failed : .writing
        var stage = session.stage
        while progress != .done {
            if progress == .failed { throw .failed(ConnectFailure(message: session.message, stage: stage)) }
            do throws(Trouble) {
                _ = try wait(
                    for: session.descriptor, toWrite: progress == .writing, toRead: progress == .reading,
                    interrupt: interrupt, deadline)
            } catch {
                throw abandonment(error, isCallers: isCallers, stage: stage)
            }
            stage = session.stage
            progress = session.poll()
        }
    }

    private static func abandonment(_ trouble: Trouble, isCallers: Bool, stage: Session.Stage) -> ConnectError {
        switch trouble {
        case .interrupted: .abandoned(Pool.closedFailure)
        case .stopped: .abandoned(stoppedFailure())
        case .deadline where isCallers: .abandoned(timeoutFailure)
        case .deadline: .failed(ConnectFailure(code: stage == .unreached ? "P1001" : "P1002"))
        case .lost, .server, .tooMuch: .failed(ConnectFailure(code: "P1001"))
        }
    }
}
