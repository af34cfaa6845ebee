import CLinux
package import Concurrency
import Synchronization
package import Telemetry
package import Text

/// The client's connections: a thin shell around `PoolMachine`.
///
/// Any thread may call anything. Leasing an idle connection costs one short lock. Querying is done by the thread that holds the
/// lease; connecting, which can outlast its caller, and cancelling a query on the server by threads of their own.
package final class Pool: Sendable {
    package let settings: ConnectionSettings
    let showsServerMessages: Bool
    package let log: Log?
    private let waited: @Sendable (Int64) -> Void
    let state: Lock<State>
    let rawStatements = RawStatements()
    let epoch = StatementEpoch()
    let databaseTypes = DatabaseTypes()
    /// When a session was found to be dead.
    private let lastLoss = Atomic<Int64>(.min)
    /// Reads that were sent together with others.
    package let multiplexed = Counter()
    /// Those of them that were sent again alone.
    package let moved = Counter()
    /// Reads may go along with others.
    let isMultiplexing: Bool
    /// Rings when a connection has been closed.
    let changed = EventCount()

    /// What the connections are doing, for metrics.
    package struct Usage: Sendable, Equatable {
        package var leased = 0
        package var idle = 0
        package var connecting = 0
        package var closing = 0
        package var waiting = 0
    }

    /// - Parameter waited: told how long each lease took, in nanoseconds, on the thread that has it then.
    package init(
        _ settings: ConnectionSettings, showsServerMessages: Bool = false, log: Log? = nil, waited: @escaping @Sendable (Int64) -> Void = { _ in }
    ) {
        self.settings = settings
        self.log = log
        self.waited = waited
        self.showsServerMessages = showsServerMessages
        isMultiplexing = settings.multiplexingLimit > 1 && !settings.isPgBouncer && settings.statementCacheSize > 0
        var rules = PoolMachine.Settings()
        rules.limit = settings.connectionLimit
        rules.idleNanoseconds = PoolMachine.Time(settings.idleLifetimeMilliseconds) * 1_000_000
        state = Lock(State(rules, connectTimeoutMilliseconds: settings.connectTimeoutMilliseconds))
    }

    /// The database has changed, or may have: every connection prepares its statements again.
    package func forgetStatements() { epoch.advance() }

    package var usage: Usage { state.withLock { $0.usage } }

    /// Whether that process of the server serves one of the connections, and no write on it is in doubt.
    package func isServed(by backend: Int32) -> Bool { state.withLock { $0.isServed(by: backend) } }

    /// Connections that were ever established, and those of them that are closed again.
    package var turnover: (opened: UInt64, closed: UInt64) { state.withLock { ($0.machine.opened, $0.machine.ended) } }

    /// Runs the statements of a request that reads on one of the connections, and gives their rows.
    ///
    /// A connection that had served before and turns out to be dead is replaced and the batch sent again, once: reading
    /// twice does no harm. When all connections are busy, a read that is short may go along with another caller's.
    ///
    /// - Parameters:
    ///   - queue: who else may go along, where the caller is one of the threads that work on that.
    ///   - isAlone: it went along once, and was held up.
    package func execute(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, until deadline: Deadline, for trace: Trace = Trace(),
        with queue: (any ReadQueue)? = nil, isAlone: Bool = false
    ) throws(Failure) -> ResultSet {
        var read = isAlone ? nil : readIfBusy(batch, parameters, trace, queue)
        var isSecondTry = false
        while true {
            switch try runOnce(batch, parameters, read, queue, until: deadline, for: trace) {
            case .results(let results): return results
            case .lost(let failure, let maySendAgain):
                if isSecondTry || !maySendAgain { throw failure }
                isSecondTry = true
                log?.tell(.warn, "pool", "A connection was lost. The query is sent again on another one.", trace)
            case .moved: break
            }
            // Why: once is enough of what neighbours may do.
            read = nil
        }
    }

    private enum Run: ~Copyable {
        case results(ResultSet)
        case lost(Failure, maySendAgain: Bool)
        case moved
    }

    private func runOnce(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, _ read: MultiplexedRead?, _ queue: (any ReadQueue)?,
        until deadline: Deadline, for trace: Trace
    ) throws(Failure) -> Run {
        let connection: Connection
        switch try turn(of: read, until: deadline) {
        case .connection(let own): connection = own
        case .outcome(let outcome): return try run(outcome)
        }
        if let read {
            defer { read.claim(nil) }
            if let outcome = executeShared(read, queue, on: connection, until: deadline) { return try run(outcome) }
        }
        connection.trace = trace
        let hadAnswered = connection.machine.hasAnswered
        let start = Deadline.now
        do throws(Failure) {
            let results = try connection.execute(batch, parameters, until: deadline)
            release(connection)
            batch.cost.add(nanoseconds: connection.lastUse.nanoseconds &- start.nanoseconds)
            return .results(results)
        } catch {
            batch.cost.add(nanoseconds: Deadline.now.nanoseconds &- start.nanoseconds)
            // Why before: afterwards it may be somebody else's.
            let maySendAgain = connection.machine.maySendAgain(hadAnswered: hadAnswered)
            release(connection)
            return .lost(error, maySendAgain: maySendAgain)
        }
    }

    private func run(_ outcome: MultiplexedRead.Outcome) throws(Failure) -> Run {
        switch outcome {
        case .answer(let reply): return .results(ResultSet([reply]))
        case .failure(let failure): throw failure
        case .lost(let failure, let maySendAgain): return .lost(failure, maySendAgain: maySendAgain)
        case .moved, .drive:
            moved.add()
            return .moved
        }
    }

    /// A connection of the caller's own until it is released. Makes one at most until `deadline`. Waits for one until `latestStart`, which is
    /// before that so that there is time left to use it, and as long as `pool_timeout` allows.
    package func lease(until deadline: Deadline, latestStart: Deadline? = nil) throws(Failure) -> Connection {
        let start = Deadline.now
        defer { waited(Deadline.now.nanoseconds &- start.nanoseconds) }
        switch try obtain(until: deadline, latestStart: latestStart ?? deadline.latestStart(since: start), trusts: false, nil) {
        case .connection(let connection): return connection
        case .outcome: throw Connection.timeoutFailure
        }
    }

    /// The same for reads: a connection that was used just now is not looked at, since what is sent on it can be sent again on another one.
    /// Or what has come of a read that went along on another caller's.
    private func turn(of read: MultiplexedRead?, until deadline: Deadline) throws(Failure) -> Turn {
        let start = Deadline.now
        defer {
            let end = read?.claim?.batch.start ?? Deadline.now
            waited(end.nanoseconds &- start.nanoseconds)
            read?.claim(nil)
        }
        return try obtain(until: deadline, latestStart: deadline.latestStart(since: start), trusts: true, read)
    }

    enum Turn {
        case connection(Connection)
        case outcome(MultiplexedRead.Outcome)
    }

    private func obtain(until deadline: Deadline, latestStart: Deadline, trusts: Bool, _ read: MultiplexedRead?) throws(Failure) -> Turn {
        // Why no optional: its unset value would be compared before it is known to be set, which valgrind takes for a fault.
        var patience = Deadline.never
        var isWaiting = false
        var grant = request(read)
        while true {
            switch grant {
            case .use(let connection):
                if connection.endReset(until: deadline), isFit(connection, trusts) { return .connection(connection) }
                release(connection, isReusable: false)
                grant = request(read)
            case .connect(let slot, let interrupt):
                switch connect(slot, interrupt, until: deadline) {
                case .success(let connection): return .connection(try timely(connection, deadline))
                case .failure(let failure): throw failure
                case .wait(let waiter): grant = .wait(waiter)
                }
            case .wait(let waiter):
                if !isWaiting { patience = poolDeadline }
                isWaiting = true
                grant = try wait(waiter, min(deadline, latestStart), patience, until: deadline)
                if case .use(let connection) = grant { _ = try timely(connection, deadline) }
            case .went(let outcome): return .outcome(outcome)
            case .refuse(let failure):
                throw failure
            }
        }
    }

    /// Why: what is sent without time left ends with a connection that has to be closed.
    private func timely(_ connection: Connection, _ deadline: Deadline) throws(Failure) -> Connection {
        if Deadline.now < deadline { return connection }
        release(connection)
        throw Connection.timeoutFailure
    }

    private func request(_ read: MultiplexedRead?) -> Grant {
        let now = Deadline.now.nanoseconds
        let (grant, connectionsToClose) = state.withLock { state in
            let connectionsToClose = state.tick(now: now)
            return (state.lease(now: now, read), connectionsToClose)
        }
        perform(connectionsToClose)
        return grant
    }

    private var poolDeadline: Deadline {
        settings.poolTimeoutMilliseconds > 0 ? .after(milliseconds: settings.poolTimeoutMilliseconds) : .never
    }

    /// Gives a leased connection back, or to the next who waits. What is not reusable is closed, after cancelling what it may
    /// still run.
    package func release(_ connection: Connection) {
        let age = settings.connectionLifetimeMilliseconds
        let isOld = age > 0 && Deadline.after(milliseconds: age, from: connection.birth) <= .now
        release(connection, isReusable: connection.machine.isReusable && !isOld && !connection.metReadOnly && connection.beginReset())
    }

    private func release(_ connection: Connection, isReusable: Bool) {
        let now = Deadline.now
        connection.lastUse = now
        connection.trace = Trace()
        if connection.machine.wasLost { lastLoss.store(now.nanoseconds, ordering: .relaxed) }
        let connectionsToClose = state.withLock { $0.release(connection, isReusable: isReusable, now: now.nanoseconds) }
        if !isReusable { retire(connection) }
        perform(connectionsToClose)
    }

    /// Closes connections that were idle for too long. Leasing does the same on the way; a client that sleeps calls this.
    package func tick() {
        let now = Deadline.now.nanoseconds
        perform(state.withLock { $0.tick(now: now) })
    }

    /// Why not always: looking costs a system call, under a microsecond. A read can be sent again. A server that ends its sessions shows
    /// by the first one that is lost. What cannot be sent again is always preceded by a look: that is a hundredth of the shortest write.
    private func isFit(_ connection: Connection, _ trusts: Bool) -> Bool {
        let lastUse = connection.lastUse.nanoseconds
        let wasUsedLately = Deadline.now.nanoseconds &- lastUse < Limits.trustNanoseconds
        return (trusts && wasUsedLately && lastUse > lastLoss.load(ordering: .relaxed)) || connection.isLikelyAlive
    }

    private enum Limits {
        /// A connection that was idle for less is taken to be alive, where what is sent can be sent again.
        static let trustNanoseconds: Int64 = 500_000_000
    }
}
