import Concurrency

@testable import Tier

/// Several processes, a database, and a tier that is flushed, evicted and failed over, with messages that are late, lost and doubled.
/// One step at a time, in an order that a seed decides.
struct SimulatedFleet {
    /// What a wrong protocol would do. Each has to be found.
    enum Mistake: CaseIterable {
        case versionsAfterQuery, ownCacheFirst, noFence, trustsWhilePending, storesInAnyEpoch, sameEpochAfterFailover, keepsAfterSilence
        case snapshotWithoutEcho, snapshotWithinOwnChange, snapshotOfAnyEpoch, snapshotWithoutVersions
    }

    /// A read that has begun: what it has learned by now.
    struct Reading {
        var key: Int
        /// Of the own cache, before anything else.
        var ownVersion: Int
        var lease: TierLease?
        var value: Int?
        /// What had been acknowledged when it began.
        var acknowledged: Int
    }

    struct Process {
        var session: MemorySession
        var cache: [Int: (value: Int, version: Int)] = [:]
        /// As in `Invalidations`: a number, and for each key the last that hit it.
        var version = 1
        var invalidated: [Int: Int] = [:]
        var all = 0
        var pending = PendingInvalidations()
        var readings: [Reading] = []
        /// Writes whose invalidation has not begun: their keys and values.
        var writes: [(key: Int, value: Int, isDropped: Bool)] = []
        /// An invalidation between its two effects.
        var halfDone: [(key: Int, value: Int, isConfirmed: Bool)] = []
        /// What pending invalidations will acknowledge.
        var unacknowledged: [(key: Int, value: Int)] = []
        var inbox: [TierNotice] = []
        var isListening = true
        /// Of a snapshot that is being made: the versions of the keys' tags, and that of everything, before all messages have come.
        var versions: (epoch: ServerEpoch, all: [[UInt8]?])?
        var snapshot: Snapshot?
        /// What it has heard: no hit shows less.
        var heard: [Int: Int] = [:]
    }

    /// What a process has in its file.
    struct Snapshot {
        var epoch: ServerEpoch
        var versions: [[UInt8]?]
        var values: [Int: Int]
    }

    private var random: SeededRandom
    let mistake: Mistake?
    let server = MemoryServer()
    var processes: [Process] = []
    private var database = [Int](repeating: 0, count: SimulatedFleet.keys)
    var acknowledged = [Int](repeating: 0, count: SimulatedFleet.keys)
    private var replica: MemoryServer.Contents
    /// The value that an invalidation of a process stands for, by its notice.
    private var meanings: [UInt64: (key: Int, value: Int)] = [:]
    private var lastOrigin: UInt64 = 100
    var failure: String?
    private(set) var answersOfTier = 0
    var answersOfSnapshots = 0

    static let keys = 3

    init(seed: UInt64, mistake: Mistake? = nil) {
        random = SeededRandom(seed)
        self.mistake = mistake
        replica = server.copy
        for _ in 0..<3 { processes.append(Process(session: MemorySession(server))) }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps where failure == nil { step() }
    }

    private func name(_ key: Int) -> [UInt8] { [UInt8](repeating: UInt8(key), count: 32) }
    func tag(_ key: Int) -> UInt64 { UInt64(key + 1) }

    private mutating func step() {
        let process = random.below(processes.count)
        switch random.below(100) {
        case 0..<26: beginRead(process)
        case 26..<52: continueRead(process)
        case 52..<60: if processes[process].versions == nil { beginSnapshot(process) } else { finishSnapshot(process) }
        case 60..<68: write(process)
        case 68..<76: invalidate(process)
        case 76..<82: finishInvalidation(process)
        case 82..<86: retry(process)
        case 86..<92: hear(process)
        case 92: reconnect(process)
        case 93: restart(process)
        case 94: replica = server.copy
        case 95: failOver()
        case 96: server.flush()
        case 97: server.evict(version: random.below(2) == 0 ? 0 : tag(random.below(SimulatedFleet.keys)))
        case 98: cutOff(process)
        default: server.time += Int64(random.below(2_000_000))
        }
    }

    // MARK: Reading

    func isFenced(_ process: Process, _ key: Int, since version: Int) -> Bool {
        max(process.all, process.invalidated[key] ?? 0) > version
    }

    private mutating func beginRead(_ number: Int) {
        let key = random.below(SimulatedFleet.keys)
        let process = processes[number]
        if let kept = process.cache[key], !isFenced(process, key, since: kept.version) {
            // Why not `acknowledged`: what is on its way to a process is seen when it has come.
            if process.isListening, kept.value < process.heard[key] ?? 0 { failure = "an own hit is older than what was heard" }
            return
        }
        var reading = Reading(key: key, ownVersion: process.version, acknowledged: acknowledged[key])
        if !process.pending.concern([tag(key)]) || mistake == .trustsWhilePending {
            let request = FetchRequest(
                name: name(key), tags: [tag(key)], purpose: .read, freshSince: 0, usefulSince: 0, leaseMilliseconds: 1000)
            guard let result = try? process.session.fetch(request, until: .never) else { return reconnect(number) }
            if let entry = result.entry {
                reading.value = Int(entry.lastModified)
                answersOfTier += 1
                if Int(entry.lastModified) < reading.acknowledged { failure = "the tier gave an answer from before an acknowledged invalidation" }
            } else if result.lease == nil {
                return
            }
            reading.lease = result.lease
        }
        processes[number].readings.append(reading)
    }

