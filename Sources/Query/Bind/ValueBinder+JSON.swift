import Text

extension ValueBinder {
    /// Writes any JSON as JSON text. Members are sorted by name, numbers are in canonical form. Tagged values are replaced at any depth by
    /// what they stand for:
    ///
    /// `Json` by the JSON in its text, `Raw` by its value as it is, `JsonNull` by null, `DateTime` by ISO text, `Decimal` and `BigInt` by a
    /// number, `Bytes` by base64.
    func writeJSON(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        try writeValue(document, node, isVerbatim: false, into: &buffer)
    }

    private static func scan(_ text: UnsafeRawBufferPointer) -> JSONDocument? {
        try? JSONDocument(scanning: text)
    }

    /// Recursive; the scanner has bounded the depth (`TextLimit.jsonDepth`).
    /// - Parameter isVerbatim: objects that look like tagged values are plain ones.
    private func writeValue(_ document: JSONDocument, _ node: Int, isVerbatim: Bool, into buffer: inout ByteBuffer) throws(Failure) {
        let value = document.nodes[node]
        switch value.kind {
        case .null: buffer.append("null")
        case .true: buffer.append("true")
        case .false: buffer.append("false")
        case .number:
            // Why: jsonb keeps 2.0 apart from 2, and a program that stores 2.0 wants it back. Elsewhere equal data has one text.
            if isVerbatim { return buffer.append(document.text(of: node)) }
            // Why the fallback: the server judges an exponent that is beyond the limit.
            if !Decimal.write(canonical: document.text(of: node), into: &buffer) { buffer.append(document.text(of: node)) }
        case .string: try writeString(document, node, into: &buffer)
        case .array:
            buffer.append(UInt8(ascii: "["))
            var element = node &+ 1
            for position in 0..<value.count {
                if position > 0 { buffer.append(UInt8(ascii: ",")) }
                try writeValue(document, element, isVerbatim: isVerbatim, into: &buffer)
                element = Int(document.nodes[element].next)
            }
            buffer.append(UInt8(ascii: "]"))
        case .object:
            if !isVerbatim, let tag = TaggedValue(document, node), try writeTagged(tag, into: &buffer) { return }
            try writeObject(document, node, isVerbatim: isVerbatim, into: &buffer)
        }
    }

    // MARK: Tagged values

    /// Writes what a tagged value stands for. Returns false for an unknown type: then it is an object like any other.
    private func writeTagged(_ tag: TaggedValue, into buffer: inout ByteBuffer) throws(Failure) -> Bool {
        if tag.isNull("JsonNull") {
            buffer.append("null")
        } else if tag.isNull("DbNull") || tag.isNull("AnyNull") || tag.isType("FieldRef") {
            throw .validation(at: step.slot.path, "contains a tagged value that is not allowed inside JSON.", expected: ["Json"])
        } else if let value = tag.value {
            return try writeTaggedValue(tag, value, into: &buffer)
        } else {
            return false
        }
        return true
    }

    private func writeTaggedValue(_ tag: TaggedValue, _ value: Int, into buffer: inout ByteBuffer) throws(Failure) -> Bool {
        if tag.isType("Json") {
            guard let text = tag.text, let inner = ValueBinder.scan(text) else { throw mistagged("Json", "not JSON text") }
            try writeValue(inner, 0, isVerbatim: true, into: &buffer)
        } else if tag.isType("Raw") {
            try writeValue(document, value, isVerbatim: true, into: &buffer)
        } else if tag.isType("DateTime") {
            guard let text = tag.text, let moment = Timestamp.parse(text) else { throw mistagged("DateTime", "not an ISO-8601 DateTime with an offset") }
            buffer.append(isoMoment: moment)
        } else if tag.isType("Decimal") {
            guard let text = number(value), Decimal.write(canonical: text, into: &buffer) else { throw mistagged("Decimal", "not a decimal number") }
        } else if tag.isType("BigInt") {
            guard let text = number(value), Decimal.isWhole(text) == true, Decimal.write(canonical: text, into: &buffer) else {
                throw mistagged("BigInt", "not a whole number")
            }
        } else if tag.isType("Bytes") {
            var bytes = ByteBuffer()
            guard let text = tag.text, Base64.write(hexOf: text, into: &bytes) else { throw mistagged("Bytes", "not base64") }
            buffer.append(jsonString: text)
        } else if tag.isType("Enum"), tag.text != nil {
            try writeString(document, value, into: &buffer)
        } else {
            return false
        }
        return true
    }

    /// The text of a number, or of a string that may be one.
    private func number(_ node: Int) -> UnsafeRawBufferPointer? {
        let kind = document.nodes[node].kind
        return kind == .number || kind == .string ? document.text(of: node) : nil
    }

    private func mistagged(_ type: String, _ problem: String) -> Failure {
        .validation(at: step.slot.path, "contains a value that is tagged as \(type) but is \(problem).", expected: [type])
    }

    // MARK: Objects and strings

    private func writeObject(_ document: JSONDocument, _ node: Int, isVerbatim: Bool, into buffer: inout ByteBuffer) throws(Failure) {
        buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        for key in ValueBinder.sortedKeys(document, node) {
            if !isVerbatim, TaggedValue(document, key &+ 1)?.isType("undefined") == true { continue }
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            try writeString(document, key, into: &buffer)
            buffer.append(UInt8(ascii: ":"))
            try writeValue(document, key &+ 1, isVerbatim: isVerbatim, into: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    // Why sorted: members have no order in jsonb, so texts that differ in their order are the same value.
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
        if text.contains(0) { throw .validation(at: step.slot.path, "contains U+0000, which PostgreSQL cannot store in text.") }
        buffer.append(jsonString: text)
    }
}
