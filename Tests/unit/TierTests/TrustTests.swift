import Testing

@testable import Tier

struct CircuitBreakerTests {
    private func closed() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        _ = breaker.beginProbe(now: 0)
        breaker.succeed()
        return breaker
    }

    private func expect(_ breaker: inout CircuitBreaker, now: UInt64, probes: Bool, at place: SourceLocation = #_sourceLocation) {
        let begins = breaker.beginProbe(now: now)
        #expect(begins == probes, sourceLocation: place)
    }

    @Test func `a new breaker lets one probe through and nothing else`() {
        var breaker = CircuitBreaker()
        #expect(!breaker.isClosed)
        expect(&breaker, now: 0, probes: true)
        expect(&breaker, now: 0, probes: false)
        breaker.succeed()
        #expect(breaker.isClosed)
    }

    @Test func `three failures in a row open the breaker`() {
        var breaker = closed()
        breaker.fail(now: 0)
        breaker.fail(now: 0)
        breaker.succeed()
        breaker.fail(now: 0)
        breaker.fail(now: 0)
        #expect(breaker.isClosed)
        breaker.fail(now: 7)
        #expect(!breaker.isClosed)
        #expect(breaker.openings == 1)
        #expect(breaker.nextProbe == 7 + TierLimit.shortestProbePause)
    }

    @Test func `each probe that fails doubles the pause up to a limit`() {
        var breaker = CircuitBreaker()
        var now: UInt64 = 0
        var pauses: [UInt64] = []
        for _ in 0..<8 {
            expect(&breaker, now: now, probes: true)
            breaker.fail(now: now)
            let next = breaker.nextProbe ?? 0
            pauses.append(next - now)
            expect(&breaker, now: next - 1, probes: false)
            now = next
        }
        #expect(pauses.prefix(3) == [50_000_000, 100_000_000, 200_000_000])
        #expect(pauses.last == TierLimit.longestProbePause)
    }

    @Test func `a call that began before the breaker opened does not close it`() {
        var breaker = closed()
        for _ in 0..<3 { breaker.fail(now: 0) }
        breaker.succeed()
        #expect(!breaker.isClosed)
    }
}

struct PendingInvalidationsTests {
    @Test func `an invalidation that came meanwhile is not confirmed`() {
        var pending = PendingInvalidations()
        pending.add(.tags([2, 1]))
        let batch = pending.batch
        #expect(batch?.change == .tags([1, 2]))
        pending.add(.tags([3]))
        pending.confirm(batch?.number ?? 0)
        #expect(pending.batch?.change == .tags([3]))
        pending.confirm(pending.batch?.number ?? 0)
        #expect(pending.isEmpty)
        #expect(pending.batch == nil)
    }

    @Test func `an invalidation that is added again meanwhile is sent again`() {
        var pending = PendingInvalidations()
        pending.add(.tags([1, 2]))
        let batch = pending.batch
        pending.add(.tags([2]))
        pending.confirm(batch?.number ?? 0)
        #expect(pending.batch?.change == .tags([2]))
        pending.add(.everything)
        let all = pending.batch
        pending.add(.tags([4]))
        #expect(pending.batch?.change == .everything)
        pending.confirm(all?.number ?? 0)
        #expect(pending.batch?.change == .tags([4]))
        pending.confirm(pending.batch?.number ?? 0)
        #expect(pending.isEmpty)
    }

    @Test func `a stream of invalidations is confirmed as it is sent`() {
        var pending = PendingInvalidations()
        for tag in 0..<UInt64(3 * TierLimit.pendingTags) {
            pending.add(.tags([2 * tag]))
            let batch = pending.batch
            pending.add(.tags([2 * tag + 1]))
            pending.confirm(batch?.number ?? 0)
            #expect(pending.count == 1)
        }
    }

    @Test func `only an entry that has one of their tags is concerned`() {
        var pending = PendingInvalidations()
        #expect(!pending.concern([1]) && !pending.concern(nil))
        pending.add(.tags([1, 2]))
        #expect(pending.concern([5, 2]) && pending.concern(nil))
        #expect(!pending.concern([3]) && !pending.concern([]))
        pending.add(.everything)
        #expect(pending.concern([3]) && pending.concern([]))
    }

    @Test func `too many tags are everything`() {
        var pending = PendingInvalidations()
        pending.add(.tags(Array(0...UInt64(TierLimit.pendingTags))))
        #expect(pending.batch?.change == .everything)
        #expect(pending.count == 1)
        pending.add(.tags([1]))
        #expect(pending.batch?.change == .everything)
    }
}

struct TierClockTests {
    @Test func `the two times of a clock are on both sides of the one of the tier`() {
        var clock = TierClock()
        #expect(!clock.isKnown(at: 5))
        // Asked at 10 ms, came at 14 ms; the tier read its clock somewhere between.
        clock.set(1_000_000, asked: 10_000_000, came: 14_000_000)
        #expect(clock.isKnown(at: 15_000_000))
        #expect(clock.earliest(16_000_000) == 1_002_000)
        #expect(clock.latest(16_000_000) == 1_006_001)
        #expect(!clock.isKnown(at: 14_000_000 + TierLimit.clockAge))
    }
}
