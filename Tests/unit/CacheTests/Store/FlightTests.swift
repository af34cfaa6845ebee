import Concurrency
import Foundation
import Synchronization
import Testing

@testable import Cache

/// One query for everybody who asks at the same time.
@Suite struct FlightTests {
    struct Broken: Error, Equatable { var number = 1 }

    static var soon: UInt64 { MonotonicTime.now() + 20 * MonotonicTime.second }

    @Test func whoComesWhileAQueryRunsJoinsIt() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 60).lead)
        let flight = try #require(shop.lookup("q", ttl: 5).flight)
        lead.complete(Shop.answer("one"), now: shop.now).pin.release()
        guard case .answer(let hit) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(Seen(hit) == Seen(.miss, "one"))
        let statistics = shop.cache.statistics()
        #expect(statistics.misses == 2 && statistics.joins == 1)
    }

    @Test func otherKeysDoNotWait() throws {
        let shop = Shop()
        let lead = shop.lookup("q", ttl: 60)
        #expect(shop.ask("other", ttl: 60, answer: "two") == Seen(.miss, "two"))
        _ = lead
    }

    @Test func everyWaiterGetsTheErrorAndTheNextCallTriesAgain() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 60).lead)
        let flight = try #require(shop.lookup("q", ttl: 60).flight)
        lead.fail(Broken(number: 3), now: shop.now)
        for _ in 0..<2 {
            guard case .failure(let error) = flight.wait(until: Self.soon) else { throw Broken() }
            #expect(error as? Broken == Broken(number: 3))
        }
        #expect(shop.lookup("q", ttl: 60).lead != nil)
    }

    @Test func aLeadThatIsDroppedFailsItsFlight() throws {
        let shop = Shop()
        var lead = shop.lookup("q", ttl: 60).lead
        let flight = try #require(shop.lookup("q", ttl: 60).flight)
        #expect(lead != nil)
        lead = nil
        guard case .failure(let error) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(error is Cache.LeaderGone)
        #expect(shop.lookup("q", ttl: 60).lead != nil)
    }

    @Test func aWaiterThatRunsOutOfTimeDoesNotDisturbTheOthers() throws {
        let shop = Shop()
        let lead = try #require(shop.lookup("q", ttl: 60).lead)
        let flight = try #require(shop.lookup("q", ttl: 60).flight)
        for deadline in [0, MonotonicTime.now() + 2_000_000] {
            guard case .timedOut = flight.wait(until: deadline) else { throw Broken() }
        }
        lead.complete(Shop.answer("one"), now: shop.now).pin.release()
        guard case .answer(let hit) = flight.wait(until: 0) else { throw Broken() }
        #expect(Seen(hit) == Seen(.miss, "one"))
    }

    @Test func manyThreadsOnOneKeyRunOneQuery() {
        let shop = Shop()
        let queries = Atomic<Int>(0)
        let answers = Guarded<[Seen]>([])
        let threads = 100
        let ready = Atomic<Int>(0)
        Workers.run(threads) { _ in
            ready.add(1, ordering: .sequentiallyConsistent)
            switch shop.lookup("q", ttl: 60) {
            case .lead(let lead):
                queries.add(1, ordering: .relaxed)
                while ready.load(ordering: .acquiring) < threads { usleep(100) }
                answers.withLock { $0.append(Seen(lead.complete(Shop.answer("one"), now: shop.now))) }
            case .join(let flight):
                if case .answer(let hit) = flight.wait(until: Self.soon) { answers.withLock { $0.append(Seen(hit)) } }
            case .hit(let hit): answers.withLock { $0.append(Seen(hit)) }
            }
        }
        #expect(queries.load(ordering: .relaxed) == 1)
        let seen = answers.withLock { $0 }
        #expect(seen.count == threads)
        #expect(seen.allSatisfy { $0.text == "one" })
    }

    @Test func aReadThatFindsARefreshInFlightJoinsItWhenTheOldAnswerIsGone() throws {
        let shop = Shop()
        shop.ask("q", ttl: 1, swr: 1, answer: "one")
        shop.advance(seconds: 1)
        #expect(shop.ask("q", ttl: 1, swr: 1).mustRefresh)
        let refresh = try #require(shop.refresh("q", ttl: 1, swr: 1))
        #expect(shop.refresh("q", ttl: 1, swr: 1) == nil, "one refresh is enough")
        shop.advance(seconds: 1)
        let flight = try #require(shop.lookup("q", ttl: 1, swr: 1).flight)
        refresh.complete(Shop.answer("two"), now: shop.now).pin.release()
        guard case .answer(let hit) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(Seen(hit) == Seen(.miss, "two"))
    }

    @Test func aRefreshThatIsNotWantedAnyMoreHoldsNothing() throws {
        let shop = Shop()
        shop.ask("fresh", ttl: 60, answer: "one")
        #expect(shop.refresh("fresh", ttl: 60) == nil)
        let references = shop.cache.store.withLock { store in
            Array("fresh".utf8).withUnsafeBytes { key in
                store.find(key, Hash.of(key, seed: 42))?.pointee.references.load(ordering: .relaxed)
            }
        }
        #expect(references == 1, "the store's own")
        let lead = try #require(shop.lookup("new", ttl: 60).lead)
        #expect(shop.refresh("new", ttl: 60) == nil)
        #expect(lead.detachIfUnshared(), "nobody waits for it")
    }

    @Test func aRefreshThatFailsLeavesTheStaleAnswerAndIsThrottled() throws {
        let shop = Shop()
        shop.ask("q", ttl: 1, swr: 1000, answer: "one")
        shop.advance(seconds: 1)
        for backoff in [1, 2, 4, 8, 16, 30, 30] {
            #expect(shop.ask("q", ttl: 1, swr: 1000) == Seen(.stale, "one", mustRefresh: true))
            let refresh = try #require(shop.refresh("q", ttl: 1, swr: 1000))
            refresh.fail(Broken(), now: shop.now)
            shop.advance(milliseconds: backoff * 1000 - 1)
            #expect(shop.ask("q", ttl: 1, swr: 1000) == Seen(.stale, "one"))
            shop.advance(milliseconds: 1)
        }
        #expect(shop.refresh("q", ttl: 1, swr: 1000, answer: "two") == Seen(.miss, "two"))
        #expect(shop.ask("q", ttl: 1, swr: 1000) == Seen(.fresh, "two"))
    }

    @Test func aRefreshThatNobodyStartedIsAskedForAgain() throws {
        let shop = Shop()
        shop.ask("q", ttl: 1, swr: 1000, answer: "one")
        shop.advance(seconds: 1)
        let hit = try #require(shop.lookup("q", ttl: 1, swr: 1000).hit)
        #expect(hit.mustRefresh)
        shop.cache.postponeRefresh(hit.pin, now: shop.now)
        hit.pin.release()
        #expect(!shop.ask("q", ttl: 1, swr: 1000).mustRefresh)
        shop.advance(seconds: 1)
        #expect(shop.ask("q", ttl: 1, swr: 1000).mustRefresh)
        shop.advance(seconds: 30)
        #expect(shop.ask("q", ttl: 1, swr: 1000).mustRefresh, "a refresh that was lost does not block the entry for ever")
    }

    @Test func aThousandStaleHitsAskForOneRefresh() {
        let shop = Shop()
        shop.ask("q", ttl: 1, swr: 1000, answer: "one")
        shop.advance(seconds: 1)
        let refreshes = Atomic<Int>(0)
        Workers.run(8) { _ in
            for _ in 0..<200 where shop.ask("q", ttl: 1, swr: 1000).mustRefresh { refreshes.add(1, ordering: .relaxed) }
        }
        #expect(refreshes.load(ordering: .relaxed) == 1)
    }

    @Test func closingEndsTheFlightsAndKeepsWhatRepliesHold() throws {
        let shop = Shop()
        shop.ask("old", ttl: 60, answer: "kept")
        let held = try #require(shop.lookup("old", ttl: 60).hit)
        let lead = try #require(shop.lookup("q", ttl: 60).lead)
        let flight = try #require(shop.lookup("q", ttl: 60).flight)
        shop.cache.close(Broken(number: 9))
        guard case .failure(let error) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(error as? Broken == Broken(number: 9))
        #expect(Seen(lead.complete(Shop.answer("late"), now: shop.now)) == Seen(.miss, "late"))
        #expect(Seen(held) == Seen(.fresh, "kept"))
        #expect(shop.ask("old", ttl: 60, answer: "new") == Seen(.miss, "new"))
        #expect(shop.ask("old", ttl: 60, answer: "newer") == Seen(.miss, "newer"), "a closed cache keeps nothing")
    }
}

/// Threads that run to their end.
enum Workers {
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in
            let done = DispatchSemaphore(value: 0)
            let thread = Foundation.Thread {
                body(number)
                done.signal()
            }
            thread.stackSize = 256 << 10
            thread.start()
            return done
        }
        for done in threads { done.wait() }
    }
}
