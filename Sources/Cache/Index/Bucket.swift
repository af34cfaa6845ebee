import Synchronization

/// A cache line of an index: twelve slots for block names, with a tag of 8 hash bits for each.
///
///     0     the tags, a byte each
///     12    how many names went on to later buckets, because this one was full; 65 535 stands for that and more
///     14    which slots are in use, a bit each
///     16    the names, 4 bytes each; 0 is free
///
/// Any thread reads it, the holder of the store's lock writes it. A tag may belong to a name that has just gone or come. A match is
/// only a candidate, whose bytes decide.
struct Bucket {
    typealias Slot = UnsafeMutablePointer<Atomic<UInt32>>

    static let size = 64
    static let slots = 12
    private static let namesOffset = 16
    /// Where the parts of the second word begin.
    private static let passedShift: UInt64 = 32
    private static let usedShift: UInt64 = 48

    let start: UnsafeMutableRawPointer

    @inline(__always)
    init(at start: UnsafeMutableRawPointer) { self.start = start }

    @inline(__always)
    func slot(_ number: Int) -> Slot {
        (start + Self.namesOffset).assumingMemoryBound(to: Atomic<UInt32>.self) + number
    }

    /// The words with tags: eight in the first, four and other data in the second.
    @inline(__always)
    private func word(_ number: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        start.assumingMemoryBound(to: Atomic<UInt64>.self) + number
    }

    @inline(__always)
    private static func tag(_ hash: UInt64) -> UInt64 { hash >> 56 }

    // MARK: Finding

    /// The slots that have a hash's tag.
    struct Matches {
        /// Bit 8n for slot n, bit 8n + 1 for slot n + 8.
        private var bits: UInt64

        @inline(__always)
        fileprivate init(_ first: UInt64, _ second: UInt64) {
            bits = first >> 7 | (second & 0xFFFF_FFFF) >> 6
        }

        @inline(__always)
        var isEmpty: Bool { bits == 0 }

        @inline(__always)
        mutating func popFirst() -> Int {
            let bit = bits.trailingZeroBitCount
            bits &= bits &- 1
            return bit >> 3 &+ (bit & 1) &* 8
        }
    }

    /// Returns the slots with the hash's tag. Why all at once and without a branch: which of them matches cannot be predicted.
    @inline(__always)
    func matches(_ hash: UInt64) -> Matches {
        let pattern = Self.tag(hash) &* 0x0101_0101_0101_0101
        return Matches(
            Self.zeros(word(0).pointee.load(ordering: .acquiring) ^ pattern),
            Self.zeros(word(1).pointee.load(ordering: .acquiring) ^ pattern))
    }

    /// Returns the high bit of each zero byte, and no other bits.
    @inline(__always)
    private static func zeros(_ bytes: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~((bytes & low) &+ low | bytes | low)
    }

    // MARK: Writing

    /// Puts a name into a free slot. Returns false if there is none.
    func put(_ id: BlockID, _ hash: UInt64) -> Bool {
        let number = (~(word(1).pointee.load(ordering: .relaxed) >> Self.usedShift)).trailingZeroBitCount
        guard number < Self.slots else { return false }
        let word = word(number / 8)
        let shift = UInt64(number % 8 * 8)
        word.pointee.store(word.pointee.load(ordering: .relaxed) & ~(0xFF << shift) | Self.tag(hash) << shift, ordering: .relaxed)
        mark(number)
        slot(number).pointee.store(id, ordering: .releasing)
        return true
    }

    /// Removes a name. Returns false if it is not there.
    func take(_ id: BlockID, _ hash: UInt64) -> Bool {
        var matches = matches(hash)
        while !matches.isEmpty {
            let number = matches.popFirst()
            if slot(number).pointee.load(ordering: .relaxed) != id { continue }
            // Why no barrier: `Reclaimer` makes one afterwards.
            slot(number).pointee.store(0, ordering: .relaxed)
            mark(number)
            return true
        }
        return false
    }

    /// Flips the bit that says whether a slot is in use.
    private func mark(_ number: Int) {
        let old = word(1).pointee.load(ordering: .relaxed)
        word(1).pointee.store(old ^ 1 << (Self.usedShift &+ UInt64(truncatingIfNeeded: number)), ordering: .relaxed)
    }

    /// Makes the bucket empty. Its names are gone already; their tags remain.
    func clear() {
        for number in 0..<Self.size / 8 { word(number).pointee.store(0, ordering: .relaxed) }
    }

    /// Number of names that went on to later buckets.
    @inline(__always)
    var passed: UInt16 { UInt16(truncatingIfNeeded: word(1).pointee.load(ordering: .relaxed) >> Self.passedShift) }

    /// Adds `change` to that number. Why it stays at its maximum: the true number is then no longer known.
    func pass(_ change: Int) {
        if passed == .max { return }
        let old = word(1).pointee.load(ordering: .relaxed)
        word(1).pointee.store(old &+ UInt64(truncatingIfNeeded: change) << Self.passedShift, ordering: .relaxed)
    }
}
