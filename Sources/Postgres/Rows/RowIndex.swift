import CLinux

/// How keys in the rows of two results are compared.
enum KeyComparison: Equatable {
    case bytes
    /// Integers in binary format of any width, or as `numeric`.
    case integers(keysAreNumeric: Bool, columnsAreNumeric: Bool)
    /// A bit for each pair of columns that are `numeric` on both sides, where `1` equals `1.00`. The others are compared byte by byte.
    case numerics(UInt64)
}

/// Finds the rows of a result by some of their columns, in the order of the result or in reverse.
///
/// Built once for an answer: one pass over the rows, a hash table with chains. Consecutive rows with equal keys are chained without
/// hashing, which is the common case, because children come in the order of their parents. A single integer column is compared as a
/// number of any width on either side. Everything else is compared byte by byte.
struct RowIndex: ~Copyable {
    private let reply: ResultHandle
    private let columns: [Int32]
    /// The columns of the other result that are compared with `columns`.
    private let keys: [Int32]
    /// For an index over one integer column: the number of each row that starts a chain.
    private let numbers: UnsafeMutablePointer<Int64>?
    /// A bit for each pair of columns that are `numeric`.
    private let numerics: UInt64
    private let keysAreNumeric: Bool
    private let columnsAreNumeric: Bool
    /// The slots of the table: a row that starts a chain, plus one. 0 is free.
    private let table: UnsafeMutablePointer<Int32>
    private let mask: Int
    /// The next row in the chain; -1 at its end.
    private let following: UnsafeMutablePointer<Int32>
    private let seed: UInt64

    init(_ reply: ResultHandle, columns: [Int32], keys: [Int32], _ comparison: KeyComparison, isReversed: Bool) {
        numerics = if case .numerics(let columns) = comparison { columns } else { 0 }
        var areIntegers = false
        if case .integers(let keysAreNumeric, let columnsAreNumeric) = comparison {
            (self.keysAreNumeric, self.columnsAreNumeric) = (keysAreNumeric, columnsAreNumeric)
            areIntegers = true
        } else {
            (keysAreNumeric, columnsAreNumeric) = (false, false)
        }
        self.reply = reply
        self.columns = columns
        self.keys = keys
        let count = reply.rowCount
        var capacity = 8
        while capacity < count * 2 { capacity *= 2 }
        mask = capacity - 1
        table = .allocate(capacity: capacity)
        table.initialize(repeating: 0, count: capacity)
        following = .allocate(capacity: max(count, 1))
        numbers = areIntegers && columns.count == 1 && keys.count == 1 ? .allocate(capacity: max(count, 1)) : nil
        // Why: the keys are data of other people, who must not be able to make chains long.
        seed = UInt64(bitPattern: Int64(Hasher().finalize()))
        if let numbers { build(count, isReversed, numbers, columns[0]) } else { build(count, isReversed) }
    }

    deinit {
        table.deallocate()
        following.deallocate()
        numbers?.deallocate()
    }

    /// Returns the first row whose columns equal the keys of a row of another result; -1 if there is none.
    func first(equalTo row: Int32, of other: ResultHandle) -> Int32 {
        if let numbers {
            guard let number = RowIndex.number(other.cell(row, keys[0]), isNumeric: keysAreNumeric) else { return -1 }
            return table[find(number, numbers)] &- 1
        }
        guard let hash = hash(row, other, keys) else { return -1 }
        return table[find(hash, row, other, keys)] &- 1
    }

    /// Returns the next row with the same key; -1 after the last.
    @inline(__always)
    func next(after row: Int32) -> Int32 { following[Int(row)] }

    /// Multiplies, and folds the two halves of the product.
    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = (value ^ 0x2545_F491_4F6C_DD1D).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

// MARK: - One integer column

extension RowIndex {
    private func build(_ count: Int, _ isReversed: Bool, _ numbers: UnsafeMutablePointer<Int64>, _ column: Int32) {
        /// The last row of each chain, at the index of its first row. The current chain's is stored when it ends.
        let last = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
        defer { last.deallocate() }
        var head: Int32 = -1
        var tail: Int32 = -1
        var current: Int64 = 0
        for step in 0..<count {
            let row = Int32(truncatingIfNeeded: isReversed ? count &- 1 &- step : step)
            following[Int(row)] = -1
            guard let number = RowIndex.number(reply.cell(row, column), isNumeric: columnsAreNumeric) else { continue }
            if head < 0 || number != current {
                if head >= 0 { last[Int(head)] = tail }
                current = number
                let slot = find(number, numbers)
                if table[slot] == 0 {
                    table[slot] = row &+ 1
                    numbers[Int(row)] = number
                    head = row
                    tail = row
                    continue
                }
                head = table[slot] &- 1
                tail = last[Int(head)]
            }
            following[Int(tail)] = row
            tail = row
        }
    }

