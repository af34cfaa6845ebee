import CLinux
import Concurrency
import Telemetry
import Text

/// What a listener's thread holds: the machine, its connection, and the code that performs the machine's actions.
struct ListenerLoop {
    private let listener: Listener
    private var machine: ListenerMachine
    private var session: ListenerSession?
    private var random = SystemRandomNumberGenerator()

    init(_ listener: Listener) {
        self.listener = listener
        machine = ListenerMachine(listener.rules)
    }

    private var now: ListenerMachine.Time { Deadline.now.nanoseconds }

    mutating func run() {
        perform(machine.start())
        while machine.state != .closed {
            let deadline = Deadline(nanoseconds: machine.nextTick)
            guard let session else {
                if listener.interrupt.wait(until: deadline) { perform(machine.close()) } else { tick() }
                continue
            }
            do throws(Connection.ConnectionError) {
                try session.wait(until: deadline)
                try read(session)
            } catch {
                switch error {
                case .interrupted: perform(machine.close())
                case .deadline: tick()
                default: fail(Connection.lostFailure)
                }
            }
        }
    }

    private mutating func tick() {
        let wasPaused = session == nil
        let actions = machine.tick(now: now, jitter: random.next())
        if !wasPaused, actions.contains(.disconnect) { note(Listener.silenceFailure) }
        perform(actions)
    }

    private mutating func fail(_ failure: Failure) {
        note(failure)
        perform(machine.failed(now: now, jitter: random.next()))
    }

    private func note(_ failure: Failure) {
        listener.log?.tell(.warn, "listener", "Listening failed: \(failure.message)")
        listener.status.withLock { status in
            status.failures &+= 1
            status.lastFailure = failure
        }
    }

    // MARK: Hearing

    private mutating func read(_ session: ListenerSession) throws(Connection.ConnectionError) {
        var arrivals: [ListenerSession.Arrival] = []
        var connectionError: Connection.ConnectionError?
        do throws(Connection.ConnectionError) { try session.read { arrivals.append($0) } } catch { connectionError = error }
        for arrival in arrivals {
            switch arrival {
            case .notification(let notification): receive(notification)
            case .reply(let reply):
                defer { reply.clear() }
                take(reply)
            }
        }
        if let connectionError { throw connectionError }
    }

    private mutating func receive(_ notification: Notification) {
        listener.status.withLock { $0.notifications &+= 1 }
        switch listener.events.receive(notification) {
        case .none: break
        case .probe(let number): perform(machine.probeReceived(number))
        case .needsResync: perform(machine.needsResync(now: now))
        }
    }

    private mutating func take(_ reply: ResultHandle) {
        switch (reply.kind, machine.state) {
        case (.command, .subscribing): perform(machine.subscribed(now: now))
        case (.rows, _):
            let usage = reply.text(0, 0).flatMap { Double(String(decoding: $0, as: UTF8.self)) }
            let catalog = reply.text(0, 1).map { Array($0) } ?? []
            listener.status.withLock { $0.queueUsage = usage ?? 0 }
            perform(machine.answered(catalog, now: now))
        default: fail(Listener.failure(of: ServerError(reply)))
        }
    }

    // MARK: Acting

    private mutating func perform(_ actions: [ListenerMachine.Action]) {
        assert(
            {
                machine.checkInvariants(); return true
            }())
        for action in actions { perform(action) }
        publish()
    }

    private mutating func perform(_ action: ListenerMachine.Action) {
        switch action {
        case .connect: connect()
        case .subscribe: ask("LISTEN " + listener.channel)
        case .heartbeat: ask(listener.heartbeat)
        case .sendProbe(let number): sendProbe(number)
        case .disconnect: session = nil
        case .caughtUp(let isContinuous): listener.events.caughtUp(isContinuous)
        case .lagging: listener.events.lagging()
        }
    }

    private mutating func connect() {
        do throws(Connection.ConnectError) {
            let connection = try Connection.establish(
                listener.settings, slot: 0, interrupt: listener.interrupt, showsServerMessages: false, log: listener.log,
                until: .after(milliseconds: PostgresLimit.listenerConnectMilliseconds))
            session = ListenerSession(connection)
            perform(machine.connected(now: now))
        } catch {
            switch error {
            case .failed(let cause): fail(cause.failure)
            case .abandoned where listener.interrupt.isSignaled: perform(machine.close())
            case .abandoned(let failure): fail(failure)
            }
        }
    }

    private mutating func ask(_ statement: String) {
        do throws(Connection.ConnectionError) { try session?.ask(statement) } catch { fail(Connection.lostFailure) }
    }

    private mutating func sendProbe(_ number: UInt64) {
        switch listener.events.sendProbe(number, Deadline(nanoseconds: machine.nextTick)) {
        case .success(let sent): perform(machine.probeSent(number, sent: sent.nanoseconds))
        case .failure where listener.interrupt.isSignaled: perform(machine.close())
        case .failure(let failure): fail(failure)
        }
    }

    /// Publishes the machine's status to other threads.
    private func publish() {
        listener.status.withLock { status in
            status.isCaughtUp = machine.isCaughtUp
            status.losses = machine.losses
            status.lastProof = machine.lastProof > 0 ? Deadline(nanoseconds: machine.lastProof) : nil
        }
        listener.changed.signal()
    }
}

extension Listener {
    /// The connection exists, but nothing arrives on it.
    static let silenceFailure = Failure(
        .unavailable, code: "P6008",
        "The listening connection was silent for too long, or a notification sent on a connection of the pool did not arrive on it. "
            + "Listening needs a direct connection to the server that the pool reads from: behind PgBouncer in transaction mode, give `directUrl`.",
        meta: [("cause", .text("P1002"))], isRetryable: true)

    /// The failure that the listener's users get for an error reply.
    static func failure(of error: ServerError) -> Failure {
        // Why: an error without a code is libpq's own report of a lost connection.
        if error.sqlState.isEmpty || error.endsSession { return Connection.lostFailure }
        return error.sqlState == "25006" ? standbyFailure : error.failure(ServerError.ErrorDisclosure(showsServerMessages: false))
    }

    static let standbyFailure = Failure(
        .unavailable, code: "P6008", "The listening connection leads to a standby, where PostgreSQL does not listen: it has to lead to the primary.",
        meta: [("cause", .text("P1001"))], isRetryable: true)
}
