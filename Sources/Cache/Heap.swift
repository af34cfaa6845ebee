import CLinux

/// The blocks of all chunks, and which of them are free: two-level segregated lists ("TLSF", Masmano et al. 2004). Whatever there is,
/// allocating and freeing take a few cache lines; a block is at most a sixteenth larger than what the best fit would have been.
///
/// Belongs to the holder of the arena's lock.
struct Heap: @unchecked Sendable {
    // Sendable because the lock that holds it lets one thread at it.
    let table: ChunkTable
    /// The heads of the lists, by `List.number`.
    private let heads: UnsafeMutablePointer<UInt32>
    /// Bit n: a list of row n is not empty. And for each row, which ones are not.
    private var rows: UInt32 = 0
    private let columns: UnsafeMutablePointer<UInt32>
    /// Chunks that gave their memory back, and how many there are of these and the others. Why they keep their addresses: a reader that is
    /// late must find the block that has a name now, or none, where it looked for the one that had it before.
    private var closed: [UInt32] = []
    private var known: UInt32 = 0
    private var emptyChunks = 0
    /// Chunks with memory.
    private(set) var chunks = 0
    /// Grains of blocks that are in use.
    private(set) var used = 0

    /// A size class: sixteen columns for each doubling, and one row for the sixteen smallest sizes.
    struct List {
        static let columns = 16
        static let rows = 15
        let row: Int
        let column: Int
        var number: Int { row * List.columns + column }

        /// The list that holds free blocks of this size.
        init(holding grains: Int) {
            let log = Int.bitWidth - 1 - grains.leadingZeroBitCount
            row = max(log - 3, 0)
            column = row == 0 ? grains : grains >> (log - 4) & 15
        }

        /// The first list all of whose blocks are large enough.
        init(fitting grains: Int) {
            let log = Int.bitWidth - 1 - grains.leadingZeroBitCount
            self.init(holding: log < 4 ? grains : grains + (1 << (log - 4)) - 1)
        }

        init(row: Int, column: Int) {
            self.row = row
            self.column = column
        }
    }

    init(_ table: ChunkTable) {
        self.table = table
        heads = .allocate(capacity: List.rows * List.columns)
        heads.initialize(repeating: 0, count: List.rows * List.columns)
        columns = .allocate(capacity: List.rows)
        columns.initialize(repeating: 0, count: List.rows)
    }

    // MARK: Allocating

    /// A block of that many grains, or nil when there is no memory.
    mutating func allocate(_ grains: Int) -> Cut? {
        guard grains <= Chunk.grains else { return nil }
        var found = find(grains)
        if found == nil, addChunk() { found = find(grains) }
        guard let block = found else { return nil }
        let size = block.tag.grains
        unlink(block, size)
        if size == Chunk.grains { emptyChunks -= 1 }
        var taken = size
        if size - grains >= Chunk.fewestGrains {
            taken = grains
            let rest = block.following(grains)
            rest.becomeFree(size - grains)
            link(rest, size - grains)
        } else {
            block.following(size).tag.followsFree = false
        }
        block.tag = Cut.Tag(grains: taken)
        used += taken
        return block
    }

    /// A free block that is large enough, nearly the smallest.
    private func find(_ grains: Int) -> Cut? {
        // Why first: where sizes repeat, the block that was freed last fits to the grain.
        let own = List(holding: grains)
        if let block = first(own), block.tag.grains >= grains { return block }
        let wanted = List(fitting: grains)
        guard wanted.row < List.rows else { return nil }
        let columns = columns[wanted.row] & ~0 << UInt32(wanted.column)
        if columns != 0 { return first(List(row: wanted.row, column: columns.trailingZeroBitCount)) }
        let rows = rows & ~0 << UInt32(wanted.row + 1)
        if rows == 0 { return nil }
        let row = rows.trailingZeroBitCount
        return first(List(row: row, column: self.columns[row].trailingZeroBitCount))
    }

    private func first(_ list: List) -> Cut? { table.address(heads[list.number]).map { Cut(at: $0) } }

