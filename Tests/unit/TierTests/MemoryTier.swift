import Concurrency

@testable import Tier

/// A tier in memory that does what the scripts do in Redis, and all that may go wrong with one.
final class MemoryServer: @unchecked Sendable {  // Why unchecked: all of it is touched under the lock.
    struct Contents {
        struct Kept {
            var value: [UInt8]
            var versions: TagVersions
        }
        struct Held {
            var token: [UInt8]
            var versions: [UInt8]
            var until: Int64
        }
        struct Name: Hashable {
            var name: [UInt8]
            var epoch: ServerEpoch

            var key: [UInt8] { name + withUnsafeBytes(of: epoch.number) { Array($0) } }
        }

        var entries: [Name: Kept] = [:]
        var leases: [Name: Held] = [:]
        /// By tag; 0 is everything.
        var versions: [UInt64: [UInt8]] = [:]
    }

    private let lock = Lock(())
    let form: EntryForm
    /// What its sessions and subscriptions call it.
    let number: UInt64
    private var contents = Contents()
    private(set) var epoch = ServerEpoch(1)
    /// Microseconds.
    var time: Int64 = 1_000_000_000
    /// What is thrown in the place of an answer.
    var fault: TierFault?
    private var lastToken: UInt64 = 0
    private(set) var published: [TierNotice] = []

    init(_ form: EntryForm = EntryForm(), number: UInt64 = 1) { (self.form, self.number) = (form, number) }

    func withContents<Result>(_ body: (inout Contents) throws(TierFault) -> Result) throws(TierFault) -> Result {
        try lock.withLock { _ throws(TierFault) in try body(&contents) }
    }

    /// A copy, as a replica or a file has it.
    var copy: Contents { lock.withLock { _ in contents } }

    /// Another server goes on with what it has, whose clock may be ahead or behind.
    func fail(over contents: Contents, aheadMicroseconds: Int64 = 0) {
        lock.withLock { _ in
            self.contents = contents
            epoch = ServerEpoch(epoch.number + 1)
            time += aheadMicroseconds
        }
    }

    var reading: ClockReading { lock.withLock { _ in ClockReading(microseconds: time, epoch: epoch) } }

    /// All is lost, and those who are connected notice nothing.
    func flush() { lock.withLock { _ in contents = Contents() } }

    func evict(version tag: UInt64) { lock.withLock { _ in _ = contents.versions.removeValue(forKey: tag) } }

    func evictEntries() { lock.withLock { _ in contents.entries = [:] } }

    func token() -> [UInt8] {
        lock.withLock { _ in
            lastToken += 1
            return [UInt8](repeating: 0, count: 8) + withUnsafeBytes(of: lastToken) { Array($0) }
        }
    }

    func publish(_ notice: TierNotice) { lock.withLock { _ in published.append(notice) } }

    func takePublished() -> [TierNotice] {
        lock.withLock { _ in
            defer { published = [] }
            return published
        }
    }
}

final class MemoryTier: TierStore {
    let server: MemoryServer
    init(_ server: MemoryServer) { self.server = server }

    func connect(until deadline: Deadline) throws(TierFault) -> any TierSession {
        if let fault = server.fault { throw fault }
        return MemorySession(server)
    }

    func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription { throw .failed("it has none") }
}

final class MemorySession: TierSession, @unchecked Sendable {  // Why unchecked: one thread uses it.
    let epoch: ServerEpoch
    private let memory: MemoryServer
    var server: UInt64 { memory.number }

    init(_ server: MemoryServer) {
        memory = server
        epoch = server.epoch
    }

    func close() {}
    func interrupt() {}

    private func check() throws(TierFault) {
        if let fault = memory.fault { throw fault }
    }

