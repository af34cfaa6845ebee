import Cache
import Telemetry
import Tier

extension Core {
    /// Connects the tier, through which other processes' invalidations are heard.
    func startTier() {
        guard let tier else { return }
        guard tier.isListening else { return tier.start(hear: nil) }
        // Why not if PostgreSQL notifies: that is enough for automatic answers.
        let mustHear = !configuration.isListening
        if mustHear { cache.suspend([AutomaticTag.everything], by: .tier) }
        // Why unowned: it ends in `close`, before the core does.
        tier.start { [unowned self] event in
            switch event {
            case .lost: if mustHear { cache.suspend([AutomaticTag.everything], by: .tier) }
            case .caughtUp:
                // Why the first time as well: what was read before may have been invalidated before this process listened.
                cache.invalidateAll(isCounted: false)
                cache.suspend([], by: .tier)
                snapshot?.caughtUp()
            case .changed(.everything): cache.invalidateAll(isCounted: false)
            case .changed(.tags(let tags)): cache.invalidate(tags: tags.map { Cache.Tag(number: $0) }, isCounted: false)
            }
        }
    }
}

extension Optional where Wrapped == SecondTier {
    /// Tells the tier, where there is one, what others changed, and then invalidates in the own cache.
    func forward(_ change: TierChange, then invalidate: () -> Void) {
        guard let tier = self else { return invalidate() }
        tier.change {
            tier.forward(change)
            invalidate()
        }
    }
}

extension SecondTier {
    /// Returns the metrics of the tier.
    func metrics() -> [Metric] {
        let status = status
        return [
            Metric("accelerant_tier_hits_total", "Fresh answers from the tier", .counter(counters.hits.value)),
            Metric("accelerant_tier_stale_hits_total", "Stale answers from the tier", .counter(counters.staleHits.value)),
            Metric("accelerant_tier_misses_total", "Answers read from the database for all processes", .counter(counters.misses.value)),
            Metric("accelerant_tier_waits_total", "Answers from the tier that another process was just reading", .counter(counters.waits.value)),
            Metric(
                "accelerant_tier_bypasses_total", "Reads that left out the tier: it was slow, down, full or not to be trusted",
                .counter(counters.bypasses.value)),
            Metric("accelerant_tier_stores_total", "Answers stored in the tier", .counter(counters.stores.value)),
            Metric(
                "accelerant_tier_fenced_total", "Answers not stored in the tier because they were invalidated while they were read",
                .counter(counters.fenced.value)),
            Metric("accelerant_tier_dropped_total", "Answers not stored in the tier because too many waited", .counter(counters.dropped.value)),
            Metric("accelerant_tier_invalidations_total", "Invalidations sent to the tier", .counter(counters.invalidations.value)),
            Metric(
                "accelerant_tier_unconfirmed_total", "Invalidations that the tier did not confirm in time",
                .counter(counters.unconfirmed.value)),
            Metric("accelerant_tier_notices_total", "Invalidations of other processes received through the tier", .counter(counters.notices.value)),
            Metric("accelerant_tier_faults_total", "Calls of the tier that failed", .counter(counters.faults.value)),
            Metric("accelerant_tier_timeouts_total", "Calls of the tier that did not end in time", .counter(counters.timeouts.value)),
            Metric("accelerant_tier_breaker_openings_total", "Times when the circuit breaker of the tier opened", .counter(status.openings)),
            Metric("accelerant_tier_listening", "1 while invalidations of other processes are received through the tier, else 0", .gauge(isHearing ? 1 : 0)),
            Metric("accelerant_tier_trusted", "1 while answers are taken from the tier, else 0", .gauge(status.isTrusted ? 1 : 0)),
            Metric(
                "accelerant_tier_fault", "1 while the tier is not used because of what the label `reason` says, else 0",
                .gauge(status.trouble == nil ? 0 : 1), label: ("reason", status.trouble ?? "")),
            Metric("accelerant_tier_pending_invalidations", "Tags whose invalidation the tier has not confirmed", .gauge(Double(status.pending))),
            Metric("accelerant_tier_connections", "Connections to the tier, without the one that listens", .gauge(Double(status.connections))),
            Metric(
                "accelerant_tier_round_trip_histogram_ms", "The distribution of the time that reads of the tier took, in ms",
                .histogram(roundTrips.snapshot)),
        ]
    }
}
