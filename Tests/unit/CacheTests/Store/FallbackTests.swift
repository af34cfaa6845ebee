import Testing

@testable import Cache

/// `staleIfError`: an old answer in the place of an error.
@Suite struct FallbackTests {
    /// What a request would get in the place of an error.
    private func fallback(_ shop: Shop, _ key: String, ttl: Int? = nil, staleIfError: Int?, tags: [String] = []) -> String? {
        let bytes = Array(key.utf8)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let strategy = Cache.Strategy(ttl: ttl, staleIfError: staleIfError, tags: tags.map { Cache.Tag($0) })
        let pin = bytes.withUnsafeBytes { key in
            shop.cache.fallback(Cache.Read(key: key, text: nothing, strategy: strategy), now: shop.now)
        }
        defer { pin?.release() }
        return pin.map { String(decoding: $0.data, as: UTF8.self) }
    }

    /// A miss whose answer is stored for a request with these seconds.
    private func store(_ shop: Shop, _ key: String, ttl: Int?, staleIfError: Int?, tags: [String] = [], answer: String = "one") throws {
        let bytes = Array(key.utf8)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let strategy = Cache.Strategy(ttl: ttl, staleIfError: staleIfError, tags: tags.map { Cache.Tag($0) })
        let outcome = bytes.withUnsafeBytes { key in
            shop.cache.lookup(Cache.Read(key: key, text: nothing, strategy: strategy), now: shop.now)
        }
        try #require(outcome.lead).complete(Shop.answer(answer), now: shop.now).pin.release()
    }

    @Test func `the answer is kept beyond its windows, for errors alone`() throws {
        let shop = Shop()
        try store(shop, "q", ttl: 10, staleIfError: 100)
        shop.advance(seconds: 10)
        // Beyond its windows it is a miss, as ever.
        #expect(shop.lookup("q", ttl: 10).lead != nil)
        #expect(fallback(shop, "q", ttl: 10, staleIfError: 100) == "one")
        shop.advance(milliseconds: 99_999)
        while shop.cache.sweep(now: shop.now) {}
        #expect(fallback(shop, "q", ttl: 10, staleIfError: 100) == "one")
        shop.advance(milliseconds: 1)
        #expect(fallback(shop, "q", ttl: 10, staleIfError: 100) == nil)
        // A round begins a second after the one before.
        shop.advance(seconds: 1)
        while shop.cache.sweep(now: shop.now) {}
        #expect(shop.cache.statistics().entries == 0)
    }

    @Test func `the seconds are the request's own, and without them there is nothing`() throws {
        let shop = Shop()
        try store(shop, "q", ttl: 10, staleIfError: 100)
        shop.advance(seconds: 50)
        #expect(fallback(shop, "q", ttl: 10, staleIfError: nil) == nil)
        #expect(fallback(shop, "q", ttl: 10, staleIfError: 30) == nil)
        #expect(fallback(shop, "q", ttl: 10, staleIfError: 41) == "one")
        #expect(fallback(shop, "other", ttl: 10, staleIfError: 100) == nil)
        #expect(shop.cache.statistics().fallbacks == 1)
    }

    @Test func `alone it stores what every request reads anew`() throws {
        let shop = Shop()
        try store(shop, "q", ttl: nil, staleIfError: 100)
        try store(shop, "q", ttl: nil, staleIfError: 100, answer: "two")
        #expect(fallback(shop, "q", staleIfError: 100) == "two")
    }

    @Test func `what was invalidated stands in for nothing`() throws {
        let shop = Shop()
        try store(shop, "a", ttl: 10, staleIfError: 100, tags: ["t"])
        try store(shop, "b", ttl: 10, staleIfError: 100)
        shop.cache.invalidate(tags: [Cache.Tag("t")])
        #expect(fallback(shop, "a", ttl: 10, staleIfError: 100) == nil)
        #expect(fallback(shop, "b", ttl: 10, staleIfError: 100) == "one")
        // A tag of the request's own counts, too.
        #expect(fallback(shop, "b", ttl: 10, staleIfError: 100, tags: ["t"]) == nil)
        shop.cache.invalidateAll()
        #expect(fallback(shop, "b", ttl: 10, staleIfError: 100) == nil)
    }

    @Test func `a flight whose tags were invalidated leaves nothing behind`() throws {
        let shop = Shop()
        let bytes = Array("q".utf8)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let strategy = Cache.Strategy(ttl: 10, staleIfError: 100, tags: [Cache.Tag("t")])
        let outcome = bytes.withUnsafeBytes { shop.cache.lookup(Cache.Read(key: $0, text: nothing, strategy: strategy), now: shop.now) }
        shop.cache.invalidate(tags: [Cache.Tag("t")])
        try #require(outcome.lead).complete(Shop.answer("old"), now: shop.now).pin.release()
        #expect(fallback(shop, "q", ttl: 10, staleIfError: 100) == nil)
    }
}

/// A flight that nobody follows may be given up, and then nobody comes to follow it.
@Suite struct IsolationTests {
    @Test func `a flight that nobody follows is isolated, and the next read leads one of its own`() throws {
        let shop = Shop()
        let first = try #require(shop.lookup("q", ttl: 10).lead)
        #expect(first.detachIfUnshared())
        let second = try #require(shop.lookup("q", ttl: 10).lead)
        first.fail(Cache.LeaderGone(), now: shop.now)
        #expect(shop.lookup("q", ttl: 10).flight != nil, "the second one's flight is there still")
        second.complete(Shop.answer("two"), now: shop.now).pin.release()
        #expect(shop.ask("q", ttl: 10) == Seen(.fresh, "two"))
    }

    @Test func `a flight is not isolated while somebody follows it, on a thread or without one`() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 10).lead)
        let flight = try #require(shop.lookup("q", ttl: 10).flight)
        #expect(!lead.detachIfUnshared())
        guard case .timedOut = flight.wait(until: 0) else { throw Cache.LeaderGone() }
        #expect(lead.detachIfUnshared(), "the one who waited has left")
        let next = try #require(shop.lookup("q", ttl: 10).lead)
        let other = try #require(shop.lookup("q", ttl: 10).flight)
        other.addFollower(7) { _ in }
        #expect(!next.detachIfUnshared())
        other.leave(7)
        #expect(next.detachIfUnshared())
        lead.fail(Cache.LeaderGone(), now: shop.now)
        next.fail(Cache.LeaderGone(), now: shop.now)
    }
}
