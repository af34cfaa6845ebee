/// Takes big-endian integers from the front of a cell. Every read checks the number of bytes that are left.
struct CellReader {
    private(set) var rest: UnsafeRawBufferPointer

    init(_ cell: UnsafeRawBufferPointer) { rest = cell }

    @inline(__always)
    mutating func read<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        guard let value: Value = CellReader.load(rest) else { return nil }
        rest = UnsafeRawBufferPointer(rebasing: rest[MemoryLayout<Value>.size...])
        return value
    }

    @inline(__always)
    mutating func read(count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    /// Returns the integer at the start of the cell. Nil if the cell is too short.
    @inline(__always)
    static func load<Value: FixedWidthInteger>(_ cell: UnsafeRawBufferPointer) -> Value? {
        guard cell.count >= MemoryLayout<Value>.size, let base = cell.baseAddress else { return nil }
        return Value(bigEndian: base.loadUnaligned(as: Value.self))
    }

    /// Returns the integer that fills the whole cell. Nil if the cell has another size.
    @inline(__always)
    static func whole<Value: FixedWidthInteger>(_ cell: UnsafeRawBufferPointer) -> Value? {
        cell.count == MemoryLayout<Value>.size ? load(cell) : nil
    }
}
