import Testing

@testable import Cache

/// What a query read before an invalidation is never found after it: in every order in which the steps of readers and of the
/// invalidation can follow each other.
@Suite struct FenceTests {
    static var soon: UInt64 { MonotonicTime.now() + 20 * MonotonicTime.second }

    @Test(arguments: ["a", "b", "*"])
    func aQueryThatWasRunningIsAnsweredAndNotStored(tag: String) throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 60, tags: ["a", "b"]).lead)
        let waiter = try #require(shop.lookup("q", ttl: 60, tags: ["a", "b"]).flight)
        shop.invalidate(tag)
        #expect(Seen(lead.complete(Shop.answer("old"), now: shop.now)) == Seen(.miss, "old"))
        guard case .answer(let hit) = waiter.wait(until: Self.soon) else { throw FlightTests.Broken() }
        #expect(Seen(hit) == Seen(.miss, "old"))
        #expect(shop.ask("q", ttl: 60, tags: ["a", "b"], answer: "new") == Seen(.miss, "new"))
        #expect(shop.cache.statistics().fenced == 1)
    }

    @Test func aQueryWithOtherTagsIsUntouched() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 60, tags: ["b"]).lead)
        shop.invalidate("a")
        #expect(shop.lookup("q", ttl: 60, tags: ["b"]).flight != nil, "and may be joined")
        lead.complete(Shop.answer("one"), now: shop.now).pin.release()
        #expect(shop.ask("q", ttl: 60, tags: ["b"]) == Seen(.fresh, "one"))
    }

    @Test(arguments: [(["a"], ["a"], "a"), (["a"], [], "a"), ([], ["a"], "a"), ([], [], "*"), (["a"], ["b"], "b")])
    func aReadThatStartsAfterTheInvalidationRunsAQueryOfItsOwn(leader: [String], joiner: [String], tag: String) throws {
        for newFirst in [true, false] {
            let shop = Shop()
            let old = try #require(shop.lookup("q", ttl: 60, tags: leader).lead)
            shop.invalidate(tag)
            let new = try #require(shop.lookup("q", ttl: 60, tags: joiner).lead)
            #expect(shop.lookup("q", ttl: 60, tags: joiner).flight != nil, "the next one joins the new query")
            if newFirst { new.complete(Shop.answer("new"), now: shop.now).pin.release() }
            #expect(Seen(old.complete(Shop.answer("old"), now: shop.now)) == Seen(.miss, "old"))
            if !newFirst { new.complete(Shop.answer("new"), now: shop.now).pin.release() }
            #expect(shop.ask("q", ttl: 60, tags: joiner) == Seen(.fresh, "new"))
            #expect(shop.ask("q", ttl: 60, tags: leader) == Seen(.fresh, "new"))
        }
    }

    @Test func theTagsOfThoseWhoJoinedFenceTheQueryToo() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 60, tags: ["a"]).lead)
        #expect(shop.lookup("q", ttl: 60, tags: ["b"]).flight != nil)
        shop.invalidate("b")
        #expect(shop.lookup("q", ttl: 60, tags: ["a"]).lead != nil, "nobody joins it any more")
        lead.complete(Shop.answer("old"), now: shop.now).pin.release()
        #expect(shop.hit(Shop.text("q", ttl: 60, tags: ["a"])) == nil)
    }

    @Test(arguments: ["a", "*"])
    func aBackgroundRefreshIsFencedLikeAnyQuery(tag: String) throws {
        let shop = Shop()
        shop.ask("q", ttl: 1, swr: 60, tags: ["a"], answer: "one")
        shop.advance(seconds: 1)
        #expect(shop.ask("q", ttl: 1, swr: 60, tags: ["a"]).mustRefresh)
        let refresh = try #require(shop.refresh("q", ttl: 1, swr: 60, tags: ["a"]))
        shop.invalidate(tag)
        refresh.complete(Shop.answer("old"), now: shop.now).pin.release()
        #expect(shop.ask("q", ttl: 1, swr: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func aTagThatAHitBroughtDuringTheRefreshFencesIt() throws {
        let shop = Shop()
        shop.ask("q", ttl: 1, swr: 60, tags: ["a"], answer: "one")
        shop.advance(seconds: 1)
        let refresh = try #require(shop.refresh("q", ttl: 1, swr: 60, tags: ["a"]))
        #expect(shop.ask("q", ttl: 1, swr: 60, tags: ["b"]).status == .stale)
        shop.invalidate("b")
        refresh.complete(Shop.answer("old"), now: shop.now).pin.release()
        #expect(shop.hit(Shop.text("q", ttl: 1, swr: 60, tags: ["a"])) == nil)
        #expect(shop.hit(Shop.text("q", ttl: 1, swr: 60, tags: ["b"])) == nil)
    }

    /// A model of one key: data has a version that grows with each write, a write is followed by an invalidation, and no read
    /// may see a version older than the last invalidation that had returned when it started. Tries every order of the steps.
    @Test func noInterleavingOfReadersAndInvalidationsShowsOldData() {
        for steps in Interleavings.of([.read(0), .read(1), .invalidate, .invalidate]) { Interleavings.run(steps, tags: [["a"], ["a"]]) }
        for tags in [[["a", "b"], ["b"]], [["b"], ["a"]], [["a"], []]] {
            for steps in Interleavings.of([.read(0), .read(1), .invalidate]) { Interleavings.run(steps, tags: tags) }
        }
    }
}

extension Shop {
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
        let shop = Shop(maxBytes: 1 << 16)
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
                shop.invalidate("a")
                invalidated = max(invalidated, written[number] ?? 0)
            case .read(let reader):
                // Who has no tag `a` is promised nothing.
                let minimum = tags[reader].contains("a") ? invalidated : 0
                guard var state = readers[number] else {
                    switch shop.lookup("q", ttl: 60, tags: tags[reader]) {
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
                    check(Seen(lead.complete(Shop.answer("\(state.data)"), now: shop.now)).text, state.minimum)
                    readers[number]?.lead = nil
                }
            }
            if let seen = shop.hit(Shop.text("q", ttl: 60, tags: ["a"])) { check(seen.text, invalidated) }
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
