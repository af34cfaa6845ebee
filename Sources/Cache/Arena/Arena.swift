import CLinux
import Concurrency
import Synchronization

/// The memory of all caches of the process: blocks that lie densely in huge pages, each known by a name of 32 bits.
///
/// Why not `malloc`: in tables a name takes half of what an address takes; a hit among many entries spends most of its time on waiting
/// for page tables, which huge pages spare it; and what is left goes back to the system chunk by chunk, not by a call that
/// stops the whole program's allocations. Why one for the process: a reply may keep a block longer than its cache lives.
///
/// Any thread. A cache allocates under its own lock and may take this one then, not the other way round.
enum Arena {
    static let table = ChunkTable()
    private static let heap = Lock(Heap(table), forTheProcess: true)

    /// Larger blocks are for `malloc`.
    static let largest = 1 << 20
    /// Of a cache. What chunks there can be hold 32 GiB.
    static let mostBytes = 28 << 30

    /// Bytes that a block of `size` takes.
    @inline(__always)
    static func cost(of size: Int) -> Int { grains(size) * Chunk.grain }

    private static func grains(_ size: Int) -> Int {
        max((size + Chunk.tagSize + Chunk.grain - 1) / Chunk.grain, Chunk.fewestGrains)
    }

    /// A block of at least `size` bytes, aligned to 8, with any content; nil when it would be too large or there is no memory.
    static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size <= largest else { return nil }
        return heap.withLock { $0.allocate(grains(size)) }?.start
    }

    static func free(_ block: UnsafeMutableRawPointer) {
        heap.withLock { $0.free(emptied(block)) }
    }

    /// Frees many at once. Why: half of what it takes to free one is the lock, and the wait for what stands behind the block.
    static func free(_ blocks: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>) {
        heap.withLock { heap in
            for block in blocks { Memory.prefetch(HeapBlock(at: block).following(HeapBlock(at: block).tag.grains).start - 8) }
            for block in blocks { heap.free(emptied(block)) }
        }
    }

    /// Why: a reader that looks at it afterwards, against the rules, must not find what was there. In debug builds.
    private static func emptied(_ block: UnsafeMutableRawPointer) -> HeapBlock {
        assert(
            {
                memset(block, 0xDD, HeapBlock(at: block).tag.grains * Chunk.grain - Chunk.tagSize); return true
            }())
        return HeapBlock(at: block)
    }

    /// Bytes that it has of the system.
    static var resident: Int { heap.withLock { $0.resident } }

    static func checkInvariants() { heap.withLock { $0.checkInvariants() } }
}

/// A block of the arena by number: a pointer compressed to 32 bits; 0 is none.
typealias BlockID = UInt32

/// Where the chunks are, by their numbers. Makes addresses of names: `number (14 bits) | distance from the chunk's base in grains (18 bits)`;
/// 0 is no block. Any thread reads it, the holder of the arena's lock writes.
struct ChunkTable: @unchecked Sendable {
    // Sendable because it never goes and all of it is atomic.
    static let count: UInt32 = 1 << 14
    private static let shift: UInt32 = 18
    private let bases: UnsafeMutablePointer<Atomic<UInt>>

    init() {
        // Pages that are never touched take no memory.
        guard let memory = Pages.system.map(Int(Self.count) * MemoryLayout<UInt>.size) else { fatalError("out of memory") }
        bases = memory.bindMemory(to: Atomic<UInt>.self, capacity: Int(Self.count))
    }

    func deallocate() { Pages.system.unmap(bases, Int(Self.count) * MemoryLayout<UInt>.size) }

    /// Set once for each number.
    func set(_ number: UInt32, _ base: UnsafeMutableRawPointer) { bases[Int(number)].store(UInt(bitPattern: base), ordering: .releasing) }

    func base(_ number: UInt32) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: bases[Int(number)].load(ordering: .relaxed))
    }

    /// Of a block that is there, or of any name: then any address, which must not be read.
    @inline(__always)
    func anyAddress(_ id: BlockID) -> UInt {
        bases[Int(id >> Self.shift)].load(ordering: .relaxed) &+ UInt(id & (1 << Self.shift - 1)) &* UInt(Chunk.grain)
    }

    /// Nil for 0. The block has to be there.
    @inline(__always)
    func address(_ id: BlockID) -> UnsafeMutableRawPointer? {
        id == 0 ? nil : UnsafeMutableRawPointer(bitPattern: anyAddress(id))
    }

    /// The name of a block.
    @inline(__always)
    static func id(of block: UnsafeMutableRawPointer) -> BlockID {
        let distance = UInt(bitPattern: block) & UInt(Chunk.size - 1)
        return Chunk(around: block).number << shift | UInt32(truncatingIfNeeded: distance / UInt(Chunk.grain))
    }
}
