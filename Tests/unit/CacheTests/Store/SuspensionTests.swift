import Testing

@testable import Cache

/// Tags that are suspended: what has one is neither found nor kept, and nothing that was read meanwhile stays.
@Suite struct SuspensionTests {
    private func suspend(_ shop: Shop, _ tags: String...) { shop.cache.suspend(Set(tags.map { Cache.Tag($0) })) }

    @Test func whatHasTheTagIsGoneAtOnceAndTheRestStays() {
        let shop = Shop()
        shop.ask("q", ttl: 60, tags: ["a"], answer: "one")
        shop.ask("r", ttl: 60, tags: ["b"], answer: "other")
        suspend(shop, "a")
        #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
        #expect(shop.ask("r", ttl: 60, tags: ["b"]) == Seen(.fresh, "other"))
    }

    @Test func nothingIsKeptUntilTheTagIsLetGo() {
        let shop = Shop()
        suspend(shop, "a")
        for answer in ["one", "two"] { #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: answer) == Seen(.miss, answer)) }
        suspend(shop)
        #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: "three") == Seen(.miss, "three"))
        #expect(shop.ask("q", ttl: 60, tags: ["a"]) == Seen(.fresh, "three"))
    }

    @Test func anAnswerWithoutTheTagIsNotGivenToWhoAsksWithIt() {
        let shop = Shop()
        shop.ask("q", ttl: 60, answer: "one")
        suspend(shop, "a")
        #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
        #expect(shop.ask("q", ttl: 60) == Seen(.fresh, "one"), "and stays for who asks without it")
    }

    @Test func aQueryThatBeganBeforeIsNotKeptAndOneThatEndsAfterIsNotEither() throws {
        let shop = Shop()
        let before = try #require(shop.lookup("q", ttl: 60, tags: ["a"]).lead)
        suspend(shop, "a")
        #expect(Seen(before.complete(Shop.answer("old"), now: shop.now)) == Seen(.miss, "old"))
        let during = try #require(shop.lookup("q", ttl: 60, tags: ["a"]).lead)
        #expect(shop.lookup("q", ttl: 60, tags: ["a"]).flight != nil, "it is shared all the same")
        suspend(shop)
        #expect(Seen(during.complete(Shop.answer("old"), now: shop.now)) == Seen(.miss, "old"))
        #expect(shop.ask("q", ttl: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func aTagThatStaysSuspendedIsNotDisturbedByOthers() {
        let shop = Shop()
        suspend(shop, "a", "b")
        suspend(shop, "a")
        #expect(shop.ask("q", ttl: 60, tags: ["b"], answer: "one") == Seen(.miss, "one"))
        suspend(shop, "a", "c")
        #expect(shop.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "one"))
        #expect(shop.ask("r", ttl: 60, tags: ["b", "a"], answer: "x") == Seen(.miss, "x"))
        #expect(shop.ask("r", ttl: 60, tags: ["b", "a"], answer: "y") == Seen(.miss, "y"))
    }
}
