import Synchronization

/// Which entry has to go when there is no room. First version: the one used longest ago, of a few taken at random.
struct Eviction {
    private(set) var entries: [EntryPointer] = []
    private var random: UInt64 = 88_172_645_463_325_252
    private(set) var tick: UInt32 = 0

    var count: Int { entries.count }
    /// Bytes of its own tables.
    var size: Int { entries.capacity * 8 }

    mutating func insert(_ entry: EntryPointer) {
        entry.pointee.place = UInt32(truncatingIfNeeded: entries.count)
        entries.append(entry)
        tick &+= 1
        entry.pointee.touch.store(UInt64(tick), ordering: .relaxed)
    }

    /// A new entry takes the place of an old one with the same key.
    mutating func replace(_ old: EntryPointer, by new: EntryPointer) {
        new.pointee.place = old.pointee.place
        entries[Int(new.pointee.place)] = new
        new.pointee.touch.store(old.pointee.touch.load(ordering: .relaxed), ordering: .relaxed)
    }

    mutating func remove(_ entry: EntryPointer) {
        let place = Int(entry.pointee.place)
        guard let last = entries.popLast() else { return }
        if last != entry {
            entries[place] = last
            last.pointee.place = UInt32(truncatingIfNeeded: place)
        }
    }

    mutating func victim() -> EntryPointer? {
        if entries.isEmpty { return nil }
        var best = entries[next()]
        for _ in 1..<8 {
            let other = entries[next()]
            if other.pointee.touch.load(ordering: .relaxed) < best.pointee.touch.load(ordering: .relaxed) { best = other }
        }
        return best
    }

    private mutating func next() -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int(truncatingIfNeeded: random.multipliedFullWidth(by: UInt64(entries.count)).high)
    }
}
