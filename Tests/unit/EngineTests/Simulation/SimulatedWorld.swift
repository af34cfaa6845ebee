import Foundation
import Synchronization

@testable import Cache
@testable import Postgres

/// A pool, its connections, flights and a cache, and the callers and the server around them, on one virtual clock: all of it follows
/// from a seed. The pool, what connections decide, and the cache are the library's own; callers, the server and the network are events.
///
/// The server holds a version for each key, which writes raise. A query reads the version at some moment while it runs.
struct SimulatedWorld {
    typealias Time = Int64
    static let millisecond: Time = 1_000_000
    static let keys = 10
    static let maxBytes = 1 << 20

    /// What happens at some moment.
    enum Event {
        case arrival
        case connected(PoolMachine.SlotID, Int)
        case read(Int)
        case answered(Int)
        case deadline(Int)
        case closed(PoolMachine.SlotID)
        case written(Int)
        case serverChanges
        case tick
        /// Of the reads that are on their way together on a connection, by the number of that.
        case sharedRead(Int)
        case sharedAnswered(Int)
        case sharedTick(Int)
    }

    /// One who wants an answer, by some moment.
    struct Caller {
        let key: Int
        let start: Time
        let deadline: Time
        /// The version that was known to be written and invalidated when he came: he may see none before.
        let oldestAllowed: Int
        let isRefresh: Bool
        var lead: Cache.FlightLeader?
        var flight: Cache.Flight?
        var waiter: PoolMachine.WaiterID?
        var slot: PoolMachine.SlotID?
        /// With whom he shares a connection.
        var batch: Int?
        /// Whether his read may go along with others: so the first time.
        var mayShare: Bool
        /// What his query has read.
        var version: Int?
        var ends = 0
    }

    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    struct Failed: Error {}

    var random: Seeded
    var now: Time = 1_000_000_000_000
    var queue = EventQueue<Event>()
    var pool: PoolMachine
    let cache: Cache
    var connections: [PoolMachine.SlotID: ConnectionMachine] = [:]
    let limit: Int
    let callerLimit: Int
    var callers: [Int: Caller] = [:]
    var lastCaller = 0
    var waiting: [PoolMachine.WaiterID: Int] = [:]
    /// In the order of their coming; those who left have gone.
    var order: [PoolMachine.WaiterID] = []
    /// What each key's version is, and the one whose invalidation has returned.
    var versions = [Int](repeating: 1, count: keys)
    var invalidated = [Int](repeating: 1, count: keys)
    var isServerUp = true
    var serverRoom = Int.max
    var nextTick = Time.max
    var batches: [Int: Batch] = [:]
    var lastBatch = 0
    var events = 0
    var shared = 0
    var moved = 0
    var answers = 0
    var failures = 0

    init(seed: UInt64, callers: Int) {
        random = Seeded(state: seed)
        limit = 1 + random.below(4)
        callerLimit = callers
        var settings = PoolMachine.Settings()
        settings.limit = limit
        settings.idleNanoseconds = 2_000 * Self.millisecond
        settings.closingNanoseconds = 100 * Self.millisecond
        pool = PoolMachine(settings)
        cache = Cache(Cache.Configuration(maxBytes: Self.maxBytes, maxEntryBytes: nil, seed: seed))
        queue.add(.arrival, at: now)
        queue.add(.serverChanges, at: now + 300 * Self.millisecond)
    }

    /// Runs until every caller has come and gone, and then closes.
    mutating func run() throws {
        while let (time, event) = queue.next() {
            try hold(time >= now, "time goes back")
            now = time
            events += 1
            try handle(event)
            try check()
        }
        try hold(callers.isEmpty, "\(callers.count) callers have no end")
        for action in pool.close(now: now) { try perform(action) }
        cache.close(Failed())
        cache.checkInvariants()
    }

