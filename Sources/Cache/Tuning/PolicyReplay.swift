/// Replays keys through a policy without answers. Benchmarks use it to compare the cache's policy with others, and with parts left out.
package struct PolicyReplay: ~Copyable {
    package enum Policy: Equatable, Sendable {
        case clock
        /// One of the tuner's candidates, which stays.
        case fixed(Int)
        /// The cache's tuner, without one of its candidates if that is named.
        case tuned(without: Int?)

        /// Parses `clock`, `fixed:2`, `tuned` and `tuned-without:2`. Nil for anything else.
        package init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            let number = parts.count == 2 ? Int(String(parts[1])) : nil
            if let number, !PolicyTuner.candidates.indices.contains(number) { return nil }
            switch (parts.first.map { String($0) }, number, parts.count) {
            case ("clock", nil, 1): self = .clock
            case ("tuned", nil, 1): self = .tuned(without: nil)
            case ("fixed", let number?, 2): self = .fixed(number)
            case ("tuned-without", let number?, 2): self = .tuned(without: number)
            default: return nil
            }
        }
    }

    // Why optional properties and not an enum: an associated value is copied before it can be changed.
    private var clock: ShadowCache<ClockEviction<Ghost>>?
    private var sampled: ShadowCache<SampledEviction<Ghost>>?
    private var tuner: PolicyTuner?

    /// A replay within `budget` bytes, which have room for about `entries` keys.
    package init(_ policy: Policy, budget: Int, entries: Int) {
        let parameters: PolicyParameters
        switch policy {
        case .clock:
            clock = ShadowCache(ClockEviction(budget: budget), entries: entries)
            return
        case .fixed(let number): parameters = PolicyTuner.candidates[number]
        case .tuned(let missing):
            let tuner = PolicyTuner(without: missing)
            parameters = tuner.parameters
            self.tuner = tuner
        }
        sampled = ShadowCache(SampledEviction(budget: budget, parameters: parameters), entries: entries)
    }

    deinit {
        clock?.deallocate()
        sampled?.deallocate()
        tuner?.deallocate()
    }

    /// Uses a key. Returns true if it was there.
    package mutating func use(_ key: UInt64, size: Int) -> Bool {
        let keyHash = Hash.mix(key)
        if let isHit = clock?.use(keyHash, size: size) { return isHit }
        let better = tuner?.use(keyHash, size: size) ?? nil
        let isHit = sampled?.use(keyHash, size: size) == true
        if !isHit, let policy = sampled?.policy { tuner?.adjust(entries: policy.count, bytes: policy.bytes, budget: policy.budget) }
        if let better { sampled?.setParameters(better) }
        return isHit
    }
}
