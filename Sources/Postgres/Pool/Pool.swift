import CLinux
package import Concurrency
import Synchronization
package import Telemetry
package import Text

/// The connections of a client. `PoolMachine` decides, the pool acts.
///
/// Any thread may call any method. Leasing an idle connection costs one short lock. The holder of a lease runs its queries on its own
/// thread. Connecting can outlast its caller, so it has threads of its own, and so has cancelling on the server.
package final class Pool: Sendable {
    package let settings: ConnectionSettings
    let showsServerMessages: Bool
    package let log: Log?
    private let waited: @Sendable (Int64) -> Void
    let state: Lock<State>
    let rawStatements = RawStatements()
    let epoch = StatementEpoch()
    package let identities = IdentityRecord()
    let databaseTypes = DatabaseTypes()
    /// When a session was last found dead, in nanoseconds of `Deadline`.
    private let lastLoss = Atomic<Int64>(.min)
    /// Counts the reads that were sent together with others.
    package let multiplexed = Counter()
    /// Counts those that were sent again alone.
    package let moved = Counter()
    /// How long the way to the server takes, which counts for no read's cost.
    let roundTrip = RoundTripRecord()
    /// True if reads may be sent with others on one connection.
    let isMultiplexing: Bool
    /// Signalled when a connection has been closed.
    let changed = EventCount()

    /// Numbers of connections and waiters, for metrics.
    package struct Usage: Sendable, Equatable {
        package var leased = 0
        package var idle = 0
        package var connecting = 0
        package var closing = 0
        package var waiting = 0
    }

    /// - Parameter waited: called with the duration of each lease request in nanoseconds, on the requesting thread.
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

    /// Makes every connection prepare its statements again, because the database may have changed.
    package func forgetStatements() { epoch.advance() }

    package var usage: Usage { state.withLock { $0.usage } }

    /// True if that backend process serves one of the connections, and no write on it is in doubt.
    package func isServed(by backend: Int32) -> Bool { state.withLock { $0.isServed(by: backend) } }

    /// Number of connections that were ever established, and of those that are closed.
    package var turnover: (opened: UInt64, closed: UInt64) { state.withLock { ($0.machine.opened, $0.machine.ended) } }

    /// Runs the statements of a read on one of the connections and returns their rows.
    ///
    /// A connection that had served before and turns out dead is replaced, and the batch is sent again, once. Reading twice does no harm.
    /// If all connections are busy, a short read may be sent on another caller's connection. Any thread may call it; it waits until `deadline`.
    ///
    /// - Parameters:
    ///   - queue: submitted reads that may be sent along, if the caller is one of the threads that work on them.
    ///   - isAlone: true if the read was sent with others once and was held up.
    package func execute(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, until deadline: Deadline, cancellation: CancellationToken?,
        for trace: Trace = Trace(), with queue: (any ReadQueue)? = nil, attempt: ReadAttempt = .first
    ) throws(Failure) -> ResultSet {
        var read: MultiplexedRead?
        var isSecondTry = false
        switch attempt {
        case .first: read = readIfBusy(batch, parameters, trace, queue)
        case .afterMove: moved.add()
        case .afterLoss:
            isSecondTry = true
            tellLost(trace)
        }
        while true {
            switch try runOnce(batch, parameters, read, queue, until: deadline, cancellation, for: trace) {
            case .results(let results): return results
            case .lost(let failure, let maySendAgain):
                if isSecondTry || !maySendAgain { throw failure }
                isSecondTry = true
                tellLost(trace)
            case .moved: break
            }
            // Why: a read is held up by others only once.
            read = nil
        }
    }

    private func tellLost(_ trace: Trace) {
        log?.tell(.warn, "pool", "A connection was lost. The query is sent again on another one.", trace)
    }

    private enum Run: ~Copyable {
        case results(ResultSet)
        case lost(Failure, maySendAgain: Bool)
        case moved
    }

    private func runOnce(
        _ batch: StatementBatch, _ parameters: borrowing ParameterList, _ read: MultiplexedRead?, _ queue: (any ReadQueue)?,
        until deadline: Deadline, _ cancellation: CancellationToken?, for trace: Trace
    ) throws(Failure) -> Run {
        let connection: Connection
        switch try turn(of: read, until: deadline, cancellation) {
        case .connection(let own): connection = own
        case .outcome(let outcome): return try resolve(outcome)
        }
        if let read {
            defer { read.claim(nil) }
            if let outcome = executeShared(read, queue, on: connection, until: deadline, cancellation) { return try resolve(outcome) }
        }
        connection.trace = trace
        connection.mustIdentify = identities.areWanted && connection.identity == nil
        let hadAnswered = connection.machine.hasAnswered
        let start = Deadline.now
        do throws(Failure) {
            var results = try connection.execute(batch, parameters, until: deadline)
            noteIdentity(of: connection)
            results.generation = connection.generation
            let sample = connection.roundTripMeter.take()
            release(connection)
            batch.cost.add(nanoseconds: roundTrip.add(sample, within: connection.lastUse.nanoseconds &- start.nanoseconds))
            return .results(results)
        } catch {
            batch.cost.add(nanoseconds: roundTrip.roundTrip.excess(of: Deadline.now.nanoseconds &- start.nanoseconds))
            // Why before the release: afterwards the connection may belong to another caller.
            let maySendAgain = connection.machine.maySendAgain(hadAnswered: hadAnswered)
            noteIdentity(of: connection)
            release(connection)
            return .lost(error, maySendAgain: maySendAgain)
        }
    }

    private func resolve(_ outcome: MultiplexedRead.Outcome) throws(Failure) -> Run {
        switch outcome {
        case .answer(let reply, let generation): return .results(ResultSet(reply, of: generation))
        case .failure(let failure): throw failure
        case .lost(let failure, let maySendAgain): return .lost(failure, maySendAgain: maySendAgain)
        case .moved, .drive:
            moved.add()
            return .moved
        }
    }

    /// Returns a connection that belongs to the caller until `release`. Makes one if there is room, until `deadline` at most.
    ///
    /// Waits for a connection until `latestStart`, which leaves time to use it, and no longer than `pool_timeout`. Throws P2024, P6004 or P6008.
    /// `cancellation` ends these waits, and until `release` those on the connection.
    package func lease(until deadline: Deadline, latestStart: Deadline? = nil, cancellation: CancellationToken?) throws(Failure) -> Connection {
        let start = Deadline.now
        defer { waited(Deadline.now.nanoseconds &- start.nanoseconds) }
        switch try obtain(until: deadline, latestStart: latestStart ?? deadline.latestStart(since: start), trusts: false, cancellation, nil) {
        case .connection(let connection): return try identified(connection, until: deadline)
        case .outcome: throw Connection.timeoutFailure
        }
    }

    /// Like `lease`, for reads. Returns the outcome instead if another caller has sent the read.
    ///
    /// A connection that was used a moment ago is not checked, because a read can be sent again on another one.
    private func turn(of read: MultiplexedRead?, until deadline: Deadline, _ cancellation: CancellationToken?) throws(Failure) -> Turn {
        let start = Deadline.now
        defer {
            let end = read?.claim?.batch.start ?? Deadline.now
            waited(end.nanoseconds &- start.nanoseconds)
            read?.claim(nil)
        }
        return try obtain(until: deadline, latestStart: deadline.latestStart(since: start), trusts: true, cancellation, read)
    }

    enum Turn {
        case connection(Connection)
        case outcome(MultiplexedRead.Outcome)
    }

    private func obtain(
        until deadline: Deadline, latestStart: Deadline, trusts: Bool, _ cancellation: CancellationToken?, _ read: MultiplexedRead?
    ) throws(Failure) -> Turn {
        // Why not an optional: its unset value would be compared before it is set, which valgrind reports as a fault.
        var patience = Deadline.never
        var isWaiting = false
        var grant = request(read)
        while true {
            switch grant {
            case .use(let connection):
                connection.cancellation = cancellation
                if connection.endReset(until: deadline), !identities.isOutdated(connection), isFit(connection, trusts) { return .connection(connection) }
                release(connection, isReusable: false)
                grant = request(read)
            case .connect(let slot, let interrupt):
                switch connect(slot, interrupt, until: deadline, cancellation) {
                case .success(let connection):
                    connection.cancellation = cancellation
                    return .connection(try timely(connection, deadline))
                case .failure(let failure): throw failure
                case .wait(let waiter): grant = .wait(waiter)
                }
            case .wait(let waiter):
                if !isWaiting { patience = poolDeadline }
                isWaiting = true
                grant = try wait(waiter, min(deadline, latestStart), patience, until: deadline, cancellation)
                if case .use(let connection) = grant { _ = try timely(connection, deadline) }
            case .went(let outcome): return .outcome(outcome)
            case .refuse(let failure):
                throw failure
            }
        }
    }

    /// Returns the connection if there is time left, or else releases it and throws.
    /// Why: a statement without time left ends with a connection that has to be closed.
    private func timely(_ connection: Connection, _ deadline: Deadline) throws(Failure) -> Connection {
        if Deadline.now < deadline { return connection }
        release(connection)
        throw Connection.timeoutFailure
    }

    private func request(_ read: MultiplexedRead?) -> Grant {
        let now = Deadline.now.nanoseconds
        let favourite = UInt64(linux_connection_word().pointee)
        let (grant, errands) = state.withLock { state in
            let errands = state.tick(now: now)
            return (state.lease(now: now, read, favourite: favourite), errands)
        }
        perform(errands)
        return grant
    }

    private var poolDeadline: Deadline {
        settings.poolTimeoutMilliseconds > 0 ? .after(milliseconds: settings.poolTimeoutMilliseconds) : .never
    }

    /// Returns a leased connection to the pool, which gives it to the next waiter.
    ///
    /// A connection that cannot be reused is closed. What it may still run is cancelled first.
    package func release(_ connection: Connection) {
        let age = settings.connectionLifetimeMilliseconds
        let isOld = age > 0 && Deadline.after(milliseconds: age, from: connection.birth) <= .now
        release(connection, isReusable: connection.machine.isReusable && !isOld && !connection.metReadOnly && connection.beginReset())
    }

    private func release(_ connection: Connection, isReusable: Bool) {
        let now = Deadline.now
        connection.lastUse = now
        // Why without its pool: of another pool's slots it may name one, and then prefers that for no reason.
        linux_connection_word().pointee = UInt(connection.slot)
        connection.trace = Trace()
        connection.cancellation = nil
        if connection.machine.wasLost { lastLoss.store(now.nanoseconds, ordering: .relaxed) }
        let errands = state.withLock { $0.release(connection, isReusable: isReusable, now: now.nanoseconds) }
        perform(errands)
        if !isReusable { retire(connection) }
    }

    /// Closes connections that were idle too long. Leasing does the same; an idle client calls this.
    package func tick() {
        let now = Deadline.now.nanoseconds
        perform(state.withLock { $0.tick(now: now) })
    }

    /// True if the connection can be used.
    /// Why not always a check: it costs a system call, almost a microsecond. A read can be sent again, and the first lost session shows a server
    /// that
    /// ends its sessions. A statement that cannot be sent again is always preceded by a check, which is a hundredth of the shortest write.
    private func isFit(_ connection: Connection, _ trusts: Bool) -> Bool {
        let lastUse = connection.lastUse.nanoseconds
        let wasUsedLately = Deadline.now.nanoseconds &- lastUse < PostgresLimit.trustNanoseconds
        return (trusts && wasUsedLately && lastUse > lastLoss.load(ordering: .relaxed)) || connection.isLikelyAlive
    }
}
