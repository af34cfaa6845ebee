import CLinux

/// The blocks of all chunks, and which of them are free.
///
/// Large free blocks give their pages back to the system. The arena therefore has little more memory than is in use, however sizes are mixed.
///
/// Belongs to the holder of the arena's lock.
struct Heap: @unchecked Sendable {
    // Sendable because the lock that holds it admits one thread at a time.
    let table: ChunkTable
    private let pages: Pages
    /// Free blocks with memory, and free blocks that gave it back. Why two lists: blocks with memory are used first.
    private var ready: FreeLists
    private var returned: FreeLists
    /// Grains of the whole pages that have been given back.
    private var away = 0
    /// Grains of blocks that were freed since the last check of what could be given back.
    private var freed = 0
    /// Chunks that gave their memory back, and the number of all chunks ever made.
    ///
    /// Why they keep their addresses: a late reader must find at an address either no block or one whose present name it can compare.
    private var closed: [UInt32] = []
    private var known: UInt32 = 0
    private var emptyChunks = 0
    /// Number of chunks in use.
    private(set) var chunks = 0
    /// Grains of blocks in use.
    private(set) var used = 0

    /// Size in grains from which a block is worth a system call.
    private static let large = (16 << 10) / Chunk.grain
    /// What free blocks may keep: a number of grains, and a part of what is in use.
    /// Why any: memory that was given back returns page by page, which takes longer than to copy an answer.
    private static let kept = (grains: 2 * Chunk.grains, part: 10)

    /// Grains that are freed between two such checks.
    private static let portion = (64 << 10) / Chunk.grain

    init(_ table: ChunkTable, _ pages: Pages = .system) {
        self.table = table
        self.pages = pages
        ready = FreeLists(table)
        returned = FreeLists(table)
    }

    /// Gives everything back, chunks included. The heap of the process is never deallocated.
    func deallocate() {
        ready.deallocate()
        returned.deallocate()
        for number in 0..<known { if let base = table.base(number) { pages.unmap(base, Chunk.size) } }
        table.deallocate()
    }

    /// Bytes that the arena has from the system.
    var resident: Int { chunks * Chunk.size - away * Chunk.grain }

    // MARK: Allocating

    /// Returns a block of that many grains. Nil if there is no memory.
    mutating func allocate(_ grains: Int) -> HeapBlock? {
        guard grains <= Chunk.grains else { return nil }
        var found = ready.find(grains) ?? returned.find(grains)
        if found == nil, addChunk() { found = ready.find(grains) }
        guard let block = found else { return nil }
        let (size, isReturned) = (block.tag.grains, block.tag.isReturned)
        unlink(block, size)
        if size == Chunk.grains { emptyChunks -= 1 }
        var taken = size
        if size - grains >= Chunk.fewestGrains {
            taken = grains
            let rest = block.following(grains)
            rest.becomeFree(size - grains)
            link(rest, size - grains, isReturned: isReturned)
        } else {
            block.following(size).tag.followsFree = false
        }
        block.tag = HeapBlock.BoundaryTag(grains: taken)
        used += taken
        return block
    }

    private mutating func addChunk() -> Bool {
        guard let number = closed.popLast() ?? mapChunk(), let base = table.base(number) else { return false }
        let chunk = Chunk(base: base)
        chunk.open(number: number)
        chunks += 1
        emptyChunks += 1
        link(chunk.firstBlock, Chunk.grains)
        return true
    }

    private mutating func mapChunk() -> UInt32? {
        guard known < ChunkTable.count, let chunk = Chunk.map(pages) else { return nil }
        table.set(known, chunk.base)
        known += 1
        return known - 1
    }

    // MARK: Freeing

    mutating func free(_ block: HeapBlock) {
        let tag = block.tag
        var grains = tag.grains
        used -= grains
        var start = block
        let next = block.following(grains)
        let nextTag = next.tag
        if nextTag.isFree {
            unlink(next, nextTag.grains)
            grains += nextTag.grains
        }
        if tag.followsFree {
            start = block.preceding
            let size = start.tag.grains
            unlink(start, size)
            grains += size
        }
        if grains == Chunk.grains {
            if emptyChunks > 0 && remove(Chunk(around: block.start)) { return }
            // Why one empty chunk is kept: it would otherwise be unmapped and mapped with every block at the border. More are kept if the
            // system does not take memory back.
            emptyChunks += 1
        }
        start.becomeFree(grains)
        link(start, grains)
        // Why not for each block: neighbours that are freed in a row merge. Why one block at a time: no call must take long.
        freed += tag.grains
        guard freed >= Self.portion else { return }
        freed = 0
        if chunks * Chunk.grains - used - away > Self.kept.grains + used / Self.kept.part { giveBackLargest() }
    }

    private mutating func remove(_ chunk: Chunk) -> Bool {
        let number = chunk.number
        guard chunk.close(pages) else { return false }
        closed.append(number)
        chunks -= 1
        return true
    }

    private mutating func giveBackLargest() {
        guard let block = ready.largest else { return }
        let grains = block.tag.grains
        if grains < Self.large { return }
        guard block.giveBackPages(grains, pages) else { return }
        unlink(block, grains)
        link(block, grains, isReturned: true)
    }

    // MARK: Lists

    /// - Parameter isReturned: true if all its whole pages have been given back. Even if false, some of them may have been.
    private mutating func link(_ block: HeapBlock, _ grains: Int, isReturned: Bool = false) {
        guard isReturned, grains >= Self.large else { return ready.link(block, grains) }
        let whole = block.wholePages(grains, pages).count
        if whole == 0 { return ready.link(block, grains) }
        block.tag.isReturned = true
        returned.link(block, grains)
        away += whole / Chunk.grain
        Chunk(around: block.start).returnedBlocks += 1
    }

    private mutating func unlink(_ block: HeapBlock, _ grains: Int) {
        guard block.tag.isReturned else { return ready.unlink(block, grains) }
        returned.unlink(block, grains)
        away -= block.wholePages(grains, pages).count / Chunk.grain
        Chunk(around: block.start).returnedBlocks -= 1
    }

    /// Stops the program if the lists and the chunks contradict each other. For tests; slow.
    func checkInvariants() {
        var free = 0
        var away = 0
        for (lists, areReturned) in [(ready, false), (returned, true)] {
            lists.forEach { block in
                let tag = block.tag
                let next = block.following(tag.grains)
                precondition(tag.isFree && tag.isReturned == areReturned, "a free block is in the lists of its kind")
                precondition(next.tag.followsFree && next.preceding.start == block.start, "its neighbour knows of it")
                precondition(!next.tag.isFree && !tag.followsFree, "no two free blocks lie side by side")
                free += tag.grains
                if areReturned { away += block.wholePages(tag.grains, pages).count / Chunk.grain }
            }
        }
        precondition(free + used == chunks * Chunk.grains, "every grain is free or in use")
        precondition(away == self.away, "what is given back is counted")
    }
}
