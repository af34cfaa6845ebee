import Concurrency

/// A connection on which Redis sends other processes' invalidations.
final class RedisSubscription: TierSubscription, @unchecked Sendable {  // Why unchecked: one thread uses it.
    let server: UInt64
    /// What the server calls its history as a primary.
    let history: [UInt8]
    private let connection: EngineConnection
    /// True while a PING is unanswered. Its reply proves that the connection works.
    private var isAsking = false

    init(_ connection: EngineConnection, _ tier: RedisTier, until deadline: Deadline) throws(TierFault) {
        self.connection = connection
        try RedisTier.introduce(connection, tier.address, until: deadline)
        try connection.add("INFO", "server")
        try connection.add("INFO", "replication")
        server = RedisSession.server(try RedisSession.information(connection, until: deadline).run())
        history = try RedisSession.information(connection, until: deadline).replicationID()
        try connection.add([Array("SUBSCRIBE".utf8), tier.keys.channel])
        let reply = try connection.receive(until: deadline)
        try RedisTier.check(reply)
        guard let members = reply.members, members.count == 3, members[0].text?.elementsEqual("subscribe".utf8) == true else {
            throw .failed("the server answered in another form")
        }
    }

    func close() { connection.close() }

    func interrupt() { connection.interrupt() }

    func next(until deadline: Deadline) throws(TierFault) -> TierNotice? {
        let reply: RedisReply
        do throws(TierFault) {
            reply = try connection.receive(until: deadline)
        } catch {
            // Why not at once: the reply to the first PING must have come by now.
            guard error == .timedOut, !isAsking else { throw error }
            try connection.add("PING")
            isAsking = true
            return nil
        }
        try RedisTier.check(reply)
        guard let members = reply.members, let kind = members.first?.text else { throw .failed("the server answered in another form") }
        if kind.elementsEqual("pong".utf8) {
            isAsking = false
            return nil
        }
        guard kind.elementsEqual("message".utf8), members.count == 3, let text = members[2].text else { throw .failed("the server answered in another form") }
        return RedisNotice.read(text)
    }
}
