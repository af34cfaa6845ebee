import Testing

@testable import Postgres

/// The pool's decisions, on a clock of the test's own.
@Suite struct PoolMachineTests {
    private static let second: PoolMachine.Time = 1_000_000_000

    private func machine(limit: Int) -> PoolMachine {
        var settings = PoolMachine.Settings()
        settings.limit = limit
        return PoolMachine(settings)
    }

    @Test func `a thread gets the connection that it used last, while it is warm`() {
        var pool = PoolMachine(PoolMachine.Settings())
        for slot in 1...3 {
            #expect(pool.lease(now: 0) == .connect(PoolMachine.SlotID(slot)))
            _ = pool.connected(PoolMachine.SlotID(slot), now: 0)
        }
        for slot in 1...3 { _ = pool.release(PoolMachine.SlotID(slot), isReusable: true, now: 10) }
        let soon = 10 + pool.settings.warmNanoseconds - 1
        #expect(pool.lease(now: soon, favourite: 1) == .use(1))
        // It is leased: so the one that was used last.
        #expect(pool.lease(now: soon, favourite: 1) == .use(3))
        _ = pool.release(1, isReusable: true, now: soon)
        _ = pool.release(3, isReusable: true, now: soon)
        #expect(pool.lease(now: soon + pool.settings.warmNanoseconds, favourite: 1) == .use(3), "it has gone cold")
        #expect(pool.lease(now: soon, favourite: 77) == .use(1), "there is none of that number")
        pool.checkInvariants()
    }

    @Test func `requests connect up to the limit, then wait, and are served in their order`() {
        var pool = machine(limit: 2)
        #expect(pool.lease(now: 0) == .connect(1))
        #expect(pool.lease(now: 0) == .connect(2))
        #expect(pool.lease(now: 0) == .wait(1))
        #expect(pool.lease(now: 0) == .wait(2))
        #expect(pool.connected(1, now: 0) == [])
        #expect(pool.release(1, isReusable: true, now: 1) == [.wake(1, .use(1))])
        #expect(pool.release(1, isReusable: true, now: 2) == [.wake(2, .use(1))])
        #expect(pool.release(1, isReusable: true, now: 3) == [])
        #expect(pool.lease(now: 4) == .use(1))
    }

    @Test func `a newcomer does not overtake those who wait`() {
        var pool = machine(limit: 1)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        #expect(pool.lease(now: 0) == .wait(1))
        #expect(pool.release(1, isReusable: true, now: 0) == [.wake(1, .use(1))])
        #expect(pool.lease(now: 0) == .wait(2))
    }

    @Test func `what is not reusable makes room only once it is closed`() {
        var pool = machine(limit: 1)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        _ = pool.lease(now: 0)
        #expect(pool.release(1, isReusable: false, now: 1) == [])
        #expect(pool.ended(1, now: 2) == [.wake(1, .connect(2))])
    }

    @Test func `a slot whose server never answers the goodbye is given up after a second`() {
        var pool = machine(limit: 1)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        _ = pool.lease(now: 0)
        _ = pool.release(1, isReusable: false, now: 1)
        #expect(pool.tick(now: Self.second) == [])
        #expect(pool.nextTick == Self.second + 1)
        #expect(pool.tick(now: Self.second + 1) == [.wake(1, .connect(2))])
    }

    @Test func `after a failed connect nobody storms: all are refused until the pause ends, then one tries`() {
        var pool = machine(limit: 4)
        for _ in 0..<4 { _ = pool.lease(now: 0) }
        #expect(pool.lease(now: 0) == .wait(1))
        for slot in 1...3 as ClosedRange<UInt64> {
            #expect(pool.connectFailed(slot, .unreachable, now: 10, jitter: 0) == (nil, []))
        }
        #expect(pool.connectFailed(4, .unreachable, now: 10, jitter: 0) == (nil, [.wake(1, .refuse(.unreachable))]))
        #expect(pool.lease(now: 11) == .refuse(.unreachable))
        let later = pool.pauseEnd
        #expect(pool.lease(now: later) == .connect(5))
        #expect(pool.lease(now: later) == .wait(2))
        // It goes well: those who wait need wait no longer.
        #expect(pool.connected(5, now: later) == [.wake(2, .connect(6))])
        #expect(pool.failures == 0)
    }