    private mutating func addChunk() -> Bool {
        guard let number = closed.popLast() ?? mapChunk(), let base = table.base(number) else { return false }
        let chunk = Chunk(base: base)
        chunk.open(number: number)
        chunks += 1
        emptyChunks += 1
        link(chunk.firstCut, Chunk.grains)
        return true
    }

    private mutating func mapChunk() -> UInt32? {
        guard known < ChunkTable.count, let chunk = Chunk.map() else { return nil }
        table.set(known, chunk.base)
        known += 1
        return known - 1
    }

    // MARK: Freeing

    mutating func free(_ block: Cut) {
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
            if emptyChunks > 0 { return remove(Chunk(around: block.start)) }
            // Why one is kept: else a chunk would come and go with every block, where the next one is just needed.
            emptyChunks += 1
        }
        start.becomeFree(grains)
        link(start, grains)
    }

    private mutating func remove(_ chunk: Chunk) {
        closed.append(chunk.number)
        chunks -= 1
        chunk.close()
    }

    /// Gives whole pages of up to `limit` large free blocks back to the system. True when there are more.
    mutating func trim(limit: Int) -> Bool {
        // Why not always: what is given back comes again page by page, and no longer as one huge page.
        guard chunks * Chunk.grains - used >= chunks * Chunk.grains / 4 else { return false }
        var left = limit
        for number in List(holding: Heap.worthReturning).number..<List.rows * List.columns {
            var block = table.address(heads[number]).map { Cut(at: $0) }
            while let free = block {
                block = table.address(free.next).map { Cut(at: $0) }
                if free.tag.isReturned { continue }
                if left == 0 { return true }
                left -= 1
                free.tag.isReturned = true
                let end = (Int(bitPattern: free.following(free.tag.grains).start) - 8) & ~4095
                let begin = (Int(bitPattern: free.start) + 8 + 4095) & ~4095
                if begin < end { madvise(UnsafeMutableRawPointer(bitPattern: begin), end - begin, MADV_DONTNEED) }
            }
        }
        return false
    }

    /// Grains of a free block whose pages are worth a call of the system.
    private static let worthReturning = (32 << 10) / Chunk.grain

    // MARK: Lists

    private mutating func link(_ block: Cut, _ grains: Int) {
        let list = List(holding: grains)
        let head = heads[list.number]
        let name = ChunkTable.name(of: block.start)
        block.next = head
        block.previous = 0
        if let next = table.address(head) { Cut(at: next).previous = name }
        heads[list.number] = name
        rows |= 1 << UInt32(list.row)
        columns[list.row] |= 1 << UInt32(list.column)
    }

    private mutating func unlink(_ block: Cut, _ grains: Int) {
        let (next, previous) = (block.next, block.previous)
        if let address = table.address(next) { Cut(at: address).previous = previous }
        if let address = table.address(previous) {
            Cut(at: address).next = next
            return
        }
        let list = List(holding: grains)
        heads[list.number] = next
        if next != 0 { return }
        columns[list.row] &= ~(1 << UInt32(list.column))
        if columns[list.row] == 0 { rows &= ~(1 << UInt32(list.row)) }
    }

    /// Stops the program when the lists and the chunks contradict each other. For tests; slow.
    func checkInvariants() {
        var free = 0
        var blocks = 0
        for number in 0..<List.rows * List.columns {
            var name = heads[number]
            var before: UInt32 = 0
            while let address = table.address(name) {
                let block = Cut(at: address)
                let tag = block.tag
                precondition(tag.isFree && List(holding: tag.grains).number == number, "a free block is in the list of its size")
                precondition(block.previous == before, "a list leads back")
                let next = block.following(tag.grains)
                precondition(next.tag.followsFree && next.preceding.start == block.start, "its neighbour knows of it")
                precondition(!next.tag.isFree && !tag.followsFree, "no two free blocks lie side by side")
                free += tag.grains
                blocks += 1
                (before, name) = (name, block.next)
            }
        }
        precondition(free + used == chunks * Chunk.grains, "every grain is free or in use")
    }
}
