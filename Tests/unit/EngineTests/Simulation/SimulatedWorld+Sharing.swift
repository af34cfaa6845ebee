@testable import Cache
@testable import Postgres

/// Several callers' reads on one connection of the simulated server, which works for one after the other.
extension SimulatedWorld {
    static let patience = 20 * millisecond

    struct Batch {
        let slot: PoolMachine.SlotID
        /// Who asks, in the order of sending.
        let callers: [Int]
        var machine: MultiplexMachine
        /// What the read at the front has seen.
        var version: Int?
    }

    /// Lets those that wait go along with one who has a connection. False when there are none.
    mutating func share(_ slot: PoolMachine.SlotID, _ number: Int) throws -> Bool {
        let gathered = pool.gather(most: 7)
        if gathered.isEmpty { return false }
        var numbers: [Int] = []
        for waiter in gathered {
            guard let other = waiting.removeValue(forKey: waiter) else { throw Broken(description: "one goes along who does not wait") }
            order.removeAll { $0 == waiter }
            callers[other]?.waiter = nil
            numbers.append(other)
        }
        numbers.append(number)
        callers[number]?.slot = nil
        lastBatch += 1
        for other in numbers {
            try hold(callers[other]?.mayShare == true, "one goes along who must not")
            callers[other]?.batch = lastBatch
        }
        shared += numbers.count
        let machine = MultiplexMachine(count: numbers.count, patience: Self.patience, now: now)
        batches[lastBatch] = Batch(slot: slot, callers: numbers, machine: machine)
        work(lastBatch)
        watch(lastBatch)
        return true
    }

    /// The server begins with the front.
    private mutating func work(_ id: Int) {
        let read = later(random.below(10) == 0 ? 60 : 3)
        queue.add(.sharedRead(id), at: read)
        queue.add(.sharedAnswered(id), at: read + Time(random.below(2_000_000)))
    }

    /// Has the machine look at the clock when it wants to.
    private mutating func watch(_ id: Int) {
        guard let next = batches[id]?.machine.nextTick, next < .max else { return }
        queue.add(.sharedTick(id), at: max(next, now))
    }

    mutating func readShared(_ id: Int) {
        guard let batch = batches[id], let key = callers[batch.callers[batch.machine.front]]?.key else { return }
        batches[id]?.version = versions[key]
    }

    mutating func answerShared(_ id: Int) throws {
        guard var batch = batches[id] else { return }
        let number = batch.callers[batch.machine.front]
        guard isServerUp, random.below(60) > 0 else { return try lose(id) }
        let (isWanted, step) = batch.machine.answered(now: now)
        let version = batch.version
        batch.version = nil
        batches[id] = batch
        if isWanted {
            guard let lead = callers[number]?.lead, let version else { throw Broken(description: "an answer for one who is gone") }
            callers[number]?.batch = nil
            try end(number, with: lead.complete(Self.answer(version, padding: random.below(2_000)), now: UInt64(now)))
            try arriveAll()
        }
        if step != .finish, step != .close {
            work(id)
            watch(id)
        }
        try take(step, id)
    }

    mutating func tickShared(_ id: Int) throws {
        guard var batch = batches[id] else { return }
        let (moved, step) = batch.machine.tick(now: now)
        batches[id] = batch
        try take(step, id)
        try sendAgain(moved.map { batch.callers[$0] })
    }

    /// A caller's time is over, while others wait for the same connection.
    mutating func leaveShared(_ id: Int, _ number: Int) throws {
        guard var batch = batches[id], let index = batch.callers.firstIndex(of: number) else { throw Broken(description: "one shares with nobody") }
        var step = MultiplexMachine.Step.go
        var moved: [Int] = []
        if index == batch.machine.driver {
            (moved, step) = batch.machine.leave()
        } else {
            let isGone = batch.machine.abandon(index)
            try hold(isGone, "one whose read is on its way has been told something")
        }
        batches[id] = batch
        callers[number]?.batch = nil
        try fail(number)
        try take(step, id)
        try sendAgain(moved.map { batch.callers[$0] })
    }

    private mutating func lose(_ id: Int) throws {
        guard var batch = batches.removeValue(forKey: id) else { return }
        let lost = batch.machine.end()
        connections[batch.slot]?.lose()
        try release(batch.slot)
        try sendAgain(lost.map { batch.callers[$0] })
    }

    private mutating func take(_ step: MultiplexMachine.Step, _ id: Int) throws {
        guard let batch = batches[id] else { return }
        let awaited = batch.callers.filter { callers[$0]?.batch == id }
        switch step {
        case .go: break
        case .handOver(let next):
            try hold(callers[batch.callers[next]]?.batch == id, "one drives who is gone")
            watch(id)
        case .drain: try hold(awaited.isEmpty, "nobody receives for those who wait")
        case .finish, .close:
            try hold(awaited.isEmpty || step == .close, "a connection is free while somebody waits for its answer")
            batches[id] = nil
            if step == .finish { connections[batch.slot]?.finish(.idle) } else { connections[batch.slot]?.lose() }
            try release(batch.slot)
        }
    }

    /// Those whom a neighbour held up, or whose connection was lost, ask by themselves.
    private mutating func sendAgain(_ numbers: [Int]) throws {
        for number in numbers {
            callers[number]?.batch = nil
            callers[number]?.mayShare = false
            moved += 1
            try take(pool.lease(now: now), for: number)
        }
    }
}