    @Test func `connects that fail together count as one failure`() {
        var pool = machine(limit: 8)
        for slot in 1...8 as ClosedRange<UInt64> { #expect(pool.lease(now: 0) == .connect(slot)) }
        for slot in 1...8 as ClosedRange<UInt64> { _ = pool.connectFailed(slot, .unreachable, now: 10, jitter: 0) }
        #expect(pool.failures == 1)
        #expect(pool.pauseEnd - 10 <= 20_000_000)
    }

    @Test func `one who waits for a connection that cannot be is not woken in vain`() {
        var pool = machine(limit: 3)
        for slot in 1...3 as ClosedRange<UInt64> { #expect(pool.lease(now: 0) == .connect(slot)) }
        #expect(pool.connected(1, now: 0) == [])
        for slot in 2...3 as ClosedRange<UInt64> { _ = pool.connectFailed(slot, .full, now: 0, jitter: 0) }
        #expect(pool.waiters.count == 2)
        // The pause is long over; what there is to wait for is the next attempt at one more.
        #expect(pool.tick(now: Self.second / 2) == [])
        #expect(pool.nextTick == Self.second)
    }

    @Test func `the pause doubles, has jitter, and ends at a second`() {
        var pool = machine(limit: 1)
        var now: PoolMachine.Time = 0
        var pauses: [PoolMachine.Time] = []
        for _ in 0..<12 {
            guard case .connect(let slot) = pool.lease(now: now) else {
                Issue.record("no connect")
                return
            }
            _ = pool.connectFailed(slot, .unreachable, now: now, jitter: 0)
            pauses.append(pool.pauseEnd - now)
            now = pool.pauseEnd
        }
        #expect(pauses[0] == 10_000_000)
        #expect(pauses[1] == 20_000_000)
        #expect(pauses.last == Self.second / 2)
        _ = pool.lease(now: now)
        _ = pool.connectFailed(13, .unreachable, now: now, jitter: .max)
        #expect(pool.pauseEnd - now > Self.second / 2 && pool.pauseEnd - now <= Self.second)
    }

    @Test func `a full server shrinks the pool; the one who tried waits in front, and later one more is allowed`() {
        var pool = machine(limit: 5)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        #expect(pool.lease(now: 0) == .connect(2))
        let (waiter, actions) = pool.connectFailed(2, .full, now: 0, jitter: 0)
        #expect(waiter == 1 && actions.isEmpty)
        #expect(pool.allowance == 1)
        #expect(pool.lease(now: Self.second) == .wait(2))
        #expect(pool.release(1, isReusable: true, now: Self.second) == [.wake(1, .use(1))])
        #expect(pool.tick(now: 5 * Self.second) == [.wake(2, .connect(3))])
        #expect(pool.allowance == 2)
        // There was room for it, so the next is allowed at once, and the one after that only if there is room again.
        #expect(pool.connected(3, now: 0) == [])
        #expect(pool.allowance == 3)
        #expect(pool.lease(now: 5 * Self.second) == .connect(4))
        _ = pool.connectFailed(4, .full, now: 5 * Self.second, jitter: 0)
        #expect(pool.allowance == 2)
    }

    @Test func `idle connections age, the least used first`() {
        var pool = machine(limit: 2)
        _ = pool.lease(now: 0)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        #expect(pool.connected(2, now: 0) == [])
        _ = pool.release(1, isReusable: true, now: 0)
        _ = pool.release(2, isReusable: true, now: 0)
        #expect(pool.lease(now: 200 * Self.second) == .use(2))
        _ = pool.release(2, isReusable: true, now: 200 * Self.second)
        #expect(pool.tick(now: 300 * Self.second) == [.close(1)])
        #expect(pool.ended(1, now: 301 * Self.second) == [])
        #expect(pool.slots == [2: .idle(since: 200 * Self.second)])
    }

    @Test func `one who gives up before the grant leaves; after it, has to take it`() {
        var pool = machine(limit: 1)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        _ = pool.lease(now: 0)
        _ = pool.lease(now: 0)
        #expect(pool.abandon(1) == true)
        #expect(pool.release(1, isReusable: true, now: 0) == [.wake(2, .use(1))])
        #expect(pool.abandon(2) == false)
    }

    @Test func `closing refuses those who wait, closes what is idle, and what comes back`() {
        var pool = machine(limit: 2)
        _ = pool.lease(now: 0)
        _ = pool.lease(now: 0)
        #expect(pool.connected(1, now: 0) == [])
        #expect(pool.connected(2, now: 0) == [])
        _ = pool.lease(now: 0)
        #expect(pool.release(2, isReusable: true, now: 0) == [.wake(1, .use(2))])
        _ = pool.release(2, isReusable: true, now: 0)
        #expect(pool.close(now: 1) == [.close(2)])
        #expect(pool.lease(now: 2) == .refuse(.closed))
        #expect(pool.release(1, isReusable: true, now: 2) == [.close(1)])
        _ = pool.ended(1, now: 3)
        _ = pool.ended(2, now: 3)
        #expect(pool.slots.isEmpty)
    }
}
