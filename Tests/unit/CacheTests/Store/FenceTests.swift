import Testing

@testable import Cache

/// What a query read before an invalidation is never found after it: in every order in which the steps of readers and of the
/// invalidation can follow each other.
@Suite struct FenceTests {
    static var soon: UInt64 { MonotonicTime.now() + 20 * MonotonicTime.second }

    @Test(arguments: ["a", "b", "*"])
    func `a query that was running is answered and not stored`(tag: String) throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60, tags: ["a", "b"]).lead)
        let waiter = try #require(test.lookup("q", ttl: 60, tags: ["a", "b"]).flight)
        test.invalidate(tag)
        #expect(Seen(lead.complete(TestCache.answer("old"), now: test.now)) == Seen(.miss, "old"))
        guard case .answer(let hit) = waiter.wait(until: Self.soon) else { throw FlightTests.Broken() }
        #expect(Seen(hit) == Seen(.miss, "old"))
        #expect(test.ask("q", ttl: 60, tags: ["a", "b"], answer: "new") == Seen(.miss, "new"))
        #expect(test.cache.statistics().fenced == 1)
    }

    @Test func `a query with other tags is untouched`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60, tags: ["b"]).lead)
        test.invalidate("a")
        #expect(test.lookup("q", ttl: 60, tags: ["b"]).flight != nil, "and may be joined")
        lead.complete(TestCache.answer("one"), now: test.now).pin.release()
        #expect(test.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "one"))
    }

    @Test(arguments: [(["a"], ["a"], "a"), (["a"], [], "a"), ([], ["a"], "a"), ([], [], "*"), (["a"], ["b"], "b")])
    func `a read that starts after the invalidation runs a query of its own`(leader: [String], joiner: [String], tag: String) throws {
        for newFirst in [true, false] {
            let test = TestCache()
            let old = try #require(test.lookup("q", ttl: 60, tags: leader).lead)
            test.invalidate(tag)
            let new = try #require(test.lookup("q", ttl: 60, tags: joiner).lead)
            #expect(test.lookup("q", ttl: 60, tags: joiner).flight != nil, "the next one joins the new query")
            if newFirst { new.complete(TestCache.answer("new"), now: test.now).pin.release() }
            #expect(Seen(old.complete(TestCache.answer("old"), now: test.now)) == Seen(.miss, "old"))
            if !newFirst { new.complete(TestCache.answer("new"), now: test.now).pin.release() }
            #expect(test.ask("q", ttl: 60, tags: joiner) == Seen(.fresh, "new"))
            #expect(test.ask("q", ttl: 60, tags: leader) == Seen(.fresh, "new"))
        }
    }

    @Test func `the tags of callers that joined fence the query too`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60, tags: ["a"]).lead)
        #expect(test.lookup("q", ttl: 60, tags: ["b"]).flight != nil)
        test.invalidate("b")
        #expect(test.lookup("q", ttl: 60, tags: ["a"]).lead != nil, "nobody joins it any more")
        lead.complete(TestCache.answer("old"), now: test.now).pin.release()
        #expect(test.hit(TestCache.text("q", ttl: 60, tags: ["a"])) == nil)
    }

    @Test(arguments: ["a", "*"])
    func `a background refresh is fenced like any query`(tag: String) throws {
        let test = TestCache()
        test.ask("q", ttl: 1, swr: 60, tags: ["a"], answer: "one")
        test.advance(seconds: 1)
        #expect(test.ask("q", ttl: 1, swr: 60, tags: ["a"]).mustRefresh)
        let refresh = try #require(test.refresh("q", ttl: 1, swr: 60, tags: ["a"]))
        test.invalidate(tag)
        refresh.complete(TestCache.answer("old"), now: test.now).pin.release()
        #expect(test.ask("q", ttl: 1, swr: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func `a tag that a hit brought during the refresh fences it`() throws {
        let test = TestCache()
        test.ask("q", ttl: 1, swr: 60, tags: ["a"], answer: "one")
        test.advance(seconds: 1)
        let refresh = try #require(test.refresh("q", ttl: 1, swr: 60, tags: ["a"]))
        #expect(test.ask("q", ttl: 1, swr: 60, tags: ["b"]).status == .stale)
        test.invalidate("b")
        refresh.complete(TestCache.answer("old"), now: test.now).pin.release()
        #expect(test.hit(TestCache.text("q", ttl: 1, swr: 60, tags: ["a"])) == nil)
        #expect(test.hit(TestCache.text("q", ttl: 1, swr: 60, tags: ["b"])) == nil)
    }

    /// A model of one key: data has a version that grows with each write, a write is followed by an invalidation, and no read
    /// may see a version older than the last invalidation that had returned when it started. Tries every order of the steps.
    @Test func `no interleaving of readers and invalidations shows old data`() {
        for steps in Interleavings.of([.read(0), .read(1), .invalidate, .invalidate]) { Interleavings.run(steps, tags: [["a"], ["a"]]) }
        for tags in [[["a", "b"], ["b"]], [["b"], ["a"]], [["a"], []]] {
            for steps in Interleavings.of([.read(0), .read(1), .invalidate]) { Interleavings.run(steps, tags: tags) }
        }
    }
}

