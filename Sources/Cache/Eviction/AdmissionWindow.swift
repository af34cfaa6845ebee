import CLinux

/// A first-in, first-out queue whose items know their slots and can be removed anywhere.
///
/// It is a run of chunks, so it grows without copying and frees what it no longer needs.
struct AdmissionWindow<Item: Addressed> {
    private struct Slot {
        /// 0 for a gap. Otherwise `tick of the item's last use when it was pushed (16 bits) | address (48 bits)`.
        var word: UInt = 0
        var keyHash: UInt64 = 0

        var item: Item? { Item(address: Item.Address(truncatingIfNeeded: word & AdmissionWindow.addressMask)) }
    }

    /// The chunks, a ring by their numbers. Its size is a power of two.
    ///
    /// Why not an array: a copy of a window then consists of plain words.
    private var chunks: UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>
    private var ringSize = 4
    /// Slots are numbers of 31 bits that wrap.
    private var head: UInt32 = 0
    private var tail: UInt32 = 0
    private(set) var count = 0
    private var chunkCount = 0
    /// An emptied chunk that is kept for reuse.
    /// Why: a short queue would otherwise alternate between one chunk and two, and the cache would evict entries for the second.
    private var spareChunk: UnsafeMutablePointer<Slot>?
    /// Bytes of its memory.
    private(set) var size = 0

    private let chunkLog: UInt32
    private var chunkSlots: UInt32 { 1 << chunkLog }
    private static var slotMask: UInt32 { 1 << 31 - 1 }
    private static var addressMask: UInt { 1 << 48 - 1 }

    /// - Parameter chunkSlots: number of slots that are added at a time, a power of two.
    init(chunkSlots: UInt32 = 32) {
        chunkLog = UInt32(chunkSlots.trailingZeroBitCount)
        chunks = .allocate(capacity: ringSize)
        chunks.initialize(repeating: nil, count: ringSize)
        measure()
    }

    func deallocate() {
        for index in 0..<ringSize { chunks[index]?.deallocate() }
        chunks.deallocate()
        spareChunk?.deallocate()
    }

    /// Number of slots between the first and the last item, gaps included.
    var span: Int { Int((tail &- head) & Self.slotMask) }

    /// True if most slots are gaps: of items that were removed while one before them stayed.
    var isSparse: Bool { span > 2 * (count + Int(chunkSlots)) }

    /// Returns the slot of a place. Nil if the place is not in the window.
    static func slot(_ place: UInt32) -> UInt32? { place & ~slotMask != 0 ? place & slotMask : nil }

    /// - Parameter keyHash: the hash of the item's key. Why stored here: reading it from the item would wait for memory.
    mutating func push(_ item: Item, seen: AccessRecord.Tick, keyHash: UInt64) -> UInt32 {
        if slot(at: tail) == nil { addChunk() }
        slot(at: tail)?.pointee = Slot(word: UInt(seen) << 48 | UInt(item.address), keyHash: keyHash)
        let place = tail | ~Self.slotMask
        tail = (tail + 1) & Self.slotMask
        count += 1
        return place
    }

    mutating func popFirst() -> (item: Item, seen: AccessRecord.Tick, keyHash: UInt64)? {
        while span > 0, let place = slot(at: head) {
            let first = place.pointee
            place.pointee.word = 0
            advance()
            if let item = first.item {
                count -= 1
                return (item, AccessRecord.Tick(truncatingIfNeeded: first.word >> 48), first.keyHash)
            }
        }
        return nil
    }

    mutating func clear(_ slot: UInt32) {
        self.slot(at: slot)?.pointee.word = 0
        count -= 1
        skipGaps()
    }

    /// Moves the head to the first item.
    mutating func skipGaps() {
        while span > 0, slot(at: head)?.pointee.word == 0 { advance() }
    }

    mutating func replace(_ slot: UInt32, by item: Item) {
        guard let place = self.slot(at: slot) else { return }
        place.pointee.word = place.pointee.word & ~Self.addressMask | UInt(item.address)
    }

    /// Returns the item at a distance from the head.
    func item(_ distance: Int) -> Item? {
        slot(at: (head &+ UInt32(truncatingIfNeeded: distance)) & Self.slotMask)?.pointee.item
    }

    /// The first item and the hash of its key. Nil if a gap precedes it.
    var first: (item: Item, keyHash: UInt64)? {
        guard span > 0, let place = slot(at: head), let item = place.pointee.item else { return nil }
        return (item, place.pointee.keyHash)
    }

    // MARK: Chunks

    private func index(_ slot: UInt32) -> Int { Int(slot >> chunkLog) & (ringSize - 1) }

    private func slot(at slot: UInt32) -> UnsafeMutablePointer<Slot>? {
        chunks[index(slot)].map { $0 + Int(slot & (chunkSlots - 1)) }
    }

    /// Moves the head. When it leaves a chunk, whose slots are all gaps, the chunk is freed or kept as the spare one.
    private mutating func advance() {
        let left = index(head)
        head = (head + 1) & Self.slotMask
        guard head & (chunkSlots - 1) == 0 else { return }
        if spareChunk == nil { spareChunk = chunks[left] } else { chunks[left]?.deallocate() }
        chunks[left] = nil
        chunkCount -= 1
        measure()
    }

    private mutating func measure() {
        size = ringSize * 8 + (chunkCount + (spareChunk == nil ? 0 : 1)) * Memory.cost(of: Int(chunkSlots) * MemoryLayout<Slot>.stride)
    }

    private mutating func addChunk() {
        if chunkCount >= ringSize - 1 { growRing() }
        chunks[index(tail)] = spareChunk ?? makeChunk()
        spareChunk = nil
        chunkCount += 1
        measure()
    }

    private func makeChunk() -> UnsafeMutablePointer<Slot> {
        let chunk = UnsafeMutablePointer<Slot>.allocate(capacity: Int(chunkSlots))
        chunk.initialize(repeating: Slot(), count: Int(chunkSlots))
        return chunk
    }

    private mutating func growRing() {
        let larger = UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>.allocate(capacity: ringSize * 2)
        larger.initialize(repeating: nil, count: ringSize * 2)
        let first = head >> chunkLog
        for offset in 0..<UInt32(truncatingIfNeeded: chunkCount) {
            let number = Int((first &+ offset) & (Self.slotMask >> chunkLog))
            larger[number & (ringSize * 2 - 1)] = chunks[number & (ringSize - 1)]
        }
        chunks.deallocate()
        chunks = larger
        ringSize *= 2
    }
}
