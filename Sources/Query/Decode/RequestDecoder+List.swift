import Schema
import Text

/// Filters on a list of scalars: `{"has": "a", "isEmpty": false}`.
extension RequestDecoder {
    private static let listOperators = ["equals", "has", "hasEvery", "hasSome", "isEmpty"]

    @inline(never)
    mutating func decodeListTests(_ value: JSONValue, _ field: Field, _ model: Model, at path: String) throws(Failure) -> [ListTest] {
        guard let type = field.valueType else { throw .validation(.notAllowed, at: path, "cannot be filtered.") }
        let arguments = try arguments(of: value, at: path, Self.listOperators, expected: ["\(type.name(schema))ListFilter"])
        let target = ListTarget(type: type, model: model, path: path)
        var tests: [ListTest] = []
        if let value = arguments[0] {
            tests.append(value.isNull ? .isNull : .equals(try decodeListOperand(value, target, "equals"), isNegated: false))
        }
        if let value = arguments[1] {
            tests.append(value.isNull ? .hasNull : .has(try decodeElementOperand(value, target)))
        }
        if let value = arguments[2] { tests.append(.hasEvery(try decodeListOperand(value, target, "hasEvery"))) }
        if let value = arguments[3] { tests.append(.hasSome(try decodeListOperand(value, target, "hasSome"))) }
        if let value = arguments[4] {
            guard let isEmpty = value.bool else { throw .mismatch(at: "\(path).isEmpty", expected: ["Boolean"], found: value) }
            tests.append(.isEmpty(isEmpty))
        }
        return tests
    }

    /// The list field that is filtered.
    private struct ListTarget {
        let type: Slot.ValueType
        let model: Model
        let path: String
    }

    @inline(never)
    private mutating func decodeListOperand(_ value: JSONValue, _ target: ListTarget, _ name: String) throws(Failure) -> Operand {
        let path = "\(target.path).\(name)"
        if let reference = FieldReference(value) {
            return .field(try resolve(reference, target.type, isList: true, target.model, at: path))
        }
        try requireElements(value, target.type, at: path)
        return .slot(try slot(.list, target.type, at: value, path))
    }

    @inline(never)
    private mutating func decodeElementOperand(_ value: JSONValue, _ target: ListTarget) throws(Failure) -> Operand {
        let path = "\(target.path).has"
        if let reference = FieldReference(value) {
            return .field(try resolve(reference, target.type, isList: false, target.model, at: path))
        }
        if target.type.scalar == .json { return .slot(try slot(.json, target.type, at: value, path)) }
        guard isPlainValue(value) else { throw .mismatch(at: path, expected: [target.type.name(schema)], found: value) }
        return .slot(try slot(.value, target.type, at: value, path))
    }
}
