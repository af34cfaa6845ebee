import Concurrency
import Synchronization
import Telemetry

/// Receives other processes' invalidations on a thread of its own. Connects again when the connection is lost.
package final class TierListener {
    package enum Event: Sendable, Equatable {
        /// Everything is received from now on. Earlier notices may be missing.
        case caughtUp
        /// From now on notices may be missing.
        case lost
        case changed(TierChange)
    }

    private let tier: SecondTier
    private let hear: @Sendable (Event) -> Void
    private var pause = TierLimit.shortestListenPause

    init(_ tier: SecondTier, _ hear: @escaping @Sendable (Event) -> Void) {
        self.tier = tier
        self.hear = hear
    }

    func run() {
        while !isClosed {
            let moves = tier.state.withLock { $0.moves }
            if let subscription = try? tier.store.subscribe(until: .after(milliseconds: TierLimit.connectMilliseconds)) {
                listen(subscription, since: moves)
            }
            if isClosed { return }
            let end = Deadline.after(milliseconds: pause)
            while Deadline.now < end, !isClosed { tier.work.wait(after: tier.work.count, until: end) }
            pause = min(pause * 2, TierLimit.longestListenPause)
        }
    }

    private var isClosed: Bool { tier.state.withLock { $0.isClosed } }

    /// - Parameter moves: their number when the connecting began.
    private func listen(_ subscription: any TierSubscription, since moves: UInt64) {
        tier.subscription.withLock { $0 = subscription }
        // Why here: a later move interrupts it. One before may have left it with the former primary.
        guard tier.state.withLock({ $0.moves == moves }) else {
            tier.subscription.withLock { $0 = nil }
            return subscription.close()
        }
        if isClosed { subscription.interrupt() }
        hear(.caughtUp)
        tier.hears.store(true, ordering: .releasing)
        do throws(TierFault) {
            while !isClosed {
                guard let notice = try subscription.next(until: .after(milliseconds: TierLimit.listenMilliseconds)) else { continue }
                pause = TierLimit.shortestListenPause
                tier.counters.notices.add()
                // Why not its own: they took effect here before the tier's confirmation was reported.
                if notice.origin != tier.origin { hear(.changed(notice.change)) } else { tier.hearEcho(notice.change) }
            }
        } catch {
            tier.counters.faults.add()
        }
        tier.subscription.withLock { $0 = nil }
        tier.hears.store(false, ordering: .releasing)
        hear(.lost)
        subscription.close()
    }
}
