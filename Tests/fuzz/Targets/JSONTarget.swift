import Text

/// The JSON scanner: what it takes can be walked over, written again and scanned again, with the same result.
func fuzzJSON(_ input: UnsafeRawBufferPointer) {
    do {
        let document = try JSONDocument(scanning: input)
        let text = written(document.root)
        let again = try JSONDocument(scanning: text)
        require(written(again.root) == text, "a text that was written is read as what it was")
        for node in document.nodes.indices where document.nodes[node].kind == .number { touch(JSONValue(document: document, index: node)) }
    } catch {
        require(!error.message.isEmpty, "a failure says what is wrong")
    }
}

/// Reads a number in each way there is.
private func touch(_ value: JSONValue) {
    let double = Double(String(decoding: value.bytes, as: UTF8.self))
    if let integer = value.integer {
        // Beyond 2^53 a Double has fewer digits.
        require(integer.magnitude > 1 << 53 || double == Double(integer), "a number is the same read in either way")
    }
}

/// A value as JSON without blanks. Recursive: the scanner bounds the depth.
private func written(_ value: JSONValue) -> [UInt8] {
    var buffer = ByteBuffer()
    write(value, into: &buffer)
    return Array(buffer.bytes)
}

private func write(_ value: JSONValue, into buffer: inout ByteBuffer) {
    switch value.kind {
    case .null: buffer.append("null")
    case .true: buffer.append("true")
    case .false: buffer.append("false")
    case .number: buffer.append(value.bytes)
    case .string: buffer.append(jsonString: value.bytes)
    case .array:
        buffer.append(UInt8(ascii: "["))
        for (position, element) in value.elements.enumerated() {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            write(element, into: &buffer)
        }
        buffer.append(UInt8(ascii: "]"))
    case .object:
        buffer.append(UInt8(ascii: "{"))
        for (position, member) in value.members.enumerated() {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(jsonString: member.key.bytes)
            buffer.append(UInt8(ascii: ":"))
            write(member.value, into: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }
}
