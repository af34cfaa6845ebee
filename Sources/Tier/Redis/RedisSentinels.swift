import Concurrency

/// Asks Sentinels which server is the primary.
///
/// Each answer has a number that a failover raises (`config-epoch`). An answer with a lower number than has been seen is that of a Sentinel which
/// is cut off from the others. Answers of one number name one server. Any thread may connect; one thread asks for moves.
final class RedisSentinels: Sendable {
    /// What a Sentinel says.
    struct Primary: Sendable, Equatable {
        var host: RedisAddress.Host
        var failover: UInt64
    }

    private struct State: Sendable {
        /// The primary to which a session was connected last.
        var connected: Primary?
        /// The primary that `nameAnotherPrimary` has told since.
        var told: Primary?
        var reset = SentinelReset()
        /// The greatest number that a Sentinel has told.
        var latest: UInt64 = 0
        /// The Sentinel that is asked first: the one that led to the primary.
        var first = 0
        var isInterrupted = false
        /// The connection on which `nameAnotherPrimary` asks.
        var watching: EngineConnection?
    }

    private let library: EngineLibrary
    private let address: RedisAddress
    private let master: String
    private let state = Lock(State())

    init(_ library: EngineLibrary, _ address: RedisAddress, master: String) {
        (self.library, self.address, self.master) = (library, address, master)
        // Why any: so the processes of a fleet spread over them.
        if let first = address.hosts.indices.randomElement() { state.withLock { $0.first = first } }
    }

    // MARK: Connecting

    /// Connects to the server that a Sentinel names and that is a primary. The Sentinels are asked in turn; each gets its share of the time.
    /// - Parameter isSession: false for the connection that listens, which may be elsewhere than the sessions for a moment.
    func connect<Made>(
        until deadline: Deadline, isSession: Bool, _ make: (RedisAddress.Host?, Deadline) throws(TierFault) -> Made
    ) throws(TierFault) -> Made {
        let (first, latest) = state.withLock { ($0.first, $0.latest) }
        var fault = TierFault.failed("no Sentinel answers")
        var outdated: [Primary] = []
        var tried: [Primary] = []
        for turn in address.hosts.indices {
            let place = (first + turn) % address.hosts.count
            let left = max(0, deadline.nanoseconds - Deadline.now.nanoseconds)
            let limit = Deadline(nanoseconds: deadline.nanoseconds - left + left / Int64(address.hosts.count - turn))
            do throws(TierFault) {
                let primary = try ask(address.hosts[place], until: limit)
                if primary.failover < latest {
                    outdated.append(primary)
                    continue
                }
                // Why once: a server that is down would take the others' time again.
                if tried.contains(primary) { continue }
                tried.append(primary)
                let made = try make(primary.host, limit)
                try keep(primary, place, isSession)
                return made
            } catch {
                fault = RedisSentinels.worse(fault, error)
            }
        }
        let isReset = state.withLock { $0.reset.isCertain(outdated: outdated.count, current: tried.count, of: address.hosts.count, now: SecondTier.now) }
        guard isReset, let primary = outdated.max(by: { $0.failover < $1.failover }) else {
            throw outdated.isEmpty ? fault : RedisSentinels.worse(fault, .failed("the Sentinels that answer name a former primary"))
        }
        let made = try make(primary.host, deadline)
        state.withLock { $0.latest = primary.failover }
        try keep(primary, first, isSession)
        return made
    }

    private func keep(_ primary: Primary, _ place: Int, _ isSession: Bool) throws(TierFault) {
        let isFormer = state.withLock { state in
            state.first = place
            if primary.failover < state.latest { return true }
            state.latest = primary.failover
            state.reset = SentinelReset()
            if isSession { (state.connected, state.told) = (primary, nil) }
            return false
        }
        if isFormer { throw .failed("the Sentinels name another server meanwhile") }
    }

    /// Why a mistake of the configuration stays: it says more than another Sentinel that is down.
    private static func worse(_ fault: TierFault, _ other: TierFault) -> TierFault {
        if case .refused = fault { fault } else { other }
    }

    // MARK: Moves

