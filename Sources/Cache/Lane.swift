/// A queue, first in, first out, whose items know their slots and may be taken out anywhere.
struct Lane<Item: Equatable> {
    /// The ring; its size is a power of two. `seen` is the tick of the item's last use when it was pushed.
    private var ring: [(item: Item?, seen: UInt32)] = []
    private var head: UInt32 = 0
    private var tail: UInt32 = 0
    private(set) var count = 0

    /// Set in the places of items in a lane.
    private static var mark: UInt32 { 1 << 31 }

    var capacity: Int { ring.count }
    /// Slots between the first and the last item, gaps included.
    var span: Int { Int((tail &- head) & ~Self.mark) }

    /// The slot that a place means; nil if the place is not in a lane.
    static func slot(_ place: UInt32) -> UInt32? { place & mark != 0 ? place & ~mark : nil }

    private func index(_ slot: UInt32) -> Int { Int(slot) & (ring.count - 1) }

    mutating func push(_ item: Item, seen: UInt32) -> UInt32 {
        if span == ring.count { grow() }
        ring[index(tail)] = (item, seen)
        let place = tail & ~Self.mark | Self.mark
        tail &+= 1
        count += 1
        return place
    }

    mutating func popFirst() -> (item: Item, seen: UInt32)? {
        while span > 0 {
            let first = ring[index(head)]
            ring[index(head)].item = nil
            head &+= 1
            if let item = first.item {
                count -= 1
                return (item, first.seen)
            }
        }
        return nil
    }

    mutating func clear(_ slot: UInt32) {
        ring[index(slot)].item = nil
        count -= 1
        while span > 0, ring[index(head)].item == nil { head &+= 1 }
    }

    mutating func replace(_ slot: UInt32, by item: Item) { ring[index(slot)].item = item }

    /// The item at a distance from the head.
    func item(_ distance: Int) -> Item? { ring[index(head &+ UInt32(truncatingIfNeeded: distance))].item }

    private mutating func grow() {
        let size = max(ring.count * 2, 16)
        var larger: [(item: Item?, seen: UInt32)] = Array(repeating: (nil, 0), count: size)
        for distance in 0..<span {
            let slot = head &+ UInt32(truncatingIfNeeded: distance)
            larger[Int(slot) & (size - 1)] = ring[index(slot)]
        }
        ring = larger
    }
}

/// Items that were nearly chosen: looked at first the next time.
struct RunnersUp<Item: Equatable> {
    struct Entry {
        var place: Int
        var item: Item
        var worth: Float
    }
    private var entries: [Entry] = []
    static var most: Int { 8 }

    var count: Int { entries.count }
    subscript(index: Int) -> Entry { entries[index] }

    mutating func keep(where condition: (Entry) -> Bool) { entries.removeAll { !condition($0) } }

    mutating func offer(place: Int, item: Item, worth: Float) {
        if entries.contains(where: { $0.place == place }) { return }
        let new = Entry(place: place, item: item, worth: worth)
        if entries.count < Self.most { return entries.append(new) }
        guard let highest = entries.indices.max(by: { entries[$0].worth < entries[$1].worth }),
            worth < entries[highest].worth
        else { return }
        entries[highest] = new
    }
}

/// A fast generator for sampling; the same numbers each time.
struct Random {
    private var state: UInt64

    init(seed: UInt64 = 0) { state = Hash.mix(seed) | 1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(truncatingIfNeeded: state.multipliedFullWidth(by: UInt64(bound)).high)
    }
}
