import Testing

@testable import Cache

/// Fresh, stale and gone: what a request's windows make of an entry's age.
@Suite struct WindowTests {
    @Test func theFirstReadMissesAndTheSecondHits() {
        let shop = Shop()
        #expect(shop.ask("q", ttl: 60, answer: "one") == Seen(.miss, "one"))
        #expect(shop.ask("q", ttl: 60, answer: "two") == Seen(.fresh, "one"))
        #expect(shop.hit(Shop.text("q", ttl: 60)) == Seen(.fresh, "one"))
    }

    @Test func atTheAgeOfTTLTheAnswerIsNoLongerFresh() {
        let shop = Shop()
        shop.ask("q", ttl: 60, answer: "one")
        shop.advance(milliseconds: 59_999)
        #expect(shop.ask("q", ttl: 60) == Seen(.fresh, "one"))
        shop.advance(milliseconds: 1)
        #expect(shop.hit(Shop.text("q", ttl: 60)) == nil)
        #expect(shop.ask("q", ttl: 60, answer: "two") == Seen(.miss, "two"))
    }

    @Test func theStaleWindowFollowsTheFreshOneAndOneCallerRefreshes() {
        let shop = Shop()
        shop.ask("q", ttl: 10, swr: 20, answer: "one")
        shop.advance(seconds: 10)
        #expect(shop.ask("q", ttl: 10, swr: 20) == Seen(.stale, "one", mustRefresh: true))
        #expect(shop.ask("q", ttl: 10, swr: 20) == Seen(.stale, "one"))
        #expect(shop.ask("q", ttl: 10, swr: 20, answer: "two", purpose: .refresh) == Seen(.miss, "two"))
        #expect(shop.ask("q", ttl: 10, swr: 20) == Seen(.fresh, "two"))
        shop.advance(milliseconds: 29_999)
        #expect(shop.ask("q", ttl: 10, swr: 20) == Seen(.stale, "two", mustRefresh: true))
        shop.advance(milliseconds: 1)
        #expect(shop.ask("q", ttl: 10, swr: 20, answer: "three") == Seen(.miss, "three"))
    }
}
