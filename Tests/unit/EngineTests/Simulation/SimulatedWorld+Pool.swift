@testable import Cache
@testable import Postgres

/// The simulated shell around the pool's machine: leases, connects, queries and their connections' ends.
extension SimulatedWorld {
    mutating func take(_ grant: PoolMachine.Grant, for number: Int) throws {
        switch grant {
        case .use(let slot):
            callers[number]?.slot = slot
            try send(number)
        case .connect(let slot):
            callers[number]?.slot = slot
            queue.add(.connected(slot, number), at: later(20))
        case .wait(let waiter):
            callers[number]?.waiter = waiter
            waiting[waiter] = number
            order.append(waiter)
        case .refuse: try fail(number)
        }
    }

    mutating func send(_ number: Int) throws {
        guard let slot = callers[number]?.slot else { throw Broken(description: "one sends who has no connection") }
        try hold(connections[slot]?.isReusable == true, "a connection is lent that is in doubt")
        connections[slot]?.begin()
        if callers[number]?.mayShare == true, try share(slot, number) { return }
        let read = later(random.below(8) == 0 ? 400 : 10)
        queue.add(.read(number), at: read)
        queue.add(.answered(number), at: read + Time(random.below(3_000_000)))
    }

    mutating func perform(_ action: PoolMachine.Action) throws {
        switch action {
        case .wake(let waiter, let grant):
            try hold(order.first == waiter, "somebody was overtaken")
            order.removeFirst()
            guard let number = waiting.removeValue(forKey: waiter) else { throw Broken(description: "one is woken who does not wait") }
            callers[number]?.waiter = nil
            try take(grant, for: number)
        case .close(let slot):
            connections[slot] = nil
            queue.add(.closed(slot), at: later(150))
        }
    }

    mutating func connected(_ slot: PoolMachine.SlotID, _ number: Int) throws {
        let isAwaited = callers[number]?.slot == slot
        let alive = pool.slots.values.reduce(0) { $1 == .connecting ? $0 : $0 + 1 }
        if isServerUp && alive < serverRoom && random.below(50) > 0 {
            let actions = pool.connected(slot, now: now)
            connections[slot] = ConnectionMachine()
            if isAwaited { try send(number) }
            for action in actions { try perform(action) }
            if !isAwaited { try release(slot) }
            return
        }
        let problem: PoolMachine.ConnectProblem = isServerUp ? .full : .unreachable
        let (waiter, actions) = pool.connectFailed(slot, problem, isAwaited: isAwaited, now: now, jitter: random.next())
        if isAwaited { callers[number]?.slot = nil }
        if let waiter {
            try hold(isAwaited, "nobody waits")
            callers[number]?.waiter = waiter
            waiting[waiter] = number
            order.insert(waiter, at: 0)
        } else if isAwaited {
            try fail(number)
        }
        for action in actions { try perform(action) }
    }

    mutating func release(_ slot: PoolMachine.SlotID) throws {
        let isReusable = connections[slot]?.isReusable == true
        if !isReusable { connections[slot] = nil }
        let actions = pool.release(slot, isReusable: isReusable, now: now)
        if !isReusable { queue.add(.closed(slot), at: later(150)) }
        for action in actions { try perform(action) }
    }

    mutating func changeServer() {
        isServerUp = random.below(4) > 0
        serverRoom = random.below(3) == 0 ? 1 + random.below(limit) : .max
        if lastCaller < callerLimit { queue.add(.serverChanges, at: later(600)) }
    }
}
