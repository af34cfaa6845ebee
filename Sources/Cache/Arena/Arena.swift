import CLinux
import Concurrency
import Synchronization

/// The memory of all caches of the process: blocks packed densely into huge pages. A block is named by 32 bits.
///
/// Why not `malloc`: a name takes half the space of an address in tables. A hit among many entries spends most of its time waiting for page
/// tables, which huge pages avoid. Free memory returns to the system chunk by chunk, and not by a call that stops all allocations.
/// Why one for the process: a reply may keep a block longer than its cache lives.
///
/// Any thread may use it. A cache allocates under its own lock and may then take this lock, never the other way round.
enum Arena {
    static let table = ChunkTable()
    private static let heap = Lock(Heap(table), forTheProcess: true)

    /// The largest block in bytes. Larger memory comes from `malloc`.
    static let largest = 1 << 20
    /// The most bytes of a cache. All possible chunks together hold 32 GiB.
    static let mostBytes = 28 << 30

    /// Returns the number of bytes that a block of `size` bytes takes.
    @inline(__always)
    static func cost(of size: Int) -> Int { grains(size) * Chunk.grain }

    private static func grains(_ size: Int) -> Int {
        max((size + Chunk.tagSize + Chunk.grain - 1) / Chunk.grain, Chunk.fewestGrains)
    }

    /// Returns a block of at least `size` bytes, aligned to 8, with undefined content. Nil if it would be too large or memory is exhausted.
    static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size <= largest else { return nil }
        return heap.withLock { $0.allocate(grains(size)) }?.start
    }

    static func free(_ block: UnsafeMutableRawPointer) {
        heap.withLock { $0.free(emptied(block)) }
    }

    /// Frees many blocks at once.
    /// Why: half of the time to free one block is the lock, and the wait for the memory after the block.
    static func free(_ blocks: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>) {
        heap.withLock { heap in
            for block in blocks { Memory.prefetch(HeapBlock(at: block).following(HeapBlock(at: block).tag.grains).start - 8) }
            for block in blocks { heap.free(emptied(block)) }
        }
    }

    /// Overwrites a freed block in debug builds, so that a late reader, which would be a bug, does not find the old content.
    private static func emptied(_ block: UnsafeMutableRawPointer) -> HeapBlock {
        assert(
            {
                memset(block, 0xDD, HeapBlock(at: block).tag.grains * Chunk.grain - Chunk.tagSize); return true
            }())
        return HeapBlock(at: block)
    }

    /// Bytes that the arena has from the system.
    static var resident: Int { heap.withLock { $0.resident } }

    static func checkInvariants() { heap.withLock { $0.checkInvariants() } }
}

/// The name of a block: a pointer compressed to 32 bits. 0 is no block.
typealias BlockID = UInt32

/// The addresses of the chunks by their numbers. It turns names into addresses.
///
/// A name is `number (14 bits) | distance from the chunk's base in grains (18 bits)`. Any thread reads the table; the holder of the arena's lock
/// writes it.
struct ChunkTable: @unchecked Sendable {
    // Sendable because it is never freed and entirely atomic.
    static let count: UInt32 = 1 << 14
    private static let shift: UInt32 = 18
    private let bases: UnsafeMutablePointer<Atomic<UInt>>

    init() {
        // Why so large: pages that are never touched take no memory.
        guard let memory = Pages.system.map(Int(Self.count) * MemoryLayout<UInt>.size) else { fatalError("out of memory") }
        bases = memory.bindMemory(to: Atomic<UInt>.self, capacity: Int(Self.count))
    }

    func deallocate() { Pages.system.unmap(bases, Int(Self.count) * MemoryLayout<UInt>.size) }

    /// Called once for each number.
    func set(_ number: UInt32, _ base: UnsafeMutableRawPointer) { bases[Int(number)].store(UInt(bitPattern: base), ordering: .releasing) }

    func base(_ number: UInt32) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: bases[Int(number)].load(ordering: .relaxed))
    }

    /// Returns the address of an existing block. For any other name it returns an address that must not be read.
    @inline(__always)
    func anyAddress(_ id: BlockID) -> UInt {
        bases[Int(id >> Self.shift)].load(ordering: .relaxed) &+ UInt(id & (1 << Self.shift - 1)) &* UInt(Chunk.grain)
    }

    /// Returns nil for 0. Any other name must belong to an existing block.
    @inline(__always)
    func address(_ id: BlockID) -> UnsafeMutableRawPointer? {
        id == 0 ? nil : UnsafeMutableRawPointer(bitPattern: anyAddress(id))
    }

    /// Returns the name of a block.
    @inline(__always)
    static func id(of block: UnsafeMutableRawPointer) -> BlockID {
        let distance = UInt(bitPattern: block) & UInt(Chunk.size - 1)
        return Chunk(around: block).number << shift | UInt32(truncatingIfNeeded: distance / UInt(Chunk.grain))
    }
}