    /// Returns true if a Sentinel names another server than the one to which the sessions lead, after a later failover. Tells it once.
    func nameAnotherPrimary(until deadline: Deadline) -> Bool {
        let (known, isConnected, place) = state.withLock { ($0.watching, $0.connected != nil, $0.first) }
        // Why not before: `connect` asks.
        guard isConnected, !address.hosts.isEmpty else { return false }
        do throws(TierFault) {
            let connection: EngineConnection
            if let known { connection = known } else { connection = try reach(address.hosts[place], until: deadline) }
            let isInterrupted = state.withLock { state in
                state.watching = state.isInterrupted ? nil : connection
                return state.isInterrupted
            }
            if isInterrupted { return false }
            let primary = try tell(connection, until: deadline)
            return state.withLock { state in
                guard primary.failover >= state.latest else { return false }
                // Why at once: no connection to the former one may begin from here on.
                state.latest = primary.failover
                // Why not by `latest`: the connection that listens may have been told first.
                guard let connected = state.connected, primary.failover != connected.failover, primary.host != connected.host else { return false }
                defer { state.told = primary }
                return primary != state.told
            }
        } catch {
            // The next one is asked next time.
            state.withLock { state in
                state.watching = nil
                state.first = (place + 1) % address.hosts.count
            }
            return false
        }
    }

    /// Makes a wait of `nameAnotherPrimary` end, and those to come.
    func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            state.watching?.interrupt()
        }
    }

    // MARK: One Sentinel

    private func ask(_ sentinel: RedisAddress.Host, until deadline: Deadline) throws(TierFault) -> Primary {
        try tell(try reach(sentinel, until: deadline), until: deadline)
    }

    private func reach(_ sentinel: RedisAddress.Host, until deadline: Deadline) throws(TierFault) -> EngineConnection {
        do throws(TierFault) {
            let connection = try EngineConnection(library, address, host: sentinel, replyLimit: TierLimit.sentinelReplyBytes, until: deadline)
            if let password = address.sentinelPassword {
                if let user = address.sentinelUser { try connection.add("AUTH", user, password) } else { try connection.add("AUTH", password) }
                try RedisTier.check(try connection.receive(until: deadline))
            }
            return connection
        } catch {
            throw RedisSentinels.ofSentinel(error)
        }
    }

    /// Asks for the number before the address and after it, in one round trip.
    ///
    /// Why two commands: for seconds, the Sentinel that leads a failover has its number in `SENTINEL MASTER` together with the former primary's
    /// address. `SENTINEL GET-MASTER-ADDR-BY-NAME` names the new primary from the moment when the number is raised.
    /// Why the number twice: an address that was read while the number stayed is that of the number.
    private func tell(_ connection: EngineConnection, until deadline: Deadline) throws(TierFault) -> Primary {
        do throws(TierFault) {
            for _ in 0..<TierLimit.sentinelQuestions {
                try connection.add("SENTINEL", "MASTER", master)
                try connection.add("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)
                try connection.add("SENTINEL", "MASTER", master)
                let failover = try read(connection, until: deadline, RedisSentinels.failover)
                let host = try read(connection, until: deadline, RedisSentinels.host)
                if try read(connection, until: deadline, RedisSentinels.failover) == failover { return Primary(host: host, failover: failover) }
            }
            throw .failed("another server became the primary while it was asked")
        } catch {
            throw RedisSentinels.ofSentinel(error)
        }
    }

    private func read<Value>(
        _ connection: EngineConnection, until deadline: Deadline, _ value: (RedisReply) -> Value?
    ) throws(TierFault) -> Value {
        let reply = try connection.receive(until: deadline)
        if let refusal = reply.refusal {
            if refusal.hasPrefix("ERR No such master") { throw .refused("it does not know the primary that `master` names") }
            throw RedisRefusal(refusal).fault
        }
        guard let value = value(reply) else { throw .failed("it answered in another form") }
        return value
    }

    private static func ofSentinel(_ fault: TierFault) -> TierFault {
        if case .refused(let words) = fault { .refused("a Sentinel is of no use: \(words)") } else { .failed("a Sentinel is of no use: \(fault.words)") }
    }

    /// Reads the number among the names and values of `SENTINEL MASTER`.
    static func failover(_ reply: RedisReply) -> UInt64? {
        guard let members = reply.members, members.count.isMultiple(of: 2) else { return nil }
        for place in stride(from: 0, to: members.count, by: 2) {
            guard members[place].text?.elementsEqual("config-epoch".utf8) == true else { continue }
            return members[place + 1].text.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        }
        return nil
    }

    /// Reads the address and the port of `SENTINEL GET-MASTER-ADDR-BY-NAME`.
    static func host(_ reply: RedisReply) -> RedisAddress.Host? {
        guard let members = reply.members, members.count == 2, let address = members[0].text, let digits = members[1].text else { return nil }
        let name = String(decoding: address, as: UTF8.self)
        guard let port = Int32(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port) else { return nil }
        guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
        return RedisAddress.Host(name: name, port: port)
    }
}
