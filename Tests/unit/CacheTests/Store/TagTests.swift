import Testing

@testable import Cache

/// Invalidation by tags and of everything, and the fence around queries that run meanwhile.
@Suite struct TagTests {
    @Test func `an entry goes with any of its tags and others stay`() {
        let test = TestCache()
        for (key, tags) in [("one", ["a", "b"]), ("two", ["b"]), ("three", []), ("four", ["all"])] {
            test.ask(key, ttl: 60, tags: tags, answer: key)
        }
        test.cache.invalidate(tags: [Cache.Tag("a"), Cache.Tag("unknown")])
        #expect(test.ask("one", ttl: 60, tags: ["a", "b"], answer: "new") == Seen(.miss, "new"))
        #expect(test.ask("two", ttl: 60, tags: ["b"]) == Seen(.fresh, "two"))
        #expect(test.ask("three", ttl: 60) == Seen(.fresh, "three"))
        test.cache.invalidateAll()
        for (key, tags) in [("one", ["a", "b"]), ("two", ["b"]), ("three", []), ("four", ["all"])] {
            #expect(test.ask(key, ttl: 60, tags: tags, answer: "last") == Seen(.miss, "last"))
        }
    }

    @Test func `what is invalidated is not served stale either`() {
        let test = TestCache()
        test.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "one")
        test.advance(seconds: 20)
        test.cache.invalidate(tags: [Cache.Tag("a")])
        #expect(test.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func `the tags that a later request brings count`() {
        let test = TestCache()
        test.ask("q", ttl: 60, tags: ["a"], answer: "one")
        #expect(test.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "one"))
        test.cache.invalidate(tags: [Cache.Tag("b")])
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func `added tags survive a refresh`() throws {
        let test = TestCache()
        test.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "one")
        test.ask("q", ttl: 10, swr: 60, tags: ["b"])
        test.advance(seconds: 10)
        let refresh = try #require(test.refresh("q", ttl: 10, swr: 60, tags: ["a"]))
        test.ask("q", ttl: 10, swr: 60, tags: ["c"])
        refresh.complete(TestCache.answer("two"), now: test.now).pin.release()
        for tag in ["b", "c"] {
            #expect(test.ask("q", ttl: 10, swr: 60, tags: ["a"]).status == .fresh)
            test.cache.invalidate(tags: [Cache.Tag(tag)])
            #expect(test.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
            test.ask("q", ttl: 10, swr: 60, tags: ["c"])
        }
    }

    @Test func `an entry that is gone leaves its tags to no caller`() {
        let test = TestCache()
        test.ask("q", ttl: 10, tags: ["a"], answer: "one")
        test.advance(seconds: 10)
        #expect(test.ask("q", ttl: 60, tags: ["b"], answer: "two") == Seen(.miss, "two"))
        test.cache.invalidate(tags: [Cache.Tag("a")])
        #expect(test.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "two"))
    }

    /// A read that begins after an invalidation of one of its own tags must not see what was read before it, even if that was
    /// stored without the tag.
    @Test func `a read sees the invalidations of its own tags`() {
        let test = TestCache()
        test.ask("q", ttl: 60, answer: "one")
        test.cache.invalidate(tags: [Cache.Tag("b")])
        #expect(test.ask("q", ttl: 60, tags: ["b"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func `an entry that gathers too many tags or texts starts over`() {
        let test = TestCache()
        for round in 0..<40 {
            test.ask("q", ttl: 60, tags: (0..<60).map { "t\(round)_\($0)" }, answer: "one")
            test.cache.checkInvariants()
        }
        test.cache.invalidate(tags: [Cache.Tag("t39_59")])
        #expect(test.ask("q", ttl: 60, tags: ["t39_0"], answer: "two") == Seen(.miss, "two"))
        for ttl in 100..<200 { test.ask("q", ttl: ttl, answer: "one") }
        #expect(test.hit(TestCache.text("q", ttl: 199)) == Seen(.fresh, "two"))
        #expect(test.hit(TestCache.text("q", ttl: 110)) == nil, "the oldest texts are forgotten")
        #expect(test.ask("q", ttl: 110) == Seen(.fresh, "two"), "but not the key")
    }

    @Test func `ten thousand tags over time stay in bounds and never keep what must go`() {
        let test = TestCache()
        test.ask("held", ttl: 60, tags: ["held"], answer: "one")
        for number in 0..<10_000 {
            let tag = "tag\(number)"
            test.ask("q", ttl: 60, tags: [tag], answer: tag)
            test.cache.invalidate(tags: [Cache.Tag(tag)])
            #expect(test.ask("q", ttl: 60, tags: [tag], answer: "new") == Seen(.miss, "new"))
        }
        let before = test.cache.statistics().bytes
        #expect(before < 1 << 20)
        test.cache.invalidate(tags: [Cache.Tag("held")])
        #expect(test.ask("held", ttl: 60, tags: ["held"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func `distinct tags rarely fall together`() {
        let test = TestCache(maxBytes: 16 << 20)
        for number in 0..<1000 { test.ask("q\(number)", ttl: 60, tags: ["tag\(number)"], answer: "one") }
        for number in 0..<1000 where number % 2 == 0 { test.cache.invalidate(tags: [Cache.Tag("tag\(number)")]) }
        for number in 0..<1000 {
            #expect((test.hit(TestCache.text("q\(number)", ttl: 60, tags: ["tag\(number)"])) != nil) == (number % 2 == 1))
        }
    }

    @Test func `tags that are added after a lookup count for what it led to`() throws {
        let test = TestCache()
        let first = test.lookup("q", ttl: 60, tags: ["a"])
        test.add(["b"], to: first, of: "q")
        let second = test.lookup("q", ttl: 60)
        #expect(second.flight != nil)
        test.add(["c"], to: second, of: "q")
        try #require(first.lead).complete(TestCache.answer("one"), now: test.now).pin.release()
        let third = test.lookup("q", ttl: 60)
        test.add(["d"], to: third, of: "q")
        try #require(third.hit).pin.release()
        for (tag, answer) in [("b", "two"), ("c", "three"), ("d", "four")] {
            test.cache.invalidate(tags: [Cache.Tag(tag)])
            let outcome = test.lookup("q", ttl: 60, tags: ["a"])
            let lead = try #require(outcome.lead, "\(tag) counts")
            test.add(["b", "c", "d"], to: outcome, of: "q")
            lead.complete(TestCache.answer(answer), now: test.now).pin.release()
            #expect(test.ask("q", ttl: 60, tags: ["a"]) == Seen(.fresh, answer))
        }
    }

    @Test func `tags that are added while a query runs fence it`() throws {
        let test = TestCache()
        let outcome = test.lookup("q", ttl: 60, tags: ["a"])
        test.add(["b"], to: outcome, of: "q")
        test.cache.invalidate(tags: [Cache.Tag("b")])
        try #require(outcome.lead).complete(TestCache.answer("old"), now: test.now).pin.release()
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func `an answer from a second tier takes no more tags, and goes`() throws {
        let test = TestCache(isTiered: true)
        test.ask("q", ttl: 60, tags: ["a"], answer: "one")
        let outcome = test.lookup("q", ttl: 60, tags: ["a"])
        test.add(["b"], to: outcome, of: "q")
        try #require(outcome.hit).pin.release()
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
    }
}
