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
        #expect(shop.refresh("q", ttl: 10, swr: 20, answer: "two") == Seen(.miss, "two"))
        #expect(shop.ask("q", ttl: 10, swr: 20) == Seen(.fresh, "two"))
        shop.advance(milliseconds: 29_999)
        #expect(shop.ask("q", ttl: 10, swr: 20) == Seen(.stale, "two", mustRefresh: true))
        shop.advance(milliseconds: 1)
        #expect(shop.ask("q", ttl: 10, swr: 20, answer: "three") == Seen(.miss, "three"))
    }

    @Test func withoutTTLEveryHitIsStaleAndRefreshesUnlessOneRuns() throws {
        let shop = Shop()
        shop.ask("q", swr: 20, answer: "one")
        #expect(shop.ask("q", swr: 20) == Seen(.stale, "one", mustRefresh: true))
        let refresh = try #require(shop.refresh("q", swr: 20))
        #expect(shop.ask("q", swr: 20) == Seen(.stale, "one"))
        refresh.complete(Shop.answer("two"), now: shop.now).pin.release()
        #expect(shop.ask("q", swr: 20) == Seen(.stale, "two", mustRefresh: true))
    }

    @Test func withoutAnyLifeNothingIsStored() {
        let shop = Shop()
        #expect(shop.ask("q", ttl: 0, answer: "one") == Seen(.miss, "one"))
        #expect(shop.ask("q", ttl: 0, answer: "two") == Seen(.miss, "two"))
        #expect(shop.cache.statistics().entries == 0)
    }

    @Test func theWindowsOfTheRequestJudgeTheEntry() {
        let shop = Shop()
        shop.ask("q", ttl: 10, answer: "one")
        shop.advance(seconds: 5)
        #expect(shop.ask("q", ttl: 60) == Seen(.fresh, "one"))
        #expect(shop.ask("q", ttl: 2, swr: 10) == Seen(.stale, "one", mustRefresh: true))
        shop.advance(seconds: 40)
        // Kept for the longest life asked, and each text with windows of its own.
        #expect(shop.hit(Shop.text("q", ttl: 60)) == Seen(.fresh, "one"))
        #expect(shop.hit(Shop.text("q", ttl: 10)) == nil)
        #expect(shop.ask("q", ttl: 10, answer: "two") == Seen(.miss, "two"))
        #expect(shop.hit(Shop.text("q", ttl: 60)) == Seen(.fresh, "two"))
    }

    @Test func ageCountsFromTheStartOfTheQuery() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 10).lead)
        shop.advance(seconds: 3)
        lead.complete(Shop.answer("one"), now: shop.now).pin.release()
        shop.advance(seconds: 6)
        #expect(shop.ask("q", ttl: 10) == Seen(.fresh, "one"))
        shop.advance(seconds: 1)
        #expect(shop.hit(Shop.text("q", ttl: 10)) == nil)
    }

    @Test func theLongestWindowsDoNotOverflow() {
        let shop = Shop()
        shop.ask("q", ttl: Int.max, swr: Int.max, answer: "one")
        shop.advance(seconds: 31_535_999)
        #expect(shop.ask("q", ttl: Int.max, swr: Int.max) == Seen(.fresh, "one"))
        shop.advance(seconds: 31_536_000)
        #expect(shop.ask("q", ttl: Int.max, swr: Int.max).status == .stale)
        shop.advance(seconds: 1)
        #expect(shop.hit(Shop.text("q", ttl: Int.max, swr: Int.max)) == nil)
    }

    @Test func aClockThatLagsBehindTheBirthMakesAnAgeOfZero() {
        let windows = Windows(ttl: 1, swr: 0)
        #expect(windows.freshness(loadedAt: 5_000_000_000, now: 1_000_000_000) == .fresh)
    }

    @Test func theInfoOfAnAnswerStaysWithIt() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 10).lead)
        let first = lead.complete(Shop.answer("one", lastModified: 1234), now: shop.now)
        let hit = try #require(shop.lookup("q", ttl: 10).hit)
        for pin in [first.pin, hit.pin] {
            #expect(pin.lastModified == 1234)
            #expect(pin.signature == Cache.Signature(high: 7, low: 3))
            #expect(pin.data.baseAddress![pin.data.count] == 0, "a NUL follows")
        }
        #expect(first.pin.data.baseAddress == hit.pin.data.baseAddress, "the same bytes, not a copy")
        first.pin.release()
        hit.pin.release()
    }
}

extension UnsafeRawPointer {
    fileprivate subscript(offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}
