import Text

/// An array in binary format: its dimensions, its element type and its elements. An element can be NULL.
struct ArrayCell {
    /// PostgreSQL's MAXDIM: no array has more dimensions.
    static let maximumDimensions = 6

    let elementType: ColumnType
    private let dimensions: Int
    private var sizes: InlineArray<6, Int> = [0, 0, 0, 0, 0, 0]
    private var elements: CellReader

    /// Returns nil if the bytes are not an array.
    init?(_ cell: UnsafeRawBufferPointer) {
        var reader = CellReader(cell)
        guard let dimensions = reader.read(Int32.self), dimensions >= 0, dimensions <= ArrayCell.maximumDimensions,
            reader.read(Int32.self) != nil, let type = reader.read(UInt32.self)
        else { return nil }
        for index in 0..<Int(dimensions) {
            guard let size = reader.read(Int32.self), size >= 0, reader.read(Int32.self) != nil else { return nil }
            sizes[index] = Int(size)
        }
        self.dimensions = Int(dimensions)
        elementType = ColumnType(rawValue: type)
        elements = reader
    }

    /// True if the array has no elements: it has no dimensions, or one of size zero.
    private var isEmpty: Bool {
        for index in 0..<dimensions where sizes[index] == 0 { return true }
        return dimensions == 0
    }

    /// Writes a JSON array that is nested like the dimensions. `writeElement` is called for each element that is not NULL.
    /// Returns false if the bytes are malformed; the buffer then holds a partial value.
    func write(into buffer: inout ByteBuffer, _ writeElement: (UnsafeRawBufferPointer, inout ByteBuffer) -> Bool) -> Bool {
        if isEmpty {
            buffer.append("[]")
            return true
        }
        var elements = elements
        var position: InlineArray<6, Int> = [0, 0, 0, 0, 0, 0]
        for _ in 0..<dimensions { buffer.append(UInt8(ascii: "[")) }
        while true {
            guard let size = elements.read(Int32.self) else { return false }
            if size == -1 {
                buffer.append("null")
            } else {
                guard let element = elements.read(count: Int(size)), writeElement(element, &buffer) else { return false }
            }
            // A dimension that is complete is closed. The next outer one goes on and opens its inner dimensions again.
            var inner = dimensions - 1
            while inner >= 0 {
                position[inner] += 1
                if position[inner] < sizes[inner] { break }
                position[inner] = 0
                buffer.append(UInt8(ascii: "]"))
                inner -= 1
            }
            if inner < 0 { return elements.rest.isEmpty }
            buffer.append(UInt8(ascii: ","))
            for _ in (inner + 1)..<max(dimensions, inner + 1) { buffer.append(UInt8(ascii: "[")) }
        }
    }
}
