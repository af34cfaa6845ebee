import Concurrency
import Testing

@testable import Cache

/// The choice of what stays, on small loads whose best answer is known.
@Suite struct EvictionTests {
    private static func ratio(_ cache: inout ShadowCache<some EvictionPolicy<Ghost>>, _ keys: [Int], size: (Int) -> Int = { _ in 100 }) -> Double {
        var hits = 0
        for key in keys where cache.use(Hash.mix(UInt64(key)), size: size(key)) { hits += 1 }
        return Double(hits) / Double(keys.count)
    }

    @Test func `a loop that does not fit keeps a part of itself`() {
        var cache = ShadowCache(parameters: PolicyTuner.candidates[0], budget: 50 * 100, entries: 64)
        defer { cache.deallocate() }
        let loop = (0..<200).flatMap { _ in 0..<100 }
        let ratio1 = Self.ratio(&cache, loop)
        #expect(ratio1 > 0.45, "LRU would hit never, the best that can be is 0.5")
    }

    @Test func `a fixed policy can be compared with the cache's own`() {
        let loop = (0..<200).flatMap { _ in 0..<100 }
        var clock = ShadowCache(ClockEviction(budget: 50 * 100), entries: 64)
        var sampled = ShadowCache(parameters: PolicyTuner.candidates[0], budget: 50 * 100, entries: 64)
        defer {
            clock.deallocate()
            sampled.deallocate()
        }
        let (fixed, own) = (Self.ratio(&clock, loop), Self.ratio(&sampled, loop))
        #expect(fixed < 0.01 && own > 0.45, "a loop that does not fit is the worst that LRU can meet")
        #expect(clock.policy.bytes <= 50 * 100 && clock.policy.count == 50)
        // What is used in between stays.
        var hits = 0
        for key in 0..<2_000 {
            if clock.use(Hash.mix(1_000_000), size: 100) { hits += 1 }
            _ = clock.use(Hash.mix(UInt64(10_000 + key)), size: 100)
        }
        #expect(hits >= 1_990)
    }

