extension ByteBuffer {
    /// A JSON string: quoted, with what must be escaped escaped. `text` is valid UTF-8.
    ///
    /// Sixteen bytes a step while nothing in them needs an escape, which is nearly always.
    package mutating func append(jsonString text: UnsafeRawBufferPointer) {
        reserve(text.count &+ 2)
        append(UInt8(ascii: "\""))
        guard let source = text.baseAddress else { return append(UInt8(ascii: "\"")) }
        var index = 0
        let size = text.count
        while index < size {
            let clean = ByteBuffer.cleanPrefix(source, from: index, to: size)
            append(UnsafeRawBufferPointer(start: source + index, count: clean &- index))
            index = clean
            if index < size {
                append(escaped: source.load(fromByteOffset: index, as: UInt8.self))
                index &+= 1
            }
        }
        append(UInt8(ascii: "\""))
    }

    package mutating func append(jsonString text: String) {
        var text = text
        text.withUTF8 { append(jsonString: UnsafeRawBufferPointer($0)) }
    }

    /// Where the first byte at or after `index` stands that cannot be copied as it is.
    @inline(__always)
    private static func cleanPrefix(_ source: UnsafeRawPointer, from index: Int, to size: Int) -> Int {
        typealias Block = SIMD16<UInt8>
        var index = index
        let quote = Block(repeating: UInt8(ascii: "\"")), backslash = Block(repeating: UInt8(ascii: "\\"))
        let space = Block(repeating: 0x20)
        while index &+ 16 <= size {
            let block = source.loadUnaligned(fromByteOffset: index, as: Block.self)
            let special = (block .== quote) .| (block .== backslash) .| (block .< space)
            if any(special) { break }
            index &+= 16
        }
        while index < size {
            let byte = source.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index &+= 1
        }
        return size
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            append(hex: byte)
        }
    }

    /// Two lower-case hexadecimal digits.
    package mutating func append(hex byte: UInt8) {
        append(ByteBuffer.hexDigit(byte >> 4))
        append(ByteBuffer.hexDigit(byte & 15))
    }

    @inline(__always)
    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "a") &+ (nibble &- 10)
    }
}
