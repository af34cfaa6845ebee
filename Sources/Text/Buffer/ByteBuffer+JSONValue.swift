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
            for (position, element) in value.elements.enumerated() {
                if position > 0 { append(UInt8(ascii: ",")) }
                append(element)
            }
            append(UInt8(ascii: "]"))
        case .object:
            append(UInt8(ascii: "{"))
            for (position, member) in value.members.enumerated() {
                if position > 0 { append(UInt8(ascii: ",")) }
                append(jsonString: member.key.bytes)
                append(UInt8(ascii: ":"))
                append(member.value)
            }
            append(UInt8(ascii: "}"))
        }
    }
}
