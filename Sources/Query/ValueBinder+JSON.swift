import Text

extension ValueBinder {
    /// Any JSON, as JSON text; members in the order of their names, numbers in canonical form. Tagged values at its root are what they
    /// stand for: `{"$type": "Json", "value": "<text>"}` the JSON that is written there, `JsonNull` the null of JSON.
    func write(json node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        if let tag = TaggedValue(document, node) {
            if tag.isNull("JsonNull") { return buffer.append("null") }
            if tag.isType("Json") {
                guard let text = tag.text, let inner = ValueBinder.scan(text) else {
                    throw .validation(at: step.slot.path, "is tagged as Json and holds no JSON text.", expected: ["Json"])
                }
                return try writeValue(inner, 0, into: &buffer)
            }
            if tag.isType("Raw"), let value = tag.value { return try writeValue(document, value, into: &buffer) }
        }
        try writeValue(document, node, into: &buffer)
    }

    private static func scan(_ text: UnsafeRawBufferPointer) -> JSONDocument? {
        try? JSONDocument(scanning: text)
    }

    /// Recursive; the scanner has bounded the depth (`JSONDocument.Limits.depth`).
    private func writeValue(_ document: JSONDocument, _ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let value = document.nodes[node]
        switch value.kind {
        case .null: buffer.append("null")
        case .true: buffer.append("true")
        case .false: buffer.append("false")
        case .number:
            // Why the fallback: an exponent beyond the limit is left for the server to judge.
            if !Decimal.write(canonical: document.text(of: node), into: &buffer) { buffer.append(document.text(of: node)) }
        case .string: try writeString(document, node, into: &buffer)
        case .array:
            buffer.append(UInt8(ascii: "["))
            var element = node &+ 1
            for position in 0..<value.count {
                if position > 0 { buffer.append(UInt8(ascii: ",")) }
                try writeValue(document, element, into: &buffer)
                element = Int(document.nodes[element].next)
            }
            buffer.append(UInt8(ascii: "]"))
        case .object: try writeObject(document, node, into: &buffer)
        }
    }

    private func writeObject(_ document: JSONDocument, _ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        buffer.append(UInt8(ascii: "{"))
        for (position, key) in ValueBinder.sortedKeys(document, node).enumerated() {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            try writeString(document, key, into: &buffer)
            buffer.append(UInt8(ascii: ":"))
            try writeValue(document, key &+ 1, into: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    // Why sorted: members have no order in jsonb, so texts that differ in it are the same value.
    private static func sortedKeys(_ document: JSONDocument, _ node: Int) -> [Int] {
        var keys: [Int] = []
        var index = node &+ 1
        for _ in 0..<document.nodes[node].count {
            keys.append(index)
            index = Int(document.nodes[index &+ 1].next)
        }
        keys.sort { document.text(of: $0).lexicographicallyPrecedes(document.text(of: $1)) }
        return keys
    }

    private func writeString(_ document: JSONDocument, _ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let text = document.text(of: node)
        if text.contains(0) { throw .validation(at: step.slot.path, "holds U+0000, which PostgreSQL has no place for.") }
        buffer.append(jsonString: text)
    }
}