    @Test func `a replay follows the pair that hits most, and shows what it is worth`() throws {
        func ratio(_ name: String) throws -> Double {
            var replay = PolicyReplay(try #require(PolicyReplay.Policy(name)), budget: 400 * 100, entries: 400)
            var hits = 0
            for use in 0..<120_000 where replay.use(UInt64(use % 600), size: 100) { hits += 1 }
            return Double(hits) / 120_000
        }
        let (loops, bursts) = (try ratio("fixed:0"), try ratio("fixed:3"))
        #expect(loops > bursts + 0.1, "a loop wants a small window and no decay: \(loops), \(bursts)")
        #expect(try ratio("tuned") > loops - 0.1)
        #expect(try ratio("tuned-without:1") > loops - 0.1)
        #expect(try ratio("clock") < 0.1)
        for name in ["", "fixed", "fixed:9", "fixed:-1", "fixed:1:1", "tuned:1", "clock:0", "tuned-without", "lru"] {
            #expect(PolicyReplay.Policy(name) == nil, "\(name)")
        }
    }

    @Test func `a loop drives nothing out that it found in the round before`() {
        let test = TestCache(maxBytes: 300_000)
        var hits = 0
        for round in 0..<60 {
            for key in 0..<700 where test.ask("q\(key)", ttl: 3600, answer: String(repeating: "x", count: 600)).status == .fresh {
                if round >= 40 { hits += 1 }
            }
        }
        let entries = test.cache.statistics().entries
        #expect(entries > 100 && hits >= 20 * (entries - 4), "all but the window stays: the tables take no more bytes, and no fewer")
    }

    @Test func `a scan does not drive out what is used often`() {
        let test = TestCache(maxBytes: 150_000)
        func use(_ keys: Range<Int>) -> Int {
            keys.count { test.ask("q\($0)", ttl: 3600, answer: String(repeating: "x", count: 600)).status == .fresh }
        }
        for _ in 0..<1000 {
            _ = use(0..<50)
            _ = test.cache.sweep(now: test.now)
        }
        #expect(use(1000..<3000) == 0)
        #expect(test.cache.statistics().evictions > 1500)
        #expect(use(0..<50) > 45)
    }

    @Test func `recent use wins where the policy says so`() {
        // Hot keys change: what was used a lot is never used again.
        let phases = (0..<20).flatMap { phase in (0..<40).flatMap { _ in (phase * 100)..<(phase * 100 + 60) } }
        var eager = ShadowCache(parameters: PolicyTuner.candidates[3], budget: 64 * 100, entries: 64)
        defer { eager.deallocate() }
        let ratio3 = Self.ratio(&eager, phases)
        #expect(ratio3 > 0.9)
    }

    @Test func `small items stay before large ones used as often`() {
        var cache = ShadowCache(parameters: PolicyTuner.candidates[0], budget: 10_000, entries: 128)
        defer { cache.deallocate() }
        let loop = (0..<50).flatMap { _ in 0..<100 }
        // Half of the keys are small (50 bytes), half of them large (1000): all small ones fit, 10 large ones would.
        let size = { (key: Int) in key % 2 == 0 ? 50 : 1000 }
        _ = Self.ratio(&cache, loop, size: size)
        let small = Self.ratio(&cache, (0..<50).map { $0 * 2 }, size: size)
        #expect(small > 0.8)
    }

    @Test func `the only one that is in the main store can go`() {
        var cache = ShadowCache(parameters: PolicyTuner.candidates[0], budget: 1000, entries: 64)
        defer { cache.deallocate() }
        for key in UInt64(0)..<50 {
            // Each fills nearly all of it; what is used twice is worth more than what was used once, long ago.
            for _ in 0..<4 { _ = cache.use(Hash.mix(key), size: 900) }
            #expect(cache.policy.bytes <= 1000)
        }
        let isLastOneIn = cache.use(Hash.mix(49), size: 900)
        #expect(isLastOneIn || cache.policy.count == 1)
    }

    @Test func `the tuner finds the policy for a loop`() {
        var tuner = PolicyTuner()
        defer { tuner.deallocate() }
        tuner.adjust(entries: 1000, bytes: 100_000, budget: 100_000)
        var parameters = PolicyTuner.candidates[PolicyTuner.initialCandidate]
        for _ in 0..<60 {
            for key in 0..<4000 { parameters = tuner.use(Hash.mix(UInt64(key)), size: 100) ?? parameters }
        }
        #expect(parameters == PolicyTuner.candidates[0])
    }

    @Test func `the budget and the count hold under random operations`() {
        var cache = ShadowCache(parameters: PolicyTuner.candidates[1], budget: 5000, entries: 64)
        defer { cache.deallocate() }
        var random = Random()
        for _ in 0..<20_000 {
            _ = cache.use(UInt64(random.below(500)), size: 1 + random.below(300))
            #expect(cache.policy.bytes <= 5000)
        }
        let items = (0..<cache.policy.span).compactMap { cache.policy.item($0) }
        #expect(items.count == cache.policy.count)
        #expect(items.reduce(0) { $0 + $1.size } == cache.policy.bytes)
    }

    @Test func `the sketch remembers and forgets`() {
        var sketch = Sketch(entries: 1000)
        defer { sketch.deallocate() }
        for _ in 0..<9 { sketch.add(7, entries: 1000) }
        #expect(sketch.count(of: 7) == 9)
        sketch.raise(8, to: 4.4)
        #expect(sketch.count(of: 8) == 4)
        sketch.raise(7, to: 2)
        #expect(sketch.count(of: 7) == 9)
        for key in 100..<20_000 { sketch.add(Hash.mix(UInt64(key)), entries: 1000) }
        #expect(sketch.count(of: 7) < 9)
    }

    @Test func `logarithm and power are good to a hundredth`() {
        #expect(abs(FastMath.logarithm(1)) < 0.01 && abs(FastMath.logarithm(1024) - 10) < 0.01)
        #expect(abs(FastMath.logarithm(3) - 1.585) < 0.01)
        #expect(abs(FastMath.power(-1) - 0.5) < 0.01 && abs(FastMath.power(-0.5) - 0.7071) < 0.01)
        #expect(FastMath.power(0) == 1 && FastMath.power(-1000) == 0)
    }

    private struct Number: Addressed {
        let address: UInt
        init?(address: UInt) {
            guard address != 0 else { return nil }
            self.address = address
        }
    }

    @Test func `an admission window keeps its order with gaps anywhere through all sizes`() throws {
        var lane = AdmissionWindow<Number>()
        defer { lane.deallocate() }
        var expected: [(number: UInt, place: UInt32)] = []
        var random = Random()
        for number in UInt(1)...20_000 {
            // It grows for a while, and shrinks again.
            let isGrowing = number % 8000 < 5000
            expected.append((number, lane.push(try #require(Number(address: number)), seen: AccessRecord.Tick(number % 7), keyHash: UInt64(number) * 3)))
            if random.below(3) == 0, !expected.isEmpty {
                let gone = expected.remove(at: random.below(expected.count))
                lane.clear(try #require(AdmissionWindow<Number>.slot(gone.place)))
            }
            for _ in 0..<(isGrowing ? random.below(2) : 2) where !expected.isEmpty {
                let popped = lane.popFirst()
                let (first, seen, keyHash) = try #require(popped)
                let next = expected.removeFirst().number
                try #require(first.address == next && seen == AccessRecord.Tick(next % 7) && keyHash == UInt64(next) * 3)
            }
            try #require(lane.count == expected.count)
        }
        let left = (0..<lane.span).compactMap { lane.item($0)?.address }
        #expect(left == expected.map(\.number))
        while lane.popFirst() != nil {}
        #expect(lane.span == 0 && lane.count == 0 && lane.size < 2000)
    }

    @Test(arguments: [0, 1, 100, 500])
    func `an admission window takes the same bytes however many pass`(length: UInt) throws {
        var lane = AdmissionWindow<Number>()
        defer { lane.deallocate() }
        var sizes: Set<Int> = []
        for number in UInt(1)...5000 {
            _ = lane.push(try #require(Number(address: number)), seen: 0, keyHash: 0)
            if number > length { #expect(lane.popFirst() != nil) }
            if number > length + 200 { sizes.insert(lane.size) }
        }
        #expect(sizes.count == 1)
    }

    @Test func `an access record is exact enough`() {
        for count: Float in [1, 1.5, 2, 3, 10, 100, 1000.25, 60_000] {
            #expect(abs(AccessRecord(tick: 9, count: count).count / count - 1) < 0.001)
        }
        #expect(AccessRecord(tick: 65_535, count: 0).count == 1)
        var often = AccessRecord(tick: 0, count: 1)
        for tick in AccessRecord.Tick(1)...1000 { often = often.afterUse(at: tick, decay: 0) }
        #expect(abs(often.count - 1001) < 20)
        let late = AccessRecord(tick: 65_530, count: 8).afterUse(at: 26, decay: 1)
        #expect(late.tick == 26 && abs(late.count - 5) < 0.1, "one turnover later, round the end of the ticks, half of it is left")
    }

    @Test func `a table keeps what it has through all sizes`() {
        var table = MappedArray<UInt32>()
        defer { table.deallocate() }
        for number in UInt32(0)..<1_000_000 { table.append(number) }
        #expect(table.size >= 4_000_000 && table.size < 4_100_000)
        #expect((0..<1_000_000).allSatisfy { table[$0] == UInt32($0) })
        for _ in 0..<900_000 { table.removeLast() }
        #expect(table.size < 1_500_000, "the memory goes back")
        for number in UInt32(0)..<900_000 { table.append(number) }
        #expect(table[99_999] == 99_999 && table[100_000] == 0 && table[999_999] == 899_999)
    }

    @Test func `entries that come and go take no room behind one that stays`() {
        let test = TestCache(maxBytes: 200_000)
        test.ask("first", ttl: 31_536_000, answer: "first")
        for key in 0..<50 { test.ask("kept\(key)", ttl: 31_536_000, answer: String(repeating: "x", count: 1000)) }
        let before = test.cache.statistics()
        for round in 0..<8_000 {
            test.ask("short\(round)", ttl: 1, answer: "short")
            test.advance(seconds: 2)
            _ = test.cache.sweep(now: test.now)
        }
        let after = test.cache.statistics()
        #expect(after.entries == before.entries && after.evictions == before.evictions, "nothing had to go: \(after)")
        #expect(after.tableBytes <= before.tableBytes + 4096, "\(before.tableBytes) to \(after.tableBytes) bytes of tables")
        #expect(test.hit(TestCache.text("first", ttl: 31_536_000))?.text == "first")
    }

    @Test func `what is used stays in a sparse window`() {
        let test = TestCache(maxBytes: 200_000)
        for round in 0..<5_000 {
            test.ask("used", ttl: 31_536_000, answer: "used")
            test.ask("short\(round)", ttl: 1, answer: "short")
            test.advance(seconds: 2)
            _ = test.cache.sweep(now: test.now)
        }
        let statistics = test.cache.statistics()
        #expect(statistics.entries == 1 && statistics.evictions == 0 && statistics.misses == 5_001)
        let span = test.cache.store.withLock { $0.eviction.span }
        #expect(span < 200)
    }
}