    func fetch(_ request: FetchRequest, until deadline: Deadline) throws(TierFault) -> FetchResult {
        try check()
        let token = memory.token()
        let (epoch, time) = (epoch, memory.time)
        return try memory.withContents { (contents) throws(TierFault) in
            let name = MemoryServer.Contents.Name(name: memory.form.name(request.name), epoch: epoch)
            var bytes: [UInt8] = []
            for tag in [0] + request.tags {
                let version = contents.versions[tag] ?? token
                contents.versions[tag] = version
                bytes += version
            }
            guard let versions = TagVersions(bytes, tags: request.tags.count) else { throw .failed("versions") }
            var entry: TierEntry?
            if let kept = contents.entries[name], kept.versions == versions {
                entry = kept.value.withUnsafeBytes { memory.form.entry($0, versions, at: name.key, limit: .max) }
            }
            if let found = entry, found.readAt < request.usefulSince { entry = nil }
            if let entry, entry.readAt >= request.freshSince { return FetchResult(entry: entry, isFresh: true) }
            if let entry, request.purpose == .read { return FetchResult(entry: entry) }
            if let lease = contents.leases[name], lease.versions == bytes, lease.until > time { return FetchResult(entry: entry) }
            contents.leases[name] = .init(token: token, versions: bytes, until: time + Int64(request.leaseMilliseconds) * 1000)
            let lease = TierLease(name: name.name, tags: request.tags, versions: versions, epoch: epoch, token: token)
            return FetchResult(entry: entry, lease: lease)
        }
    }

    func store(_ entry: TierEntry, _ lease: TierLease, lifeMilliseconds: Int, until deadline: Deadline) throws(TierFault) -> Bool {
        try check()
        return try memory.withContents { (contents) throws(TierFault) in
            let name = MemoryServer.Contents.Name(name: lease.name, epoch: lease.epoch)
            if contents.leases[name]?.token == lease.token { contents.leases[name] = nil }
            let current = ([0] + lease.tags).flatMap { contents.versions[$0] ?? [] }
            guard current == lease.versions.bytes else { return false }
            contents.entries[name] = .init(value: memory.form.encoded(entry, lease.versions, at: name.key), versions: lease.versions)
            return true
        }
    }

    func release(_ lease: TierLease, until deadline: Deadline) throws(TierFault) {
        try check()
        try memory.withContents { (contents) throws(TierFault) in
            let name = MemoryServer.Contents.Name(name: lease.name, epoch: lease.epoch)
            if contents.leases[name]?.token == lease.token { contents.leases[name] = nil }
        }
    }

    func invalidate(_ change: TierChange, from origin: UInt64, until deadline: Deadline) throws(TierFault) {
        try check()
        try memory.withContents { (contents) throws(TierFault) in
            switch change {
            case .everything: contents.versions[0] = nil
            case .tags(let tags): for tag in tags { contents.versions[tag] = nil }
            }
        }
        memory.publish(TierNotice(origin: origin, change: change))
    }

    func readVersions(of tags: [UInt64], until deadline: Deadline) throws(TierFault) -> [[UInt8]?] {
        try check()
        return try memory.withContents { (contents) throws(TierFault) in ([0] + tags).map { contents.versions[$0] } }
    }

    func publish(_ notice: TierNotice, until deadline: Deadline) throws(TierFault) {
        try check()
        memory.publish(notice)
    }

    func readClock(until deadline: Deadline) throws(TierFault) -> ClockReading {
        try check()
        return memory.reading
    }
}

/// Hears nothing, until it is interrupted.
final class MemorySubscription: TierSubscription {
    let epoch: ServerEpoch
    let server: UInt64
    private let isInterrupted = Lock(false)
    private let ending = EventCount()

    init(_ server: MemoryServer) { (epoch, self.server) = (server.reading.epoch, server.number) }

    func next(until deadline: Deadline) throws(TierFault) -> TierNotice? {
        let seen = ending.count
        if !isInterrupted.withLock({ $0 }) { ending.wait(after: seen, until: deadline) }
        if isInterrupted.withLock({ $0 }) { throw .failed("it was interrupted") }
        return nil
    }

    func interrupt() {
        isInterrupted.withLock { $0 = true }
        ending.signal()
    }

    func close() {}
}
