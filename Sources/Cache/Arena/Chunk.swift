import CLinux
import Synchronization

/// 2 MiB of memory that blocks are cut from. It is aligned to its size, so that a huge page can back it.
///
///     0       within 4 KiB: the chunk's number, and how many of its free blocks have given their pages back
///     4100    the blocks, one after the other: a tag of 4 bytes, then the user's bytes
///     2 MiB   an end tag without a block, in the last 4 bytes
///
/// A block begins 4 bytes before a multiple of 8, so that the user's bytes are aligned. A free block holds the links of its list in its
/// first 8 bytes. Its size is in its last 4 bytes, where the next block finds it.
struct Chunk {
    static let size = 2 << 20
    private static let first = 4096 + grain

    /// Block sizes are multiples of this number of bytes.
    static let grain = 8
    /// Bytes of a block beyond the user's bytes.
    static let tagSize = 4
    /// Size of the smallest block: a free block must hold its links and its size.
    static let fewestGrains = 2
    /// Size of a block that fills a whole chunk.
    static let grains = (size - first) / grain

    let base: UnsafeMutableRawPointer

    /// Returns nil if the system has no memory.
    static func map(_ pages: Pages) -> Chunk? { pages.map(size).map { Chunk(base: $0) } }

    /// Makes the chunk one free block.
    func open(number: UInt32) {
        header.storeBytes(of: number, as: UInt32.self)
        header.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
        HeapBlock(at: base + Self.size).tag = HeapBlock.BoundaryTag(grains: 0)
        firstBlock.becomeFree(Self.grains)
    }

    /// Gives the memory back to the system; the addresses stay reserved. Returns false if the system does not take it.
    func close(_ pages: Pages) -> Bool { pages.giveBack(base, Self.size) }

    init(base: UnsafeMutableRawPointer) { self.base = base }

    /// The chunk that contains an address.
    init(around address: UnsafeMutableRawPointer) {
        base = address - Int(bitPattern: address) & (Self.size - 1)
    }

    var number: UInt32 { header.load(as: UInt32.self) }

    /// Number of free blocks that have given their pages back. No huge page backs the chunk while there are any.
    /// Why: the system would fill the gaps to make a huge page.
    var returnedBlocks: UInt32 {
        get { header.load(fromByteOffset: 4, as: UInt32.self) }
        nonmutating set {
            let old = returnedBlocks
            header.storeBytes(of: newValue, toByteOffset: 4, as: UInt32.self)
            if (old == 0) != (newValue == 0) { madvise(base, Self.size, newValue == 0 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) }
        }
    }

    var firstBlock: HeapBlock { HeapBlock(at: base + Self.first) }

    /// Why not at offset 0: the first lines of all chunks fall into the same few places of a processor's cache.
    private var header: UnsafeMutableRawPointer { base + (Int(bitPattern: base) >> 21 & 63) * 64 }
}

/// A block of a chunk, identified by the address of its user's bytes.
struct HeapBlock {
    let start: UnsafeMutableRawPointer

    init(at start: UnsafeMutableRawPointer) { self.start = start }

    /// The four bytes before a block.
    struct BoundaryTag {
        private(set) var word: UInt32

        init(word: UInt32) { self.word = word }
        init(grains: Int) { word = UInt32(truncatingIfNeeded: grains) << 3 }

        var grains: Int { Int(word >> 3) }
        var isFree: Bool {
            get { word & 1 != 0 }
            set { word = newValue ? word | 1 : word & ~1 }
        }
        /// True if the preceding block is free.
        var followsFree: Bool {
            get { word & 2 != 0 }
            set { word = newValue ? word | 2 : word & ~2 }
        }
        /// True for a free block whose whole pages have been given back to the system.
        var isReturned: Bool {
            get { word & 4 != 0 }
            set { word = newValue ? word | 4 : word & ~4 }
        }
    }

    var tag: BoundaryTag {
        get { BoundaryTag(word: (start - 4).load(as: UInt32.self)) }
        nonmutating set { (start - 4).storeBytes(of: newValue.word, as: UInt32.self) }
    }

    /// Returns the next block.
    func following(_ grains: Int) -> HeapBlock { HeapBlock(at: start + grains * Chunk.grain) }

    /// The preceding free block.
    var preceding: HeapBlock { HeapBlock(at: start - Int((start - 8).load(as: UInt32.self)) * Chunk.grain) }

    // MARK: Free blocks

    /// Marks the block as a free block of that size, for its neighbours as well.
    func becomeFree(_ grains: Int) {
        var tag = BoundaryTag(grains: grains)
        tag.isFree = true
        self.tag = tag
        let next = following(grains)
        (next.start - 8).storeBytes(of: UInt32(truncatingIfNeeded: grains), as: UInt32.self)
        next.tag.followsFree = true
    }

    /// Returns the whole pages of a free block of that size, without the metadata in its first and last bytes.
    func wholePages(_ grains: Int, _ pages: Pages) -> UnsafeMutableRawBufferPointer {
        pages.between(start + 8, following(grains).start - 8)
    }

    /// Gives the block's whole pages to the system. Returns false if there are none, or if the system does not take them.
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