    private mutating func continueRead(_ number: Int) {
        guard !processes[number].readings.isEmpty else { return }
        let place = random.below(processes[number].readings.count)
        var reading = processes[number].readings[place]
        if reading.value == nil {
            reading.value = database[reading.key]
            processes[number].readings[place] = reading
            return
        }
        processes[number].readings.remove(at: place)
        guard let value = reading.value else { return }
        if let lease = reading.lease { store(value, lease, number) }
        let isFenced = isFenced(processes[number], reading.key, since: reading.ownVersion)
        if !isFenced || mistake == .noFence {
            processes[number].cache[reading.key] = (value, isFenced ? processes[number].version : reading.ownVersion)
        }
    }

    private mutating func store(_ value: Int, _ lease: TierLease, _ number: Int) {
        var lease = lease
        let session = processes[number].session
        if mistake == .versionsAfterQuery {
            let request = FetchRequest(
                name: [UInt8](repeating: 99, count: 32), tags: lease.tags, purpose: .read, freshSince: 0, usefulSince: 0, leaseMilliseconds: 0)
            if let later = (try? session.fetch(request, until: .never))?.lease {
                lease = TierLease(name: lease.name, tags: lease.tags, versions: later.versions, epoch: lease.epoch, token: lease.token)
            }
        }
        if session.epoch != lease.epoch {
            guard mistake == .storesInAnyEpoch else { return }
            lease = TierLease(name: lease.name, tags: lease.tags, versions: lease.versions, epoch: session.epoch, token: lease.token)
        }
        let payload = TierEntry.Payload(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        _ = try? session.store(
            TierEntry(kind: .answer, readAt: 1, lastModified: Int64(value), payload: payload), lease, lifeMilliseconds: 1000, until: .never)
    }

    // MARK: Writing

    private mutating func write(_ number: Int) {
        let key = random.below(SimulatedFleet.keys)
        database[key] += 1
        processes[number].writes.append((key, database[key], false))
    }

    private mutating func invalidate(_ number: Int) {
        guard let write = processes[number].writes.popLast() else { return }
        if mistake == .ownCacheFirst, !write.isDropped {
            drop(number, write.key, write.value)
            return processes[number].writes.append((write.key, write.value, true))
        }
        lastOrigin += 1
        meanings[lastOrigin] = (write.key, write.value)
        // A call whose reply is lost has had its effect, or not.
        let fate = random.below(4)
        if fate > 0 { try? processes[number].session.invalidate(.tags([tag(write.key)]), from: lastOrigin, until: .never) }
        distribute(from: number)
        let isConfirmed = fate > 1
        if !isConfirmed {
            processes[number].pending.add(.tags([tag(write.key)]))
            processes[number].unacknowledged.append((write.key, write.value))
        }
        processes[number].halfDone.append((write.key, write.value, isConfirmed))
    }

    private mutating func finishInvalidation(_ number: Int) {
        guard let half = processes[number].halfDone.popLast() else { return }
        if mistake != .ownCacheFirst { drop(number, half.key, half.value) }
        if half.isConfirmed { acknowledge(half.key, half.value) }
    }

    private mutating func acknowledge(_ key: Int, _ value: Int) { acknowledged[key] = max(acknowledged[key], value) }

    private mutating func drop(_ number: Int, _ key: Int, _ value: Int) {
        processes[number].version += 1
        processes[number].invalidated[key] = processes[number].version
        processes[number].heard[key] = max(processes[number].heard[key] ?? 0, value)
    }

    private mutating func retry(_ number: Int) {
        guard let batch = processes[number].pending.batch else { return }
        guard (try? processes[number].session.invalidate(batch.change, from: 1, until: .never)) != nil else { return }
        distribute(from: number)
        processes[number].pending.confirm(batch.number)
        guard processes[number].pending.isEmpty else { return }
        for write in processes[number].unacknowledged { acknowledge(write.key, write.value) }
        processes[number].unacknowledged = []
    }

    // MARK: Messages

    private mutating func distribute(from sender: Int) {
        for notice in server.takePublished() {
            for number in processes.indices where number != sender && processes[number].isListening {
                processes[number].inbox.append(notice)
                if random.below(8) == 0 { processes[number].inbox.append(notice) }
            }
        }
    }

    mutating func hear(_ number: Int) {
        guard !processes[number].inbox.isEmpty else { return }
        let notice = processes[number].inbox.removeFirst()
        switch notice.change {
        case .everything: dropAll(number)
        case .tags(let tags):
            for tag in tags { drop(number, Int(tag) - 1, notice.origin > 100 ? meanings[notice.origin]?.value ?? 0 : 0) }
        }
    }

    private mutating func dropAll(_ number: Int) {
        processes[number].version += 1
        processes[number].all = processes[number].version
    }

    /// What was on its way is lost.
    private mutating func cutOff(_ number: Int) {
        processes[number].isListening = false
        processes[number].inbox = []
    }

    private mutating func reconnect(_ number: Int) {
        processes[number].session = MemorySession(server)
        if !processes[number].isListening {
            processes[number].isListening = true
            for key in 0..<SimulatedFleet.keys { processes[number].heard[key] = acknowledged[key] }
            if mistake != .keepsAfterSilence { dropAll(number) }
        }
    }

    private mutating func failOver() {
        let sessions = processes.map(\.session)
        if mistake == .sameEpochAfterFailover { server.restore(replica) } else { server.fail(over: replica) }
        if random.below(2) == 0 { replica = server.copy }
        // Why all: a connection leads to one server.
        for number in processes.indices where sessions[number] === processes[number].session {
            processes[number].session = MemorySession(server)
            cutOff(number)
        }
    }
}

extension MemoryServer {
    /// What it had before, as if it were still the same.
    func restore(_ contents: Contents) { _ = try? withContents { (now) throws(TierFault) in now = contents } }
}

struct SeededRandom {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
