import Concurrency
import Synchronization
import Testing

@testable import Tier

/// What a snapshot asks a tier, which has one connection and no thread of its own here.
struct VersionsTests {
    private let server = MemoryServer()

    private func reached(_ server: MemoryServer) throws -> SecondTier {
        let tier = SecondTier(MemoryTier(server), SecondTier.Settings())
        let session = MemorySession(server)
        // Makes the versions.
        _ = try session.fetch(
            FetchRequest(name: [1], tags: [7, 8], purpose: .read, freshSince: 0, usefulSince: 0, leaseMilliseconds: 1), until: .never)
        tier.state.withLock { state in
            _ = state.breaker.beginProbe(now: .max)
            state.breaker.succeed()
            state.clock.set(server.time, asked: SecondTier.now, came: SecondTier.now)
            (state.epoch, state.sessions, state.hasTried) = (session.epoch, 1, true)
            state.idle = [session]
        }
        return tier
    }

    private func versions(_ tier: SecondTier) -> SecondTier.Versions? { tier.readVersions(of: [7, 8], until: .after(milliseconds: 1000)) }

    @Test func `a tag whose invalidation waits has no version`() throws {
        let tier = try reached(server)
        #expect(versions(tier)?.tags.keys.sorted() == [7, 8])
        tier.forward(.tags([7]))
        #expect(versions(tier)?.tags.keys.sorted() == [8])
        tier.forward(.everything)
        #expect(versions(tier) == nil)
    }

    @Test func `a server that began another epoch gives none`() throws {
        let tier = try reached(server)
        server.fail(over: server.copy)
        #expect(versions(tier) == nil)
    }

    @Test func `after a failover times are those of the new server's clock`() throws {
        server.time = 10_000_000_000
        let tier = SecondTier(MemoryTier(server), SecondTier.Settings())
        tier.start(hear: nil)
        defer { tier.close() }
        var name: UInt8 = 0
        func lead(in epoch: UInt64) -> SecondTier.Lead? {
            let end = Deadline.after(milliseconds: 30_000)
            while Deadline.now < end {
                name &+= 1
                let read = SecondTier.Read(name: [name], tags: [7], purpose: .read, ttl: 60, swr: 0)
                if case .lead(let lead) = tier.read(read, until: end, cancellation: nil), lead.lease.epoch == ServerEpoch(epoch) { return lead }
                // So that each name is asked for once.
                server.evictEntries()
            }
            return nil
        }
        #expect(try #require(lead(in: 1)).readAt >= 10_000_000_000)
        for (epoch, hours) in [(2, -1), (3, 2)] as [(UInt64, Int64)] {
            server.fail(over: server.copy, aheadMicroseconds: hours * 3_600_000_000)
            let lead = try #require(lead(in: epoch))
            #expect(abs(lead.readAt - server.time) < 1_000_000_000)
        }
    }

    @Test func `leaving a primary ends its sessions, and the next are in another epoch`() throws {
        let tier = SecondTier(MemoryTier(server), SecondTier.Settings())
        tier.start(hear: nil)
        defer { tier.close() }
        try waitUntil { tier.status.isTrusted && tier.status.connections > 0 }
        server.fail(over: server.copy)
        tier.leave()
        #expect(tier.state.withLock { $0.idle.allSatisfy { $0.epoch == ServerEpoch(2) } })
        try waitUntil {
            let read = SecondTier.Read(name: [1], tags: [7], purpose: .read, ttl: 60, swr: 0)
            _ = tier.read(read, until: .after(milliseconds: 1000), cancellation: nil)
            return tier.state.withLock { $0.epoch == ServerEpoch(2) && $0.clock.isKnown(at: SecondTier.now) }
        }
    }

    private func waitUntil(_ condition: () -> Bool) throws {
        let end = Deadline.after(milliseconds: 30_000)
        while !condition() { try #require(Deadline.now < end) }
    }

    @Test func `a message of our own is heard though others follow`() throws {
        let tier = try reached(server)
        tier.hears.store(true, ordering: .releasing)
        for _ in 0..<20 {
            let answer = Answer()
            let thread = try #require(Thread { answer.isHeard.store(tier.awaitEcho(until: .after(milliseconds: 1000)), ordering: .releasing) })
            var notices: [TierNotice] = []
            let end = Deadline.after(milliseconds: 1000)
            while notices.isEmpty, Deadline.now < end { notices = server.takePublished() }
            for notice in notices { tier.hearEcho(notice.change) }
            for tag in 1..<10 { tier.hearEcho(.tags([UInt64(tag)])) }
            thread.join()
            let isHeard = answer.isHeard.load(ordering: .acquiring)
            #expect(isHeard)
        }
    }

    private final class Answer: Sendable {
        let isHeard = Atomic<Bool>(false)
    }

    @Test func `a connection whose clock cannot be read is given up`() throws {
        let store = FickleTier(server)
        let tier = SecondTier(store, SecondTier.Settings())
        tier.start(hear: nil)
        #expect(tier.awaitFirstContact(until: .after(milliseconds: 1000), cancellation: nil) == nil)
        let nothing = EventCount()
        nothing.wait(after: nothing.count, until: .after(milliseconds: 200))
        let connections = store.connections.load(ordering: .relaxed)
        #expect(connections > 1)
        let busy = tier.state.withLock { $0.busy.count }
        #expect(busy <= 1 && tier.status.connections <= 1)
        tier.close()
    }
}

/// Can be connected to, and answers nothing then.
private final class FickleTier: TierStore {
    private let server: MemoryServer
    let connections = Atomic<Int>(0)
    init(_ server: MemoryServer) { self.server = server }

    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession {
        connections.wrappingAdd(1, ordering: .relaxed)
        server.fault = .timedOut
        return MemorySession(server)
    }

    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription { throw .failed("it has none") }
}
