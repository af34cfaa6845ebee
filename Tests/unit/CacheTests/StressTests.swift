import Foundation
import Synchronization
import Testing

@testable import Cache

/// Many threads at once. What they may see is checked by versions: each answer names the version of its data, and no read may show
/// a version older than the last write whose invalidation had returned when the read started.
@Suite struct StressTests {
    /// Run with ACCELERANT_STRESS=1000000 for the long form.
    static var rounds: Int { ProcessInfo.processInfo.environment["ACCELERANT_STRESS"].flatMap { Int($0) } ?? 20_000 }

    private final class MappedArray: Sendable {
        static let keys = 8
        let data = (0..<keys).map { _ in Cell() }
        final class Cell: Sendable {
            let version = Atomic<Int>(0)
            let invalidated = Atomic<Int>(0)
            let writing = Guarded(false)
        }
    }

    @Test func `no read is older than an invalidation that had returned`() {
        let test = TestCache(maxBytes: 40_000)
        let table = MappedArray()
        let stale = Atomic<Int>(0)
        let reads = Atomic<Int>(0)
        Workers.run(4) { number in
            var random = Random(seed: UInt64(number + 1))
            for _ in 0..<(Self.rounds / 4) {
                let key = random.below(MappedArray.keys)
                let cell = table.data[key]
                if random.below(8) == 0 {
                    cell.writing.withLock { _ in
                        let version = cell.version.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
                        if random.below(50) == 0 {
                            test.cache.invalidateAll()
                        } else {
                            test.cache.invalidate(tags: [Cache.Tag("t\(key)")])
                        }
                        cell.invalidated.store(version, ordering: .sequentiallyConsistent)
                    }
                } else {
                    let minimum = cell.invalidated.load(ordering: .sequentiallyConsistent)
                    let text = Self.read(test, "q\(key)", tags: ["t\(key)"]) {
                        "\(cell.version.load(ordering: .sequentiallyConsistent)) " + String(repeating: "x", count: 100 * (key + 1))
                    }
                    reads.add(1, ordering: .relaxed)
                    if Int(text.prefix { $0 != " " }) ?? -1 < minimum { stale.add(1, ordering: .relaxed) }
                }
                if random.below(200) == 0 { _ = test.cache.sweep(limit: 10, now: test.now) }
                if random.below(500) == 0 { test.advance(milliseconds: 400) }
            }
        }
        #expect(stale.load(ordering: .relaxed) == 0)
        #expect(reads.load(ordering: .relaxed) > Self.rounds / 2)
        test.cache.checkInvariants()
    }

    /// Evictions, refreshes, aliases and growth of the tables, under readers that check every byte.
    @Test func `readers see whole answers while everything moves`() {
        let test = TestCache(maxBytes: 300_000)
        let wrong = Atomic<Int>(0)
        Workers.run(4) { number in
            var random = Random(seed: UInt64(number + 77))
            for _ in 0..<(Self.rounds / 4) {
                let key = random.below(2000)
                let letter = UInt8(97 + key % 26)
                let expected = String(repeating: Character(UnicodeScalar(letter)), count: 20 + key % 300)
                let seen = Self.read(test, "q\(key)", ttl: 1 + random.below(3), tags: []) { expected }
                if seen != expected { wrong.add(1, ordering: .relaxed) }
                if random.below(100) == 0 { test.advance(milliseconds: 30) }
            }
        }
        #expect(wrong.load(ordering: .relaxed) == 0)
        test.cache.checkInvariants()
        #expect(test.cache.statistics().evictions > 0)
    }

