/// Finds the rows of a result by the raw bytes of some of their columns, in the order of the result or the reverse.
///
/// Built once per answer: one pass over the rows, a hash table with chains. Rows with equal keys that follow each other,
/// as they do when the parents' order is repeated, are chained without hashing.
struct RowIndex: ~Copyable {
    private let reply: Reply
    private let columns: [Int32]
    /// Slots of the table: a row that starts a chain, plus one; 0 is free.
    private let table: UnsafeMutablePointer<Int32>
    private let mask: Int
    /// The row that follows in the chain; -1 at its end.
    private let following: UnsafeMutablePointer<Int32>
    private let seed: UInt64

    init(_ reply: Reply, columns: [Int32], isReversed: Bool) {
        self.reply = reply
        self.columns = columns
        let count = reply.rowCount
        var capacity = 8
        while capacity < count * 2 { capacity *= 2 }
        mask = capacity - 1
        table = .allocate(capacity: capacity)
        table.initialize(repeating: 0, count: capacity)
        following = .allocate(capacity: max(count, 1))
        following.initialize(repeating: -1, count: max(count, 1))
        // Why: the keys are other people's data, which must not be able to make chains long.
        seed = UInt64(bitPattern: Int64(Hasher().finalize()))
        build(count, isReversed)
    }

    deinit {
        table.deallocate()
        following.deallocate()
    }

    private func build(_ count: Int, _ isReversed: Bool) {
        /// The last row of each chain, under the row that starts it.
        let last = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        defer { last.deallocate() }
        var current: Int32 = -1
        for step in 0..<count {
            let row = Int32(truncatingIfNeeded: isReversed ? count &- 1 &- step : step)
            if current < 0 || !equal(row, reply, columns, current) {
                guard let hash = hash(row, reply, columns) else {
                    current = -1
                    continue
                }
                let slot = find(hash, row, reply, columns)
                if table[slot] == 0 {
                    table[slot] = row &+ 1
                    last[Int(row)] = row
                    current = row
                    continue
                }
                current = table[slot] &- 1
            }
            following[Int(last[Int(current)])] = row
            last[Int(current)] = row
        }
    }

    /// The first row whose columns are equal to `keys` of a row of another result; -1 when there is none.
    func first(equalTo row: Int32, of other: Reply, keys: [Int32]) -> Int32 {
        guard let hash = hash(row, other, keys) else { return -1 }
        return table[find(hash, row, other, keys)] &- 1
    }

    /// The next row with the same key; -1 after the last.
    @inline(__always)
    func next(after row: Int32) -> Int32 { following[Int(row)] }

    /// The slot of a key, or the free one where it would be. The table is at most half full.
    private func find(_ hash: UInt64, _ row: Int32, _ other: Reply, _ keys: [Int32]) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while table[slot] != 0, !equal(row, other, keys, table[slot] &- 1) { slot = (slot &+ 1) & mask }
        return slot
    }

    /// nil when one of the cells is NULL: it equals nothing.
    private func hash(_ row: Int32, _ other: Reply, _ keys: [Int32]) -> UInt64? {
        var hash = seed
        for column in keys {
            guard let cell = other.cell(row, column) else { return nil }
            hash = RowIndex.mix(hash ^ UInt64(truncatingIfNeeded: cell.count))
            var index = 0
            while index &+ 8 <= cell.count {
                hash = RowIndex.mix(hash ^ cell.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index &+= 8
            }
            var tail: UInt64 = 0
            while index < cell.count {
                tail = tail << 8 | UInt64(cell[index])
                index &+= 1
            }
            hash = RowIndex.mix(hash ^ tail)
        }
        return hash
    }

    /// Multiplies and folds the two halves of the product.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0x2545_F491_4F6C_DD1D).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    /// Whether the keys of a row of `other` are those of `mine`. NULLs are never equal.
    private func equal(_ row: Int32, _ other: Reply, _ keys: [Int32], _ mine: Int32) -> Bool {
        for index in 0..<min(columns.count, keys.count) {
            guard let left = other.cell(row, keys[index]), let right = reply.cell(mine, columns[index]),
                left.count == right.count, left.elementsEqual(right)
            else { return false }
        }
        return true
    }
}
