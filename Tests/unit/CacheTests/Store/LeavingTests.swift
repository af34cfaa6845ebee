import Concurrency
import Testing

@testable import Cache

/// Entries that have to go stay in the indexes for a while. Nobody may notice.
@Suite struct LeavingTests {
    /// The keys of the victims that are still in the indexes.
    private static func victims(_ test: TestCache) -> [String] {
        test.cache.store.withLock { store in
            store.victims.values.map { String(decoding: $0.item.entry.key, as: UTF8.self) }
        }
    }

    /// A full cache, whose last insertion drove out at least one.
    private static func full() throws -> (test: TestCache, victims: [String]) {
        let test = TestCache(maxBytes: 60_000)
        for number in 0..<10_000 {
            test.ask("q\(number)", ttl: 60, answer: "\(number)" + String(repeating: "x", count: 300))
            let victims = victims(test)
            if number > 300, let last = victims.first, last != "q\(number)" { return (test, victims) }
        }
        throw Cache.LeaderGone()
    }

    @Test func `what is found by its text is the answer that it was`() throws {
        let (test, victims) = try Self.full()
        for key in victims {
            let seen = try #require(test.hit(TestCache.text(key, ttl: 60)))
            #expect(seen.text.hasPrefix(key.dropFirst()))
        }
    }

    @Test func `a caller that asks by key runs the query again`() throws {
        let (test, victims) = try Self.full()
        let key = try #require(victims.first)
        let lead = try #require(test.lookup(key, ttl: 60).lead)
        #expect(Seen(lead.complete(TestCache.answer("new"), now: test.now)).text == "new")
        let seen = test.hit(TestCache.text(key, ttl: 60))
        #expect(seen == nil || seen?.text == "new", "the old answer is gone as soon as there is a new one")
    }

    @Test func `an answer that is too large ends the old one`() throws {
        let (test, victims) = try Self.full()
        let key = try #require(victims.first)
        let large = String(repeating: "x", count: 50_000)
        #expect(test.ask(key, ttl: 61, answer: large) == Seen(.miss, large))
        #expect(test.hit(TestCache.text(key, ttl: 60)) == nil)
    }

    @Test func `an error of a query leaves a victim alone`() throws {
        let (test, victims) = try Self.full()
        let key = try #require(victims.first)
        try #require(test.lookup(key, ttl: 60).lead).fail(Cache.LeaderGone(), now: test.now)
        #expect(test.lookup(key, ttl: 60).lead != nil)
    }

    @Test func `its invalidation counts`() throws {
        let (test, victims) = try Self.full()
        test.cache.invalidateAll()
        for key in victims { #expect(test.hit(TestCache.text(key, ttl: 60)) == nil) }
    }

    @Test func `the housekeeper takes them away`() throws {
        let (test, victims) = try Self.full()
        while test.cache.sweep(now: test.now) {}
        for key in victims { #expect(test.hit(TestCache.text(key, ttl: 60)) == nil) }
        #expect(Self.victims(test).isEmpty)
        let statistics = test.cache.statistics()
        #expect(statistics.bytes == statistics.tableBytes + test.cache.store.withLock { $0.eviction.bytes })
    }

    /// Each answer is the number of its query, so that an older one than the last shows.
    @Test func `no hit is older than the last query or an invalidation`() {
        let test = TestCache(maxBytes: 50_000)
        var random = Random(seed: 5)
        var newest: [Int: Int] = [:]
        var (queries, late) = (0, 0)
        for step in 0..<10_000 {
            let victim = Self.victims(test).first.flatMap { Int($0.dropFirst()) }
            let key = random.below(2) == 0 ? victim ?? 0 : random.below(150)
            let text = TestCache.text("q\(key)", ttl: 60, tags: ["t\(key % 7)"])
            if random.below(3) == 0 {
                let bytes = Array(text.utf8)
                guard let hit = bytes.withUnsafeBytes({ test.cache.hit(text: $0, now: test.now) }) else { continue }
                if hit.pin.entry?.pointee.isPublished == false { late += 1 }
                #expect(Int(Seen(hit).text.prefix { $0 != "x" }) == newest[key])
            } else if random.below(200) == 0 {
                let tag = random.below(7)
                test.cache.invalidate(tags: [Cache.Tag("t\(tag)")])
                for key in newest.keys where key % 7 == tag { newest[key] = nil }
            } else if let lead = test.lookup("q\(key)", ttl: 60, tags: ["t\(key % 7)"]).lead {
                queries += 1
                newest[key] = queries
                lead.complete(TestCache.answer("\(queries)" + String(repeating: "x", count: 100 + random.below(900))), now: test.now).pin.release()
                if let seen = test.hit(text) { #expect(Int(seen.text.prefix { $0 != "x" }) == queries) }
            }
            if step % 100 == 0 { test.cache.checkInvariants() }
        }
        #expect(late > 100, "some hits found a victim")
    }
}