    /// A refresh makes another text lead to the new entry in one step, which readers may take at any moment.
    @Test func `another text leads to whole answers while they are refreshed`() {
        let test = TestCache(maxBytes: 4 << 20)
        let isOver = Atomic(false)
        let torn = Atomic<Int>(0)
        let hits = Atomic<Int>(0)
        let size = 200_000
        @Sendable func refresh(_ round: Int) {
            test.advance(seconds: 2)
            guard let lead = test.refresh("q", ttl: 1, swr: 60) else { return }
            lead.complete(TestCache.answer(String(repeating: round % 2 == 0 ? "a" : "b", count: size)), now: test.now).pin.release()
        }
        refresh(0)
        let other = TestCache.text("q", ttl: 3, swr: 60)
        _ = test.lookup("q", text: other, ttl: 3, swr: 60).hit.map { Seen($0) }
        Workers.run(2) { number in
            if number == 0 {
                for round in 1...(Self.rounds / 40) { refresh(round) }
                isOver.store(true, ordering: .relaxed)
            } else {
                let text = Array(other.utf8)
                while !isOver.load(ordering: .relaxed) {
                    guard let hit = text.withUnsafeBytes({ test.cache.hit(text: $0, now: test.now) }) else { continue }
                    let data = hit.pin.data
                    let isWhole = data.count == size && stride(from: 0, to: size, by: 997).allSatisfy { data[$0] == data[0] }
                    if !isWhole || data[0] < 97 { torn.add(1, ordering: .relaxed) }
                    hits.add(1, ordering: .relaxed)
                    hit.pin.release()
                }
            }
        }
        #expect(torn.load(ordering: .relaxed) == 0 && hits.load(ordering: .relaxed) > 0)
    }

    /// Whoever looks a query up may be the last one to know of it.
    @Test func `leaders that are dropped while others look for them`() {
        let test = TestCache()
        let ended = Atomic<Int>(0)
        Workers.run(4) { _ in
            for _ in 0..<(Self.rounds * 5) {
                switch test.lookup("q", ttl: 60) {
                case .hit: return
                case .lead: break
                case .join(let flight):
                    guard case .failure(is Cache.LeaderGone) = flight.wait(until: MonotonicTime.now() + 20 * MonotonicTime.second) else { return }
                    ended.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(test.cache.statistics().joins == UInt64(ended.load(ordering: .relaxed)))
        #expect(test.lookup("q", ttl: 60).lead != nil)
    }

    private static func read(
        _ test: TestCache, _ key: String, ttl: Int = 2, tags: [String], query: () -> String
    ) -> String {
        if let seen = test.hit(TestCache.text(key, ttl: ttl, swr: 2, tags: tags)) { return refreshed(test, key, ttl, tags, seen, query) }
        switch test.lookup(key, ttl: ttl, swr: 2, tags: tags) {
        case .hit(let hit): return refreshed(test, key, ttl, tags, Seen(hit), query)
        case .lead(let lead): return Seen(lead.complete(TestCache.answer(query()), now: test.now)).text
        case .join(let flight):
            guard case .answer(let hit) = flight.wait(until: MonotonicTime.now() + 20 * MonotonicTime.second) else { return "" }
            return Seen(hit).text
        }
    }

    private static func refreshed(
        _ test: TestCache, _ key: String, _ ttl: Int, _ tags: [String], _ seen: Seen, _ query: () -> String
    ) -> String {
        if seen.mustRefresh, let lead = test.refresh(key, ttl: ttl, swr: 2, tags: tags) {
            lead.complete(TestCache.answer(query()), now: test.now).pin.release()
        }
        return seen.text
    }

    @Test func `ten thousand waiters on one key all get the answer`() throws {
        let test = TestCache()
        let waiters = ProcessInfo.processInfo.environment["ACCELERANT_STRESS"] == nil ? 500 : 10_000
        let lead = try #require(test.lookup("q", ttl: 60).lead)
        let waiting = Atomic<Int>(0)
        let answered = Atomic<Int>(0)
        Workers.run(waiters + 1) { number in
            if number == waiters {
                while waiting.load(ordering: .acquiring) < waiters { usleep(1000) }
                lead.complete(TestCache.answer("one"), now: test.now).pin.release()
            } else if case .join(let flight) = test.lookup("q", ttl: 60) {
                waiting.add(1, ordering: .sequentiallyConsistent)
                guard case .answer(let hit) = flight.wait(until: MonotonicTime.now() + 60 * MonotonicTime.second) else { return }
                if Seen(hit).text == "one" { answered.add(1, ordering: .relaxed) }
            }
        }
        #expect(answered.load(ordering: .relaxed) == waiters)
    }
}
