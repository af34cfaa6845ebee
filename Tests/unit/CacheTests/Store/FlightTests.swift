import Concurrency
import Foundation
import Synchronization
import Testing

@testable import Cache

/// One query for everybody who asks at the same time.
@Suite struct FlightTests {
    struct Broken: Error, Equatable { var number = 1 }

    static var soon: UInt64 { MonotonicTime.now() + 20 * MonotonicTime.second }

    @Test func `a request that is looked up again is counted once`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60).lead)
        let before = test.cache.statistics()
        #expect(test.lookup("q", ttl: 60, isCounted: false).flight != nil)
        lead.giveUp()
        let again = try #require(test.lookup("q", ttl: 60, isCounted: false).lead)
        again.complete(TestCache.answer("one"), now: test.now).pin.release()
        let hit = try #require(test.lookup("q", ttl: 60, isCounted: false).hit)
        #expect(Seen(hit) == Seen(.fresh, "one"))
        let after = test.cache.statistics()
        #expect([after.misses, after.joins, after.hits, after.staleHits] == [before.misses, before.joins, before.hits, before.staleHits])
    }

    @Test func `a caller that comes while a query runs joins it`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60).lead)
        let flight = try #require(test.lookup("q", ttl: 5).flight)
        lead.complete(TestCache.answer("one"), now: test.now).pin.release()
        guard case .answer(let hit) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(Seen(hit) == Seen(.miss, "one"))
        let statistics = test.cache.statistics()
        #expect(statistics.misses == 2 && statistics.joins == 1)
    }

    @Test func `other keys do not wait`() throws {
        let test = TestCache()
        let lead = test.lookup("q", ttl: 60)
        #expect(test.ask("other", ttl: 60, answer: "two") == Seen(.miss, "two"))
        _ = lead
    }

    @Test func `every waiter gets the error and the next call tries again`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60).lead)
        let flight = try #require(test.lookup("q", ttl: 60).flight)
        lead.fail(Broken(number: 3), now: test.now)
        for _ in 0..<2 {
            guard case .failure(let error) = flight.wait(until: Self.soon) else { throw Broken() }
            #expect(error as? Broken == Broken(number: 3))
        }
        #expect(test.lookup("q", ttl: 60).lead != nil)
    }

    @Test func `a leader that is dropped fails its flight`() throws {
        let test = TestCache()
        var lead = test.lookup("q", ttl: 60).lead
        let flight = try #require(test.lookup("q", ttl: 60).flight)
        #expect(lead != nil)
        lead = nil
        guard case .failure(let error) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(error is Cache.LeaderGone)
        #expect(test.lookup("q", ttl: 60).lead != nil)
    }

    @Test func `a waiter that runs out of time does not disturb the others`() throws {
        let test = TestCache()
        let lead = try #require(test.lookup("q", ttl: 60).lead)
        let flight = try #require(test.lookup("q", ttl: 60).flight)
        for deadline in [0, MonotonicTime.now() + 2_000_000] {
            guard case .timedOut = flight.wait(until: deadline) else { throw Broken() }
        }
        lead.complete(TestCache.answer("one"), now: test.now).pin.release()
        guard case .answer(let hit) = flight.wait(until: 0) else { throw Broken() }
        #expect(Seen(hit) == Seen(.miss, "one"))
    }

    @Test func `many threads on one key run one query`() {
        let test = TestCache()
        let queries = Atomic<Int>(0)
        let answers = Guarded<[Seen]>([])
        let threads = 100
        let ready = Atomic<Int>(0)
        Workers.run(threads) { _ in
            ready.add(1, ordering: .sequentiallyConsistent)
            switch test.lookup("q", ttl: 60) {
            case .lead(let lead):
                queries.add(1, ordering: .relaxed)
                while ready.load(ordering: .acquiring) < threads { usleep(100) }
                answers.withLock { $0.append(Seen(lead.complete(TestCache.answer("one"), now: test.now))) }
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

    @Test func `a read that finds a refresh in flight joins it when the old answer is gone`() throws {
        let test = TestCache()
        test.ask("q", ttl: 1, swr: 1, answer: "one")
        test.advance(seconds: 1)
        #expect(test.ask("q", ttl: 1, swr: 1).mustRefresh)
        let refresh = try #require(test.refresh("q", ttl: 1, swr: 1))
        #expect(test.refresh("q", ttl: 1, swr: 1) == nil, "one refresh is enough")
        test.advance(seconds: 1)
        let flight = try #require(test.lookup("q", ttl: 1, swr: 1).flight)
        refresh.complete(TestCache.answer("two"), now: test.now).pin.release()
        guard case .answer(let hit) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(Seen(hit) == Seen(.miss, "two"))
    }

    @Test func `a refresh that is not wanted any more holds nothing`() throws {
        let test = TestCache()
        test.ask("fresh", ttl: 60, answer: "one")
        #expect(test.refresh("fresh", ttl: 60) == nil)
        let references = test.cache.store.withLock { store in
            Array("fresh".utf8).withUnsafeBytes { key in
                store.find(key, Hash.of(key, seed: 42))?.pointee.references.load(ordering: .relaxed)
            }
        }
        #expect(references == 1, "the store's own")
        let lead = try #require(test.lookup("new", ttl: 60).lead)
        #expect(test.refresh("new", ttl: 60) == nil)
        #expect(lead.detachIfUnshared(), "nobody waits for it")
    }

    @Test func `a refresh that fails leaves the stale answer and is throttled`() throws {
        let test = TestCache()
        test.ask("q", ttl: 1, swr: 1000, answer: "one")
        test.advance(seconds: 1)
        for backoff in [1, 2, 4, 8, 16, 30, 30] {
            #expect(test.ask("q", ttl: 1, swr: 1000) == Seen(.stale, "one", mustRefresh: true))
            let refresh = try #require(test.refresh("q", ttl: 1, swr: 1000))
            refresh.fail(Broken(), now: test.now)
            test.advance(milliseconds: backoff * 1000 - 1)
            #expect(test.ask("q", ttl: 1, swr: 1000) == Seen(.stale, "one"))
            test.advance(milliseconds: 1)
        }
        #expect(test.refresh("q", ttl: 1, swr: 1000, answer: "two") == Seen(.miss, "two"))
        #expect(test.ask("q", ttl: 1, swr: 1000) == Seen(.fresh, "two"))
    }

    @Test func `a refresh that no caller started is asked for again`() throws {
        let test = TestCache()
        test.ask("q", ttl: 1, swr: 1000, answer: "one")
        test.advance(seconds: 1)
        let hit = try #require(test.lookup("q", ttl: 1, swr: 1000).hit)
        #expect(hit.mustRefresh)
        test.cache.postponeRefresh(hit.pin, now: test.now)
        hit.pin.release()
        #expect(!test.ask("q", ttl: 1, swr: 1000).mustRefresh)
        test.advance(seconds: 1)
        #expect(test.ask("q", ttl: 1, swr: 1000).mustRefresh)
        test.advance(seconds: 30)
        #expect(test.ask("q", ttl: 1, swr: 1000).mustRefresh, "a refresh that was lost does not block the entry for ever")
    }

    @Test func `a thousand stale hits ask for one refresh`() {
        let test = TestCache()
        test.ask("q", ttl: 1, swr: 1000, answer: "one")
        test.advance(seconds: 1)
        let refreshes = Atomic<Int>(0)
        Workers.run(8) { _ in
            for _ in 0..<200 where test.ask("q", ttl: 1, swr: 1000).mustRefresh { refreshes.add(1, ordering: .relaxed) }
        }
        #expect(refreshes.load(ordering: .relaxed) == 1)
    }

    @Test func `closing ends the flights and keeps what replies hold`() throws {
        let test = TestCache()
        test.ask("old", ttl: 60, answer: "kept")
        let held = try #require(test.lookup("old", ttl: 60).hit)
        let lead = try #require(test.lookup("q", ttl: 60).lead)
        let flight = try #require(test.lookup("q", ttl: 60).flight)
        test.cache.close(Broken(number: 9))
        guard case .failure(let error) = flight.wait(until: Self.soon) else { throw Broken() }
        #expect(error as? Broken == Broken(number: 9))
        #expect(Seen(lead.complete(TestCache.answer("late"), now: test.now)) == Seen(.miss, "late"))
        #expect(Seen(held) == Seen(.fresh, "kept"))
        #expect(test.ask("old", ttl: 60, answer: "new") == Seen(.miss, "new"))
        #expect(test.ask("old", ttl: 60, answer: "newer") == Seen(.miss, "newer"), "a closed cache keeps nothing")
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
