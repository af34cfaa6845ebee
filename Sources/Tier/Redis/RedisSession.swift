import Concurrency

/// One connection to Redis. It can only be closed after a fault.
final class RedisSession: TierSession, @unchecked Sendable {  // Why unchecked: one thread at a time uses it.
    let epoch: ServerEpoch
    let server: UInt64
    /// What the server calls its history as a primary.
    let history: [UInt8]
    private let connection: EngineConnection
    private let keys: RedisKeys
    private let entryLimit: Int
    private let form: EntryForm
    /// The server's name of the run that this is connected to.
    private let run: [UInt8]
    private let scripts: Scripts

    private struct Scripts {
        var fetch: [UInt8] = []
        var store: [UInt8] = []
        var release: [UInt8] = []
        var clock: [UInt8] = []
        var invalidate: [UInt8] = []
    }

    /// Least life of a tag's version if no answer with the tag is stored: a day. A forgotten version counts as invalidated.
    private static let versionMilliseconds = 86_400_000

    init(_ connection: EngineConnection, _ tier: RedisTier, until deadline: Deadline) throws(TierFault) {
        try RedisTier.introduce(connection, tier.address, until: deadline)
        try connection.add("INFO", "server")
        try connection.add("INFO", "replication")
        var scripts = Scripts()
        let texts: [(WritableKeyPath<Scripts, [UInt8]>, String)] = [
            (\.fetch, RedisScripts.fetch), (\.store, RedisScripts.store), (\.release, RedisScripts.release), (\.clock, RedisScripts.clock),
            (\.invalidate, RedisScripts.invalidate),
        ]
        for (_, text) in texts { try connection.add("SCRIPT", "LOAD", text) }
        let run = try RedisSession.information(connection, until: deadline).run()
        history = try RedisSession.information(connection, until: deadline).replicationID()
        for (path, _) in texts {
            let reply = try connection.receive(until: deadline)
            try RedisTier.check(reply)
            guard let digest = reply.text else { throw .failed("the server gave no digest of a script") }
            scripts[keyPath: path] = Array(digest)
        }
        self.run = run
        server = RedisSession.server(run)
        self.connection = connection
        self.scripts = scripts
        keys = tier.keys
        entryLimit = tier.entryLimit
        form = tier.form
        try RedisSession.askClock(connection, tier.keys, scripts.clock)
        epoch = try RedisSession.receiveClock(connection, run, history, until: deadline).epoch
    }

    func close() { connection.close() }

    func interrupt() { connection.interrupt() }

    // MARK: Reading and storing

    func fetch(_ request: FetchRequest, until deadline: Deadline) throws(TierFault) -> FetchResult {
        if let result = try fetch(request, disregardsEntry: false, until: deadline) { return result }
        // Why again: a damaged entry would be found until it expires.
        return try fetch(request, disregardsEntry: true, until: deadline) ?? FetchResult()
    }

    /// Returns nil if the entry cannot be decoded.
    private func fetch(_ request: FetchRequest, disregardsEntry: Bool, until deadline: Deadline) throws(TierFault) -> FetchResult? {
        let token = RedisSession.randomToken()
        let name = form.name(request.name)
        try evaluate(
            scripts.fetch, keys.all(name, epoch, tags: request.tags),
            [
                token, RedisSession.number(RedisSession.versionMilliseconds), RedisSession.number(request.leaseMilliseconds),
                TierEntry.digits(request.freshSince), TierEntry.digits(request.usefulSince),
                Array((request.purpose == .read ? "read" : "refresh").utf8), [disregardsEntry ? 0x31 : 0x30],
                RedisSession.number(entryLimit + TierEntry.overhead(tags: request.tags.count)),
            ])
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        guard let members = reply.members, members.count == 3, case .number(let state) = members[0], let words = members[1].text else {
            throw .failed("the server answered in another form")
        }
        if state == 3 {
            // Why no lease: a process that allows larger answers keeps the entry.
            if words.elementsEqual("LARGE".utf8) { return FetchResult(isFull: true) }
            let refusal = RedisRefusal(String(decoding: words, as: UTF8.self))
            // Why no fault: a full server's contents are valid, and it can delete.
            if refusal.isOutOfMemory { return FetchResult(isFull: true) }
            throw refusal.fault
        }
        guard let versions = TagVersions(Array(words), tags: request.tags.count) else { throw .failed("the server answered in another form") }
        var result = FetchResult(isFresh: state == 1)
        if state == 2 { result.lease = TierLease(name: name, tags: request.tags, versions: versions, epoch: epoch, token: token) }
        if let value = members[2].text {
            let entry = form.entry(value, versions, at: keys.entry(name, epoch), limit: entryLimit)
            // Why the time again: who answers may be no Redis that does what the script says.
            result.entry = entry.flatMap { $0.readAt >= (result.isFresh ? request.freshSince : request.usefulSince) ? $0 : nil }
            if result.entry == nil, !disregardsEntry {
                guard let lease = result.lease else { return nil }
                try release(lease, until: deadline)
                return nil
            }
        }
        return result
    }

    func store(_ entry: TierEntry, _ lease: TierLease, lifeMilliseconds: Int, until deadline: Deadline) throws(TierFault) -> Bool {
        let value = form.encoded(entry, lease.versions, at: keys.entry(lease.name, lease.epoch))
        try evaluate(
            scripts.store, keys.all(lease.name, lease.epoch, tags: lease.tags),
            [
                lease.token, RedisSession.number(max(RedisSession.versionMilliseconds, 2 * lifeMilliseconds)),
                RedisSession.number(max(lifeMilliseconds, 1)), lease.versions.bytes, value,
            ])
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        return reply.number == 1
    }

