import Testing

@testable import Cache

/// `staleIfError`: an old answer in the place of an error.
@Suite struct FallbackTests {
    /// What a request would get in the place of an error.
    private func fallback(_ test: TestCache, _ key: String, ttl: Int? = nil, staleIfError: Int?, tags: [String] = []) -> String? {
        let bytes = Array(key.utf8)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let strategy = Cache.Strategy(ttl: ttl, staleIfError: staleIfError, tags: tags.map { Cache.Tag($0) })
        let pin = bytes.withUnsafeBytes { key in
            test.cache.fallback(Cache.Read(key: key, text: nothing, strategy: strategy), now: test.now)
        }
        defer { pin?.release() }
        return pin.map { String(decoding: $0.data, as: UTF8.self) }
    }

    /// A miss whose answer is stored for a request with these seconds.
    private func store(_ test: TestCache, _ key: String, ttl: Int?, staleIfError: Int?, tags: [String] = [], answer: String = "one") throws {
        let bytes = Array(key.utf8)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let strategy = Cache.Strategy(ttl: ttl, staleIfError: staleIfError, tags: tags.map { Cache.Tag($0) })
        let outcome = bytes.withUnsafeBytes { key in
            test.cache.lookup(Cache.Read(key: key, text: nothing, strategy: strategy), now: test.now)
        }
        try #require(outcome.lead).complete(TestCache.answer(answer), now: test.now).pin.release()
    }

    @Test func `the answer is kept beyond its windows, for errors alone`() throws {
        let test = TestCache()
        try store(test, "q", ttl: 10, staleIfError: 100)
        test.advance(seconds: 10)
        // Beyond its windows it is a miss, as ever.
        #expect(test.lookup("q", ttl: 10).lead != nil)
        #expect(fallback(test, "q", ttl: 10, staleIfError: 100) == "one")
        test.advance(milliseconds: 99_999)
        while test.cache.sweep(now: test.now) {}
        #expect(fallback(test, "q", ttl: 10, staleIfError: 100) == "one")
        test.advance(milliseconds: 1)
        #expect(fallback(test, "q", ttl: 10, staleIfError: 100) == nil)
        // A round begins a second after the one before.
        test.advance(seconds: 1)
        while test.cache.sweep(now: test.now) {}
        #expect(test.cache.statistics().entries == 0)
    }

    @Test func `the seconds are the request's own, and without them there is nothing`() throws {
        let test = TestCache()
        try store(test, "q", ttl: 10, staleIfError: 100)
        test.advance(seconds: 50)
        #expect(fallback(test, "q", ttl: 10, staleIfError: nil) == nil)
        #expect(fallback(test, "q", ttl: 10, staleIfError: 30) == nil)
        #expect(fallback(test, "q", ttl: 10, staleIfError: 41) == "one")
        #expect(fallback(test, "other", ttl: 10, staleIfError: 100) == nil)
        #expect(test.cache.statistics().fallbacks == 1)
    }

    @Test func `alone it stores what every request reads anew`() throws {
        let test = TestCache()
        try store(test, "q", ttl: nil, staleIfError: 100)
        try store(test, "q", ttl: nil, staleIfError: 100, answer: "two")
        #expect(fallback(test, "q", staleIfError: 100) == "two")
    }

    @Test func `what was invalidated stands in for nothing`() throws {
        let test = TestCache()
        try store(test, "a", ttl: 10, staleIfError: 100, tags: ["t"])
        try store(test, "b", ttl: 10, staleIfError: 100)
        test.cache.invalidate(tags: [Cache.Tag("t")])
        #expect(fallback(test, "a", ttl: 10, staleIfError: 100) == nil)
        #expect(fallback(test, "b", ttl: 10, staleIfError: 100) == "one")
        // A tag of the request's own counts, too.
        #expect(fallback(test, "b", ttl: 10, staleIfError: 100, tags: ["t"]) == nil)
        test.cache.invalidateAll()
        #expect(fallback(test, "b", ttl: 10, staleIfError: 100) == nil)
    }

    @Test func `a flight whose tags were invalidated leaves nothing behind`() throws {
        let test = TestCache()
        let bytes = Array("q".utf8)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let strategy = Cache.Strategy(ttl: 10, staleIfError: 100, tags: [Cache.Tag("t")])
        let outcome = bytes.withUnsafeBytes { test.cache.lookup(Cache.Read(key: $0, text: nothing, strategy: strategy), now: test.now) }
        test.cache.invalidate(tags: [Cache.Tag("t")])
        try #require(outcome.lead).complete(TestCache.answer("old"), now: test.now).pin.release()
        #expect(fallback(test, "q", ttl: 10, staleIfError: 100) == nil)
    }
}

/// A flight that nobody follows may be given up, and then nobody comes to follow it.
@Suite struct IsolationTests {
    @Test func `a flight that nobody follows is isolated, and the next read leads one of its own`() throws {
        let test = TestCache()
        let first = try #require(test.lookup("q", ttl: 10).lead)
        #expect(first.detachIfUnshared())
        let second = try #require(test.lookup("q", ttl: 10).lead)
        first.fail(Cache.LeaderGone(), now: test.now)
        #expect(test.lookup("q", ttl: 10).flight != nil, "the second one's flight is there still")
        second.complete(TestCache.answer("two"), now: test.now).pin.release()
        #expect(test.ask("q", ttl: 10) == Seen(.fresh, "two"))
    }

    @Test func `a flight is not isolated while somebody follows it, on a thread or without one`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 10).lead)
        let flight = try #require(test.lookup("q", ttl: 10).flight)
        #expect(!lead.detachIfUnshared())
        guard case .timedOut = flight.wait(until: 0) else { throw Cache.LeaderGone() }
        #expect(lead.detachIfUnshared(), "the one who waited has left")
        let next = try #require(test.lookup("q", ttl: 10).lead)
        let other = try #require(test.lookup("q", ttl: 10).flight)
        other.addFollower(7) { _ in }
        #expect(!next.detachIfUnshared())
        other.leave(7)
        #expect(next.detachIfUnshared())
        lead.fail(Cache.LeaderGone(), now: test.now)
        next.fail(Cache.LeaderGone(), now: test.now)
    }
}
