package import Concurrency
import Telemetry

// Invalidations: confirmed by the tier before the call returns, or kept until they are.

extension SecondTier {
    /// Invalidates everything with these tags in the tier. Called before the own cache is invalidated, so that what a read takes from the
    /// tier meanwhile is dropped there.
    ///
    /// Returns false if the tier has not confirmed in time. The invalidation is then kept, and nothing with these tags is taken from the
    /// tier until it is confirmed.
    package func invalidate(_ change: TierChange, until deadline: Deadline, cancellation: CancellationToken?) -> Bool {
        counters.invalidations.add()
        let limit = budget(until: deadline)
        if case .session(let session, _) = acquire(until: limit, cancellation: cancellation, for: nil, isTiersLimit: limit < deadline) {
            do throws(TierFault) {
                try session.invalidate(change, from: origin, until: limit)
                giveBack(session)
                return true
            } catch {
                // Why before the session goes: nothing may be taken from the tier from here on.
                keep(change)
                giveUp(session, error)
            }
        } else {
            keep(change)
        }
        let isConfirmed = awaitConfirmation(until: limit, cancellation)
        if !isConfirmed { counters.unconfirmed.add() }
        return isConfirmed
    }

    /// Like `invalidate` without waiting, for what others changed.
    package func forward(_ change: TierChange) {
        counters.invalidations.add()
        keep(change)
    }

    private func keep(_ change: TierChange) {
        state.withLock { $0.pending.add(change) }
        work.signal()
    }

    private func awaitConfirmation(until deadline: Deadline, _ cancellation: CancellationToken?) -> Bool {
        while true {
            let seen = changed.count
            let (isConfirmed, isHopeless) = state.withLock { ($0.pending.isEmpty, $0.isClosed || $0.hasTried && !$0.breaker.isClosed) }
            if isConfirmed { return true }
            if isHopeless || Deadline.now >= deadline { return false }
            guard changed.wait(after: seen, until: deadline, cancellation: cancellation) else { return false }
        }
    }

    /// Sends what is pending when no call and no thread runs any more, over a connection of its own.
    func finishPending() {
        let end = Deadline(nanoseconds: Int64(clamping: state.withLock { $0.closedAt } &+ UInt64(TierLimit.closingMilliseconds) &* 1_000_000))
        while let batch = state.withLock({ $0.pending.batch }), Deadline.now < end {
            let limit = min(end, .after(milliseconds: TierLimit.connectMilliseconds))
            do throws(TierFault) {
                let session = try store.connect(until: limit)
                defer { session.close() }
                try session.invalidate(batch.change, from: origin, until: limit)
                state.withLock { $0.pending.confirm(batch.number) }
            } catch {
                counters.faults.add()
                let pause = min(end, .after(milliseconds: TierLimit.closingPauseMilliseconds))
                while Deadline.now < pause { work.wait(after: work.count, until: pause) }
            }
        }
    }

    /// Waits for the first contact. Returns the server's refusal of the configuration. Nil if there is none, or nothing is known by then.
    package func awaitFirstContact(until deadline: Deadline, cancellation: CancellationToken?) -> String? {
        while true {
            let seen = changed.count
            let (hasTried, refusal) = state.withLock { ($0.hasTried || $0.isClosed, $0.refusal) }
            if hasTried || Deadline.now >= deadline { return refusal }
            guard changed.wait(after: seen, until: deadline, cancellation: cancellation) else { return nil }
        }
    }
}
