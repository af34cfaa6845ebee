/// Replays keys through a policy without answers: for benchmarks, which compare the cache's own policy with a fixed one.
package struct PolicyReplay: ~Copyable {
    package enum Policy: String, CaseIterable, Sendable {
        case sampled, clock
    }

    private enum Content {
        case sampled(ShadowCache<SampledEviction<Ghost>>)
        case clock(ShadowCache<ClockEviction<Ghost>>)
    }
    private var content: Content

    /// `entries`: about how many fit.
    package init(_ policy: Policy, budget: Int, entries: Int) {
        content =
            switch policy {
            case .sampled:
                .sampled(ShadowCache(parameters: PolicyTuner.candidates[PolicyTuner.initialCandidate], budget: budget, entries: entries))
            case .clock: .clock(ShadowCache(ClockEviction(budget: budget), entries: entries))
            }
    }

    deinit {
        switch content {
        case .sampled(let cache): cache.deallocate()
        case .clock(let cache): cache.deallocate()
        }
    }

    /// Uses a key. Returns whether it was there.
    package mutating func use(_ key: UInt64, size: Int) -> Bool {
        let keyHash = Hash.mix(key)
        switch content {
        case .sampled(var cache):
            defer { content = .sampled(cache) }
            return cache.use(keyHash, size: size)
        case .clock(var cache):
            defer { content = .clock(cache) }
            return cache.use(keyHash, size: size)
        }
    }
}
