import Testing

@testable import Postgres

/// Random sequences of events: whatever happens, the pool keeps its promises. `RandomSequences` says how many.
@Suite struct PoolMachinePropertyTests {
    /// A world around the machine: it knows who holds what, and checks every grant.
    private struct World {
        var pool: PoolMachine
        var random: SplitMix
        var now: PoolMachine.Time = 0
        /// Slots by what the world believes of them.
        var connecting: [UInt64] = []
        var leased: [UInt64] = []
        var closing: [UInt64] = []
        /// In the order of their coming.
        var waiting: [UInt64] = []
        /// Those of them that may go along with others.
        var sharing: Set<UInt64> = []
        var isClosed = false
        let limit: Int

        init(seed: UInt64, limit: Int) {
            var settings = PoolMachine.Settings()
            settings.limit = limit
            settings.idleNanoseconds = 50_000_000
            settings.closingNanoseconds = 20_000_000
            settings.regrowNanoseconds = 100_000_000
            pool = PoolMachine(settings)
            random = SplitMix(seed: seed)
            self.limit = limit
        }

        mutating func step() throws {
            now += PoolMachine.Time(random.below(3_000_000))
            switch random.below(100) {
            case 0..<35: try lease()
            case 35..<60: try release()
            case 60..<72: try connect()
            case 72..<77: try failConnect()
            case 77..<80: try abandonConnect()
            case 80..<88: try end()
            case 88..<93: try giveUp()
            case 93..<96: try gather()
            case 96..<99:
                try perform(pool.tick(now: now))
                try PoolMachinePropertyTests.hold(pool.nextTick > now)
            default:
                if random.below(200) == 0 { try close() }
            }
            pool.checkInvariants()
            try check()
        }

        private mutating func lease() throws {
            let hadWaiters = !waiting.isEmpty
            let shares = random.below(3) > 0
            let isBusy = pool.isBusy(now: now)
            let favourite = random.below(2) > 0 ? PoolMachine.SlotID(random.below(20)) : nil
            let grant = pool.lease(now: now, shares: shares, favourite: favourite)
            if case .wait(let waiter) = grant {
                try PoolMachinePropertyTests.hold(isBusy)
                if shares { sharing.insert(waiter) }
            } else {
                try PoolMachinePropertyTests.hold(!isBusy)
            }
            // A newcomer overtakes nobody.
            if hadWaiters, case .wait = grant {} else { try PoolMachinePropertyTests.hold(!hadWaiters) }
            try take(grant)
        }

        private mutating func take(_ grant: PoolMachine.Grant) throws {
            switch grant {
            case .use(let slot):
                try PoolMachinePropertyTests.hold(!leased.contains(slot) && !connecting.contains(slot) && !closing.contains(slot) && !isClosed)
                leased.append(slot)
            case .connect(let slot):
                try PoolMachinePropertyTests.hold(!leased.contains(slot) && !connecting.contains(slot) && !closing.contains(slot) && !isClosed)
                try PoolMachinePropertyTests.hold(pool.failures == 0 || connecting.isEmpty)
                try PoolMachinePropertyTests.hold(now >= pool.pauseEnd)
                connecting.append(slot)
            case .wait(let waiter):
                try PoolMachinePropertyTests.hold(!isClosed)
                waiting.append(waiter)
            case .refuse(.closed): try PoolMachinePropertyTests.hold(isClosed)
            case .refuse(.unreachable): try PoolMachinePropertyTests.hold(pool.failures > 0 && leased.isEmpty && connecting.isEmpty)
            }
        }

