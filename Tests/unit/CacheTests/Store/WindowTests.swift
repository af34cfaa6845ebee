import Testing

@testable import Cache

/// Fresh, stale and gone: what a request's windows make of an entry's age.
@Suite struct WindowTests {
    @Test func `the first read misses and the second hits`() {
        let test = TestCache()
        #expect(test.ask("q", ttl: 60, answer: "one") == Seen(.miss, "one"))
        #expect(test.ask("q", ttl: 60, answer: "two") == Seen(.fresh, "one"))
        #expect(test.hit(TestCache.text("q", ttl: 60)) == Seen(.fresh, "one"))
    }

    @Test func `at the age of TTL the answer is no longer fresh`() {
        let test = TestCache()
        test.ask("q", ttl: 60, answer: "one")
        test.advance(milliseconds: 59_999)
        #expect(test.ask("q", ttl: 60) == Seen(.fresh, "one"))
        test.advance(milliseconds: 1)
        #expect(test.hit(TestCache.text("q", ttl: 60)) == nil)
        #expect(test.ask("q", ttl: 60, answer: "two") == Seen(.miss, "two"))
    }

    @Test func `the stale window follows the fresh one and one caller refreshes`() {
        let test = TestCache()
        test.ask("q", ttl: 10, swr: 20, answer: "one")
        test.advance(seconds: 10)
        #expect(test.ask("q", ttl: 10, swr: 20) == Seen(.stale, "one", mustRefresh: true))
        #expect(test.ask("q", ttl: 10, swr: 20) == Seen(.stale, "one"))
        #expect(test.refresh("q", ttl: 10, swr: 20, answer: "two") == Seen(.miss, "two"))
        #expect(test.ask("q", ttl: 10, swr: 20) == Seen(.fresh, "two"))
        test.advance(milliseconds: 29_999)
        #expect(test.ask("q", ttl: 10, swr: 20) == Seen(.stale, "two", mustRefresh: true))
        test.advance(milliseconds: 1)
        #expect(test.ask("q", ttl: 10, swr: 20, answer: "three") == Seen(.miss, "three"))
    }

    @Test func `without TTL every hit is stale and refreshes unless one runs`() throws {
        let test = TestCache()
        test.ask("q", swr: 20, answer: "one")
        #expect(test.ask("q", swr: 20) == Seen(.stale, "one", mustRefresh: true))
        let refresh = try #require(test.refresh("q", swr: 20))
        #expect(test.ask("q", swr: 20) == Seen(.stale, "one"))
        refresh.complete(TestCache.answer("two"), now: test.now).pin.release()
        #expect(test.ask("q", swr: 20) == Seen(.stale, "two", mustRefresh: true))
    }

    @Test func `without any life nothing is stored`() {
        let test = TestCache()
        #expect(test.ask("q", ttl: 0, answer: "one") == Seen(.miss, "one"))
        #expect(test.ask("q", ttl: 0, answer: "two") == Seen(.miss, "two"))
        #expect(test.cache.statistics().entries == 0)
    }

    @Test func `the windows of the request judge the entry`() {
        let test = TestCache()
        test.ask("q", ttl: 10, answer: "one")
        test.advance(seconds: 5)
        #expect(test.ask("q", ttl: 60) == Seen(.fresh, "one"))
        #expect(test.ask("q", ttl: 2, swr: 10) == Seen(.stale, "one", mustRefresh: true))
        test.advance(seconds: 40)
        // Kept for the longest life asked, and each text with windows of its own.
        #expect(test.hit(TestCache.text("q", ttl: 60)) == Seen(.fresh, "one"))
        #expect(test.hit(TestCache.text("q", ttl: 10)) == nil)
        #expect(test.ask("q", ttl: 10, answer: "two") == Seen(.miss, "two"))
        #expect(test.hit(TestCache.text("q", ttl: 60)) == Seen(.fresh, "two"))
    }

    @Test func `age counts from the start of the query`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 10).lead)
        test.advance(seconds: 3)
        lead.complete(TestCache.answer("one"), now: test.now).pin.release()
        test.advance(seconds: 6)
        #expect(test.ask("q", ttl: 10) == Seen(.fresh, "one"))
        test.advance(seconds: 1)
        #expect(test.hit(TestCache.text("q", ttl: 10)) == nil)
    }

    @Test func `the longest windows do not overflow`() {
        let test = TestCache()
        test.ask("q", ttl: Int.max, swr: Int.max, answer: "one")
        test.advance(seconds: 31_535_999)
        #expect(test.ask("q", ttl: Int.max, swr: Int.max) == Seen(.fresh, "one"))
        test.advance(seconds: 31_536_000)
        #expect(test.ask("q", ttl: Int.max, swr: Int.max).status == .stale)
        test.advance(seconds: 1)
        #expect(test.hit(TestCache.text("q", ttl: Int.max, swr: Int.max)) == nil)
    }

    @Test func `a clock that lags behind the birth makes an age of zero`() {
        let windows = Windows(ttl: 1, swr: 0)
        #expect(windows.freshness(loadedAt: 5_000_000_000, now: 1_000_000_000) == .fresh)
    }

    @Test func `the info of an answer stays with it`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 10).lead)
        let first = lead.complete(TestCache.answer("one", lastModified: 1234), now: test.now)
        let hit = try #require(test.lookup("q", ttl: 10).hit)
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
