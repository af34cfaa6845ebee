import Testing

@testable import Postgres

/// Reads on one connection: what becomes of each, whatever the server and the callers do.
@Suite struct MultiplexMachineTests {
    private func machine(_ count: Int = 4) -> MultiplexMachine { MultiplexMachine(count: count, patience: 20, now: 0) }

    @Test func `answers come in the order of sending, and the last one ends it`() {
        var batch = machine(3)
        #expect(batch.driver == 2)
        #expect(batch.answered(now: 1) == (true, .go))
        #expect(batch.answered(now: 2) == (true, .go))
        #expect(batch.answered(now: 3) == (true, .finish))
    }

    @Test func `a slow front gets the connection, and those behind it go elsewhere`() {
        var batch = machine()
        _ = batch.answered(now: 5)
        let (moved, step) = batch.tick(now: 25)
        #expect(moved == [2, 3] && step == .handOver(1) && batch.driver == 1)
        #expect(batch.nextTick == .max)
        // Only what no one wants is left.
        #expect(batch.answered(now: 90) == (true, .drain))
        #expect(batch.answered(now: 91) == (false, .drain))
        #expect(batch.answered(now: 92) == (false, .finish))
    }

    @Test func `a driver that is slow itself stays, and those behind it go elsewhere`() {
        var batch = machine(2)
        #expect(batch.tick(now: 20).step == .handOver(0))
        var own = machine(2)
        _ = own.answered(now: 1)
        #expect(own.tick(now: 21) == ([], .go))
        #expect(own.leave() == ([], .close))
    }

    @Test func `a slow front that no one wants is cancelled`() {
        var batch = machine(3)
        let mayGo = batch.abandon(0)
        #expect(mayGo)
        let (moved, step) = batch.tick(now: 20)
        #expect(moved == [1, 2] && step == .close)
    }

    @Test func `a driver whose time is up lets another one drive`() {
        var batch = machine(3)
        #expect(batch.leave() == ([], .handOver(1)))
        let mayGo = batch.abandon(1)
        #expect(!mayGo)
        #expect(batch.answered(now: 1) == (true, .go))
        #expect(batch.answered(now: 2) == (true, .drain))
    }

    @Test func `a driver with its answer waits for what no one wants no longer than for one neighbour`() {
        var batch = machine(5)
        // The first is slow, the others go elsewhere: its caller is alone.
        #expect(batch.tick(now: 20).step == .handOver(0))
        #expect(batch.answered(now: 30) == (true, .drain))
        #expect(batch.answered(now: 39) == (false, .drain))
        #expect(batch.tick(now: 49) == ([], .go))
        #expect(batch.answered(now: 49) == (false, .drain))
        #expect(batch.nextTick == 50)
        #expect(batch.tick(now: 50) == ([], .close))
    }

    // MARK: Whatever happens

    private struct Broken: Error {
        var line: Int
    }

    /// Callers and a server around the machine, who check each step.
    private struct World {
        var batch: MultiplexMachine
        var random: SplitMix
        var now: Int64 = 0
        /// How often each read had an end.
        var ends: [Int]
        var isOver = false

        init(seed: UInt64) {
            random = SplitMix(seed: seed)
            let count = 2 + random.below(15)
            ends = Array(repeating: 0, count: count)
            batch = MultiplexMachine(count: count, patience: 20, now: 0)
        }

        func hold(_ condition: Bool, line: Int = #line) throws {
            if !condition { throw Broken(line: line) }
        }

        var awaited: [Int] { batch.states.indices.filter { batch.states[$0] == .awaited } }

        mutating func step() throws {
            now += Int64(random.below(12))
            let former = batch
            switch random.below(10) {
            case 0..<6:
                let (isWanted, step) = batch.answered(now: now)
                // The right caller, once.
                if isWanted { ends[former.front] += 1 }
                try hold(isWanted == (former.states[former.front] == .awaited))
                try hold((step == .finish) == (batch.front == ends.count))
                try take(step)
            case 6:
                let read = random.below(ends.count)
                let mayGo = batch.abandon(read)
                try hold(mayGo == (read != former.driver && former.states[read] == .awaited))
                if mayGo { ends[read] += 1 }
            case 7..<9:
                let (moved, step) = batch.tick(now: now)
                for read in moved { ends[read] += 1 }
                let isDue = now >= former.nextTick
                // No one waits for a neighbour for longer than that.
                try hold(!isDue || awaited.allSatisfy { $0 == batch.front })
                try hold(isDue || moved.isEmpty && step == .go)
                try take(step)
            default:
                guard batch.states[batch.driver] == .awaited else { return }
                ends[batch.driver] += 1
                let (moved, step) = batch.leave()
                for read in moved { ends[read] += 1 }
                try hold(step != .go)
                try take(step)
            }
            try hold(ends.allSatisfy { $0 <= 1 })
            for (read, count) in ends.enumerated() { try hold((count == 0) == (batch.states[read] == .awaited)) }
        }

        private mutating func take(_ step: MultiplexMachine.Step) throws {
            switch step {
            case .go: try hold(batch.states[batch.driver] == .awaited || awaited.isEmpty)
            case .handOver(let next): try hold(batch.driver == next && batch.states[next] == .awaited && next >= batch.front)
            case .drain: try hold(awaited.isEmpty && batch.front < ends.count)
            // A cancellation reaches no query that somebody waits for.
            case .finish, .close:
                try hold(awaited.isEmpty)
                isOver = true
            }
        }

        mutating func end() throws {
            for read in batch.end() { ends[read] += 1 }
            try hold(ends.allSatisfy { $0 == 1 })
        }
    }

    @Test(arguments: 0..<RandomSequences.parts)
    func `each read ends once, nobody waits for a neighbour beyond its patience, nobody is cancelled with another`(part: Int) throws {
        for seed in RandomSequences.seeds(of: part) {
            var world = World(seed: seed)
            do {
                for _ in 0..<80 where !world.isOver { try world.step() }
                try world.end()
            } catch {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}
