import CLinux
package import Text

/// A request's text without its values: what requests that differ in values alone have in common.
///
/// One pass over the nodes of `args` writes a key. It holds kinds, counts, keys, and the signs of numbers, but neither strings nor numbers.
/// `cacheStrategy` is left out. A list of scalars is one node of any length, with the kinds of its elements.
///
/// Each node that is written has an ordinal, counted from 0. Equal keys have equal nodes at equal ordinals. The cost is a nanosecond or two
/// for each node, and one allocation for a text of few nodes.
package struct ShapeFingerprint: ~Copyable {
    /// The key: operation and model by name, then the nodes.
    private(set) var key = ByteBuffer(capacity: 512)
    /// The node of each ordinal, while there are few.
    private var few = InlineArray<32, UInt32>(repeating: 0)
    /// The same for a text that may have more of them.
    private let many: UnsafeMutablePointer<UInt32>?
    private let capacity: Int
    private(set) var count = 0
    /// The hash of the key's bytes.
    private(set) var hash: UInt64 = 0

    package init(_ document: JSONDocument, _ envelope: Envelope) {
        // Why that many: an ordinal stands for one node of `args` at least.
        let args = envelope.args
        capacity = args.map { Int(document.nodes[$0].next) &- $0 } ?? 0
        many = capacity > few.count ? .allocate(capacity: capacity) : nil
        writeHead(document, envelope)
        if let args { walk(document, members: args) }
        hash = ShapeFingerprint.hash(key.bytes)
    }

    deinit { many?.deallocate() }

    /// Returns the node with that ordinal, which another text of the same key has in the same place. The root for an ordinal that does not
    /// exist.
    @inline(__always)
    package func node(_ ordinal: Int) -> Int {
        guard UInt(bitPattern: ordinal) < UInt(bitPattern: count) else { return 0 }
        return Int(many.map { $0[ordinal] } ?? few[ordinal])
    }

    private mutating func writeHead(_ document: JSONDocument, _ envelope: Envelope) {
        let precision: UInt8 = envelope.isPrecise == true ? Mark.precise : 0
        switch envelope.operation {
        case .read(let operation): key.append(operation.code | precision)
        case .write(let operation): key.append(operation.code | precision)
        default: key.append(0)
        }
        addText(envelope.model.map { document.text(of: $0) } ?? UnsafeRawBufferPointer(start: nil, count: 0))
    }

    private mutating func addText(_ text: UnsafeRawBufferPointer) {
        key.append(UInt8(truncatingIfNeeded: min(text.count, 255)))
        if text.count >= 255 { addCount(UInt32(truncatingIfNeeded: text.count)) }
        key.append(text)
    }

    private mutating func addCount(_ count: UInt32) {
        withUnsafeBytes(of: count) { key.append($0) }
    }

    /// The members of `args` except for the strategy.
    private mutating func walk(_ document: JSONDocument, members args: Int) {
        var index = args &+ 1
        for _ in 0..<document.nodes[args].count {
            let next = Int(document.nodes[index &+ 1].next)
            if !document.text(of: index).equals("cacheStrategy") { walk(document, from: index, to: next) }
            index = next
        }
    }

    private mutating func walk(_ document: JSONDocument, from start: Int, to end: Int) {
        var index = start
        while index < end {
            let node = document.nodes[index]
            if node.isKey {
                key.append(Mark.key)
                let text = document.text(of: index)
                addText(text)
                index &+= 1
                // Why: the type of a tagged value decides what may be done with it, so it is a part of the shape.
                if text.equals("$type"), document.nodes[index].kind == .string {
                    number(index)
                    key.append(Mark.type)
                    addText(document.text(of: index))
                    index &+= 1
                }
                continue
            }
            number(index)
            index = addNode(document, node, at: index)
        }
    }

    private mutating func number(_ index: Int) {
        guard count < capacity else { return }
        let node = UInt32(truncatingIfNeeded: index)
        if let many { many[count] = node } else { few[count] = node }
        count &+= 1
    }

    /// Adds one node that is not a key. Returns the index of the next one.
    private mutating func addNode(_ document: JSONDocument, _ node: JSONDocument.Node, at index: Int) -> Int {
        switch node.kind {
        case .null, .true, .false, .string:
            key.append(node.kind.rawValue)
        case .number:
            key.append(node.isNegative ? Mark.negative : node.kind.rawValue)
        case .object:
            key.append(node.kind.rawValue)
            addCount(node.count)
            // Why: the choice of a null of Json is a part of the shape, too. Any other word may be the caller's own data.
            if let null = TaggedValue(document, index)?.nullName {
                key.append(Mark.null)
                addText(null)
            }
        case .array:
            if let kinds = document.scalarKinds(ofArray: index) {
                key.append(Mark.list)
                key.append(kinds)
                return Int(node.next)
            }
            key.append(node.kind.rawValue)
            addCount(node.count)
        }
        return index &+ 1
    }

    /// Bytes that announce what comes next. They differ from the raw values of the kinds.
    private enum Mark {
        static let key: UInt8 = 0x10
        static let negative: UInt8 = 0x11
        static let list: UInt8 = 0x12
        static let type: UInt8 = 0x13
        static let null: UInt8 = 0x14
        /// Added to an operation's code: moments have microseconds.
        static let precise: UInt8 = 0x80
    }

    /// A multiply-and-fold hash, eight bytes a step. It only chooses a bucket; equality of the bytes decides.
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var index = 0
        while index &+ 8 <= bytes.count {
            state = mix(state, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index &+= 1
        }
        return mix(state, rest)
    }

    @inline(__always)
    private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low ^ (state << 23 | state >> 41)
    }
}

extension JSONDocument {
    /// Returns the kinds of an array's elements as a bit set; nil when one of them is a container.
    func scalarKinds(ofArray index: Int) -> UInt8? {
        let end = Int(nodes[index].next)
        var kinds: UInt8 = 0
        var element = index &+ 1
        while element < end {
            let kind = nodes[element].kind
            if kind == .array || kind == .object { return nil }
            kinds |= 1 << kind.rawValue
            element &+= 1
        }
        return kinds
    }
}

extension Request.Operation {
    /// Distinct for each, never 0.
    var code: UInt8 {
        switch self {
        case .findUnique: 1
        case .findUniqueOrThrow: 2
        case .findFirst: 3
        case .findFirstOrThrow: 4
        case .findMany: 5
        case .count: 6
        case .aggregate: 7
        case .groupBy: 8
        }
    }
}

extension Operation.Write {
    /// Distinct for each, and from those of the reads.
    var code: UInt8 {
        switch self {
        case .create: 16
        case .createMany: 17
        case .createManyAndReturn: 18
        case .update: 19
        case .updateMany: 20
        case .updateManyAndReturn: 21
        case .upsert: 22
        case .delete: 23
        case .deleteMany: 24
        }
    }
}
