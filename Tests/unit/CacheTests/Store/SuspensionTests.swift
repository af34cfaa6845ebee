import Testing

@testable import Cache

/// Tags that are suspended: what has one is neither found nor kept, and nothing that was read meanwhile stays.
@Suite struct SuspensionTests {
    private func suspend(_ test: TestCache, _ tags: String...) { test.cache.suspend(Set(tags.map { Cache.Tag($0) })) }

    @Test func `what has the tag is gone at once and the rest stays`() {
        let test = TestCache()
        test.ask("q", ttl: 60, tags: ["a"], answer: "one")
        test.ask("r", ttl: 60, tags: ["b"], answer: "other")
        suspend(test, "a")
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
        #expect(test.ask("r", ttl: 60, tags: ["b"]) == Seen(.fresh, "other"))
    }

    @Test func `nothing is kept until the tag is released`() {
        let test = TestCache()
        suspend(test, "a")
        for answer in ["one", "two"] { #expect(test.ask("q", ttl: 60, tags: ["a"], answer: answer) == Seen(.miss, answer)) }
        suspend(test)
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "three") == Seen(.miss, "three"))
        #expect(test.ask("q", ttl: 60, tags: ["a"]) == Seen(.fresh, "three"))
    }

    @Test func `an answer without the tag is not given to a caller that asks with it`() {
        let test = TestCache()
        test.ask("q", ttl: 60, answer: "one")
        suspend(test, "a")
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "two") == Seen(.miss, "two"))
        #expect(test.ask("q", ttl: 60) == Seen(.fresh, "one"), "and stays for who asks without it")
    }

    @Test func `a query that began before is not kept and one that ends after is not either`() throws {
        let test = TestCache()
        let before = try #require(test.lookup("q", ttl: 60, tags: ["a"]).lead)
        suspend(test, "a")
        #expect(Seen(before.complete(TestCache.answer("old"), now: test.now)) == Seen(.miss, "old"))
        let during = try #require(test.lookup("q", ttl: 60, tags: ["a"]).lead)
        #expect(test.lookup("q", ttl: 60, tags: ["a"]).flight != nil, "it is shared all the same")
        suspend(test)
        #expect(Seen(during.complete(TestCache.answer("old"), now: test.now)) == Seen(.miss, "old"))
        #expect(test.ask("q", ttl: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func `a tag that stays suspended is not disturbed by others`() {
        let test = TestCache()
        suspend(test, "a", "b")
        suspend(test, "a")
        #expect(test.ask("q", ttl: 60, tags: ["b"], answer: "one") == Seen(.miss, "one"))
        suspend(test, "a", "c")
        #expect(test.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "one"))
        #expect(test.ask("r", ttl: 60, tags: ["b", "a"], answer: "x") == Seen(.miss, "x"))
        #expect(test.ask("r", ttl: 60, tags: ["b", "a"], answer: "y") == Seen(.miss, "y"))
    }
}
