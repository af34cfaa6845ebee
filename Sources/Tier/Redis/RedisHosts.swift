import Concurrency

/// Several servers, of which one is the primary: which one it is, and which one takes its place.
///
/// No Sentinel counts failovers here. But a server that was promoted tells with whose history it goes on: its `master_replid2` is the
/// `master_replid` of its former primary. So of two such primaries the former one is known, and it is not used while there may be another. Two primaries that have nothing to
/// do with each other cannot be told apart. Any thread may connect; one thread asks for moves.
final class RedisHosts: Sendable {
    private struct State: Sendable {
        /// The host that is tried first: that of the last session.
        var first = 0
        /// What the last session's server calls its history as a primary. Nil before the first one, and from a move to the next one.
        var history: [UInt8]?
        /// True if a former primary has been refused since the last session.
        var hasMetFormer = false
        /// Histories with which another primary goes on. The latest is the last.
        var ended: [[UInt8]] = []
        /// The connections on which `nameAnotherPrimary` asks, by the places of their hosts.
        var watching: [Int: EngineConnection] = [:]
        var isInterrupted = false
    }

    private let library: EngineLibrary
    private let address: RedisAddress
    private let state = Lock(State())
    /// When the hosts that did not answer are asked again. The thread that asks for moves alone uses it.
    private let silentUntil = Lock([Int: UInt64]())

    /// The key of the era.
    private let era: [UInt8]

    init(_ library: EngineLibrary, _ address: RedisAddress, era: [UInt8]) { (self.library, self.address, self.era) = (library, address, era) }

    /// Connects to the first host that is reachable, primary and not a former one. Each gets its share of the remaining time.
    /// - Parameter make: gives what it made, and what its server calls its history.
    func connect<Made>(
        until deadline: Deadline, isSession: Bool, _ make: (RedisAddress.Host, Deadline) throws(TierFault) -> (Made, history: [UInt8])
    ) throws(TierFault) -> Made {
        let first = state.withLock { $0.first }
        var fault = TierFault.failed("it names no host")
        for turn in address.hosts.indices {
            let place = (first + turn) % address.hosts.count
            do throws(TierFault) {
                let (made, history) = try make(address.hosts[place], share(of: deadline, turn: turn, of: address.hosts.count))
                let isFormer = state.withLock { state in
                    if state.ended.contains(history) {
                        state.hasMetFormer = true
                        return true
                    }
                    if isSession { (state.first, state.history, state.hasMetFormer) = (place, history, false) }
                    return false
                }
                if !isFormer { return made }
                throw .failed("the server is a former primary: another one goes on in its place")
            } catch {
                // Why kept: a configuration mistake says more than another host that is down.
                if case .refused = fault { continue }
                fault = error
            }
        }
        throw fault
    }

    private func share(of deadline: Deadline, turn: Int, of count: Int) -> Deadline {
        let left = max(0, deadline.nanoseconds - Deadline.now.nanoseconds)
        return Deadline(nanoseconds: deadline.nanoseconds - left + left / Int64(count - turn))
    }

    // MARK: Moves

    /// Returns true if another host goes on as a primary with the history of the one that the sessions lead to. Tells it once.
    func nameAnotherPrimary(until deadline: Deadline) -> Bool {
        let (first, known, mustForgive) = state.withLock { ($0.first, $0.history, $0.hasMetFormer) }
        if mustForgive { forgive(until: deadline) }
        guard let known, !known.isEmpty else { return false }
        let others = address.hosts.indices.filter { $0 != first }
        for (turn, place) in others.enumerated() {
            guard let other = ask(place, until: share(of: deadline, turn: turn, of: others.count)), other.isPrimary else { continue }
            guard other.value(of: "master_replid2") == known else { continue }
            return state.withLock { state in
                guard state.history == known else { return false }
                state.history = nil
                state.first = place
                state.ended.append(known)
                if state.ended.count > TierLimit.endedHistories { state.ended.removeFirst() }
                return true
            }
        }
        return false
    }

    /// Uses a former primary again if it is the only one, and all the others say that they are replicas: a promotion was taken back.
    ///
    /// Why the era goes: what it has kept may have been invalidated at the other one meanwhile.
    private func forgive(until deadline: Deadline) {
        let ended = state.withLock { $0.ended }
        if ended.isEmpty { return }
        var former: (place: Int, history: [UInt8])?
        for place in address.hosts.indices {
            // Why no more: one that is silent may be the primary.
            guard let host = ask(place, until: share(of: deadline, turn: place, of: address.hosts.count)) else { return }
            if !host.isPrimary { continue }
            guard former == nil, let history = host.value(of: "master_replid"), ended.contains(history) else { return }
            former = (place, history)
        }
        guard let former, let connection = state.withLock({ $0.watching[former.place] }) else { return }
        do throws(TierFault) {
            try connection.add([Array("DEL".utf8), era])
            try RedisTier.check(try connection.receive(until: deadline))
            state.withLock { state in state.ended.removeAll { $0 == former.history } }
        } catch {
            lose(former.place)
        }
    }

    /// What a host says of its replication. Nil where it does not answer, or has not a moment ago.
    private func ask(_ place: Int, until deadline: Deadline) -> ServerInformation? {
        guard silentUntil.withLock({ $0[place] ?? 0 }) <= SecondTier.now else { return nil }
        do throws(TierFault) {
            let connection: EngineConnection
            if let known = state.withLock({ $0.watching[place] }) {
                connection = known
            } else {
                connection = try EngineConnection(
                    library, address, host: address.hosts[place], replyLimit: TierLimit.sentinelReplyBytes, until: deadline)
                try RedisTier.introduce(connection, address, until: deadline)
            }
            let isInterrupted = state.withLock { state in
                state.watching[place] = state.isInterrupted ? nil : connection
                return state.isInterrupted
            }
            if isInterrupted { return nil }
            try connection.add("INFO", "replication")
            return try RedisSession.information(connection, until: deadline)
        } catch {
            lose(place)
            return nil
        }
    }

    private func lose(_ place: Int) {
        state.withLock { $0.watching[place] = nil }
        silentUntil.withLock { $0[place] = SecondTier.now &+ TierLimit.silentHost }
    }

    /// Makes a wait of `nameAnotherPrimary` end, and those to come.
    func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            for connection in state.watching.values { connection.interrupt() }
        }
    }
}
