import Concurrency
import Testing

@testable import Tier

/// Another server becomes the primary in the moment in which a connection is being made.
struct MovesTests {
    private let former = MemoryServer()

    private func waitUntil(_ condition: () -> Bool) throws {
        let end = Deadline.after(milliseconds: 30_000)
        while !condition() { try #require(Deadline.now < end) }
    }

    /// The former primary goes on: it answers whoever is connected to it.
    @Test(arguments: [true, false]) func `a session made in the moment of a move is closed`(_ isFirst: Bool) throws {
        let next = MemoryServer()
        next.fail(over: next.copy)
        let store = MovingTier(former)
        let tier = SecondTier(store, SecondTier.Settings())
        let move: @Sendable () -> Void = { [unowned tier] in
            store.server.withLock { $0 = next }
            tier.leave()
        }
        if isFirst { store.duringConnect.withLock { $0 = move } }
        tier.start(hear: nil)
        defer { tier.close() }
        if !isFirst {
            try waitUntil { tier.status.isTrusted && tier.status.connections > 0 }
            store.duringConnect.withLock { $0 = move }
            // So that another session is made.
            tier.leave()
        }
        try waitUntil { tier.state.withLock { $0.epoch == ServerEpoch(2) && $0.breaker.isClosed && !$0.idle.isEmpty } }
        #expect(tier.state.withLock { ($0.idle + $0.busy).allSatisfy { $0.epoch == ServerEpoch(2) } })
        #expect(store.duringConnect.withLock { $0 == nil })
    }

    @Test(arguments: [true, false]) func `a subscription made in the moment of a move is closed`(_ isTold: Bool) throws {
        let store = MovingTier(former)
        let tier = SecondTier(store, SecondTier.Settings())
        let former = former
        store.duringSubscribe.withLock {
            $0 = { [unowned tier] in
                let end = Deadline.after(milliseconds: 30_000)
                while !tier.state.withLock({ $0.epoch == ServerEpoch(1) }), Deadline.now < end {}
                former.fail(over: former.copy)
                if isTold { tier.leave() }
                // Otherwise the worker finds out when it reads the clock.
                while !tier.state.withLock({ $0.epoch == ServerEpoch(2) }), Deadline.now < end {}
            }
        }
        let events = Lock<[TierListener.Event]>([])
        tier.start { event in events.withLock { $0.append(event) } }
        defer { tier.close() }
        try waitUntil { tier.isHearing }
        let epoch = tier.subscription.withLock { ($0 as? MemorySubscription)?.epoch }
        #expect(epoch == ServerEpoch(2))
        // Nothing was told of the one that was closed.
        #expect(events.withLock { $0 } == [.caughtUp])
    }
}

/// Does something once when it has connected and has not told so yet.
private final class MovingTier: TierStore {
    let server: Lock<MemoryServer>
    let duringConnect = Lock<(@Sendable () -> Void)?>(nil)
    let duringSubscribe = Lock<(@Sendable () -> Void)?>(nil)

    init(_ server: MemoryServer) { self.server = Lock(server) }

    private func take(_ kept: borrowing Lock<(@Sendable () -> Void)?>) -> (@Sendable () -> Void)? {
        kept.withLock { body in
            defer { body = nil }
            return body
        }
    }

    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession {
        let session = MemorySession(server.withLock { $0 })
        take(duringConnect)?()
        return session
    }

    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription {
        let subscription = MemorySubscription(server.withLock { $0 })
        take(duringSubscribe)?()
        return subscription
    }
}

struct SentinelResetTests {
    private let second: UInt64 = 1_000_000_000

    private func expect(
        _ reset: inout SentinelReset, outdated: Int, current: Int = 0, of all: Int, at now: UInt64, is expected: Bool, place: SourceLocation = #_sourceLocation
    ) {
        let isCertain = reset.isCertain(outdated: outdated, current: current, of: all, now: now)
        #expect(isCertain == expected, sourceLocation: place)
    }

    @Test func `Sentinels that all tell lower numbers are believed at once`() {
        var reset = SentinelReset()
        expect(&reset, outdated: 3, of: 3, at: 0, is: true)
        expect(&reset, outdated: 0, of: 3, at: 0, is: false)
    }

    @Test func `where some are silent, the others are believed after a while`() {
        var reset = SentinelReset()
        expect(&reset, outdated: 2, of: 3, at: 7 * second, is: false)
        expect(&reset, outdated: 1, of: 2, at: 11 * second, is: false)
        expect(&reset, outdated: 2, of: 3, at: 7 * second + TierLimit.sentinelReset, is: true)
    }

    @Test func `one that tells no lower number makes the others wait anew`() {
        var reset = SentinelReset()
        expect(&reset, outdated: 2, of: 3, at: 0, is: false)
        expect(&reset, outdated: 2, current: 1, of: 3, at: 60 * second, is: false)
        expect(&reset, outdated: 2, of: 3, at: 61 * second, is: false)
        expect(&reset, outdated: 2, of: 3, at: 61 * second + TierLimit.sentinelReset, is: true)
    }

    @Test func `fewer than half are never believed`() {
        var reset = SentinelReset()
        for now in 0..<100 { expect(&reset, outdated: 1, of: 3, at: UInt64(now) * second, is: false) }
    }
}
