/// Free blocks by size, in two levels: a row for each doubling of the size, with sixteen columns ("TLSF", Masmano et al. 2004).
///
/// Two words of bits show which lists have blocks. Each step therefore takes a few cache lines, whatever the number of blocks.
///
/// Belongs to the holder of the arena's lock.
struct FreeLists {
    /// The heads of the lists by `List.number`; 0 is an empty list.
    private let heads: UnsafeMutablePointer<UInt32>
    /// Bit n is set if a list of row n is not empty. `columns` has the same for the lists of each row.
    private var rows: UInt32 = 0
    private let columns: UnsafeMutablePointer<UInt32>
    private let table: ChunkTable

    /// A size class: sixteen columns for each doubling, and one row for the sixteen smallest sizes.
    struct List {
        static let columns = 16
        static let rows = 15
        static let count = rows * columns
        let row: Int
        let column: Int
        var number: Int { row * List.columns + column }

        /// The list that holds free blocks of this size.
        @inline(__always)
        init(holding grains: Int) {
            let log = Int.bitWidth - 1 - grains.leadingZeroBitCount
            row = max(log - 3, 0)
            column = row == 0 ? grains : grains >> (log - 4) & 15
        }

        /// The first list whose blocks are all large enough.
        @inline(__always)
        init(fitting grains: Int) {
            let log = Int.bitWidth - 1 - grains.leadingZeroBitCount
            self.init(holding: log < 4 ? grains : grains + (1 << (log - 4)) - 1)
        }

        fileprivate init(row: Int, column: Int) {
            self.row = row
            self.column = column
        }
    }

    init(_ table: ChunkTable) {
        self.table = table
        heads = .allocate(capacity: List.count)
        heads.initialize(repeating: 0, count: List.count)
        columns = .allocate(capacity: List.rows)
        columns.initialize(repeating: 0, count: List.rows)
    }

    func deallocate() {
        heads.deallocate()
        columns.deallocate()
    }

    private func block(_ id: BlockID) -> HeapBlock? { table.address(id).map { HeapBlock(at: $0) } }

    private func first(_ list: List) -> HeapBlock? { block(heads[list.number]) }

    /// Returns a block that is large enough, and nearly the smallest one.
    func find(_ grains: Int) -> HeapBlock? {
        // Why first: if sizes repeat, the block that was freed last fits exactly.
        if let block = first(List(holding: grains)), block.tag.grains >= grains { return block }
        let wanted = List(fitting: grains)
        guard wanted.row < List.rows else { return nil }
        let columns = columns[wanted.row] & ~0 << UInt32(wanted.column)
        if columns != 0 { return first(List(row: wanted.row, column: columns.trailingZeroBitCount)) }
        let rows = rows & ~0 << UInt32(wanted.row + 1)
        if rows == 0 { return nil }
        let row = rows.trailingZeroBitCount
        return first(List(row: row, column: self.columns[row].trailingZeroBitCount))
    }

    /// A free block of the highest non-empty size class. Nil if there is none.
    var largest: HeapBlock? {
        if rows == 0 { return nil }
        let row = UInt32.bitWidth - 1 - rows.leadingZeroBitCount
        return first(List(row: row, column: UInt32.bitWidth - 1 - columns[row].leadingZeroBitCount))
    }

    mutating func link(_ block: HeapBlock, _ grains: Int) {
        let list = List(holding: grains)
        let head = heads[list.number]
        let id = ChunkTable.id(of: block.start)
        block.next = head
        block.previous = 0
        if let next = self.block(head) { next.previous = id }
        heads[list.number] = id
        rows |= 1 << UInt32(list.row)
        columns[list.row] |= 1 << UInt32(list.column)
    }

    mutating func unlink(_ block: HeapBlock, _ grains: Int) {
        let (next, previous) = (block.next, block.previous)
        if let following = self.block(next) { following.previous = previous }
        if let preceding = self.block(previous) {
            preceding.next = next
            return
        }
        let list = List(holding: grains)
        heads[list.number] = next
        if next != 0 { return }
        columns[list.row] &= ~(1 << UInt32(list.column))
        if columns[list.row] == 0 { rows &= ~(1 << UInt32(list.row)) }
    }

    /// Calls `visit` with each block. Stops the program if a list contradicts itself. For tests; slow.
    func forEach(_ visit: (HeapBlock) -> Void) {
        for number in 0..<List.count {
            var id = heads[number]
            var before: UInt32 = 0
            while let block = block(id) {
                precondition(List(holding: block.tag.grains).number == number, "a free block is in the list of its size")
                precondition(block.previous == before, "a list leads back")
                visit(block)
                (before, id) = (id, block.next)
            }
        }
    }
}
