import CLinux

/// Reads JSON (RFC 8259) into nodes; the work behind `JSONDocument`.
///
/// Strict: one value, no trailing bytes, no duplicate keys, valid UTF-8, no lone surrogates. An error names the byte where
/// the text stops being JSON, and never quotes it.
struct JSONScanner {
    typealias Node = JSONDocument.Node

    /// One block holds the nodes and, behind them, the text. Nodes for which it has no room move to a block of their own.
    private(set) var block: UnsafeMutableRawPointer
    private(set) var text: UnsafeMutablePointer<UInt8>
    private(set) var nodes: UnsafeMutablePointer<Node>
    private(set) var nodeCount = 0
    private var nodeCapacity: Int
    let size: Int
    var position = 0
    /// The innermost open container, and how many are open. While a container is open, its `next` is the one around it.
    /// Why there: a list of them would be another allocation for each request.
    private var innermost = JSONScanner.none
    private var depth = 0
    private static let none = UInt32.max

    init(_ source: UnsafeRawBufferPointer) throws(Failure) {
        guard let base = source.baseAddress, source.count > 0 else {
            throw JSONScanner.failure("is empty", at: 0)
        }
        guard source.count < TextLimit.jsonBytes else {
            throw Failure(.tooLarge, code: "P6009", "The JSON text is too large: \(source.count) bytes; the limit is \(TextLimit.jsonBytes).")
        }
        size = source.count
        nodeCapacity = min(max(size / 6, 16), 1 << 16)
        let room = nodeCapacity * MemoryLayout<Node>.stride
        guard let block = malloc(room + size + 1) else { throw JSONScanner.outOfMemory }
        self.block = block
        nodes = block.bindMemory(to: Node.self, capacity: nodeCapacity)
        text = (block + room).bindMemory(to: UInt8.self, capacity: size + 1)
        memcpy(text, base, size)
        // Why: this byte ends every run because it is not JSON, so the loops below need not compare with `size` at each step.
        text[size] = 0
    }

    private static var outOfMemory: Failure { Failure(.internal, code: "P6000", "Out of memory.") }

    /// Frees what a failed scan leaves behind.
    func discard() { JSONScanner.free(block, nodes) }

    static func free(_ block: UnsafeMutableRawPointer, _ nodes: UnsafeMutablePointer<Node>) {
        if nodes != block { CLinux.free(nodes) }
        CLinux.free(block)
    }

    mutating func scan() throws(Failure) {
        repeat {
            try scanValue()
            try closeFinished()
        } while depth > 0
        skipSpace()
        if position < size { throw failure("goes on after its end") }
    }

    /// One value, or the opening of a container. In an object its key comes first.
    private mutating func scanValue() throws(Failure) {
        skipSpace()
        if depth > 0, nodes[Int(innermost)].kind == .object {
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
        guard depth < TextLimit.jsonDepth else {
            throw failure("is nested more than \(TextLimit.jsonDepth) levels deep")
        }
        position &+= 1
        let container = UInt32(truncatingIfNeeded: nodeCount)
        try append(Node(kind: kind))
        nodes[Int(container)].next = innermost
        innermost = container
        depth &+= 1
    }

    /// After a value: a comma leads to the next one; brackets close what they close. Stops where a value has to come.
    private mutating func closeFinished() throws(Failure) {
        while depth > 0 {
            let container = innermost
            skipSpace()
            let byte = text[position]
            let isObject = nodes[Int(container)].kind == .object
            let isEmpty = nodeCount == Int(container) &+ 1
            if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                position &+= 1
                innermost = nodes[Int(container)].next
                depth &-= 1
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
        var count: UInt32 = 0
        while index < nodeCount {
            index = Int(nodes[isObject ? index &+ 1 : index].next)
            count &+= 1
        }
        nodes[Int(container)].count = count
        if isObject, count > 1, let second = duplicate(in: container, count) {
            position = Int(nodes[second].start)
            throw failure("has the same key twice in one object")
        }
    }

    /// Returns a key that stands in the object twice.
    private func duplicate(in object: UInt32, _ count: UInt32) -> Int? {
        if count > TextLimit.pairwiseKeys { return duplicate(amongMany: object) }
        let first = Int(object) &+ 1
        var later = Int(nodes[first &+ 1].next)
        while later < nodeCount {
            var earlier = first
            while earlier < later {
                if compare(earlier, later) == 0 { return later }
                earlier = Int(nodes[earlier &+ 1].next)
            }
            later = Int(nodes[later &+ 1].next)
        }
        return nil
    }

    private func duplicate(amongMany object: UInt32) -> Int? {
        var keys: [Int] = []
        var index = Int(object) &+ 1
        while index < nodeCount {
            keys.append(index)
            index = Int(nodes[index &+ 1].next)
        }
        let sorted = keys.sorted { compare($0, $1) < 0 }
        for pair in zip(sorted, sorted.dropFirst()) where compare(pair.0, pair.1) == 0 { return max(pair.0, pair.1) }
        return nil
    }

    @inline(__always)
    private func compare(_ left: Int, _ right: Int) -> Int32 {
        let a = nodes[left], b = nodes[right]
        if a.end &- a.start != b.end &- b.start { return a.end &- a.start < b.end &- b.start ? -1 : 1 }
        return memcmp(text + Int(a.start), text + Int(b.start), Int(a.end &- a.start))
    }

    private mutating func scanWord(_ word: StaticString, _ kind: JSONDocument.Kind) throws(Failure) {
        let length = word.utf8CodeUnitCount
        guard position &+ length <= size, memcmp(text + position, word.utf8Start, length) == 0 else {
            throw failure("has a word other than true, false and null")
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

    mutating func append(_ node: Node) throws(Failure) {
        if nodeCount == nodeCapacity {
            guard nodeCount < TextLimit.jsonNodes else {
                throw Failure(.tooLarge, code: "P6009", "The JSON text is too large: it has more than \(TextLimit.jsonNodes) values and keys.")
            }
            nodeCapacity = min(nodeCapacity &* 2, TextLimit.jsonNodes)
            let isFirst = nodes == block
            guard let moved = realloc(isFirst ? nil : nodes, nodeCapacity &* MemoryLayout<Node>.stride) else { throw JSONScanner.outOfMemory }
            if isFirst { memcpy(moved, block, nodeCount &* MemoryLayout<Node>.stride) }
            nodes = moved.bindMemory(to: Node.self, capacity: nodeCapacity)
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

    func failure(_ what: String) -> Failure { JSONScanner.failure(what, at: position) }

    private static func failure(_ what: String, at position: Int) -> Failure {
        Failure(
            .invalidRequest, code: "P2009", "The text is not valid JSON: it \(what), at byte \(position).",
            meta: [("byte", .number(position)), ("kind", .text(Failure.Fault.syntax.rawValue))])
    }
}
