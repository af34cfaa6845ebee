import Concurrency
import Telemetry
import Testing

@testable import Tier

/// Which sessions there are, and who gets them.
struct SessionsTests {
    private let server = MemoryServer()

    private func waitUntil(_ condition: () -> Bool) throws {
        let end = Deadline.after(milliseconds: 30_000)
        while !condition() { try #require(Deadline.now < end) }
    }

    /// Waits while no session is free to read the clock, without which the tier is not asked.
    private func waitUntil(_ tier: SecondTier, _ condition: () -> Bool) throws {
        try waitUntil {
            tier.state.withLock { $0.clock.set(server.time, asked: SecondTier.now, came: SecondTier.now) }
            return condition()
        }
    }

    /// A tier whose reads wait for the gate, so many of them that each of its sessions is in use.
    private func busy(_ store: GatedTier, callers: Int, sessions: Int) throws -> (SecondTier, [Thread]) {
        var settings = SecondTier.Settings()
        settings.timeoutMilliseconds = 60_000
        let tier = SecondTier(store, settings)
        tier.start(hear: nil)
        let threads = (0..<callers).compactMap { number in
            Thread {
                let read = SecondTier.Read(name: [UInt8(number)], tags: [7], purpose: .read, ttl: 60, swr: 0)
                if case .lead(let lead) = tier.read(read, until: .after(milliseconds: 60_000), cancellation: nil) { tier.release(lead) }
                store.ended.withLock { $0 += 1 }
            }
        }
        try waitUntil(tier) { store.gate.waiting == sessions && tier.state.withLock { $0.waiting == callers - sessions } }
        return (tier, threads)
    }

    private func end(_ tier: SecondTier, _ threads: [Thread], _ store: GatedTier) throws {
        store.gate.open()
        try waitUntil { store.ended.withLock { $0 == threads.count } }
        for thread in threads { thread.join() }
    }

    @Test func `the thread that stores waits for a session where there are as many as may be`() throws {
        let store = GatedTier(server)
        let (tier, threads) = try busy(store, callers: TierLimit.sessions, sessions: TierLimit.sessions)
        defer { tier.close() }
        try waitUntil(tier) { tier.state.withLock { $0.isWorkerWaiting } }
        #expect(store.made.withLock { $0 } == TierLimit.sessions)
        try end(tier, threads, store)
        try waitUntil { tier.state.withLock { $0.jobs.isEmpty && !$0.isWorkerWaiting } }
        #expect(store.made.withLock { $0 } == TierLimit.sessions)
        #expect(tier.status.connections == TierLimit.sessions)
    }

    @Test func `what waits behind callers is stored when they have gone`() throws {
        let store = GatedTier(server)
        let (tier, threads) = try busy(store, callers: TierLimit.sessions + 2, sessions: TierLimit.sessions)
        defer { tier.close() }
        let versions = try #require(TagVersions([UInt8](repeating: 0, count: 32), tags: 1))
        let lease = TierLease(name: [99], tags: [7], versions: versions, epoch: ServerEpoch(1), token: [])
        tier.release(SecondTier.Lead(lease: lease, readAt: 0))
        try waitUntil(tier) { tier.state.withLock { $0.areJobsDelayed } }
        try end(tier, threads, store)
        try waitUntil { tier.state.withLock { $0.jobs.isEmpty && !$0.areJobsDelayed } }
        #expect(store.made.withLock { $0 } == TierLimit.sessions)
    }

    @Test func `a server that has no connection left is asked through those that there are`() throws {
        let store = GatedTier(server, most: 1)
        let (tier, threads) = try busy(store, callers: 3, sessions: 1)
        defer { tier.close() }
        try waitUntil(tier) {
            tier.work.signal()
            return store.refused.withLock { $0 } >= TierLimit.failuresToOpen
        }
        #expect(tier.status.isTrusted)
        try end(tier, threads, store)
        #expect(tier.status.openings == 0)
        #expect(tier.counters.misses.value == 3)
    }

    @Test func `each session is used now and then, and the worker gets the last one`() throws {
        let (first, second) = (MemorySession(server), MemorySession(server))
        var state = SecondTier.State()
        (state.idle, state.sessions) = ([first, second], 2)
        #expect(state.takeOldest() === first)
        state.endUse(first)
        state.idle.append(first)
        #expect(state.takeIdle() === first)
        state.isWorkerWaiting = true
        #expect(state.takeIdle() == nil)
        #expect(state.takeOldest() === second)
        #expect(state.takeOldest() == nil)
    }

    /// As in a failover: what listens has been led to the former primary, which goes on.
    @Test func `what listens to another server than the sessions is led anew`() throws {
        let next = MemoryServer(number: 2)
        let store = SplitTier(sessions: next, subscriptions: [server, next])
        let tier = SecondTier(store, SecondTier.Settings())
        let events = Lock<[TierListener.Event]>([])
        tier.start { event in events.withLock { $0.append(event) } }
        defer { tier.close() }
        try waitUntil { tier.subscription.withLock { $0?.server == 2 } && tier.isHearing }
        #expect(events.withLock { $0 } == [.caughtUp, .lost, .caughtUp])
    }
}

/// Sessions and subscriptions of different servers: of each subscription the next one, the last one in the end.
private final class SplitTier: TierStore {
    private let server: MemoryServer
    private let servers: Lock<[MemoryServer]>

