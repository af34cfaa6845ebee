import Testing

@testable import Cache

/// Invalidation by tags and of everything, and the fence around queries that run meanwhile.
@Suite struct TagTests {
    @Test func anEntryGoesWithAnyOfItsTagsAndOthersStay() {
        let shop = Shop()
        for (key, tags) in [("one", ["a", "b"]), ("two", ["b"]), ("three", []), ("four", ["all"])] {
            shop.ask(key, ttl: 60, tags: tags, answer: key)
        }
        shop.cache.invalidate(tags: [Cache.Tag("a"), Cache.Tag("unknown")])
        #expect(shop.ask("one", ttl: 60, tags: ["a", "b"], answer: "new") == Seen(.miss, "new"))
        #expect(shop.ask("two", ttl: 60, tags: ["b"]) == Seen(.fresh, "two"))
        #expect(shop.ask("three", ttl: 60) == Seen(.fresh, "three"))
        shop.cache.invalidateAll()
        for (key, tags) in [("one", ["a", "b"]), ("two", ["b"]), ("three", []), ("four", ["all"])] {
            #expect(shop.ask(key, ttl: 60, tags: tags, answer: "last") == Seen(.miss, "last"))
        }
    }

    @Test func whatIsInvalidatedIsNotServedStaleEither() {
        let shop = Shop()
        shop.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "one")
        shop.advance(seconds: 20)
        shop.cache.invalidate(tags: [Cache.Tag("a")])
        #expect(shop.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func theTagsThatALaterRequestBringsCount() {
        let shop = Shop()
        shop.ask("q", ttl: 60, tags: ["a"], answer: "one")
        #expect(shop.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "one"))
        shop.cache.invalidate(tags: [Cache.Tag("b")])
        #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func addedTagsSurviveARefresh() throws {
        let shop = Shop()
        shop.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "one")
        shop.ask("q", ttl: 10, swr: 60, tags: ["b"])
        shop.advance(seconds: 10)
        let refresh = try #require(shop.refresh("q", ttl: 10, swr: 60, tags: ["a"]))
        shop.ask("q", ttl: 10, swr: 60, tags: ["c"])
        refresh.complete(Shop.answer("two"), now: shop.now).pin.release()
        for tag in ["b", "c"] {
            #expect(shop.ask("q", ttl: 10, swr: 60, tags: ["a"]).status == .fresh)
            shop.cache.invalidate(tags: [Cache.Tag(tag)])
            #expect(shop.ask("q", ttl: 10, swr: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
            shop.ask("q", ttl: 10, swr: 60, tags: ["c"])
        }
    }

    @Test func anEntryThatIsGoneLeavesItsTagsToNobody() {
        let shop = Shop()
        shop.ask("q", ttl: 10, tags: ["a"], answer: "one")
        shop.advance(seconds: 10)
        #expect(shop.ask("q", ttl: 60, tags: ["b"], answer: "two") == Seen(.miss, "two"))
        shop.cache.invalidate(tags: [Cache.Tag("a")])
        #expect(shop.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "two"))
    }

    /// A read that begins after an invalidation of one of its own tags must not see what was read before it, even if that was
    /// stored without the tag.
    @Test func aReadSeesTheInvalidationsOfItsOwnTags() {
        let shop = Shop()
        shop.ask("q", ttl: 60, answer: "one")
        shop.cache.invalidate(tags: [Cache.Tag("b")])
        #expect(shop.ask("q", ttl: 60, tags: ["b"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func anEntryThatGathersTooManyTagsOrTextsStartsOver() {
        let shop = Shop()
        for round in 0..<40 {
            shop.ask("q", ttl: 60, tags: (0..<60).map { "t\(round)_\($0)" }, answer: "one")
            shop.cache.checkInvariants()
        }
        shop.cache.invalidate(tags: [Cache.Tag("t39_59")])
        #expect(shop.ask("q", ttl: 60, tags: ["t39_0"], answer: "two") == Seen(.miss, "two"))
        for ttl in 100..<200 { shop.ask("q", ttl: ttl, answer: "one") }
        #expect(shop.hit(Shop.text("q", ttl: 199)) == Seen(.fresh, "two"))
        #expect(shop.hit(Shop.text("q", ttl: 110)) == nil, "the oldest texts are forgotten")
        #expect(shop.ask("q", ttl: 110) == Seen(.fresh, "two"), "but not the key")
    }

    @Test func tenThousandTagsOverTimeStayInBoundsAndNeverKeepWhatMustGo() {
        let shop = Shop()
        shop.ask("held", ttl: 60, tags: ["held"], answer: "one")
        for number in 0..<10_000 {
            let tag = "tag\(number)"
            shop.ask("q", ttl: 60, tags: [tag], answer: tag)
            shop.cache.invalidate(tags: [Cache.Tag(tag)])
            #expect(shop.ask("q", ttl: 60, tags: [tag], answer: "new") == Seen(.miss, "new"))
        }
        let before = shop.cache.statistics().bytes
        #expect(before < 1 << 20)
        shop.cache.invalidate(tags: [Cache.Tag("held")])
        #expect(shop.ask("held", ttl: 60, tags: ["held"], answer: "two") == Seen(.miss, "two"))
    }

    @Test func distinctTagsRarelyFallTogether() {
        let shop = Shop(maxBytes: 16 << 20)
        for number in 0..<1000 { shop.ask("q\(number)", ttl: 60, tags: ["tag\(number)"], answer: "one") }
        for number in 0..<1000 where number % 2 == 0 { shop.cache.invalidate(tags: [Cache.Tag("tag\(number)")]) }
        for number in 0..<1000 {
            #expect((shop.hit(Shop.text("q\(number)", ttl: 60, tags: ["tag\(number)"])) != nil) == (number % 2 == 1))
        }
    }
}
