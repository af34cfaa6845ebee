import Concurrency
import Synchronization
import Text

extension Pool {
    /// The result of a request for a connection, with the objects for the machine's numbers.
    enum Grant {
        case use(Connection)
        case connect(PoolMachine.SlotID, EventDescriptor)
        case wait(Waiter)
        case refuse(Failure)
        /// The outcome of a read that was sent on another caller's connection.
        case went(MultiplexedRead.Outcome)
    }

    /// One waiting thread.
    final class Waiter: @unchecked Sendable {  // Why unchecked: `grant` is touched under the pool's lock alone.
        let id: PoolMachine.WaiterID
        let eventCount: EventCount
        /// The read that another caller may send; nil if there is none.
        let read: MultiplexedRead?
        var grant: Grant?
        /// The count before anything could happen to it.
        let seen: UInt32
        /// When it has to look at the clock, as was known then.
        let nextTick: PoolMachine.Time

        init(id: PoolMachine.WaiterID, _ read: MultiplexedRead?, nextTick: PoolMachine.Time) {
            self.id = id
            self.read = read
            self.nextTick = nextTick
            eventCount = read?.eventCount ?? EventCount()
            seen = eventCount.count
        }
    }

    /// What is to be done outside the lock.
    ///
    /// Why also to wake: it takes a system call, and those who wake want the lock.
    struct Errands {
        var connectionsToClose: [Connection] = []
        var woken: [Waiter] = []

        static func + (one: Errands, other: Errands) -> Errands {
            Errands(connectionsToClose: one.connectionsToClose + other.connectionsToClose, woken: one.woken + other.woken)
        }
    }

    /// What the pool's lock protects. Its methods turn the machine's actions into things, and those into errands.
    struct State: ~Copyable {
        private(set) var machine: PoolMachine
        /// All leased and idle connections.
        private var connections: [PoolMachine.SlotID: Connection] = [:]
        /// The interrupts of all connections that are connecting or leased.
        private var interrupts: [PoolMachine.SlotID: EventDescriptor] = [:]
        private var waiters: [PoolMachine.WaiterID: Waiter] = [:]
        private var lastFailure = ConnectFailure(code: "P1001")
        private var nextTick: PoolMachine.Time = .min
        private var random = SystemRandomNumberGenerator()
        var threads = PoolThreads()
        var connectBudget: ConnectBudget

        init(_ rules: PoolMachine.Settings, connectTimeoutMilliseconds: Int) {
            machine = PoolMachine(rules)
            connectBudget = ConnectBudget(longestMilliseconds: connectTimeoutMilliseconds)
        }
    }
}

extension Pool.State {
    typealias Time = PoolMachine.Time

    mutating func lease(now: Time, _ read: MultiplexedRead?, favourite: PoolMachine.SlotID) -> Pool.Grant {
        resolve(machine.lease(now: now, shares: read != nil, favourite: favourite), read)
    }

    /// Takes the waiting reads that can be sent with a read that has a connection. Returns nil if there are none.
    mutating func gather(
        for own: [MultiplexedRead], _ queue: (any ReadQueue)?, on connection: Connection, _ budget: BatchBudget, roundTrip: Int64
    ) -> MultiplexedBatch? {
        var reads: [MultiplexedRead] = []
        for id in gather(budget) { if let read = waiters.removeValue(forKey: id)?.read { reads.append(read) } }
        reads += own
        if reads.count == 1 { return nil }
        let batch = MultiplexedBatch(connection, reads, own.count > 1 ? queue : nil, roundTrip: roundTrip)
        for (index, read) in reads.enumerated() where read.recipient == nil { read.claim(MultiplexedRead.Claim(batch: batch, index: index)) }
        return batch
    }

    private mutating func gather(_ budget: BatchBudget) -> [PoolMachine.WaiterID] {
        var budget = budget
        let waiters = waiters
        return machine.gather(most: budget.count) { id in waiters[id]?.read.map { budget.add($0.batch) } ?? false }
    }

    mutating func connected(_ connection: Connection, now: Time) -> Pool.Errands {
        connections[connection.slot] = connection
        return apply(machine.connected(connection.slot, now: now))
    }

