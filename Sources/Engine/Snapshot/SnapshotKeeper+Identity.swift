import Cache
import Concurrency
import Postgres
import Synchronization
import Text

// Whose answers a snapshot has: those of sessions with one role, search path and settings. Only such sessions may have them again.

extension SnapshotKeeper {
    /// Throws if the answers of a snapshot are not those that this process's sessions would get. Connects if there was no session yet.
    ///
    /// While the database cannot be reached, what was so when the snapshot was written is assumed. It is looked up as soon as that is possible, and if
    /// it is not so, everything is dropped. A database that refuses this process is no outage.
    func confirm(_ identity: SessionIdentity) throws(SnapshotFault) {
        let holds: SessionIdentity
        do throws(Failure) {
            holds = try pool.identify(until: .after(milliseconds: Limits.snapshotConnectMilliseconds), cancellation: nil).identity
        } catch {
            guard error.isUnreached, identity.number != 0 else { throw SnapshotFault("the database does not let this process in") }
            holds = pool.identities.assume(identity)
        }
        guard holds == identity else { throw SnapshotFault("it was made by sessions with another role, search path or other settings") }
    }

    /// True if answers are served by what is only assumed.
    var mustConfirm: Bool { hasAssumed.load(ordering: .relaxed) && !pool.identities.isConfirmed }

    /// Tries to find out. If something else is so, the cache is dropped by that.
    func tryToConfirm() {
        do throws(Failure) {
            try pool.askIdentity(until: .after(milliseconds: Limits.snapshotConnectMilliseconds), cancellation: nil)
        } catch {
            // It is tried again.
        }
    }

    /// What the entries that are written now were read by. Throws if no session has told.
    func currentIdentity() throws(SnapshotFault) -> IdentityRecord.Current {
        guard let current = pool.identities.current else { throw SnapshotFault("there was no session with the database yet") }
        return current
    }

    /// Throws if other sessions have answered since: some entries may be theirs.
    func check(_ identity: IdentityRecord.Current) throws(SnapshotFault) {
        if pool.identities.current == identity { return }
        throw SnapshotFault("the role, the search path or other settings of new sessions have changed meanwhile")
    }
}

extension Failure {
    /// True if the database could not be asked. A server that is starting, full or ending its sessions counts, one that refuses does not.
    fileprivate var isUnreached: Bool {
        guard status == .timeout || status == .unavailable && isRetryable else { return false }
        return sqlState.map { state in ["53", "57", "58"].contains { state.hasPrefix($0) } } ?? true
    }
}
