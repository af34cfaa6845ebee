import Foundation
import Testing

@testable import Cache

/// The budget holds, and memory comes back.
@Suite struct BoundTests {
    /// Why these seeds: with each of them tables once grew for an entry that did not stay.
    @Test(arguments: [(0, 0), (2000, 0), (10_000, 0), (100_000, 0), (1 << 20, 0), (100_000, 341), (100_000, 374), (100_000, 387), (30_000, 1)])
    func `the budget holds after every operation`(maxBytes: Int, seed: UInt64) {
        let test = TestCache(maxBytes: maxBytes)
        var random = Random(seed: seed)
        for step in 0..<3000 {
            let key = "key\(random.below(300))"
            let size = random.below(20) == 0 ? random.below(20_000) : random.below(500)
            test.ask(key, ttl: 5 + random.below(3), swr: 10, tags: ["t\(random.below(9))"], answer: String(repeating: "x", count: size))
            if step % 50 == 0 { test.cache.invalidate(tags: [Cache.Tag("t\(random.below(9))")]) }
            if step % 10 == 0 { test.advance(milliseconds: 300) }
            if step % 7 == 0 { _ = test.cache.sweep(limit: 20, now: test.now) }
            let statistics = test.cache.statistics()
            #expect(statistics.entries == 0 || statistics.bytes <= maxBytes)
            if step % 100 == 0 { test.cache.checkInvariants() }
        }
    }

    @Test func `an answer that is too large is given out and not kept`() {
        let test = TestCache(maxBytes: 1 << 20, maxEntryBytes: 10_000)
        let large = String(repeating: "x", count: 10_000)
        #expect(test.ask("q", ttl: 60, answer: large) == Seen(.miss, large))
        #expect(test.ask("q", ttl: 60, answer: "small") == Seen(.miss, "small"))
        #expect(test.ask("q", ttl: 60) == Seen(.fresh, "small"))
        #expect(test.cache.statistics().oversized == 1)
    }

    @Test func `a refresh that is too large ends the old answer`() {
        let test = TestCache(maxBytes: 1 << 20, maxEntryBytes: 10_000)
        test.ask("q", ttl: 10, swr: 60, answer: "old")
        test.advance(seconds: 10)
        let large = String(repeating: "x", count: 10_000)
        #expect(test.refresh("q", ttl: 10, swr: 60, answer: large) == Seen(.miss, large))
        #expect(test.hit(TestCache.text("q", ttl: 10, swr: 60)) == nil)
    }

    @Test(arguments: [true, false])
    func `the bytes of the dead come back without being asked for`(isInvalidated: Bool) {
        let test = TestCache(maxBytes: 8 << 20)
        for number in 0..<5000 { test.ask("q\(number)", ttl: 60, tags: ["a"], answer: String(repeating: "x", count: 200)) }
        let full = test.cache.statistics()
        #expect(full.entries == 5000)
        if isInvalidated { test.cache.invalidate(tags: [Cache.Tag("a")]) } else { test.advance(seconds: 60) }
        var rounds = 0
        while test.cache.sweep(limit: 500, now: test.now) { rounds += 1 }
        let empty = test.cache.statistics()
        #expect(rounds <= 10 && empty.entries == 0 && empty.expirations == 5000)
        #expect(empty.bytes == empty.tableBytes)
    }

    @Test func `nothing is swept that may still be used`() {
        let test = TestCache()
        test.ask("short", ttl: 1, tags: ["a"], answer: "one")
        test.ask("long", ttl: 60, tags: ["b"], answer: "two")
        test.advance(seconds: 2)
        while test.cache.sweep(now: test.now) {}
        #expect(test.cache.statistics().entries == 1)
        #expect(test.ask("long", ttl: 60, tags: ["b"]) == Seen(.fresh, "two"))
    }

    @Test func `what is kept beside text key and answer is little`() {
        let count = 20_000
        // Sizes on all sides of the allocator's grain.
        let (text, key, answers) = (240, 44, 1000..<1064)
        let answer = answers.reduce(0, +) / answers.count
        func overhead(tags: Int) -> Double {
            // Nearly full, as caches are.
            let cache = Cache(Cache.Configuration(maxBytes: count * (1500 + 8 * tags), seed: 1))
            let strategy = Cache.Strategy(ttl: 60, tags: (0..<tags).map { Cache.Tag("tag\($0)") })
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text, alignment: 8)
            defer { bytes.deallocate() }
            bytes.initializeMemory(as: UInt8.self, repeating: 120)
            for number in 0..<count {
                bytes.storeBytes(of: number, as: Int.self)
                let read = Cache.Read(
                    key: UnsafeRawBufferPointer(rebasing: bytes[..<key]), text: UnsafeRawBufferPointer(bytes), strategy: strategy)
                cache.lookup(read, now: 0).lead?.complete(
                    TestCache.answer(String(repeating: "x", count: answers.lowerBound + number % answers.count)), now: 0
                ).pin.release()
            }
            #expect(cache.statistics().entries == count)
            return Double(cache.statistics().bytes) / Double(count) - Double(text + key + answer)
        }
        let plain = overhead(tags: 0)
        #expect(plain <= 128)
        #expect((overhead(tags: 10) - plain) / 10 < 9)
    }

    @Test func `an answer that no entry can hold is refused`() throws {
        let block = try #require(malloc(16))
        defer { free(block) }
        let signature = Cache.Signature(high: 0, low: 0)
        #expect(Cache.Answer(bytes: block, size: 1 << 32, lastModified: 0, signature: signature) == nil)
        #expect(Cache.Answer(bytes: block, size: -1, lastModified: 0, signature: signature) == nil)
        #expect(Cache.Answer(bytes: block, size: 1 << 32 - 1, lastModified: 0, signature: signature) != nil)
    }

    @Test func `every call is a hit or a miss`() {
        let test = TestCache(maxBytes: 50_000)
        var random = Random()
        for _ in 0..<2000 {
            test.ask("key\(random.below(100))", ttl: 3, swr: 3, answer: "answer")
            test.advance(milliseconds: 20)
        }
        let statistics = test.cache.statistics()
        #expect(statistics.hits + statistics.staleHits + statistics.misses == 2000)
        #expect(statistics.hits > 0 && statistics.staleHits > 0 && statistics.misses > 0)
    }
}
