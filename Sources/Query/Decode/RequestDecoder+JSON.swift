import Schema
import Text

/// Filters on a Json column: `{"path": ["a", "b"], "gt": 1}`.
extension RequestDecoder {
    private static let jsonOperators = [
        "path", "equals", "string_contains", "string_starts_with", "string_ends_with", "array_contains", "array_starts_with",
        "array_ends_with", "lt", "lte", "gt", "gte", "not", "mode",
    ]

    @inline(never)
    mutating func decodeJSONTests(_ value: JSONValue, _ field: Field, _ model: Model, at path: String) throws(Failure) -> [JSONTest] {
        let names = Self.jsonOperators
        let arguments = try arguments(of: value, at: path, names, expected: ["JsonFilter"])
        var pathSlot: Int?
        if let segments = arguments[0] { pathSlot = try decodeJSONPath(segments, at: "\(path).path") }
        var isInsensitive = false
        if let mode = arguments[13] { isInsensitive = try word(mode, at: "\(path).mode", ["default", "insensitive"]) == 1 }
        let target = JSONTarget(type: field.valueType ?? Slot.ValueType(.json), model: model, isInsensitive: isInsensitive)
        var tests: [JSONTest] = []
        for position in 1..<13 {
            guard let argument = arguments[position] else { continue }
            let kind = try decodeJSONOperator(position, argument, target, at: "\(path).\(names[position])")
            tests.append(JSONTest(path: pathSlot, kind: kind))
        }
        if tests.isEmpty { throw .input(.empty, at: path, "tests nothing: A JSON path cannot be set without a scalar filter.") }
        return tests
    }

    /// The Json field that is filtered.
    private struct JSONTarget {
        let type: Slot.ValueType
        let model: Model
        let isInsensitive: Bool
    }

    @inline(never)
    private mutating func decodeJSONPath(_ value: JSONValue, at path: String) throws(Failure) -> Int {
        guard value.kind == .array, value.elements.allSatisfy({ $0.kind == .string }) else {
            throw .mismatch(at: path, expected: ["String[]"], found: value)
        }
        return try slot(.jsonPath, Slot.ValueType(.string), at: value, path)
    }

    @inline(never)
    private mutating func decodeJSONOperator(
        _ position: Int, _ value: JSONValue, _ target: JSONTarget, at path: String
    ) throws(Failure) -> JSONTest.Kind {
        switch position {
        case 1: try decodeJSONEquals(value, target, isNegated: false, at: path)
        case 2: .matches(.contains, try decodeJSONString(value, .contains, target, at: path), isInsensitive: target.isInsensitive)
        case 3: .matches(.startsWith, try decodeJSONString(value, .startsWith, target, at: path), isInsensitive: target.isInsensitive)
        case 4: .matches(.endsWith, try decodeJSONString(value, .endsWith, target, at: path), isInsensitive: target.isInsensitive)
        case 5: .arrayContains(try decodeJSONOperand(value, target, allowsNull: true, at: path))
        case 6: .arrayStartsWith(try decodeJSONOperand(value, target, allowsNull: true, at: path))
        case 7: .arrayEndsWith(try decodeJSONOperand(value, target, allowsNull: true, at: path))
        case 8: .compare(.less, try decodeJSONOperand(value, target, at: path))
        case 9: .compare(.lessOrEqual, try decodeJSONOperand(value, target, at: path))
        case 10: .compare(.greater, try decodeJSONOperand(value, target, at: path))
        case 11: .compare(.greaterOrEqual, try decodeJSONOperand(value, target, at: path))
        default: try decodeJSONEquals(value, target, isNegated: true, at: path)
        }
    }

    /// Decodes `equals` and `not`. The three nulls differ by their names.
    @inline(never)
    private mutating func decodeJSONEquals(
        _ value: JSONValue, _ target: JSONTarget, isNegated: Bool, at path: String
    ) throws(Failure) -> JSONTest.Kind {
        if let tag = TaggedValue(value) {
            if tag.isNull("DbNull") { return .isDatabaseNull(isNegated: isNegated) }
            if tag.isNull("JsonNull") { return .isJSONNull(isNegated: isNegated) }
            if tag.isNull("AnyNull") { return .isAnyNull(isNegated: isNegated) }
        }
        return .compare(isNegated ? .notEquals : .equals, try decodeJSONOperand(value, target, at: path))
    }

    /// Any JSON, or a field. A bare null is ambiguous between the three, so it has to be tagged, except for `array_…`.
    @inline(never)
    private mutating func decodeJSONOperand(
        _ value: JSONValue, _ target: JSONTarget, allowsNull: Bool = false, at path: String
    ) throws(Failure) -> Operand {
        if let reference = FieldReference(value) {
            return .field(try resolve(reference, target.type, isList: false, target.model, at: path))
        }
        if value.isNull, !allowsNull {
            throw .validation(
                .missing, at: path, "must not be null: say which null with {\"$type\": \"DbNull\"}, \"JsonNull\" or \"AnyNull\".",
                expected: ["Json", "DbNull", "JsonNull", "AnyNull"])
        }
        return .slot(try slot(.json, target.type, at: value, path))
    }

    @inline(never)
    private mutating func decodeJSONString(
        _ value: JSONValue, _ pattern: ScalarTest.Pattern, _ target: JSONTarget, at path: String
    ) throws(Failure) -> Operand {
        let type = Slot.ValueType(.string)
        if let reference = FieldReference(value) {
            return .field(try resolve(reference, type, isList: false, target.model, at: path))
        }
        guard value.kind == .string else { throw .mismatch(at: path, expected: ["String"], found: value) }
        return .slot(try slot(pattern.form, type, at: value, path))
    }
}
