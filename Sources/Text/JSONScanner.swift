import CLinux

/// Reads JSON (RFC 8259) into nodes; the work behind `JSONDocument`.
///
/// Strict: one value, no trailing bytes, no duplicate keys, valid UTF-8, no lone surrogates. An error names the byte where
/// the text stops being JSON, and never quotes it.
struct JSONScanner {
    typealias Node = JSONDocument.Node

    private(set) var text: UnsafeMutablePointer<UInt8>
    private(set) var nodes: UnsafeMutablePointer<Node>
    private(set) var nodeCount = 0
    private var nodeCapacity: Int
    private let size: Int
    private var position = 0
    /// The containers that are open, outermost first.
    private var open: [UInt32] = []

    init(_ source: UnsafeRawBufferPointer) throws(Failure) {
        guard let base = source.baseAddress, source.count > 0 else {
            throw JSONScanner.failure("is empty", at: 0)
        }
        guard source.count < JSONDocument.Limits.bytes else {
            throw Failure(.tooLarge, code: "P6009", "The JSON text is too large: \(source.count) bytes; the limit is \(JSONDocument.Limits.bytes).")
        }
        size = source.count
        nodeCapacity = min(max(size / 6, 16), 1 << 16)
        guard let copy = malloc(size + 1), let list = malloc(nodeCapacity * MemoryLayout<Node>.stride) else {
            throw Failure(.internal, code: "P6000", "Out of memory.")
        }
        memcpy(copy, base, size)
        text = copy.assumingMemoryBound(to: UInt8.self)
        // Why: a byte that is no JSON ends every run, so the loops below need not compare with `size` at each step.
        text[size] = 0
        nodes = list.assumingMemoryBound(to: Node.self)
    }

    /// Frees what a failed scan leaves behind.
    func discard() {
        free(text)
        free(nodes)
    }

    mutating func scan() throws(Failure) {
        repeat {
            try scanValue()
            try closeFinished()
        } while !open.isEmpty
        skipSpace()
        if position < size { throw failure("goes on after its end") }
    }

    /// One value, or the opening of a container. In an object its key comes first.
    private mutating func scanValue() throws(Failure) {
        skipSpace()
        if let container = open.last, nodes[Int(container)].kind == .object {
            guard text[position] == UInt8(ascii: "\"") else { throw failure("needs a key in double quotes") }
            try scanString()
            nodes[nodeCount &- 1].isKey = true
            skipSpace()
            guard text[position] == UInt8(ascii: ":") else { throw failure("needs a colon after a key") }
            position &+= 1
            skipSpace()
        }
        switch text[position] {
        case UInt8(ascii: "{"): try openContainer(.object)
        case UInt8(ascii: "["): try openContainer(.array)
        case UInt8(ascii: "\""): try scanString()
        case UInt8(ascii: "t"): try scanWord("true", .true)
        case UInt8(ascii: "f"): try scanWord("false", .false)
        case UInt8(ascii: "n"): try scanWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
        default: throw failure(position < size ? "has a byte that starts no value" : "ends too early")
        }
    }

    private mutating func openContainer(_ kind: JSONDocument.Kind) throws(Failure) {
        guard open.count < JSONDocument.Limits.depth else {
            throw failure("is nested more than \(JSONDocument.Limits.depth) levels deep")
        }
        position &+= 1
        open.append(UInt32(truncatingIfNeeded: nodeCount))
        try append(Node(kind: kind))
    }

