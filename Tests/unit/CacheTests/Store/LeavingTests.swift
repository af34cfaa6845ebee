import Concurrency
import Testing

@testable import Cache

/// Entries that have to go stay in the indexes for a while. Nobody may notice.
@Suite struct LeavingTests {
    /// The keys of the victims that are still in the indexes.
    private static func victims(_ shop: Shop) -> [String] {
        shop.cache.store.withLock { store in
            store.victims.values.map { String(decoding: $0.item.entry.key, as: UTF8.self) }
        }
    }

    /// A full cache, whose last insertion drove out at least one.
    private static func full() throws -> (shop: Shop, victims: [String]) {
        let shop = Shop(maxBytes: 60_000)
        for number in 0..<10_000 {
            shop.ask("q\(number)", ttl: 60, answer: "\(number)" + String(repeating: "x", count: 300))
            let victims = victims(shop)
            if number > 300, let last = victims.first, last != "q\(number)" { return (shop, victims) }
        }
        throw Cache.LeaderGone()
    }

    @Test func whatIsFoundByItsTextIsTheAnswerThatItWas() throws {
        let (shop, victims) = try Self.full()
        for key in victims {
            let seen = try #require(shop.hit(Shop.text(key, ttl: 60)))
            #expect(seen.text.hasPrefix(key.dropFirst()))
        }
    }

    @Test func whoeverAsksByKeyRunsTheQueryAgain() throws {
        let (shop, victims) = try Self.full()
        let key = try #require(victims.first)
        let lead = try #require(shop.lookup(key, ttl: 60).lead)
        #expect(Seen(lead.complete(Shop.answer("new"), now: shop.now)).text == "new")
        let seen = shop.hit(Shop.text(key, ttl: 60))
        #expect(seen == nil || seen?.text == "new", "the old answer is gone as soon as there is a new one")
    }

    @Test func anAnswerThatIsTooLargeEndsTheOldOne() throws {
        let (shop, victims) = try Self.full()
        let key = try #require(victims.first)
        let large = String(repeating: "x", count: 50_000)
        #expect(shop.ask(key, ttl: 61, answer: large) == Seen(.miss, large))
        #expect(shop.hit(Shop.text(key, ttl: 60)) == nil)
    }

    @Test func anErrorOfAQueryLeavesAVictimAlone() throws {
        let (shop, victims) = try Self.full()
        let key = try #require(victims.first)
        try #require(shop.lookup(key, ttl: 60).lead).fail(Cache.LeaderGone(), now: shop.now)
        #expect(shop.lookup(key, ttl: 60).lead != nil)
    }

    @Test func itsInvalidationCounts() throws {
        let (shop, victims) = try Self.full()
        shop.cache.invalidateAll()
        for key in victims { #expect(shop.hit(Shop.text(key, ttl: 60)) == nil) }
    }

    @Test func theHousekeeperTakesThemAway() throws {
        let (shop, victims) = try Self.full()
        while shop.cache.sweep(now: shop.now) {}
        for key in victims { #expect(shop.hit(Shop.text(key, ttl: 60)) == nil) }
        #expect(Self.victims(shop).isEmpty)
        let statistics = shop.cache.statistics()
        #expect(statistics.bytes == statistics.tableBytes + shop.cache.store.withLock { $0.eviction.bytes })
    }

    /// Each answer is the number of its query, so that an older one than the last shows.
    @Test func noHitIsOlderThanTheLastQueryOrAnInvalidation() {
        let shop = Shop(maxBytes: 50_000)
        var random = Random(seed: 5)
        var newest: [Int: Int] = [:]
        var (queries, late) = (0, 0)
        for step in 0..<10_000 {
            let victim = Self.victims(shop).first.flatMap { Int($0.dropFirst()) }
            let key = random.below(2) == 0 ? victim ?? 0 : random.below(150)
            let text = Shop.text("q\(key)", ttl: 60, tags: ["t\(key % 7)"])
            if random.below(3) == 0 {
                let bytes = Array(text.utf8)
                guard let hit = bytes.withUnsafeBytes({ shop.cache.hit(text: $0, now: shop.now) }) else { continue }
                if hit.pin.entry?.pointee.isPublished == false { late += 1 }
                #expect(Int(Seen(hit).text.prefix { $0 != "x" }) == newest[key])
            } else if random.below(200) == 0 {
                let tag = random.below(7)
                shop.cache.invalidate(tags: [Cache.Tag("t\(tag)")])
                for key in newest.keys where key % 7 == tag { newest[key] = nil }
            } else if let lead = shop.lookup("q\(key)", ttl: 60, tags: ["t\(key % 7)"]).lead {
                queries += 1
                newest[key] = queries
                lead.complete(Shop.answer("\(queries)" + String(repeating: "x", count: 100 + random.below(900))), now: shop.now).pin.release()
                if let seen = shop.hit(text) { #expect(Int(seen.text.prefix { $0 != "x" }) == queries) }
            }
            if step % 100 == 0 { shop.cache.checkInvariants() }
        }
        #expect(late > 100, "some hits found a victim")
    }
}
