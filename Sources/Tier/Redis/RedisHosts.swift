import Concurrency

/// Several servers, of which one is the primary: which one it is, and which one takes its place.
///
/// No Sentinel counts failovers here. But a server that was promoted tells with whose history it goes on: its `master_replid2` is the
/// `master_replid` of its former primary. So of two such primaries the former one is known, and it is not used again. Two primaries that have nothing to
/// do with each other cannot be told apart. Any thread may connect; one thread asks for moves.
final class RedisHosts: Sendable {
    private struct State: Sendable {
        /// The host that is tried first: that of the last session.
        var first = 0
        /// What the last session's server calls its history as a primary. Nil before the first one, and from a move to the next one.
        var history: [UInt8]?
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

    init(_ library: EngineLibrary, _ address: RedisAddress) { (self.library, self.address) = (library, address) }

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
                    if state.ended.contains(history) { return true }
                    if isSession { (state.first, state.history) = (place, history) }
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
        let (first, known) = state.withLock { ($0.first, $0.history) }
        guard let known, !known.isEmpty else { return false }
        let others = address.hosts.indices.filter { $0 != first }
        for (turn, place) in others.enumerated() {
            guard silentUntil.withLock({ $0[place] ?? 0 }) <= SecondTier.now else { continue }
            do throws(TierFault) {
                guard try formerHistory(of: place, until: share(of: deadline, turn: turn, of: others.count)) == known else { continue }
            } catch {
                state.withLock { $0.watching[place] = nil }
                silentUntil.withLock { $0[place] = SecondTier.now &+ TierLimit.silentHost }
                continue
            }
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

    /// What a primary's former primary called its history. Nil where it has none, or is a replica.
    private func formerHistory(of place: Int, until deadline: Deadline) throws(TierFault) -> [UInt8]? {
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
        let replication = try RedisSession.information(connection, until: deadline)
        return replication.isPrimary ? replication.value(of: "master_replid2") : nil
    }

    /// Makes a wait of `nameAnotherPrimary` end, and those to come.
    func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            for connection in state.watching.values { connection.interrupt() }
        }
    }
}
