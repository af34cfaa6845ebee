import Schema
import Text

/// `data` of a list of scalars.
extension RequestDecoder {
    /// Decodes a list, `{set: […]}` or `{push: …}`.
    mutating func decodeListChange(
        _ value: JSONValue, _ field: Field, _ type: Slot.ValueType, isCreate: Bool, at path: String
    ) throws(Failure) -> WriteData.Change {
        guard value.kind == .object else { return try decodeList(value, type, at: path) }
        let arguments = try arguments(
            of: value, at: path, isCreate ? ["set"] : ["set", "push"], expected: ["\(type.name(schema))[]"])
        let given = arguments.indices.filter { arguments[$0].map { !Self.isUndefined($0) } ?? false }
        guard let position = given.first, given.count == 1, let operand = arguments[position] else {
            throw .validation(.notAllowed, at: path, "needs exactly one of set, push.", expected: ["set", "push"])
        }
        if position == 0 { return try decodeList(operand, type, at: "\(path).set") }
        return try decodePush(operand, type, at: "\(path).push")
    }

    private mutating func decodeList(_ value: JSONValue, _ type: Slot.ValueType, at path: String) throws(Failure) -> WriteData.Change {
        try requireElements(value, type, at: path)
        return .set(try slot(.list, type, at: value, path))
    }

    private mutating func decodePush(_ value: JSONValue, _ type: Slot.ValueType, at path: String) throws(Failure) -> WriteData.Change {
        // Why first: a list is also one Json value, as in Prisma Client. A list of tagged values is a list of elements.
        if type.scalar == .json {
            if value.isNull { throw .mismatch(at: path, expected: ["Json"], found: value) }
            if Self.isListOfJSON(value) { return .pushAll(try slot(.list, type, at: value, path)) }
            return .push(try slot(.json, type, at: value, path))
        }
        if value.kind == .array {
            try requireElements(value, type, at: path)
            return .pushAll(try slot(.list, type, at: value, path))
        }
        guard isPlainValue(value), !value.isNull else { throw .mismatch(at: path, expected: [type.name(schema), "\(type.name(schema))[]"], found: value) }
        return .push(try slot(.value, type, at: value, path))
    }

    /// Returns true for a list whose elements are all tagged as Json, or are JSON's null.
    private static func isListOfJSON(_ value: JSONValue) -> Bool {
        guard value.kind == .array else { return false }
        var isTagged = false
        for element in value.elements {
            guard let tag = TaggedValue(element) else { return false }
            if tag.isType("Json") { isTagged = true } else if !tag.isNull("JsonNull") { return false }
        }
        return isTagged
    }
}
