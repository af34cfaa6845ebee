import Foundation
import Testing

@testable import Cache

/// The budget holds, and memory comes back.
@Suite struct BoundTests {
    /// Why these seeds: with each of them tables once grew for an entry that did not stay.
    @Test(arguments: [(0, 0), (2000, 0), (10_000, 0), (100_000, 0), (1 << 20, 0), (100_000, 341), (100_000, 374), (100_000, 387)])
    func theBudgetHoldsAfterEveryOperation(maxBytes: Int, seed: UInt64) {
        let shop = Shop(maxBytes: maxBytes)
        var random = Random(seed: seed)
        for step in 0..<3000 {
            let key = "key\(random.below(300))"
            let size = random.below(20) == 0 ? random.below(20_000) : random.below(500)
            shop.ask(key, ttl: 5 + random.below(3), swr: 10, tags: ["t\(random.below(9))"], answer: String(repeating: "x", count: size))
            if step % 50 == 0 { shop.cache.invalidate(tags: [Cache.Tag("t\(random.below(9))")]) }
            if step % 10 == 0 { shop.advance(milliseconds: 300) }
            if step % 7 == 0 { _ = shop.cache.sweep(limit: 20, now: shop.now) }
            let statistics = shop.cache.statistics()
            #expect(statistics.entries == 0 || statistics.bytes <= maxBytes)
            if step % 100 == 0 { shop.cache.checkInvariants() }
        }
    }

    @Test func anAnswerThatIsTooLargeIsGivenOutAndNotKept() {
        let shop = Shop(maxBytes: 1 << 20, maxEntryBytes: 10_000)
        let large = String(repeating: "x", count: 10_000)
        #expect(shop.ask("q", ttl: 60, answer: large) == Seen(.miss, large))
        #expect(shop.ask("q", ttl: 60, answer: "small") == Seen(.miss, "small"))
        #expect(shop.ask("q", ttl: 60) == Seen(.fresh, "small"))
        #expect(shop.cache.statistics().oversized == 1)
    }

    @Test func aRefreshThatIsTooLargeEndsTheOldAnswer() {
        let shop = Shop(maxBytes: 1 << 20, maxEntryBytes: 10_000)
        shop.ask("q", ttl: 10, swr: 60, answer: "old")
        shop.advance(seconds: 10)
        let large = String(repeating: "x", count: 10_000)
        #expect(shop.refresh("q", ttl: 10, swr: 60, answer: large) == Seen(.miss, large))
        #expect(shop.hit(Shop.text("q", ttl: 10, swr: 60)) == nil)
    }

    @Test(arguments: [true, false])
    func theBytesOfTheDeadComeBackWithoutBeingAskedFor(isInvalidated: Bool) {
        let shop = Shop(maxBytes: 8 << 20)
        for number in 0..<5000 { shop.ask("q\(number)", ttl: 60, tags: ["a"], answer: String(repeating: "x", count: 200)) }
        let full = shop.cache.statistics()
        #expect(full.entries == 5000)
        if isInvalidated { shop.cache.invalidate(tags: [Cache.Tag("a")]) } else { shop.advance(seconds: 60) }
        var rounds = 0
        while shop.cache.sweep(limit: 500, now: shop.now) { rounds += 1 }
        let empty = shop.cache.statistics()
        #expect(rounds <= 10 && empty.entries == 0 && empty.expirations == 5000)
        #expect(empty.bytes == empty.tableBytes)
    }

    @Test func nothingIsSweptThatMayStillBeUsed() {
        let shop = Shop()
        shop.ask("short", ttl: 1, tags: ["a"], answer: "one")
        shop.ask("long", ttl: 60, tags: ["b"], answer: "two")
        shop.advance(seconds: 2)
        while shop.cache.sweep(now: shop.now) {}
        #expect(shop.cache.statistics().entries == 1)
        #expect(shop.ask("long", ttl: 60, tags: ["b"]) == Seen(.fresh, "two"))
    }

    @Test func whatIsKeptBesideTextKeyAndAnswerIsLittle() {
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
                    Shop.answer(String(repeating: "x", count: answers.lowerBound + number % answers.count)), now: 0
                ).pin.release()
            }
            #expect(cache.statistics().entries == count)
            return Double(cache.statistics().bytes) / Double(count) - Double(text + key + answer)
        }
        let plain = overhead(tags: 0)
        #expect(plain <= 128)
        #expect((overhead(tags: 10) - plain) / 10 < 9)
    }

    @Test func anAnswerThatNoEntryCanHoldIsRefused() throws {
        let block = try #require(malloc(16))
        defer { free(block) }
        let signature = Cache.Signature(high: 0, low: 0)
        #expect(Cache.Answer(bytes: block, size: 1 << 32, lastModified: 0, signature: signature) == nil)
        #expect(Cache.Answer(bytes: block, size: -1, lastModified: 0, signature: signature) == nil)
        #expect(Cache.Answer(bytes: block, size: 1 << 32 - 1, lastModified: 0, signature: signature) != nil)
    }

    @Test func everyCallIsAHitOrAMiss() {
        let shop = Shop(maxBytes: 50_000)
        var random = Random()
        for _ in 0..<2000 {
            shop.ask("key\(random.below(100))", ttl: 3, swr: 3, answer: "answer")
            shop.advance(milliseconds: 20)
        }
        let statistics = shop.cache.statistics()
        #expect(statistics.hits + statistics.staleHits + statistics.misses == 2000)
        #expect(statistics.hits > 0 && statistics.staleHits > 0 && statistics.misses > 0)
    }
}