    func release(_ lease: TierLease, until deadline: Deadline) throws(TierFault) {
        try evaluate(scripts.release, [keys.lease(lease.name, lease.epoch)], [lease.token])
        try RedisTier.check(try connection.receive(until: deadline))
    }

    // MARK: Invalidating

    func invalidate(_ change: TierChange, from origin: UInt64, until deadline: Deadline) throws(TierFault) {
        let versions: [[UInt8]]
        switch change {
        case .everything: versions = [keys.everything]
        case .tags(let tags): versions = tags.map(keys.version)
        }
        try evaluate(scripts.invalidate, versions, [keys.channel, RedisNotice.text(TierNotice(origin: origin, change: change))])
        try receiveNumber(until: deadline)
    }

    func publish(_ notice: TierNotice, until deadline: Deadline) throws(TierFault) {
        try connection.add([Array("PUBLISH".utf8), keys.channel, RedisNotice.text(notice)])
        try receiveNumber(until: deadline)
    }

    private func receiveNumber(until deadline: Deadline) throws(TierFault) {
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        guard reply.number != nil else { throw .failed("the server answered in another form") }
    }

    func readVersions(of tags: [UInt64], until deadline: Deadline) throws(TierFault) -> [[UInt8]?] {
        try connection.add([Array("MGET".utf8), keys.everything] + tags.map(keys.version))
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        guard let members = reply.members, members.count == tags.count + 1 else { throw .failed("the server answered in another form") }
        return members.map { $0.text.map { Array($0) } }
    }

    // MARK: The server

    /// Takes one round trip.
    func readClock(until deadline: Deadline) throws(TierFault) -> ClockReading {
        try connection.add("INFO", "replication")
        // Why: Redis before 7 refuses it without enough replicas (`min-replicas-to-write`), and does not refuse what a script writes.
        try connection.add([Array("DEL".utf8), keys.nothing])
        try RedisSession.askClock(connection, keys, scripts.clock)
        let replication = try RedisSession.information(connection, until: deadline).replicationID()
        try RedisTier.check(try connection.receive(until: deadline))
        return try RedisSession.receiveClock(connection, run, replication, until: deadline)
    }

    private static func askClock(_ connection: EngineConnection, _ keys: RedisKeys, _ script: [UInt8]) throws(TierFault) {
        try connection.add([Array("EVALSHA".utf8), script, number(2), keys.clock, keys.era, randomToken()])
    }

    private static func receiveClock(
        _ connection: EngineConnection, _ run: [UInt8], _ replication: [UInt8], until deadline: Deadline
    ) throws(TierFault) -> ClockReading {
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        guard let members = reply.members, members.count == 3, let time = members[0].text.flatMap({ TierEntry.time($0) }), let era = members[1].text,
            let words = members[2].text
        else { throw .failed("the server answered in another form") }
        let refusal = RedisRefusal(String(decoding: words, as: UTF8.self))
        // Why memory is no reason: the server can still delete. Why the others are: a server without writes takes no invalidations.
        if !words.isEmpty, !refusal.isOutOfMemory || era.isEmpty { throw refusal.fault }
        let name = run + replication + Array(era)
        return ClockReading(microseconds: time, epoch: ServerEpoch(name.withUnsafeBytes { Checksum.of($0) }))
    }

    private func evaluate(_ script: [UInt8], _ keys: [[UInt8]], _ arguments: [[UInt8]]) throws(TierFault) {
        try connection.add([Array("EVALSHA".utf8), script, RedisSession.number(keys.count)] + keys + arguments)
    }

    static func server(_ run: [UInt8]) -> UInt64 { run.withUnsafeBytes { Checksum.of($0) } }

    static func information(_ connection: EngineConnection, until deadline: Deadline) throws(TierFault) -> ServerInformation {
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        guard let text = reply.text else { throw .failed("the server answered in another form") }
        return ServerInformation(text)
    }

    private static func number(_ number: Int) -> [UInt8] { Array(String(number).utf8) }

    private static func randomToken() -> [UInt8] {
        var token: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: UInt64.random(in: .min ... .max)) { token += $0 } }
        return token
    }
}

/// The answer to INFO: `name:value` in lines.
struct ServerInformation {
    private let lines: [[UInt8]]

    init(_ text: UnsafeRawBufferPointer) {
        lines = text.split { $0 == 0x0A || $0 == 0x0D }.map { Array($0) }
    }

    func value(of name: String) -> [UInt8]? {
        let start = Array(name.utf8) + [0x3A]
        return lines.first { $0.starts(with: start) }.map { Array($0.dropFirst(start.count)) }
    }

    /// The server's name of its run.
    func run() throws(TierFault) -> [UInt8] {
        guard let run = value(of: "run_id") else { throw .refused("the server is none that this works with: it does not name its run") }
        return run
    }

    var isPrimary: Bool { value(of: "role")?.elementsEqual("master".utf8) ?? false }

    /// Returns the server's name as a primary, which changes when it becomes one. Throws if it is a replica.
    func replicationID() throws(TierFault) -> [UInt8] {
        guard isPrimary else { throw .failed("the server is a replica") }
        return value(of: "master_replid") ?? []
    }
}