extension TestCache {
    func invalidate(_ tag: String) {
        if tag == "*" { cache.invalidateAll() } else { cache.invalidate(tags: [Cache.Tag(tag)]) }
    }
}

/// Every order of the steps of a few actors on one key.
enum Interleavings {
    enum Actor: Equatable {
        /// Steps: look up; read the data, if leading; answer.
        case read(Int)
        /// Steps: write; invalidate tag `a`.
        case invalidate
        var steps: Int { self == .invalidate ? 2 : 3 }
    }

    /// Sequences of positions in `actors`.
    static func of(_ actors: [Actor]) -> [[(Int, Actor)]] {
        var all: [[(Int, Actor)]] = []
        var left = actors.map(\.steps)
        var sequence: [(Int, Actor)] = []
        func extend() {
            if left.allSatisfy({ $0 == 0 }) { return all.append(sequence) }
            for number in actors.indices where left[number] > 0 {
                left[number] -= 1
                sequence.append((number, actors[number]))
                extend()
                sequence.removeLast()
                left[number] += 1
            }
        }
        extend()
        return all
    }

    static func run(_ steps: [(Int, Actor)], tags: [[String]]) {
        let test = TestCache(maxBytes: 1 << 16)
        var version = 0
        var invalidated = 0
        var written: [Int: Int] = [:]
        var readers: [Int: (lead: Cache.FlightLeader?, flight: Cache.Flight?, minimum: Int, data: Int, step: Int)] = [:]
        for (number, actor) in steps {
            switch actor {
            case .invalidate where written[number] == nil:
                version += 1
                written[number] = version
            case .invalidate:
                test.invalidate("a")
                invalidated = max(invalidated, written[number] ?? 0)
            case .read(let reader):
                // Who has no tag `a` is promised nothing.
                let minimum = tags[reader].contains("a") ? invalidated : 0
                guard var state = readers[number] else {
                    switch test.lookup("q", ttl: 60, tags: tags[reader]) {
                    case .hit(let hit): check(Seen(hit).text, minimum)
                    case .lead(let lead): readers[number] = (lead, nil, minimum, 0, 1)
                    case .join(let flight): readers[number] = (nil, flight, minimum, 0, 1)
                    }
                    continue
                }
                if state.step == 1 {
                    state.data = version
                    state.step = 2
                    readers[number] = state
                } else if let lead = state.lead {
                    check(Seen(lead.complete(TestCache.answer("\(state.data)"), now: test.now)).text, state.minimum)
                    readers[number]?.lead = nil
                }
            }
            if let seen = test.hit(TestCache.text("q", ttl: 60, tags: ["a"])) { check(seen.text, invalidated) }
        }
        for reader in readers.values {
            if let flight = reader.flight, case .answer(let hit) = flight.wait(until: 0) {
                check(Seen(hit).text, reader.minimum)
            }
        }
    }

    private static func check(_ text: String, _ minimum: Int) {
        #expect(Int(text) ?? -1 >= minimum, "a read saw version \(text), \(minimum) was invalidated before it started")
    }
}