        private mutating func perform(_ actions: [PoolMachine.Action]) throws {
            for action in actions {
                switch action {
                case .wake(let waiter, let grant):
                    // First come, first served.
                    try PoolMachinePropertyTests.hold(waiting.first == waiter)
                    waiting.removeFirst()
                    if case .wait = grant { throw Broken(line: #line) }
                    try take(grant)
                case .close(let slot):
                    try PoolMachinePropertyTests.hold(!leased.contains(slot) && !closing.contains(slot))
                    closing.append(slot)
                }
            }
        }

        private mutating func pick(_ list: WritableKeyPath<World, [UInt64]>) -> UInt64? {
            guard !self[keyPath: list].isEmpty else { return nil }
            return self[keyPath: list].remove(at: random.below(self[keyPath: list].count))
        }

        private mutating func release() throws {
            guard let slot = pick(\.leased) else { return }
            let isReusable = random.below(10) > 0
            if !isReusable { closing.append(slot) }
            try perform(pool.release(slot, isReusable: isReusable, now: now))
        }

        private mutating func connect() throws {
            guard let slot = pick(\.connecting) else { return }
            let actions = pool.connected(slot, now: now)
            leased.append(slot)
            try perform(actions)
            // Nobody waited for it any more: the next one has it.
            if random.below(4) == 0 {
                leased.removeAll { $0 == slot }
                try perform(pool.release(slot, isReusable: true, now: now))
            }
        }

        private mutating func failConnect() throws {
            guard let slot = pick(\.connecting) else { return }
            let problem: PoolMachine.ConnectProblem = random.below(3) == 0 ? .full : .unreachable
            let isAwaited = random.below(4) > 0
            let (waiter, actions) = pool.connectFailed(slot, problem, isAwaited: isAwaited, now: now, jitter: random.next())
            try PoolMachinePropertyTests.hold(isAwaited || waiter == nil)
            if let waiter { waiting.insert(waiter, at: 0) }
            try perform(actions)
        }

        private mutating func abandonConnect() throws {
            guard let slot = pick(\.connecting) else { return }
            try perform(pool.connectAbandoned(slot, now: now))
        }

        private mutating func end() throws {
            guard let slot = pick(\.closing) else { return }
            try perform(pool.ended(slot, now: now))
        }

        /// The oldest go along, as many as come upon each lent connection, up to the first that does not fit, and no one else does.
        private mutating func gather() throws {
            guard !leased.isEmpty else { return }
            let sharers = waiting.filter { sharing.contains($0) }
            let most = random.below(8)
            let misfit = random.below(3) == 0 ? sharers.dropFirst(random.below(4)).first : nil
            let gathered = pool.gather(most: most) { $0 != misfit }
            let fitting = misfit.flatMap { sharers.firstIndex(of: $0) } ?? sharers.count
            try PoolMachinePropertyTests.hold(gathered.count == min(most, (sharers.count + leased.count - 1) / leased.count, fitting))
            try PoolMachinePropertyTests.hold(Array(sharers.prefix(gathered.count)) == gathered)
            waiting.removeAll { gathered.contains($0) }
        }

        private mutating func giveUp() throws {
            guard let waiter = pick(\.waiting) else { return }
            let wasWaiting = pool.abandon(waiter)
            try PoolMachinePropertyTests.hold(wasWaiting)
        }

        private mutating func close() throws {
            isClosed = true
            try perform(pool.close(now: now))
        }

        private func check() throws {
            let slots = pool.slots
            try PoolMachinePropertyTests.hold(slots.count <= limit)
            try PoolMachinePropertyTests.hold(pool.allowance >= 1 && pool.allowance <= limit)
            try PoolMachinePropertyTests.hold(Set(leased) == Set(slots.filter { $0.value == .leased }.keys))
            try PoolMachinePropertyTests.hold(Set(connecting) == Set(slots.filter { $0.value == .connecting }.keys))
            let idle = slots.filter { if case .idle = $0.value { true } else { false } }.keys
            try PoolMachinePropertyTests.hold(Set(idle) == Set(pool.idle) && pool.idle.count == idle.count)
            try PoolMachinePropertyTests.hold(pool.waiters.count == waiting.count)
            try PoolMachinePropertyTests.hold(pool.sharers.count == waiting.reduce(0) { $0 + (sharing.contains($1) ? 1 : 0) })
            // Nobody waits beside an idle connection, nor after the end, nor with nothing alive to wait for.
            try PoolMachinePropertyTests.hold(waiting.isEmpty || (idle.isEmpty && !isClosed))
            try PoolMachinePropertyTests.hold(waiting.isEmpty || !slots.isEmpty || now < pool.pauseEnd || pool.nextTick <= now)
        }
    }

    /// Why not `#require`: that takes a hundred times longer than the machine.
    private static func hold(_ condition: Bool, line: Int = #line) throws {
        if !condition { throw Broken(line: line) }
    }

    private struct Broken: Error {
        var line: Int
    }

    @Test(arguments: 0..<RandomSequences.parts)
    func `whatever happens, in whichever order, no promise is broken`(part: Int) throws {
        for seed in RandomSequences.seeds(of: part) {
            var world = World(seed: seed, limit: [1, 2, 3, 5, 10][Int(seed % 5)])
            do {
                // A few are long, so that rare states come together.
                for _ in 0..<(seed % 100 == 0 ? 2_000 : 60) { try world.step() }
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
