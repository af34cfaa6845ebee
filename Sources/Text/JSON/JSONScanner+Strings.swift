extension JSONScanner {
    /// Reads a string, unescaping it in place: what comes out is never longer than what was there.
    mutating func scanString() throws(Failure) {
        position &+= 1
        let start = position
        while true {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                try appendString(start, position)
                position &+= 1
                return
            }
            if byte == UInt8(ascii: "\\") { break }
            try skipCharacter()
        }
        var target = position
        while true {
            let byte = text[position]
            if byte == UInt8(ascii: "\"") {
                try appendString(start, target)
                position &+= 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                try unescape(to: &target)
                continue
            }
            let from = position
            try skipCharacter()
            for index in from..<position {
                text[target] = text[index]
                target &+= 1
            }
        }
    }

    private mutating func appendString(_ start: Int, _ end: Int) throws(Failure) {
        var node = Node(kind: .string)
        node.start = UInt32(truncatingIfNeeded: start)
        node.end = UInt32(truncatingIfNeeded: end)
        try append(node)
    }

    /// Steps over one character that stands for itself, checking its UTF-8.
    @inline(__always)
    private mutating func skipCharacter() throws(Failure) {
        let byte = text[position]
        if byte >= 0x20 && byte < 0x80 {
            position &+= 1
            return
        }
        if byte < 0x20 {
            throw failure(position < size ? "has a control character inside a string" : "ends inside a string")
        }
        position &+= try multibyteLength()
    }

    /// The length of the UTF-8 sequence here, as Unicode's table 3-7 allows it.
    private func multibyteLength() throws(Failure) -> Int {
        let first = text[position]
        let second = position &+ 1 < size ? text[position &+ 1] : 0
        let lowest: UInt8 = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80
        let highest: UInt8 = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF
        let length = first >= 0xC2 && first <= 0xDF ? 2 : first & 0xF0 == 0xE0 ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0
        guard length > 0, second >= lowest, second <= highest, position &+ length <= size else {
            throw failure("is not valid UTF-8")
        }
        for offset in 2..<max(length, 2) where text[position &+ offset] & 0xC0 != 0x80 {
            throw failure("is not valid UTF-8")
        }
        return length
    }

    private mutating func unescape(to target: inout Int) throws(Failure) {
        let escape = text[position &+ 1]
        let plain: UInt8
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = escape
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"): return try unescapeUnicode(to: &target)
        default: throw failure("has an escape that JSON does not know")
        }
        text[target] = plain
        target &+= 1
        position &+= 2
    }

    private mutating func unescapeUnicode(to target: inout Int) throws(Failure) {
        var scalar = try codeUnit(at: position &+ 2)
        var length = 6
        if scalar & 0xFC00 == 0xD800 {
            guard text[position &+ 6] == UInt8(ascii: "\\"), text[position &+ 7] == UInt8(ascii: "u") else {
                throw failure("has a lone surrogate")
            }
            let low = try codeUnit(at: position &+ 8)
            guard low & 0xFC00 == 0xDC00 else { throw failure("has a lone surrogate") }
            scalar = 0x10000 &+ (scalar & 0x3FF) << 10 &+ (low & 0x3FF)
            length = 12
        } else if scalar & 0xFC00 == 0xDC00 {
            throw failure("has a lone surrogate")
        }
        guard let character = Unicode.Scalar(scalar) else { throw failure("has an escape that is not a character") }
        for byte in UTF8.encode(character) ?? UTF8.encodedReplacementCharacter {
            text[target] = byte
            target &+= 1
        }
        position &+= length
    }

    private func codeUnit(at index: Int) throws(Failure) -> UInt32 {
        guard index &+ 4 <= size else { throw failure("ends inside an escape") }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = text[index &+ offset].hexValue else { throw failure("has an escape that is not four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
