/// Five themes compete on a sample of the keys, each in a small cache of its own; the cache follows the one that hits most.
///
/// No theme is right for every load: loops want a tiny window and no decay, bursts a large window and a strong one. The sample is
/// the keys whose hash ends in some zero bits, so many that a small cache, shrunk like its share of the keys, holds a hundred
/// to two hundred. Belongs to the holder of the store's lock.
struct Contest {
    static let themes = [
        Theme(window: 0.01, decay: 0), Theme(window: 0.1, decay: 0.1), Theme(window: 0.3, decay: 0.5),
        Theme(window: 0.3, decay: 4), Theme(window: 0.01, decay: 0.5),
    ]
    static let firstTheme = 1
    private static let entries = 128
    /// What is left of earlier epochs' hits when an epoch ends.
    private static let memory = 0.9
    /// The part of all uses by which another theme must be better, or the part of the hits where few hit.
    private static let hysteresis = (uses: 0.006, hits: 0.05)
    /// Uses of all keys in an epoch, at least. Why: those of a few come from one part of a loop, where either theme may be better.
    private static let epoch: UInt64 = 256

    private var caches: [TrialCache] = []
    private var hits = [Double](repeating: 0, count: themes.count)
    private var weighedHits = [Double](repeating: 0, count: themes.count)
    private var uses = 0.0
    private var weighedUses = 0.0
    private var isWarm = false
    private(set) var current = firstTheme
    /// A key takes part when these bits of its hash are zero; nil before the contest has begun.
    private(set) var sampleMask: UInt64?

    /// Bytes of the small caches.
    private(set) var tableSize = 0

    /// Begins when the cache is half full, and again when it holds far more or fewer entries than it did.
    mutating func adjust(entries: Int, bytes: Int, budget: Int) {
        guard bytes * 2 >= budget, entries > 0 else { return }
        // Entries of a full cache, times its bytes. Why not divided yet: this is asked at each insertion.
        let (held, bytes) = (Double(entries) * Double(budget), Double(max(bytes, 1)))
        if let mask = sampleMask {
            let unit = bytes * Double(mask + 1)
            if held < unit * Double(Self.entries * 8), held >= unit * Double(Self.entries / 4) || mask == 0 { return }
        }
        let expected = held / bytes
        var ratio = 1
        while expected / Double(ratio * 2) >= Double(Self.entries) { ratio *= 2 }
        deallocate()
        caches = Self.themes.map { TrialCache(theme: $0, budget: budget / ratio, entries: Int(expected) / ratio) }
        tableSize = caches.reduce(0) { $0 + $1.tableSize }
        sampleMask = UInt64(ratio - 1)
        isWarm = false
        forgetEpoch()
    }

    /// The small caches shrink and grow with the cache.
    mutating func follow(budget: Int) {
        guard let mask = sampleMask else { return }
        for index in caches.indices { caches[index].setBudget(budget / Int(clamping: mask &+ 1)) }
    }

    func deallocate() {
        for cache in caches { cache.deallocate() }
    }

    static func takesPart(_ history: UInt64, _ mask: UInt64) -> Bool { history >> 20 & mask == 0 }

    /// A key of the sample was used. Returns the theme to follow, if another one is better now.
    mutating func use(_ history: UInt64, size: Int) -> Theme? {
        guard let mask = sampleMask, Self.takesPart(history, mask) else { return nil }
        uses += 1
        tableSize = 0
        for index in caches.indices {
            if caches[index].use(history, size: size) { hits[index] += 1 }
            tableSize += caches[index].tableSize
        }
        let epoch = max(caches[0].population.count, 64, Int(clamping: Self.epoch / (mask &+ 1)))
        return uses < Double(epoch) ? nil : endEpoch()
    }

    private mutating func endEpoch() -> Theme? {
        defer { forgetEpoch() }
        guard isWarm else {
            // Why: it was cold.
            isWarm = true
            return nil
        }
        for index in caches.indices { weighedHits[index] = Self.memory * weighedHits[index] + hits[index] }
        weighedUses = Self.memory * weighedUses + uses
        var best = current
        for index in caches.indices where weighedHits[index] > weighedHits[best] { best = index }
        let margin = min(Self.hysteresis.uses * weighedUses, Self.hysteresis.hits * weighedHits[best])
        guard weighedHits[best] - weighedHits[current] > margin else { return nil }
        current = best
        return Self.themes[best]
    }

    private mutating func forgetEpoch() {
        hits = [Double](repeating: 0, count: Self.themes.count)
        uses = 0
    }
}
