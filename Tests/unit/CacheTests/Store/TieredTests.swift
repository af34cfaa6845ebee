import Testing

@testable import Cache

/// A cache before a tier, whose answers may be old when they come.
@Suite struct TieredTests {
    private static let second: UInt64 = 1_000_000_000

    private func fill(_ shop: TestCache, _ key: String, ttl: Int, swr: Int = 0, tags: [String] = [], age seconds: UInt64, answer: String) throws -> Seen {
        let lead = try #require(shop.lookup(key, ttl: ttl, swr: swr, tags: tags).lead)
        return Seen(lead.complete(TestCache.answer(answer), age: seconds * TieredTests.second, now: shop.now, claimsRefresh: true))
    }

    @Test func `an answer of the tier keeps its age`() throws {
        let shop = TestCache(isTiered: true)
        #expect(try fill(shop, "q", ttl: 60, swr: 60, age: 59, answer: "one") == Seen(.fresh, "one"))
        shop.advance(seconds: 2)
        #expect(shop.ask("q", ttl: 60, swr: 60) == Seen(.stale, "one", mustRefresh: true))
        #expect(try fill(shop, "r", ttl: 60, swr: 60, age: 61, answer: "old") == Seen(.stale, "old", mustRefresh: true))
        #expect(shop.ask("r", ttl: 60, swr: 60) == Seen(.stale, "old"), "one caller sees to the refresh")
    }

    @Test func `an answer that is older than the clock is old all the same`() throws {
        let shop = TestCache(isTiered: true)
        #expect(try fill(shop, "q", ttl: 60, age: 31_000_000, answer: "ancient") == Seen(.stale, "ancient", mustRefresh: true))
        #expect(shop.ask("q", ttl: 60, answer: "new") == Seen(.miss, "new"))
    }

    @Test func `an answer that was invalidated while the tier was asked is not kept`() throws {
        let shop = TestCache(isTiered: true)
        let lead = try #require(shop.lookup("q", ttl: 60, tags: ["a"]).lead)
        shop.cache.invalidate(tags: [Cache.Tag("a")])
        #expect(Seen(lead.complete(TestCache.answer("old"), age: 0, now: shop.now, claimsRefresh: true)) == Seen(.fresh, "old"))
        #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func `an entry is not shared with a tag that it was not judged by`() throws {
        let shop = TestCache(isTiered: true)
        shop.cache.invalidate(tags: [Cache.Tag("b")])
        // Read an hour ago, before that: here it has a later number.
        _ = try fill(shop, "q", ttl: 7200, tags: ["a"], age: 3600, answer: "before b")
        #expect(shop.ask("q", ttl: 7200, tags: ["b"], answer: "after b") == Seen(.miss, "after b"))
        #expect(shop.ask("q", ttl: 7200, tags: ["a", "b"]) == Seen(.fresh, "after b"), "the new one has the tags of both")
        #expect(shop.ask("q", ttl: 7200, tags: ["a"]) == Seen(.fresh, "after b"))
    }

    @Test func `a query is joined only with tags that it has`() throws {
        let shop = TestCache(isTiered: true)
        let lead = try #require(shop.lookup("q", ttl: 60, tags: ["a", "b"]).lead)
        #expect(shop.lookup("q", ttl: 60, tags: ["b"]).flight != nil)
        #expect(lead.tags.count == 2)
        let other = try #require(shop.lookup("q", ttl: 60, tags: ["c"]).lead, "it asks by its own tags")
        #expect(other.tags == [Cache.Tag("c")])
        #expect(shop.lookup("q", ttl: 60).flight != nil, "no tag is one that it has")
    }

    @Test func `a widened answer of the tier is given and not kept`() throws {
        let shop = TestCache(isTiered: true)
        let early = try #require(shop.lookup("q", ttl: 60, tags: ["a"]).lead)
        shop.ask("q", ttl: 60, tags: ["b"], answer: "of b")
        #expect(Seen(early.complete(TestCache.answer("of a"), age: 0, now: shop.now, claimsRefresh: true)) == Seen(.fresh, "of a"))
        #expect(shop.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "of b"))
    }

    @Test func `a refresh asks by the tags of the entry that it replaces`() throws {
        let shop = TestCache(isTiered: true)
        shop.ask("q", ttl: 1, swr: 60, tags: ["a", "b"], answer: "one")
        shop.advance(seconds: 2)
        let lead = try #require(shop.refresh("q", ttl: 1, swr: 60, tags: ["a"]))
        #expect(Set(lead.tags) == [Cache.Tag("a"), Cache.Tag("b")])
    }

    @Test func `a fallback is not given for a tag that it was not judged by`() throws {
        let shop = TestCache(isTiered: true)
        _ = try fill(shop, "q", ttl: 1, tags: ["a"], age: 0, answer: "one")
        shop.advance(seconds: 2)
        let key = Array("q".utf8)
        key.withUnsafeBytes { key in
            let read = { (tag: String) in
                Cache.Read(
                    key: key, text: UnsafeRawBufferPointer(start: nil, count: 0), strategy: Cache.Strategy(ttl: 1, staleIfError: 600, tags: [Cache.Tag(tag)]))
            }
            #expect(shop.cache.fallback(read("b"), now: shop.now) == nil)
            shop.cache.fallback(read("a"), now: shop.now)?.release()
        }
    }

    @Test func `each suspender ends its own suspension alone`() {
        let shop = TestCache(isTiered: true)
        let tag = Cache.Tag("a")
        shop.cache.suspend([tag], by: .tier)
        shop.cache.suspend([tag])
        shop.cache.suspend([], by: .tier)
        #expect(shop.cache.isSuspended([tag]))
        shop.cache.suspend([])
        #expect(!shop.cache.isSuspended([tag]))
    }
}
