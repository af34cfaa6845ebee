/// A fixed policy for comparison: first in, first out, where a used item goes round once more ("CLOCK", Corbató 1968).
///
/// It approximates LRU. The cache itself uses `SampledEviction`.
struct ClockEviction<Item: Evictable>: EvictionPolicy {
    var budget: Int
    private(set) var bytes = 0
    private var ring = AdmissionWindow<Item>()
    private var clock = 0.0
    var tick: AccessRecord.Tick { AccessRecord.Tick(truncatingIfNeeded: Int(clock)) }
    let decay: Float = 0

    init(budget: Int) { self.budget = budget }

    func deallocate() { ring.deallocate() }

    var count: Int { ring.count }
    var tableSize: Int { ring.size }

    mutating func recordInsertion(_ keyHash: UInt64) { clock += Double(AccessRecord.ticksPerTurnover) / Double(max(count, 1)) }

    mutating func insert(_ item: Item, _ keyHash: UInt64, size: Int) {
        item.accessRecord = AccessRecord(tick: tick, count: 1)
        item.place = ring.push(item, seen: tick, keyHash: keyHash)
        bytes += size
    }

    mutating func selectVictims(_ victims: inout MappedArray<Victim<Item>>) {
        while bytes > budget, let (item, seen, keyHash) = ring.popFirst() {
            if item.accessRecord.tick != seen {
                item.place = ring.push(item, seen: item.accessRecord.tick, keyHash: keyHash)
            } else {
                let size = item.size
                bytes -= size
                victims.append(Victim(item: item, size: size))
            }
        }
    }

    func remember(_ item: Item, _ keyHash: UInt64) {}
}
