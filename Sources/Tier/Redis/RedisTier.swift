package import Concurrency

/// A Redis or Valkey as second tier. Any thread may connect; each connection is used by one thread at a time.
package final class RedisTier: TierStore {
    let library: EngineLibrary
    let address: RedisAddress
    let keys: RedisKeys
    /// Bytes of the largest entry.
    let entryLimit: Int
    let form: EntryForm
    /// Nil where the address names servers.
    private let sentinels: RedisSentinels?
    private let hosts: RedisHosts

    package init(_ library: EngineLibrary, _ address: RedisAddress, prefix: String, entryLimit: Int, form: EntryForm = EntryForm()) {
        self.library = library
        self.address = address
        keys = RedisKeys(prefix: prefix)
        self.entryLimit = entryLimit
        self.form = form
        sentinels = address.master.map { RedisSentinels(library, address, master: $0) }
        hosts = RedisHosts(library, address, era: keys.era)
    }

    /// Bytes of a reply with the largest entry, its versions and the framing.
    private var replyLimit: Int { entryLimit + TierEntry.overhead(tags: 1024) * 2 + 65_536 }

    package func connect(until deadline: Deadline) throws(TierFault) -> any TierSession {
        try overHosts(until: deadline, isSession: true) { (host, deadline) throws(TierFault) in
            let connection = try EngineConnection(library, address, host: host, replyLimit: replyLimit, until: deadline)
            let session = try RedisSession(connection, self, until: deadline)
            return (session, history: session.history)
        }
    }

    package func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription {
        try overHosts(until: deadline, isSession: false) { (host, deadline) throws(TierFault) in
            let connection = try EngineConnection(library, address, host: host, replyLimit: replyLimit, until: deadline)
            let subscription = try RedisSubscription(connection, self, until: deadline)
            return (subscription, history: subscription.history)
        }
    }

    /// Connects to the primary.
    private func overHosts<Made>(
        until deadline: Deadline, isSession: Bool, _ make: (RedisAddress.Host?, Deadline) throws(TierFault) -> (Made, history: [UInt8])
    ) throws(TierFault) -> Made {
        if address.hosts.isEmpty { return try make(nil, deadline).0 }
        if let sentinels { return try sentinels.connect(until: deadline, isSession: isSession, make).0 }
        return try hosts.connect(until: deadline, isSession: isSession, make)
    }

    package var canMove: Bool { address.hosts.count > 1 || sentinels != nil }

    package func hasMoved(until deadline: Deadline) -> Bool {
        sentinels?.nameAnotherPrimary(until: deadline) ?? hosts.nameAnotherPrimary(until: deadline)
    }

    package func interruptMoves() {
        sentinels?.interrupt()
        hosts.interrupt()
    }

    /// Authenticates and selects the database.
    static func introduce(_ connection: EngineConnection, _ address: RedisAddress, until deadline: Deadline) throws(TierFault) {
        var count = 0
        if let password = address.password {
            if let user = address.user { try connection.add("AUTH", user, password) } else { try connection.add("AUTH", password) }
            count += 1
        }
        if address.database != 0 {
            try connection.add("SELECT", String(address.database))
            count += 1
        }
        for _ in 0..<count { try RedisTier.check(try connection.receive(until: deadline)) }
        try connection.add("CLIENT", "SETNAME", "accelerant")
        // Why not checked: a server may not allow it, and nothing depends on it.
        _ = try connection.receive(until: deadline)
    }

    /// Throws the server's refusal. Its own words stay here, because they may quote what was sent.
    static func check(_ reply: RedisReply) throws(TierFault) {
        if let refusal = reply.refusal { throw RedisRefusal(refusal).fault }
    }
}
