extension ByteBuffer {
    /// Appends a JSON string: quotes, and escapes where JSON needs them. `text` has to be valid UTF-8.
    ///
    /// Copies sixteen bytes a step as long as none of them needs an escape, which is the common case.
    package mutating func append(jsonString text: UnsafeRawBufferPointer) {
        let count = text.count
        reserve(count &+ 2)
        let target = UnsafeMutableRawPointer(end + 1)
        target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: -1, as: UInt8.self)
        guard let source = text.baseAddress else {
            target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            return size &+= 2
        }
        let clean = ByteBuffer.copyClean(source, to: target, count)
        if clean == count {
            target.storeBytes(of: UInt8(ascii: "\""), toByteOffset: count, as: UInt8.self)
            size &+= count &+ 2
        } else {
            size &+= clean &+ 1
            appendEscaping(UnsafeRawBufferPointer(start: source + clean, count: count &- clean))
        }
    }

    /// Appends the rest of a string, from a block on that holds a byte to escape, and the closing quote.
    @inline(never)
    private mutating func appendEscaping(_ text: UnsafeRawBufferPointer) {
        guard let source = text.baseAddress else { return }
        var index = 0
        while index < text.count {
            let byte = source.load(fromByteOffset: index, as: UInt8.self)
            index &+= 1
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                append(byte)
                continue
            }
            append(escaped: byte)
            reserve(text.count &- index &+ 1)
            let clean = ByteBuffer.copyClean(source + index, to: UnsafeMutableRawPointer(end), text.count &- index)
            index &+= clean
            size &+= clean
        }
        append(UInt8(ascii: "\""))
    }

    package mutating func append(jsonString text: String) {
        var text = text
        text.withUTF8 { append(jsonString: UnsafeRawBufferPointer($0)) }
    }

    /// Copies up to the first block that holds a byte to escape. Returns how many bytes it copied. Bytes that it writes beyond them do not
    /// count.
    ///
    /// The last block overlaps the one before, so that no byte outside of `source` is read.
    @inline(__always)
    private static func copyClean(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        guard count >= 16 else { return copyShort(source, to: target, count) }
        var index = 0
        while index &+ 16 <= count {
            guard copyBlock(source, to: target, index) else { return index }
            index &+= 16
        }
        if index < count, !copyBlock(source, to: target, count &- 16) { return index }
        return count
    }

    /// Copies sixteen bytes. Returns false when one of them needs an escape.
    @inline(__always)
    private static func copyBlock(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ offset: Int) -> Bool {
        typealias Block = SIMD16<UInt8>
        let block = source.loadUnaligned(fromByteOffset: offset, as: Block.self)
        target.storeBytes(of: block, toByteOffset: offset, as: Block.self)
        let special =
            (block .== Block(repeating: UInt8(ascii: "\""))) .| (block .== Block(repeating: UInt8(ascii: "\\")))
            .| (block .< Block(repeating: 0x20))
        let halves = unsafeBitCast(special, to: SIMD2<UInt64>.self)
        return halves[0] | halves[1] == 0
    }

    /// The same for fewer than sixteen bytes.
    @inline(__always)
    private static func copyShort(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        if count >= 8 {
            return copyWord(source, to: target, 0, UInt64.self) && copyWord(source, to: target, count &- 8, UInt64.self) ? count : 0
        }
        if count >= 4 {
            return copyWord(source, to: target, 0, UInt32.self) && copyWord(source, to: target, count &- 4, UInt32.self) ? count : 0
        }
        for index in 0..<count where !copyWord(source, to: target, index, UInt8.self) { return index }
        return count
    }

    /// Copies a word. Returns false when one of its bytes needs an escape.
    @inline(__always)
    private static func copyWord<Word: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ offset: Int, _: Word.Type
    ) -> Bool {
        let word = source.loadUnaligned(fromByteOffset: offset, as: Word.self)
        target.storeBytes(of: word, toByteOffset: offset, as: Word.self)
        let ones = Word.max / 255
        let quote = word ^ (ones &* Word(UInt8(ascii: "\""))), backslash = word ^ (ones &* Word(UInt8(ascii: "\\")))
        // A byte below the bound borrows from its highest bit, which it has not set itself. The lowest such byte is found exactly.
        let special = ((word &- ones &* 0x20) & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
        return special & (ones &* 0x80) == 0
    }

    /// Has `write` append each element, with commas between.
    ///
    /// Rows and bound values have loops of their own, because generic code is not specialised across modules.
    package mutating func append<Elements: Sequence, Problem: Error>(
        list elements: Elements, _ write: (inout ByteBuffer, Elements.Element) throws(Problem) -> Void
    ) throws(Problem) {
        var isFirst = true
        for element in elements {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            try write(&self, element)
        }
    }

    /// `["a","b"]`
    package mutating func append(jsonStrings texts: [String]) {
        append(UInt8(ascii: "["))
        append(list: texts) { $0.append(jsonString: $1) }
        append(UInt8(ascii: "]"))
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
