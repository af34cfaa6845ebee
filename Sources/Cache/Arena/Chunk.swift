import CLinux
import Synchronization

/// 2 MiB of memory on a boundary of its size, so that a huge page backs it: what blocks are cut from.
///
///     0       within 4 KiB: the chunk's number, and how many of its free blocks have given their pages back
///     4100    the blocks, one after the other: a tag of 4 bytes, then the bytes that its user has
///     2 MiB   the tag of a block that is none, in the last 4 bytes
///
/// A block begins 4 bytes before a multiple of 8, so that its user's bytes are aligned. A free block holds the links of its list
/// in its first 8 bytes and its size in its last 4, where the next block finds it.
struct Chunk {
    static let size = 2 << 20
    private static let first = 4096 + grain

    /// What sizes of blocks are multiples of, in bytes.
    static let grain = 8
    /// What a block takes beyond its user's bytes.
    static let tagSize = 4
    /// The size of the smallest block: a free one has to hold its links and its size.
    static let fewestGrains = 2
    /// Of the one block that is a whole chunk.
    static let grains = (size - first) / grain

    let base: UnsafeMutableRawPointer

    /// Nil when the system gives no memory.
    static func map(_ pages: Pages) -> Chunk? { pages.map(size).map { Chunk(base: $0) } }

    /// Makes it one free block.
    func open(number: UInt32) {
        header.storeBytes(of: number, as: UInt32.self)
        header.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
        HeapBlock(at: base + Self.size).tag = HeapBlock.BoundaryTag(grains: 0)
        firstBlock.becomeFree(Self.grains)
    }

    /// Gives its memory back to the system. The addresses stay. False when the system does not take it.
    func close(_ pages: Pages) -> Bool { pages.giveBack(base, Self.size) }

    init(base: UnsafeMutableRawPointer) { self.base = base }

    /// The chunk that an address is in.
    init(around address: UnsafeMutableRawPointer) {
        base = address - Int(bitPattern: address) & (Self.size - 1)
    }

    var number: UInt32 { header.load(as: UInt32.self) }

    /// Free blocks that have given their pages back. While there are any, no huge page backs the chunk.
    /// Why: the system would fill the gaps by itself to make one.
    var returnedBlocks: UInt32 {
        get { header.load(fromByteOffset: 4, as: UInt32.self) }
        nonmutating set {
            let old = returnedBlocks
            header.storeBytes(of: newValue, toByteOffset: 4, as: UInt32.self)
            if (old == 0) != (newValue == 0) { madvise(base, Self.size, newValue == 0 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) }
        }
    }

    var firstBlock: HeapBlock { HeapBlock(at: base + Self.first) }

    /// Why not at the very beginning: the first lines of all chunks fall into the same few places of a processor's cache.
    private var header: UnsafeMutableRawPointer { base + (Int(bitPattern: base) >> 21 & 63) * 64 }
}

/// A block of a chunk, by the address of its user's bytes.
struct HeapBlock {
    let start: UnsafeMutableRawPointer

    init(at start: UnsafeMutableRawPointer) { self.start = start }

    /// What stands before a block.
    struct BoundaryTag {
        private(set) var word: UInt32

        init(word: UInt32) { self.word = word }
        init(grains: Int) { word = UInt32(truncatingIfNeeded: grains) << 3 }

        var grains: Int { Int(word >> 3) }
        var isFree: Bool {
            get { word & 1 != 0 }
            set { word = newValue ? word | 1 : word & ~1 }
        }
        /// Whether the block before it is free.
        var followsFree: Bool {
            get { word & 2 != 0 }
            set { word = newValue ? word | 2 : word & ~2 }
        }
        /// Of a free block: its whole pages have been given back to the system.
        var isReturned: Bool {
            get { word & 4 != 0 }
            set { word = newValue ? word | 4 : word & ~4 }
        }
    }

    var tag: BoundaryTag {
        get { BoundaryTag(word: (start - 4).load(as: UInt32.self)) }
        nonmutating set { (start - 4).storeBytes(of: newValue.word, as: UInt32.self) }
    }

    /// The block behind it.
    func following(_ grains: Int) -> HeapBlock { HeapBlock(at: start + grains * Chunk.grain) }

    /// The free block before it.
    var preceding: HeapBlock { HeapBlock(at: start - Int((start - 8).load(as: UInt32.self)) * Chunk.grain) }

    // MARK: Free blocks

    /// Makes it a free block of that size, as its neighbours see it.
    func becomeFree(_ grains: Int) {
        var tag = BoundaryTag(grains: grains)
        tag.isFree = true
        self.tag = tag
        let next = following(grains)
        (next.start - 8).storeBytes(of: UInt32(truncatingIfNeeded: grains), as: UInt32.self)
        next.tag.followsFree = true
    }

    /// The whole pages of a free block of that size, except for what is told of it in its first and last bytes.
    func wholePages(_ grains: Int, _ pages: Pages) -> UnsafeMutableRawBufferPointer {
        pages.between(start + 8, following(grains).start - 8)
    }

    /// Gives its whole pages to the system. False when there are none, or the system does not take them.
    func giveBackPages(_ grains: Int, _ pages: Pages) -> Bool {
        let whole = wholePages(grains, pages)
        guard whole.count > 0, let first = whole.baseAddress else { return false }
        return pages.giveBack(first, whole.count)
    }

    var next: UInt32 {
        get { start.load(as: UInt32.self) }
        nonmutating set { start.storeBytes(of: newValue, as: UInt32.self) }
    }
    var previous: UInt32 {
        get { (start + 4).load(as: UInt32.self) }
        nonmutating set { (start + 4).storeBytes(of: newValue, as: UInt32.self) }
    }
}