    /// After a value: a comma leads to the next one; brackets close what they close. Stops where a value has to come.
    private mutating func closeFinished() throws(Failure) {
        while let container = open.last {
            skipSpace()
            let byte = text[position]
            let isObject = nodes[Int(container)].kind == .object
            let isEmpty = nodeCount == Int(container) &+ 1
            if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                position &+= 1
                open.removeLast()
                nodes[Int(container)].next = UInt32(truncatingIfNeeded: nodeCount)
                try closeContainer(container)
                continue
            }
            if isEmpty { return }
            guard byte == UInt8(ascii: ",") else {
                throw failure(position < size ? "needs a comma or a closing bracket" : "ends too early")
            }
            position &+= 1
            return
        }
    }

    /// Counts what is in a container and refuses a key that is there twice.
    private mutating func closeContainer(_ container: UInt32) throws(Failure) {
        let isObject = nodes[Int(container)].kind == .object
        var index = Int(container) &+ 1
        var keys: [Int] = []
        var count: UInt32 = 0
        while index < nodeCount {
            if isObject {
                keys.append(index)
                index &+= 1
            }
            index = Int(nodes[index].next)
            count &+= 1
        }
        nodes[Int(container)].count = count
        if keys.count > 1, let second = duplicate(among: keys) {
            position = Int(nodes[second].start)
            throw failure("has the same key twice in one object")
        }
    }

    private func duplicate(among keys: [Int]) -> Int? {
        func compare(_ left: Int, _ right: Int) -> Int32 {
            let a = nodes[left], b = nodes[right]
            if a.end &- a.start != b.end &- b.start { return a.end &- a.start < b.end &- b.start ? -1 : 1 }
            return memcmp(text + Int(a.start), text + Int(b.start), Int(a.end &- a.start))
        }
        if keys.count <= 12 {
            for later in 1..<keys.count {
                for earlier in 0..<later where compare(keys[earlier], keys[later]) == 0 { return keys[later] }
            }
            return nil
        }
        let sorted = keys.sorted { compare($0, $1) < 0 }
        for pair in zip(sorted, sorted.dropFirst()) where compare(pair.0, pair.1) == 0 { return max(pair.0, pair.1) }
        return nil
    }

    private mutating func scanWord(_ word: StaticString, _ kind: JSONDocument.Kind) throws(Failure) {
        let length = word.utf8CodeUnitCount
        guard position &+ length <= size, memcmp(text + position, word.utf8Start, length) == 0 else {
            throw failure("has a word that is none of true, false, null")
        }
        position &+= length
        try append(Node(kind: kind))
    }

    private mutating func scanNumber() throws(Failure) {
        let start = position
        let isNegative = text[position] == UInt8(ascii: "-")
        if isNegative { position &+= 1 }
        if text[position] == UInt8(ascii: "0") {
            position &+= 1
        } else {
            try scanDigits()
        }
        if text[position] == UInt8(ascii: ".") {
            position &+= 1
            try scanDigits()
        }
        if text[position] | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            if text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") { position &+= 1 }
            try scanDigits()
        }
        var node = Node(kind: .number)
        node.isNegative = isNegative
        node.start = UInt32(truncatingIfNeeded: start)
        node.end = UInt32(truncatingIfNeeded: position)
        try append(node)
    }

    private mutating func scanDigits() throws(Failure) {
        let start = position
        while text[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        if position == start { throw failure("has a number without digits where they must be") }
    }

    private mutating func append(_ node: Node) throws(Failure) {
        if nodeCount == nodeCapacity {
            nodeCapacity &*= 2
            guard let moved = realloc(nodes, nodeCapacity &* MemoryLayout<Node>.stride) else {
                throw Failure(.internal, code: "P6000", "Out of memory.")
            }
            nodes = moved.assumingMemoryBound(to: Node.self)
        }
        var node = node
        node.next = UInt32(truncatingIfNeeded: nodeCount &+ 1)
        nodes[nodeCount] = node
        nodeCount &+= 1
    }

    @inline(__always)
    private mutating func skipSpace() {
        while true {
            let byte = text[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position &+= 1
        }
    }

    private func failure(_ what: String) -> Failure { JSONScanner.failure(what, at: position) }

    private static func failure(_ what: String, at position: Int) -> Failure {
        Failure(
            .invalidRequest, code: "P2009", "The text is not valid JSON: it \(what), at byte \(position).",
            meta: [("byte", .number(position))])
    }
}

// MARK: - Strings

extension JSONScanner {
    /// Reads a string, unescaping it in place: what comes out is never longer than what was there.
    private mutating func scanString() throws(Failure) {
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
        guard let character = Unicode.Scalar(scalar) else { throw failure("has an escape that is no character") }
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
            let byte = text[index &+ offset]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
            default: throw failure("has an escape that is not four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