    /// Returns a waiter if the caller shall wait for another connection. There is none if no caller awaits the attempt.
    mutating func connectFailed(
        _ slot: PoolMachine.SlotID, _ failure: ConnectFailure, isAwaited: Bool, now: Time
    ) -> (Pool.Waiter?, Pool.Errands) {
        lastFailure = failure
        interrupts[slot] = nil
        let (waiter, actions) = machine.connectFailed(
            slot, failure.isFull ? .full : .unreachable, isAwaited: isAwaited, now: now, jitter: random.next())
        return (waiter.map { addWaiter($0) }, apply(actions))
    }

    mutating func connectAbandoned(_ slot: PoolMachine.SlotID, now: Time) -> Pool.Errands {
        interrupts[slot] = nil
        return apply(machine.connectAbandoned(slot, now: now))
    }

    mutating func release(_ connection: Connection, isReusable: Bool, now: Time) -> Pool.Errands {
        if !isReusable {
            connections[connection.slot] = nil
            interrupts[connection.slot] = nil
        }
        return apply(machine.release(connection.slot, isReusable: isReusable, now: now))
    }

    mutating func ended(_ slot: PoolMachine.SlotID, now: Time) -> Pool.Errands { apply(machine.ended(slot, now: now)) }

    /// Runs the machine's tick if one is due; otherwise costs a comparison.
    mutating func tick(now: Time) -> Pool.Errands {
        guard now >= nextTick else { return Pool.Errands() }
        nextTick = now &+ 100_000_000
        return apply(machine.tick(now: now))
    }

    /// Runs the machine's tick for a waiting caller.
    mutating func tickForWaiter(now: Time) -> Pool.Errands { apply(machine.tick(now: now)) }

    /// Returns what a waiter was granted; nil while it has to wait. A waiter that gives up leaves the queue.
    mutating func grant(of waiter: Pool.Waiter, givesUp: Bool) -> Pool.Grant? {
        if waiter.grant == nil, givesUp { _ = machine.abandon(waiter.id) }
        if waiter.grant != nil || givesUp { waiters[waiter.id] = nil }
        return waiter.grant
    }

    mutating func close(now: Time) -> Pool.Errands {
        for interrupt in interrupts.values { interrupt.signal() }
        return apply(machine.close(now: now))
    }

    func isServed(by backend: Int32) -> Bool {
        connections.values.contains { $0.isOutcomeKnown.load(ordering: .acquiring) && $0.backendIdentifier == backend }
    }

    var isEmpty: Bool { machine.slots.isEmpty && threads.running == 0 }

    var usage: Pool.Usage {
        var usage = Pool.Usage()
        for slot in machine.slots.values {
            switch slot {
            case .connecting: usage.connecting += 1
            case .leased: usage.leased += 1
            case .idle: usage.idle += 1
            case .closing: usage.closing += 1
            }
        }
        usage.waiting = machine.waiters.count
        return usage
    }

    private mutating func addWaiter(_ id: PoolMachine.WaiterID, _ read: MultiplexedRead? = nil) -> Pool.Waiter {
        let waiter = Pool.Waiter(id: id, read, nextTick: machine.nextTick)
        waiters[id] = waiter
        return waiter
    }

    private mutating func resolve(_ grant: PoolMachine.Grant, _ read: MultiplexedRead? = nil) -> Pool.Grant {
        switch grant {
        case .use(let slot):
            guard let connection = connections[slot] else { return .refuse(lastFailure.failure) }
            return .use(connection)
        case .connect(let slot):
            let interrupt = EventDescriptor()
            interrupts[slot] = interrupt
            return .connect(slot, interrupt)
        case .wait(let id): return .wait(addWaiter(id, read))
        case .refuse(.closed): return .refuse(Pool.closedFailure)
        case .refuse(.unreachable): return .refuse(lastFailure.failure)
        }
    }

    private mutating func apply(_ actions: [PoolMachine.Action]) -> Pool.Errands {
        assert(
            {
                machine.checkInvariants(); return true
            }())
        var errands = Pool.Errands()
        for action in actions {
            switch action {
            case .wake(let id, let grant):
                guard let waiter = waiters[id] else { continue }
                waiter.grant = resolve(grant)
                errands.woken.append(waiter)
            case .close(let slot):
                interrupts[slot] = nil
                if let connection = connections.removeValue(forKey: slot) { errands.connectionsToClose.append(connection) }
            }
        }
        return errands
    }
}