    /// Returns the integer of a cell. Nil for NULL and for anything else.
    @inline(__always)
    private static func number(_ cell: UnsafeRawBufferPointer?, isNumeric: Bool) -> Int64? {
        guard let cell else { return nil }
        if isNumeric { return NumericCell(cell)?.whole }
        switch cell.count {
        case 4: return CellReader.whole(cell).map { (value: Int32) in Int64(value) }
        case 8: return CellReader.whole(cell)
        case 2: return CellReader.whole(cell).map { (value: Int16) in Int64(value) }
        default: return nil
        }
    }

    /// Returns the slot of a number, or the free slot where it belongs. The table is at most half full.
    @inline(__always)
    private func find(_ number: Int64, _ numbers: UnsafeMutablePointer<Int64>) -> Int {
        var slot = Int(truncatingIfNeeded: RowIndex.mix(seed ^ UInt64(bitPattern: number))) & mask
        while table[slot] != 0, numbers[Int(table[slot] &- 1)] != number { slot = (slot &+ 1) & mask }
        return slot
    }
}

// MARK: - Any columns

extension RowIndex {
    private func build(_ count: Int, _ isReversed: Bool) {
        following.initialize(repeating: -1, count: max(count, 1))
        /// The last row of each chain, at the index of its first row.
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

    /// Returns the slot of a key, or the free slot where it belongs. The table is at most half full.
    private func find(_ hash: UInt64, _ row: Int32, _ other: ResultHandle, _ keys: [Int32]) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while table[slot] != 0, !equal(row, other, keys, table[slot] &- 1) { slot = (slot &+ 1) & mask }
        return slot
    }

    private func isNumeric(_ index: Int) -> Bool { numerics >> UInt64(index) & 1 == 1 }

    /// Returns nil if one of the cells is NULL, because NULL equals nothing.
    private func hash(_ row: Int32, _ other: ResultHandle, _ keys: [Int32]) -> UInt64? {
        var hash = seed
        for (index, column) in keys.enumerated() {
            guard var cell = other.cell(row, column) else { return nil }
            if isNumeric(index), cell.count >= NumericCell.headerSize {
                hash = RowIndex.mix(hash ^ UInt64(cell.loadUnaligned(as: UInt32.self)))
                hash = RowIndex.mix(hash ^ UInt64(cell.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
                cell = UnsafeRawBufferPointer(rebasing: cell[NumericCell.headerSize...])
            }
            hash = RowIndex.mix(hash ^ UInt64(truncatingIfNeeded: cell.count))
            var offset = 0
            while offset &+ 8 <= cell.count {
                hash = RowIndex.mix(hash ^ cell.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                offset &+= 8
            }
            var tail: UInt64 = 0
            while offset < cell.count {
                tail = tail << 8 | UInt64(cell[offset])
                offset &+= 1
            }
            hash = RowIndex.mix(hash ^ tail)
        }
        return hash
    }

    /// True if the keys of a row of `other` equal those of `mine`. NULLs are never equal.
    private func equal(_ row: Int32, _ other: ResultHandle, _ keys: [Int32], _ mine: Int32) -> Bool {
        for index in 0..<min(columns.count, keys.count) {
            guard let left = other.cell(row, keys[index]), let right = reply.cell(mine, columns[index]),
                left.count == right.count, let start = left.baseAddress, let other = right.baseAddress
            else { return false }
            if isNumeric(index), left.count >= NumericCell.headerSize {
                // Why in two parts: the scale between them is for display and does not count.
                let (scale, end) = (NumericCell.headerSize - 2, NumericCell.headerSize)
                guard memcmp(start, other, scale) == 0, memcmp(start + end, other + end, left.count - end) == 0 else { return false }
            } else if memcmp(start, other, left.count) != 0 {
                return false
            }
        }
        return true
    }
}
