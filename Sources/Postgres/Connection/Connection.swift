import CLinux
package import Concurrency
import Synchronization
import Telemetry
package import Text

/// One connection to the server and the statements that are prepared on it.
///
/// It belongs to one thread at a time: the holder of the lease. Every wait ends at a deadline. A connection that met something
/// unexpected is marked in `ConnectionMachine`. The pool closes it; it is never repaired.
package final class Connection: @unchecked Sendable {  // Why unchecked: only the holder of its lease touches it.
    /// The pool's number of the connection.
    let slot: UInt64
    let session: Session
    /// What a cancel request needs; nil if the server sent no key.
    let key: BackendKey?
    var statements: StatementCache
    /// Advances when a connection of the pool finds that the database has changed.
    let epoch: StatementEpoch
    /// The epoch in which `statements` were prepared.
    var seenEpoch: UInt64
    /// True if a running statement was prepared earlier.
    var reusesPrepared = false
    /// Statements that failed and may be outdated. They are prepared again before their next use.
    var suspects: [UInt64] = []
    let settings: ConnectionSettings
    let disclosure: ServerError.ErrorDisclosure
    let interrupt: EventDescriptor
    /// When the connection was established.
    let birth: Deadline
    /// Memory for the values of one statement. It is reused.
    var values: UnsafeMutablePointer<UnsafePointer<CChar>?>
    var valueCapacity = 16
    /// Decides what may be done with the connection.
    var machine = ConnectionMachine()
    /// When the connection was last returned to the pool.
    var lastUse: Deadline
    /// False once a write has ended with an unknown outcome. Any thread may read it.
    let isOutcomeKnown = Atomic<Bool>(true)
    /// What a caller's own statements may have left in the session since it was leased.
    var sessionEffect = SessionEffect.none
    /// True if a caller's own statement may have dropped the prepared statements. It lasts until the connection is returned.
    var mayHaveForgotten = false
    /// True while a reset is sent and its reply is outstanding.
    var isResetting = false
    /// True once the server has refused a write because the session is read-only.
    var metReadOnly = false
    /// True if the settings of the URL were applied by a statement, so that RESET ALL undoes them as well.
    var hasLateSettings = false
    /// The settings that the server reported at first, or after the last reset.
    var firstSettings: [String?] = []
    /// What the session is; nil until it has told.
    var identity: SessionIdentity?
    /// True if the next read asks for it.
    var mustIdentify = false
    /// The generation of `IdentityRecord` in which the session was begun, and that of its answers.
    var startGeneration = IdentityRecord.noGeneration
    var generation = IdentityRecord.noGeneration
    /// True while what runs may commit at its end. The server's reply then counts even after the deadline.
    var awaitsFinalReply = false
    /// How the server was asked to cancel that, and what its reply means; nil if it was not asked.
    var finalReply: FinalReply?
    /// The caller's own statement whose last reply is outstanding.
    var rawAtWork: RawStatement?
    /// True once the server has reported an error that belongs to no statement: the session is ending.
    private let hasErred: UnsafeMutablePointer<Bool>
    /// Reads from the socket in libpq's stead while a large reply arrives. Nil until the first large reply.
    var relay: Relay?
    /// Counts what the server has sent since `begin`.
    var receiveMeter = ReceiveMeter()
    /// False once its socket has turned out not to be one of TCP, which can gather what is sent.
    var mayGather = true
    var roundTripMeter = RoundTripMeter()
    /// The trace of the request for which the holder of the lease uses the connection.
    package var trace = Trace()
    /// What ends the waits of that request early, if anything does.
    package var cancellation: CancellationToken?
    /// Nil if statements are not logged.
    let tracer: StatementTracer?

    init(
        slot: UInt64, session: consuming Session, key: BackendKey?, settings: ConnectionSettings, showsServerMessages: Bool,
        interrupt: EventDescriptor, log: Log? = nil, epoch: StatementEpoch = StatementEpoch()
    ) {
        self.epoch = epoch
        seenEpoch = epoch.current
        self.slot = slot
        self.session = session
        self.key = key
        self.settings = settings
        self.interrupt = interrupt
        tracer = StatementTracer(log)
        disclosure = ServerError.ErrorDisclosure(showsServerMessages: showsServerMessages)
        statements = StatementCache(capacity: settings.isPgBouncer ? 0 : settings.statementCacheSize)
        birth = .now
        lastUse = birth
        values = .allocate(capacity: valueCapacity)
        hasErred = .allocate(capacity: 1)
        hasErred.initialize(to: false)
        self.session.noteErrors(in: hasErred)
    }

    deinit {
        session.close()
        values.deallocate()
        hasErred.deallocate()
    }

    package var backendIdentifier: Int32 { session.backendIdentifier }

    /// True if the server's end seems alive, without asking it. Does not wait.
    package var isLikelyAlive: Bool {
        var descriptor = pollfd(fd: session.descriptor, events: Int16(POLLIN), revents: 0)
        // Why four times: an idle server sends only a changed setting or the end of the session. The end is found by another look.
        for _ in 0..<4 {
            // Why: what has been read already is examined as well.
            if session.isBusy || hasErred.pointee { return false }
            if poll(&descriptor, 1, 0) == 0 { return true }
            if !session.consumeInput() || !session.isEstablished { return false }
        }
        return false
    }

    /// The socket that leads to the server; negative once libpq has closed it.
    var socket: Int32 {
        if let relay, relay.isActive { return relay.socket }
        return session.descriptor
    }

    /// The address of the server; nil if the socket is not connected.
    var address: linux_address? {
        var address = linux_address()
        return linux_peer(socket, &address) ? address : nil
    }

    /// Remembers that the server accepts no writes.
    ///
    /// Why: after a failover such a session leads to the former primary. A new connection may reach the new primary.
    func note(_ error: ServerError) {
        guard error.sqlState == "25006" else { return }
        metReadOnly = session.reportedSetting("in_hot_standby") == "on" || session.reportedSetting("default_transaction_read_only") == "on"
    }

    package var mayHaveCommitted: Bool { machine.mayHaveCommitted }

    /// Returns true once if the last write failed for outdated prepared statements and can be tried again.
    package func takeStaleStatements() -> Bool { machine.takeStaleStatements() }

    /// Closes the session. The connection cannot be used afterwards.
    func close() {
        machine.close()
        session.close()
        // Why: the relay keeps the socket open.
        relay = nil
    }

    static var lostFailure: Failure { ConnectFailure(code: "P1017").failure }
}
