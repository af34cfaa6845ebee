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

    package init(_ library: EngineLibrary, _ address: RedisAddress, prefix: String, entryLimit: Int, form: EntryForm = EntryForm()) {
        self.library = library
        self.address = address
        keys = RedisKeys(prefix: prefix)
        self.entryLimit = entryLimit
        self.form = form
        sentinels = address.master.map { RedisSentinels(library, address, master: $0) }
    }

    /// Bytes of a reply with the largest entry, its versions and the framing.
    private var replyLimit: Int { entryLimit + TierEntry.overhead(tags: 1024) * 2 + 65_536 }

    package func connect(until deadline: Deadline) throws(TierFault) -> any TierSession {
        try overHosts(until: deadline, isSession: true) { (host, deadline) throws(TierFault) in
            let connection = try EngineConnection(library, address, host: host, replyLimit: replyLimit, until: deadline)
            return try RedisSession(connection, self, until: deadline)
        }
    }

    package func subscribe(until deadline: Deadline) throws(TierFault) -> any TierSubscription {
        try overHosts(until: deadline, isSession: false) { (host, deadline) throws(TierFault) in
            let connection = try EngineConnection(library, address, host: host, replyLimit: replyLimit, until: deadline)
            return try RedisSubscription(connection, self, until: deadline)
        }
    }

    /// Connects to the first host that is reachable and primary. Each host gets its share of the remaining time.
    private func overHosts<Made>(
        until deadline: Deadline, isSession: Bool, _ make: (RedisAddress.Host?, Deadline) throws(TierFault) -> Made
    ) throws(TierFault) -> Made {
        if address.hosts.isEmpty { return try make(nil, deadline) }
        if let sentinels { return try sentinels.connect(until: deadline, isSession: isSession, make) }
        var fault = TierFault.failed("it names no host")
        for (place, host) in address.hosts.enumerated() {
            let left = max(0, deadline.nanoseconds - Deadline.now.nanoseconds)
            let share = left / Int64(address.hosts.count - place)
            do throws(TierFault) {
                return try make(host, Deadline(nanoseconds: deadline.nanoseconds - left + share))
            } catch {
                // Why kept: a configuration mistake says more than another host that is down.
                if case .refused = fault { continue }
                fault = error
            }
        }
        throw fault
    }

    package var canMove: Bool { sentinels != nil }

    package func hasMoved(until deadline: Deadline) -> Bool { sentinels?.nameAnotherPrimary(until: deadline) ?? false }

    package func interruptMoves() { sentinels?.interrupt() }

    /// Authenticates and selects the database.
    func introduce(_ connection: EngineConnection, until deadline: Deadline) throws(TierFault) {
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
        if let refusal = reply.refusal { throw fault(refusal) }
    }

    static func fault(_ refusal: String) -> TierFault {
        let word = String(refusal.prefix { $0 != " " })
        switch word {
        case "WRONGPASS": return .refused("the server refuses the user or the password")
        case "NOAUTH": return .refused("the server wants a password")
        case "NOPERM": return .refused("the user lacks a permission; docs/internals/tier.md has the list of what it needs")
        case "MOVED", "CROSSSLOT", "CLUSTERDOWN": return .refused("the server is a node of a cluster that does not have the prefix's slot: name that node")
        case "DENIED": return .refused("the server is in protected mode: it takes no connection from elsewhere without a password")
        case "READONLY", "OOM", "MISCONF", "NOREPLICAS", "MASTERDOWN": return .readOnly
        case "ERR" where refusal.hasMember("AUTH") || refusal.hasMember("password"):
            return .refused("the server refuses the user or the password")
        case "ERR" where refusal.hasMember("clients"): return .failed("the server has no connection left; see its `maxclients`")
        case "ERR" where refusal.hasMember("DB"): return .refused("the server does not have the database of that number")
        default: return .failed("the server answered with an error: \(word.prefix(32))")
        }
    }
}

extension String {
    /// Returns true if a word is in the text, between separators.
    fileprivate func hasMember(_ word: String) -> Bool { split { $0 == " " || $0 == "," || $0 == "." }.contains { $0.utf8.elementsEqual(word.utf8) } }
}
