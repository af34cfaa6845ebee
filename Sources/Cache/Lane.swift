import CLinux

/// A queue, first in, first out, whose items know their slots and may be taken out anywhere.
///
/// A run of chunks, so that it grows without copying and returns what it no longer needs.
struct Lane<Item: Addressed> {
    /// The chunks, a ring by their numbers; its size is a power of two. A word in a chunk is 0 for a gap, or
    /// `tick of the item's last use when it was pushed (16 bits) | address (48 bits)`.
    ///
    /// Why no array: copies of a lane are then made of plain words.
    private var chunks: UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>
    private var ringSize = 4
    /// Slots are numbers of 31 bits that go round.
    private var head: UInt32 = 0
    private var tail: UInt32 = 0
    private(set) var count = 0
    private var chunkCount = 0
    /// A chunk that was left, to be used again.
    /// Why: else a short queue would take one chunk or two by turns, and the cache would drive out entries for the second.
    private var spare: UnsafeMutablePointer<UInt>?
    /// Bytes of its memory.
    private(set) var size = 0

    private static var chunkLog: UInt32 { 6 }
    private static var chunkSlots: UInt32 { 1 << chunkLog }
    private static var slotMask: UInt32 { 1 << 31 - 1 }
    private static var addressMask: UInt { 1 << 48 - 1 }

    init() {
        chunks = .allocate(capacity: ringSize)
        chunks.initialize(repeating: nil, count: ringSize)
        measure()
    }

    func deallocate() {
        for index in 0..<ringSize { chunks[index]?.deallocate() }
        chunks.deallocate()
        spare?.deallocate()
    }

    /// Slots between the first and the last item, gaps included.
    var span: Int { Int((tail &- head) & Self.slotMask) }

    /// The slot that a place means; nil if the place is not in a lane.
    static func slot(_ place: UInt32) -> UInt32? { place & ~slotMask != 0 ? place & slotMask : nil }

    mutating func push(_ item: Item, seen: Touch.Tick) -> UInt32 {
        if word(tail) == nil { addChunk() }
        word(tail)?.pointee = UInt(seen) << 48 | UInt(item.address)
        let place = tail | ~Self.slotMask
        tail = (tail + 1) & Self.slotMask
        count += 1
        return place
    }

    mutating func popFirst() -> (item: Item, seen: Touch.Tick)? {
        while span > 0 {
            let first = word(head)?.pointee ?? 0
            word(head)?.pointee = 0
            advance()
            if let item = Item(address: Item.Address(truncatingIfNeeded: first & Self.addressMask)) {
                count -= 1
                return (item, Touch.Tick(truncatingIfNeeded: first >> 48))
            }
        }
        return nil
    }

    mutating func clear(_ slot: UInt32) {
        word(slot)?.pointee = 0
        count -= 1
        while span > 0, word(head)?.pointee == 0 { advance() }
    }

    mutating func replace(_ slot: UInt32, by item: Item) {
        guard let word = word(slot) else { return }
        word.pointee = word.pointee & ~Self.addressMask | UInt(item.address)
    }

    /// The item at a distance from the head.
    func item(_ distance: Int) -> Item? {
        word((head &+ UInt32(truncatingIfNeeded: distance)) & Self.slotMask).flatMap { Item(address: Item.Address(truncatingIfNeeded: $0.pointee & Self.addressMask)) }
    }

    /// The first item, if no gap comes before it.
    var first: Item? { span > 0 ? item(0) : nil }

    // MARK: Chunks

    private func index(_ slot: UInt32) -> Int { Int(slot >> Self.chunkLog) & (ringSize - 1) }

    private func word(_ slot: UInt32) -> UnsafeMutablePointer<UInt>? {
        chunks[index(slot)].map { $0 + Int(slot & (Self.chunkSlots - 1)) }
    }

    /// The head's chunk goes when the head leaves it, or is kept as the spare one. All its words are 0.
    private mutating func advance() {
        let left = index(head)
        head = (head + 1) & Self.slotMask
        guard head & (Self.chunkSlots - 1) == 0 else { return }
        if spare == nil { spare = chunks[left] } else { chunks[left]?.deallocate() }
        chunks[left] = nil
        chunkCount -= 1
        measure()
    }

    private mutating func measure() {
        size = ringSize * 8 + (chunkCount + (spare == nil ? 0 : 1)) * Memory.cost(of: Int(Self.chunkSlots) * 8)
    }

    private mutating func addChunk() {
        if chunkCount >= ringSize - 1 { growRing() }
        chunks[index(tail)] = spare ?? Self.makeChunk()
        spare = nil
        chunkCount += 1
        measure()
    }

    private static func makeChunk() -> UnsafeMutablePointer<UInt> {
        let chunk = UnsafeMutablePointer<UInt>.allocate(capacity: Int(chunkSlots))
        chunk.initialize(repeating: 0, count: Int(chunkSlots))
        return chunk
    }

    private mutating func growRing() {
        let larger = UnsafeMutablePointer<UnsafeMutablePointer<UInt>?>.allocate(capacity: ringSize * 2)
        larger.initialize(repeating: nil, count: ringSize * 2)
        let first = head >> Self.chunkLog
        for offset in 0..<UInt32(truncatingIfNeeded: chunkCount) {
            let number = Int((first &+ offset) & (Self.slotMask >> Self.chunkLog))
            larger[number & (ringSize * 2 - 1)] = chunks[number & (ringSize - 1)]
        }
        chunks.deallocate()
        chunks = larger
        ringSize *= 2
    }
}