    init(sessions: MemoryServer, subscriptions: [MemoryServer]) {
        server = sessions
        servers = Lock(subscriptions)
    }

    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession { MemorySession(server) }

    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription {
        MemorySubscription(servers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] })
    }
}

/// Lets nobody through until it is opened.
private final class Gate: Sendable {
    private let state = Lock((waiting: 0, isOpen: false))
    private let opened = EventCount()

    var waiting: Int { state.withLock { $0.waiting } }

    func open() {
        state.withLock { $0.isOpen = true }
        opened.signal()
    }

    func pass() {
        state.withLock { $0.waiting += 1 }
        while true {
            let seen = opened.count
            if state.withLock({ $0.isOpen }) { break }
            opened.wait(after: seen, until: .never)
        }
        state.withLock { $0.waiting -= 1 }
    }
}

/// Has `most` connections at once. Reads wait for its gate.
private final class GatedTier: TierStore {
    let gate = Gate()
    let made = Lock(0)
    let refused = Lock(0)
    /// How many reads have ended.
    let ended = Lock(0)
    private let server: MemoryServer
    private let most: Int

    init(_ server: MemoryServer, most: Int = .max) { (self.server, self.most) = (server, most) }

    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession {
        let isThere = made.withLock { made in
            if made == most { return false }
            made += 1
            return true
        }
        if isThere { return GatedSession(MemorySession(server), gate) }
        refused.withLock { $0 += 1 }
        throw .failed("there is no connection left")
    }

    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription { throw .failed("it has none") }
}

private final class GatedSession: TierSession {
    private let session: MemorySession
    private let gate: Gate

    init(_ session: MemorySession, _ gate: Gate) { (self.session, self.gate) = (session, gate) }

    var epoch: ServerEpoch { session.epoch }
    var server: UInt64 { session.server }

    func fetch(_ request: FetchRequest, until deadline: Deadline) throws(TierFault) -> FetchResult {
        gate.pass()
        return try session.fetch(request, until: deadline)
    }

    func store(_ entry: TierEntry, _ lease: TierLease, lifeMilliseconds: Int, until deadline: Deadline) throws(TierFault) -> Bool {
        try session.store(entry, lease, lifeMilliseconds: lifeMilliseconds, until: deadline)
    }

    func release(_ lease: TierLease, until deadline: Deadline) throws(TierFault) { try session.release(lease, until: deadline) }
    func invalidate(_ change: TierChange, from origin: UInt64, until deadline: Deadline) throws(TierFault) {
        try session.invalidate(change, from: origin, until: deadline)
    }
    func readVersions(of tags: [UInt64], until deadline: Deadline) throws(TierFault) -> [[UInt8]?] { try session.readVersions(of: tags, until: deadline) }
    func publish(_ notice: TierNotice, until deadline: Deadline) throws(TierFault) { try session.publish(notice, until: deadline) }
    func readClock(until deadline: Deadline) throws(TierFault) -> ClockReading { try session.readClock(until: deadline) }
    func interrupt() {}
    func close() {}
}

struct RedisRefusalTests {
    @Test(arguments: [
        "READONLY You can't write against a read only replica.",
        "READONLY You can't write against a read only replica. script: 06fb, on @user_script:1.",
        "@user_script: 23: -READONLY You can't write against a read only replica.\r\n",
        "ERR Error running script (call to f_06fb): @user_script:1: @user_script: 1: -READONLY You can't write against a read only replica.",
        "@user_script: 9: -MISCONF Redis is configured to save RDB snapshots: - it cannot.", "NOREPLICAS Not enough good replicas to write.",
    ])
    func `a server without writes is told, by whatever version and from a script`(_ words: String) {
        #expect(RedisRefusal(words).fault == .readOnly)
        #expect(!RedisRefusal(words).isOutOfMemory)
    }

    @Test func `a full server is told apart`() {
        for words in [
            "OOM command not allowed when used memory > 'maxmemory'.", "@user_script: 9: -OOM command not allowed when used memory > 'maxmemory'.\r\n",
        ] {
            #expect(RedisRefusal(words).isOutOfMemory)
        }
    }

    @Test(arguments: ["", " ", "@user_script", "@user_script: -", "@user_script: 1: -", ": -", "ERR @user_script: secret"])
    func `other words are no reason to trust it, and are not repeated`(_ words: String) {
        #expect(RedisRefusal(words).fault.words.utf8.count < 80)
        #expect(!RedisRefusal(words).fault.words.contains("secret"))
    }
}
