extension ByteBuffer {
    /// Appends a value as JSON text. It is recursive; the scanner has bounded the depth.
    package mutating func append(_ value: JSONValue) {
        switch value.kind {
        case .null: append("null")
        case .true: append("true")
        case .false: append("false")
        case .number: append(value.bytes)
        case .string: append(jsonString: value.bytes)
        case .array:
            append(UInt8(ascii: "["))
            append(list: value.elements) { $0.append($1) }
            append(UInt8(ascii: "]"))
        case .object:
            append(UInt8(ascii: "{"))
            append(list: value.members) { buffer, member in
                buffer.append(jsonString: member.key.bytes)
                buffer.append(UInt8(ascii: ":"))
                buffer.append(member.value)
            }
            append(UInt8(ascii: "}"))
        }
    }
}
