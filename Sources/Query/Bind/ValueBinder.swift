import CLinux
import Schema
import Text

/// Checks a value of the text against its slot and writes it as PostgreSQL reads it.
///
/// Errors name the slot's path and what was expected, never the value.
struct ValueBinder {
    let document: JSONDocument
    let step: BindingStep

    init(_ document: JSONDocument, _ step: BindingStep) {
        self.document = document
        self.step = step
    }

    private var type: Slot.ValueType { step.slot.type }

    func bind(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        switch step.slot.form {
        case .value: try writeScalar(node, into: &buffer)
        case .list: try writeList(node, into: &buffer)
        case .pattern(let before, let after):
            if before { buffer.append(UInt8(ascii: "%")) }
            try writePattern(node, into: &buffer)
            if after { buffer.append(UInt8(ascii: "%")) }
        case .patterns, .jsonPath: try writeList(node, into: &buffer)
        case .magnitude: try writeMagnitude(node, into: &buffer)
        case .json: try writeJSON(node, into: &buffer)
        }
    }

    // MARK: Scalars

    /// One value of the slot's type, plain or tagged.
    func writeScalar(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let node = untagged(node)
        if type.enumeration != nil { return try writeLabel(node, into: &buffer) }
        switch type.scalar {
        case .string: try writeString(node, into: &buffer)
        case .boolean: try writeBoolean(node, into: &buffer)
        case .int: try writeInt(node, into: &buffer)
        case .bigInt: try writeBigInt(node, into: &buffer)
        case .float: try writeFloat(node, into: &buffer)
        case .decimal: try writeDecimal(node, into: &buffer)
        case .dateTime: try writeDateTime(node, into: &buffer)
        case .json: try writeJSON(node, into: &buffer)
        case .bytes: try writeBytes(node, into: &buffer)
        }
    }

    /// Returns the node that a tagged value holds, `{"$type": "DateTime", "value": …}`, or the node itself when it is not tagged. `Json` is
    /// not opened: its value is text of another kind.
    @inline(__always)
    func untagged(_ node: Int) -> Int {
        guard document.nodes[node].kind == .object, type.scalar != .json, let tag = TaggedValue(document, node) else { return node }
        // Why: a moment or a number is no text, though its tag holds one.
        if type.scalar == .string, type.enumeration == nil, tag.isNoText { return node }
        return tag.value ?? node
    }

    func writeString(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        buffer.append(try string(node))
    }

    /// The bytes of a string without U+0000.
    func string(_ node: Int) throws(Failure) -> UnsafeRawBufferPointer {
        guard document.nodes[node].kind == .string else { throw mismatch(node) }
        let text = document.text(of: node)
        if let base = text.baseAddress, text.count > 0, memchr(base, 0, text.count) != nil {
            throw .validation(at: step.slot.path, "contains U+0000, which PostgreSQL cannot store in text.")
        }
        return text
    }

    private func writeBoolean(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        switch document.nodes[node].kind {
        case .true: buffer.append(UInt8(ascii: "t"))
        case .false: buffer.append(UInt8(ascii: "f"))
        default: throw mismatch(node)
        }
    }

    private func writeLabel(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        guard document.nodes[node].kind == .string else { throw mismatch(node) }
        let text = document.text(of: node)
        for value in step.labels where text.elementsEqual(value.name) { return buffer.append(value.label) }
        throw .validation(
            .unknownValue, at: step.slot.path, "is not a value of its enum.", expected: step.labels.map { String(decoding: $0.name, as: UTF8.self) })
    }

    private func writeBytes(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        guard document.nodes[node].kind == .string else { throw mismatch(node) }
        buffer.append("\\x")
        guard Base64.write(hexOf: document.text(of: node), into: &buffer) else {
            throw .validation(at: step.slot.path, "is not valid base64.", expected: ["Bytes"])
        }
    }

    private func writeDateTime(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        guard document.nodes[node].kind == .string else { throw mismatch(node) }
        if Timestamp.isInfinity(document.text(of: node)), type.nativeType?.name != .time, type.nativeType?.name != .timetz {
            guard !type.isStored || type.hasWords else {
                throw .validation(
                    at: step.slot.path, "has to be a finite moment: answers of milliseconds have no word for infinity.", expected: ["DateTime"])
            }
            return buffer.append(document.text(of: node))
        }
        // Why separate: a count of microseconds does not hold all years of dates.
        if type.nativeType?.name == .date, let day = Timestamp.parseDay(document.text(of: node)) { return Timestamp.write(day: day, into: &buffer) }
        guard let moment = Timestamp.parse(document.text(of: node)) else {
            throw .validation(at: step.slot.path, "is not a valid ISO-8601 DateTime with an offset.", expected: ["DateTime"])
        }
        let form: Timestamp.Form =
            switch type.nativeType?.name {
            case .date: .date
            case .time: .time
            case .timetz: .timetz
            default: .timestamp
            }
        Timestamp.write(moment, as: form, into: &buffer)
    }

    // MARK: Patterns

    /// Writes a string so that its `%`, `_` and `\` are plain characters in LIKE.
    private func writePattern(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        for byte in try string(untagged(node)) {
            if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "\\") {
                buffer.append(UInt8(ascii: "\\"))
            }
            buffer.append(byte)
        }
    }

    // MARK: Lists

    /// An array literal: `{"a","b"}`.
    private func writeList(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let list = document.nodes[node]
        guard list.kind == .array else { throw mismatch(node) }
        var scratch = ByteBuffer(capacity: 64)
        var element = node &+ 1
        buffer.append(UInt8(ascii: "{"))
        for position in 0..<list.count {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            scratch.removeAll()
            try writeElement(element, into: &scratch)
            ValueBinder.append(quoted: scratch.bytes, into: &buffer)
            element = Int(document.nodes[element].next)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    private func writeElement(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        switch step.slot.form {
        case .patterns: try writePattern(node, into: &buffer)
        case .jsonPath: try writeString(node, into: &buffer)
        default: try writeScalar(node, into: &buffer)
        }
    }

    /// An element of an array literal.
    static func append(quoted text: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        buffer.reserve(text.count &+ 2)
        buffer.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { buffer.append(UInt8(ascii: "\\")) }
            buffer.append(byte)
        }
        buffer.append(UInt8(ascii: "\""))
    }

    // MARK: Errors

    /// Returns the error for a value of another kind than the slot takes.
    func mismatch(_ node: Int) -> Failure {
        .mismatch(at: step.slot.path, expected: [expectedName], found: JSONValue(document: document, index: node))
    }

    private var expectedName: String {
        switch step.slot.form {
        case .jsonPath: "String[]"
        case .magnitude: "Int"
        default: type.enumeration != nil ? "a value of its enum" : type.scalar.rawValue
        }
    }
}
