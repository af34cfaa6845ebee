import Concurrency

// Where another server may become the primary while the former one goes on.

extension SecondTier {
    /// A thread of its own.
    func watchMoves() {
        while true {
            let seen = ending.count
            if state.withLock({ $0.isClosed }) { return }
            if store.hasMoved(until: .after(milliseconds: TierLimit.workMilliseconds)) { leave() }
            ending.wait(after: seen, until: .after(milliseconds: TierLimit.moveMilliseconds))
        }
    }

    /// Ends all connections to the former primary. What begins later is in another epoch.
    func leave() {
        let idle = state.withLock { state -> [any TierSession] in
            // Why none: a call that ends now must not give its session back.
            state.epoch = nil
            // Why: what is being connected now is in no list, and cannot be interrupted.
            state.moves += 1
            state.clock = TierClock()
            for session in state.busy { session.interrupt() }
            defer { state.idle = [] }
            state.sessions -= state.idle.count
            return state.idle
        }
        for session in idle { session.close() }
        subscription.withLock { $0?.interrupt() }
        report(.moved)
        changed.signal()
        work.signal()
    }
}
