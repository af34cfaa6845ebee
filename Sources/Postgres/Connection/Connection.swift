import CLinux
import Concurrency
import Synchronization
import Telemetry
package import Text

/// One connection to the server, with the statements it has prepared.
///
/// Belongs to one thread at a time: the holder of the lease. Every wait ends at a deadline. A connection that met anything
/// it did not expect says so (`ConnectionMachine`) and is closed by the pool, never repaired.
package final class Connection: @unchecked Sendable {  // Why unchecked: only the holder of its lease touches it.
    /// The pool's number for it.
    let slot: UInt64
    let session: Session
    /// What a cancel needs; nil where the server gave none.
    let key: BackendKey?
    var statements: StatementCache
    /// Advances when any connection of the pool finds that the database has changed.
    let epoch: StatementEpoch
    /// That in which `statements` were prepared.
    var seenEpoch: UInt64
    /// What runs was prepared before.
    var reusesPrepared = false
    /// Statements that failed, perhaps because of what they were prepared for, and are to be prepared again.
    var suspects: [UInt64] = []
    let settings: ConnectionSettings
    let disclosure: ServerError.ErrorDisclosure
    let interrupt: EventDescriptor
    /// When it was established.
    let birth: Deadline
    /// Room for the values of one statement, reused.
    var values: UnsafeMutablePointer<UnsafePointer<CChar>?>
    var valueCapacity = 16
    /// Decides what may be done with it.
    var machine = ConnectionMachine()
    /// When it was given back.
    var lastUse: Deadline
    /// False once a write has ended in doubt. Any thread may look.
    let isOutcomeKnown = Atomic<Bool>(true)
    /// What statements of the caller's own may have left in the session since it was lent.
    var sessionEffect = SessionEffect.none
    /// Nor are its prepared statements certain to be there, until it is given back.
    var mayHaveForgotten = false
    /// That is being undone.
    var isResetting = false
    /// A write was refused, as the server takes none in this session.
    var metReadOnly = false
    /// The settings of its own came by a statement, so that RESET undoes them, too.
    var hasLateSettings = false
    /// What the server reported at first, and after the last reset.
    var firstSettings: [String?] = []
    /// What runs may be committed at its end, so the server's word counts even when the time is up.
    var awaitsFinalReply = false
    /// The server was asked to cancel that.
    var finalReply: FinalReply?
    /// The statement of the caller's own that runs and has its last word to come.
    var rawAtWork: RawStatement?
    /// The server has reported an error that answers no question: the end of the session.
    private let hasErred: UnsafeMutablePointer<Bool>
    /// Stands before libpq while a large reply is read; nil before the first of these.
    var relay: Relay?
    /// What the server has sent since `begin`.
    var receiveMeter = ReceiveMeter()
    /// For which request the holder of the lease uses it.
    package var trace = Trace()
    /// Nil where nothing is logged of statements.
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

    /// The server's end is still there, as far as can be told without asking it.
    package var isLikelyAlive: Bool {
        var descriptor = pollfd(fd: session.descriptor, events: Int16(POLLIN), revents: 0)
        // An idle server says something only to tell of a changed setting, or to end the session: then a second look finds the end.
        for _ in 0..<4 {
            // Why busy: what has been read is looked at then.
            if session.isBusy || hasErred.pointee { return false }
            if poll(&descriptor, 1, 0) == 0 { return true }
            if !session.consumeInput() || !session.isEstablished { return false }
        }
        return false
    }

    /// What leads to the server; negative once libpq has given it up.
    var socket: Int32 {
        if let relay, relay.isActive { return relay.socket }
        return session.descriptor
    }

    /// Where the server is.
    var address: linux_address? {
        var address = linux_address()
        return linux_peer(socket, &address) ? address : nil
    }

    /// Remembers a server that takes no writes.
    ///
    /// Why: after a failover such a session is that of a former primary, and the next attempt to connect may reach the new one.
    func note(_ error: ServerError) {
        guard error.sqlState == "25006" else { return }
        metReadOnly = session.reportedSetting("in_hot_standby") == "on" || session.reportedSetting("default_transaction_read_only") == "on"
    }

    package var mayHaveCommitted: Bool { machine.mayHaveCommitted }

    /// Whether the last write failed for statements that have to be prepared again; asked once.
    package func takeStaleStatements() -> Bool { machine.takeStaleStatements() }

    /// Closes the session; nothing works afterwards.
    func close() {
        machine.close()
        session.close()
        // Why: it keeps the socket open.
        relay = nil
    }

    static var lostFailure: Failure { ConnectFailure(code: "P1017").failure }
}
