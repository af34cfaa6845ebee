/// Stops calls to a tier that does not answer. A pure value; times are nanoseconds of the monotonic clock.
///
///     closed   →  open      after `TierLimit.failuresToOpen` failures in a row
///     open     →  probing   one call, when its pause is over
///     probing  →  closed    the call succeeded
///     probing  →  open      it failed: twice the pause
package struct CircuitBreaker: Sendable {
    package enum Status: Sendable, Equatable {
        case closed, open, probing
    }

    package private(set) var status: Status
    /// How many times it opened.
    package private(set) var openings: UInt64 = 0
    private var failures = 0
    private var pause = TierLimit.shortestProbePause
    private var retryAt: UInt64 = 0

    /// A new breaker is open, and lets its first probe through at once.
    package init() { status = .open }

    /// True if calls of requests may go through.
    package var isClosed: Bool { status == .closed }

    /// When the next probe may begin. Nil while it is closed.
    package var nextProbe: UInt64? { status == .closed ? nil : retryAt }

    /// Returns true if the caller has to make the one call that finds out.
    package mutating func beginProbe(now: UInt64) -> Bool {
        guard status == .open, now >= retryAt else { return false }
        status = .probing
        return true
    }

    package mutating func succeed() {
        // Why an open one is left alone: a call that began earlier says nothing about now.
        if status == .open { return }
        status = .closed
        failures = 0
        pause = TierLimit.shortestProbePause
    }

    package mutating func fail(now: UInt64) {
        switch status {
        case .open: return
        case .probing: break
        case .closed:
            failures += 1
            if failures < TierLimit.failuresToOpen { return }
            openings += 1
        }
        status = .open
        failures = 0
        retryAt = now &+ pause
        pause = min(pause &* 2, TierLimit.longestProbePause)
    }
}
