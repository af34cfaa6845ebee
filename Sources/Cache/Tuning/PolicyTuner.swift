/// Five pairs of parameters compete on a sample of the keys, each in a shadow cache of its own. The cache follows the pair with most hits.
///
/// No pair is right for every load: loops want a tiny window and no decay, bursts a large window and a strong decay. The sample consists of the
/// keys whose hash ends in some zero bits. It is chosen so that a shadow cache, scaled like the sample, holds 100 to 200 keys.
/// It is smaller if these would take more than a sixteenth of the budget. Belongs to the holder of the store's lock.
struct PolicyTuner {
    static let candidates = [
        PolicyParameters(window: 0.01, decay: 0), PolicyParameters(window: 0.1, decay: 0.1), PolicyParameters(window: 0.3, decay: 0.5),
        PolicyParameters(window: 0.3, decay: 4), PolicyParameters(window: 0.01, decay: 0.5),
    ]
    static let initialCandidate = 1
    /// Least number of keys in a shadow cache, if there is room for them, and if there is not.
    private static let (wantedEntries, fewestEntries) = (128, 16)
    /// Approximate bytes of a sampled key in all shadow caches, and the divisor of the budget for all of them.
    private static let (bytesOfKey, share) = (300, 16)
    /// The part of earlier epochs' hits that remains when an epoch ends.
    private static let memory = 0.9
    /// The part of all uses by which another pair must be better. If few uses hit, the part of the hits.
    private static let hysteresis = (uses: 0.006, hits: 0.05)
    /// Least number of uses in an epoch. Why: a few uses come from one part of a loop, where either pair may be better.
    private static let epoch: UInt64 = 256

    private var shadowCaches: [ShadowCache<SampledEviction<Ghost>>] = []
    private var hits: [Double]
    private var weighedHits: [Double]
    private var uses = 0.0
    private var weighedUses = 0.0
    private var isWarm = false
    private(set) var current: Int
    private let candidates: [PolicyParameters]
    /// A key takes part if these bits of its hash are zero. Nil before the tuner has begun.
    private(set) var sampleMask: UInt64?
    /// The intended number of keys in a shadow cache.
    private var entries = wantedEntries

    /// - Parameter missing: a candidate that does not take part; for benchmarks.
    init(without missing: Int? = nil) {
        candidates = Self.candidates.indices.filter { $0 != missing }.map { Self.candidates[$0] }
        current = missing.map { $0 <= Self.initialCandidate } == true ? 0 : Self.initialCandidate
        hits = [Double](repeating: 0, count: candidates.count)
        weighedHits = hits
    }

    /// The pair that the cache follows.
    var parameters: PolicyParameters { candidates[current] }

    /// Bytes of the shadow caches.
    private(set) var tableSize = 0

    /// Begins when the cache is half full. Begins again when the number of entries has changed a lot.
    mutating func adjust(entries: Int, bytes: Int, budget: Int) {
        guard bytes * 2 >= budget, entries > 0 else { return }
        // Entries of a full cache, times its bytes. Why not divided yet: this runs at each insertion.
        let (held, bytes) = (Double(entries) * Double(budget), Double(max(bytes, 1)))
        if let mask = sampleMask {
            let unit = bytes * Double(mask + 1)
            if held < unit * Double(self.entries * 8), held >= unit * Double(self.entries / 4) || mask == 0 { return }
        }
        let expected = held / bytes
        self.entries = min(max(budget / Self.share / Self.bytesOfKey, Self.fewestEntries), Self.wantedEntries)
        var ratio = 1
        while expected / Double(ratio * 2) >= Double(self.entries) { ratio *= 2 }
        deallocate()
        shadowCaches = candidates.map { ShadowCache(parameters: $0, budget: budget / ratio, entries: Int(expected) / ratio) }
        tableSize = shadowCaches.reduce(0) { $0 + $1.tableSize }
        sampleMask = UInt64(ratio - 1)
        isWarm = false
        forgetEpoch()
    }

    /// Scales the budgets of the shadow caches with the cache's.
    mutating func setBudget(_ budget: Int) {
        guard let mask = sampleMask else { return }
        for index in shadowCaches.indices { shadowCaches[index].setBudget(budget / Int(clamping: mask &+ 1)) }
    }

    func deallocate() {
        for cache in shadowCaches { cache.deallocate() }
    }

    static func isSampled(_ keyHash: UInt64, _ mask: UInt64) -> Bool { keyHash >> 20 & mask == 0 }

    /// A sampled key was used. Returns the pair to follow if another one is better now.
    mutating func use(_ keyHash: UInt64, size: Int) -> PolicyParameters? {
        guard let mask = sampleMask, Self.isSampled(keyHash, mask) else { return nil }
        uses += 1
        tableSize = 0
        for index in shadowCaches.indices {
            if shadowCaches[index].use(keyHash, size: size) { hits[index] += 1 }
            tableSize += shadowCaches[index].tableSize
        }
        let epoch = max(shadowCaches[0].policy.count, 64, Int(clamping: Self.epoch / (mask &+ 1)))
        return uses < Double(epoch) ? nil : endEpoch()
    }

    private mutating func endEpoch() -> PolicyParameters? {
        defer { forgetEpoch() }
        guard isWarm else {
            // Why: the shadow caches were cold.
            isWarm = true
            return nil
        }
        for index in shadowCaches.indices { weighedHits[index] = Self.memory * weighedHits[index] + hits[index] }
        weighedUses = Self.memory * weighedUses + uses
        var best = current
        for index in shadowCaches.indices where weighedHits[index] > weighedHits[best] { best = index }
        let margin = min(Self.hysteresis.uses * weighedUses, Self.hysteresis.hits * weighedHits[best])
        guard weighedHits[best] - weighedHits[current] > margin else { return nil }
        current = best
        return candidates[best]
    }

    private mutating func forgetEpoch() {
        hits = [Double](repeating: 0, count: candidates.count)
        uses = 0
    }
}