    func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw Broken(description: "after \(events) events: \(what())") }
    }

    mutating func later(_ most: Int) -> Time { now + Time(1 + random.below(most * 1000)) * (Self.millisecond / 1000) }

    // MARK: Events

    mutating func handle(_ event: Event) throws {
        switch event {
        case .arrival: try arrive()
        case .connected(let slot, let caller): try connected(slot, caller)
        case .read(let number):
            if let key = callers[number]?.key { callers[number]?.version = versions[key] }
        case .answered(let number): try answered(number)
        case .deadline(let number): try runOut(number)
        case .closed(let slot): for action in pool.ended(slot, now: now) { try perform(action) }
        case .written(let key):
            // Why in this order: an invalidation follows the write, and holds for those who come after it has returned.
            cache.invalidate(tags: [Cache.Tag("k\(key)")])
            invalidated[key] = versions[key]
        case .serverChanges:
            changeServer()
            for action in pool.tick(now: now) { try perform(action) }
        case .sharedRead(let batch): readShared(batch)
        case .sharedAnswered(let batch): try answerShared(batch)
        case .sharedTick(let batch): try tickShared(batch)
        case .tick:
            nextTick = .max
            for action in pool.tick(now: now) { try perform(action) }
            _ = cache.sweep(limit: 50, now: UInt64(now))
        }
        // Somebody has to look when the pool wants it.
        if pool.nextTick < nextTick {
            nextTick = max(pool.nextTick, now + 1)
            queue.add(.tick, at: nextTick)
        }
    }

    mutating func arrive() throws {
        let key = random.below(Self.keys)
        if random.below(10) == 0 {
            versions[key] += 1
            queue.add(.written(key), at: later(3))
        } else if random.below(40) == 0 {
            cache.invalidateAll()
        } else {
            try ask(key, isRefresh: false)
        }
        if lastCaller < callerLimit { queue.add(.arrival, at: later(random.below(20) == 0 ? 200 : 4)) }
    }

    mutating func ask(_ key: Int, isRefresh: Bool) throws {
        lastCaller += 1
        let number = lastCaller
        let patience = Time(1 + random.below(300)) * Self.millisecond
        var caller = Caller(
            key: key, start: now, deadline: now + patience, oldestAllowed: invalidated[key], isRefresh: isRefresh,
            mayShare: random.below(4) > 0)
        let windows = [(1, 0), (1, 2), (0, 5), (3, 3)][random.below(4)]
        guard let outcome = lookup(key, windows, isRefresh) else { return }
        switch outcome {
        case .hit(let hit):
            callers[number] = caller
            try end(number, with: hit)
            if hit.mustRefresh { try ask(key, isRefresh: true) }
            return
        case .join(let flight):
            caller.flight = flight
            callers[number] = caller
        case .lead(let lead):
            caller.lead = lead
            callers[number] = caller
            try take(pool.lease(now: now, shares: caller.mayShare), for: number)
        }
        if callers[number] != nil { queue.add(.deadline(number), at: caller.deadline) }
    }

    /// Nil for a refresh that is not wanted any more.
    func lookup(_ key: Int, _ windows: (ttl: Int, swr: Int), _ isRefresh: Bool) -> Cache.Outcome? {
        let name = Array("key \(key)".utf8)
        let text = Array("key \(key) \(windows)".utf8)
        return name.withUnsafeBytes { name in
            text.withUnsafeBytes { text in
                if !isRefresh, let hit = cache.hit(text: text, now: UInt64(now)) { return .hit(hit) }
                let read = Cache.Read(
                    key: name, text: text, strategy: Cache.Strategy(ttl: windows.ttl, swr: windows.swr, tags: [Cache.Tag("k\(key)")]))
                return isRefresh ? cache.refresh(read, now: UInt64(now)).map { .lead($0) } : cache.lookup(read, now: UInt64(now))
            }
        }
    }

    // MARK: Ends

    mutating func answered(_ number: Int) throws {
        guard var caller = callers[number], let slot = caller.slot else { return }
        caller.slot = nil
        callers[number] = caller
        guard isServerUp, random.below(40) > 0, let version = caller.version, let lead = caller.lead else {
            connections[slot]?.lose()
            try fail(number)
            return try release(slot)
        }
        connections[slot]?.finish(.idle)
        let hit = lead.complete(Self.answer(version, padding: random.below(2_000)), now: UInt64(now))
        try end(number, with: hit)
        try arriveAll()
        try release(slot)
    }

    /// A caller's time is over: what he runs is cancelled, and its connection closed.
    mutating func runOut(_ number: Int) throws {
        guard let caller = callers[number] else { return }
        try hold(now == caller.deadline, "late")
        if let waiter = caller.waiter {
            let wasWaiting = pool.abandon(waiter)
            try hold(wasWaiting, "one who waited has been granted something")
            order.removeAll { $0 == waiter }
            waiting[waiter] = nil
        }
        if let batch = caller.batch { return try leaveShared(batch, number) }
        let isLeased = caller.slot.map { pool.slots[$0] == .leased } ?? false
        try fail(number)
        if let slot = caller.slot, isLeased { try release(slot) }
    }

    mutating func fail(_ number: Int) throws {
        guard let caller = callers.removeValue(forKey: number) else { return }
        try hold(now <= caller.deadline, "a failure came too late")
        failures += 1
        if let lead = caller.lead {
            lead.fail(Failed(), now: UInt64(now))
            try arriveAll()
        } else if let flight = caller.flight {
            guard case .timedOut = flight.wait(until: 0) else { throw Broken(description: "one who followed was not told of the end") }
        }
    }

    /// Those who follow a flight that has ended hear of it at once.
    mutating func arriveAll() throws {
        for (number, caller) in callers.sorted(by: { $0.key < $1.key }) {
            guard let flight = caller.flight else { continue }
            // Why: a wait that finds nothing leaves the flight, and he stays.
            flight.following.add(1, ordering: .relaxed)
            switch flight.wait(until: 0) {
            case .answer(let hit): try end(number, with: hit)
            case .failure:
                callers[number] = nil
                failures += 1
            case .timedOut: break
            }
        }
    }

    mutating func end(_ number: Int, with hit: Cache.Hit) throws {
        guard let caller = callers.removeValue(forKey: number) else { throw Broken(description: "one caller has two ends") }
        let text = String(decoding: hit.pin.data, as: UTF8.self)
        hit.pin.release()
        let version = text.split(separator: " ").first.flatMap { Int($0) } ?? 0
        try hold(now <= caller.deadline, "an answer came too late")
        try hold(version >= caller.oldestAllowed, "version \(version) of key \(caller.key) after \(caller.oldestAllowed) was invalidated")
        try hold(version <= versions[caller.key], "a version that was never written")
        answers += 1
    }

    static func answer(_ version: Int, padding: Int) -> Cache.Answer {
        let bytes = Array("\(version) ".utf8) + [UInt8](repeating: 120, count: padding)
        // Both are there: memory for 2 KB, and an answer is no longer than 4 GiB.
        let block = malloc(bytes.count + 1)!
        memcpy(block, bytes, bytes.count)
        block.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        return Cache.Answer(bytes: block, size: bytes.count, lastModified: 0, signature: Cache.Signature(high: 1, low: UInt64(version)))!
    }

    // MARK: What always holds

    func check() throws {
        try hold(pool.slots.count <= limit, "more connections than the limit")
        try hold(pool.waiters.count == order.count, "\(pool.waiters.count) wait, \(order.count) ought to")
        let held = callers.values.filter { caller in caller.slot.map { pool.slots[$0] == .leased } ?? false }.count
        let leased = pool.slots.values.filter { $0 == .leased }.count
        try hold(held + batches.count == leased, "\(leased) are leased, \(held) are held by one, \(batches.count) by several")
        for batch in batches.values { try hold(now <= batch.machine.nextTick, "somebody waits for a neighbour for too long") }
        let statistics = cache.statistics()
        try hold(statistics.bytes <= statistics.maxBytes, "the cache holds too much")
    }
}
