import Concurrency
import Synchronization

/// What the sessions of a pool have said that they are. The last word is that of the newest: it holds for the answers that are kept.
///
/// A session that says something else than the one before begins another *generation*. Answers of sessions that were begun in an earlier one are
/// not kept, and those sessions are replaced when they are next wanted. Why also the session that said it: two that were begun at the same moment may
/// contradict each other, and only one that is begun afterwards certainly knows what holds now.
///
///     unknown → known (tell), assumed (assume)
///     assumed → known (tell, the same), known in the next generation (tell, another)
///     known   → known in the next generation (tell, another)
///
/// Any thread may use it.
package final class IdentityRecord: Sendable {
    /// What holds for the answers that are read from now on.
    package struct Current: Sendable, Equatable {
        package let identity: SessionIdentity
        package let generation: UInt64
    }

    private struct State {
        var identity: SessionIdentity?
        /// True while no session has confirmed it.
        var isAssumed = false
        /// When the last changes were told, in nanoseconds of `Deadline`; the latest last.
        var changes: [Int64] = []
    }

    /// Of a session that has not told its identity, or whose answers must not be kept.
    static let noGeneration = UInt64.max

    private let state = Lock(State())
    private let currentGeneration = Atomic<UInt64>(0)
    private let areWantedNow = Atomic<Bool>(false)
    /// Until when sessions of former generations are not replaced.
    private let replacingAgain = Atomic<Int64>(.min)
    private let changed = LateInit<@Sendable () -> Void>()

    init() {}

    /// Sets what is called at each change, before the session that told it serves anybody.
    package func onChange(_ changed: @escaping @Sendable () -> Void) { self.changed.set(changed) }

    package var generation: UInt64 { currentGeneration.load(ordering: .acquiring) }

    /// Nil if no session has told.
    package var current: Current? {
        state.withLock { state in state.identity.map { Current(identity: $0, generation: generation) } }
    }

    /// True if a session has told, and nothing is only assumed.
    package var isConfirmed: Bool { state.withLock { $0.identity != nil && !$0.isAssumed } }

    /// From now on every session is asked: answers are kept. Costs a load once it has been called.
    package func want() {
        if !areWanted { areWantedNow.store(true, ordering: .releasing) }
    }

    var areWanted: Bool { areWantedNow.load(ordering: .acquiring) }

    /// Lets an identity hold until a session tells. Does nothing if one has told. Returns what holds then.
    package func assume(_ identity: SessionIdentity) -> SessionIdentity {
        state.withLock { state in
            if let known = state.identity { return known }
            (state.identity, state.isAssumed) = (identity, true)
            return identity
        }
    }

    /// A session has told what it is. Returns the generation of its answers.
    /// - Parameter start: the generation in which it was begun.
    func tell(_ identity: SessionIdentity, start: UInt64, now: Int64) -> UInt64 {
        // Why under the lock: another session that tells the same must not serve anybody before what was kept is dropped.
        state.withLock { state in
            let known = state.identity
            // Why: a server that does not answer once has not changed.
            if let known, known != identity, identity == .untold { return Self.noGeneration }
            (state.identity, state.isAssumed) = (identity, false)
            if let known, known != identity {
                note(&state, now)
                currentGeneration.wrappingAdd(1, ordering: .sequentiallyConsistent)
                changed.value?()
            }
            return start
        }
    }

    /// Why a limit: behind an address that leads to servers with different settings, each new connection would replace the others.
    private func note(_ state: inout State, _ now: Int64) {
        state.changes.append(now)
        if state.changes.count <= PostgresLimit.identityChanges { return }
        state.changes.removeFirst()
        if let first = state.changes.first, now &- first < PostgresLimit.identityChangesNanoseconds {
            replacingAgain.store(now &+ PostgresLimit.identityChangesNanoseconds, ordering: .relaxed)
        }
    }

    /// True if a session has to be replaced before it serves anybody again.
    func isOutdated(_ connection: Connection) -> Bool {
        guard areWanted else { return false }
        guard let identity = connection.identity else {
            // Why: what is set for its role may have changed since it was begun, and it would tell what is set now.
            return Deadline.now.nanoseconds &- connection.birth.nanoseconds > PostgresLimit.unidentifiedNanoseconds
        }
        if connection.generation == generation || identity == .untold { return false }
        return replaces(now: Deadline.now.nanoseconds)
    }

    /// False for a while after many changes: their sessions are kept then, and their answers are not.
    func replaces(now: Int64) -> Bool { now >= replacingAgain.load(ordering: .relaxed) }
}
