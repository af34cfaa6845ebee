package import Concurrency
import Synchronization

// What a snapshot needs to know of the tier: the versions of tags, and that all messages so far have come.

extension SecondTier {
    package struct Versions: Sendable {
        package let epoch: ServerEpoch
        /// Of the tier's clock.
        package let microseconds: Int64
        package let everything: (UInt64, UInt64)
        /// Those that there are.
        package let tags: [UInt64: (UInt64, UInt64)]
    }

    /// The versions of tags, and that of everything. Nil where the tier did not give them all, by one epoch.
    ///
    /// A tag that this process has invalidated without the tier's confirmation has none.
    package func readVersions(of tags: [UInt64], until deadline: Deadline) -> Versions? {
        // Why before: it may be confirmed as soon as its former version was read.
        let pending = state.withLock { $0.pending }
        var found: [UInt64: (UInt64, UInt64)] = [:]
        var everything: (UInt64, UInt64)?
        var epoch: ServerEpoch?
        var microseconds: Int64 = 0
        var rest = tags[...]
        repeat {
            let portion = Array(rest.prefix(TierLimit.versionsAtOnce))
            rest = rest.dropFirst(TierLimit.versionsAtOnce)
            let read = withSession(until: deadline) { (session, clock, limit) throws(TierFault) in
                (versions: try session.readVersions(of: portion, until: limit), epoch: session.epoch, clock: clock)
            }
            guard let read, epoch == nil || epoch == read.epoch, read.versions.count == portion.count + 1 else { return nil }
            guard let all = read.versions[0].flatMap(SecondTier.words) else { return nil }
            epoch = read.epoch
            if let everything, everything != all { return nil }
            if everything == nil { microseconds = time(read.clock, SecondTier.now).latest }
            everything = all
            for (tag, version) in zip(portion, read.versions.dropFirst()) where !pending.concern([tag]) { found[tag] = version.flatMap(SecondTier.words) }
        } while !rest.isEmpty
        guard let epoch, let everything, isStill(epoch, until: deadline) else { return nil }
        return Versions(epoch: epoch, microseconds: microseconds, everything: everything, tags: found)
    }

    /// Whether the server is the primary of that epoch. Why after the versions: a replica answers with old ones.
    private func isStill(_ epoch: ServerEpoch, until deadline: Deadline) -> Bool {
        let found = withSession(until: deadline) { (session, _, limit) throws(TierFault) in
            guard try session.readClock(until: limit).epoch == session.epoch else { throw .failed("the server began another epoch") }
            return session.epoch
        }
        return found == epoch
    }

    /// Calls `body` with a session and the time at which a call has to end. Nil where there is no session, or the call failed.
    private func withSession<Result>(
        until deadline: Deadline, _ body: (any TierSession, TierClock, Deadline) throws(TierFault) -> Result
    ) -> Result? {
        let limit = min(deadline, .after(milliseconds: TierLimit.workMilliseconds))
        guard case .session(let session, let clock) = acquire(until: limit, cancellation: nil, for: [], isTiersLimit: false) else { return nil }
        do throws(TierFault) {
            let result = try body(session, clock, limit)
            giveBack(session)
            return result
        } catch {
            giveUp(session, error)
            return nil
        }
    }

    private static func words(_ version: [UInt8]) -> (UInt64, UInt64)? {
        guard version.count == TierEntry.versionBytes else { return nil }
        return version.withUnsafeBytes { ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) }
    }

    /// Calls `body`, which invalidates in the tier and then in the own cache.
    package func change<Result>(_ body: () -> Result) -> Result {
        let number = state.withLock { state in
            state.lastChange += 1
            state.changing.insert(state.lastChange)
            return state.lastChange
        }
        defer { state.withLock { _ = $0.changing.remove(number) } }
        return body()
    }

    /// Waits until what is being changed now has had its effect in the own cache, too. Returns false if it has not by the deadline.
    package func awaitOwnChanges(until deadline: Deadline) -> Bool {
        let running = state.withLock { $0.changing }
        while !running.isDisjoint(with: state.withLock { $0.changing }) {
            if Deadline.now >= deadline { return false }
            let nothing = EventCount()
            nothing.wait(after: nothing.count, until: min(deadline, .after(milliseconds: 1)))
        }
        return true
    }

    /// Waits until a message of our own comes back: then all that were published before have come. False where it does not, or no one listens.
    package func awaitEcho(until deadline: Deadline) -> Bool {
        guard isHearing else { return false }
        let token = UInt64.random(in: 1 ... .max)
        echo.store(token, ordering: .releasing)
        let isPublished: Void? = withSession(until: deadline) { (session, _, _) throws(TierFault) in
            // Why a tag: nothing has it, so the others drop nothing.
            try session.publish(TierNotice(origin: origin, change: .tags([token])), until: deadline)
        }
        if isPublished == nil { return false }
        while true {
            let seen = changed.count
            if echo.load(ordering: .acquiring) == 0 { return true }
            guard Deadline.now < deadline, isHearing else { return false }
            changed.wait(after: seen, until: deadline)
        }
    }

    /// Called with each message of our own.
    func hearEcho(_ change: TierChange) {
        guard case .tags(let tags) = change, tags.count == 1 else { return }
        // Why compared: other messages of our own may follow before the waiting thread looks.
        if echo.compareExchange(expected: tags[0], desired: 0, ordering: .acquiringAndReleasing).exchanged { changed.signal() }
    }
}
