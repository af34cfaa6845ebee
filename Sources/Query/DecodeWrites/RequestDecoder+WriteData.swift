import Schema
import Text

/// The model of `data`, and the members that `data` may have.
///
/// Why a class: models are large values, and each copy of one is much code.
final class DataTarget {
    let model: Model
    /// The relation field that leads back to the record that this one is nested in: neither it nor its key may be named.
    let parentField: Int?
    let allowsRelations: Bool
    /// The fields that hold the key to the parent.
    let parentKey: [Int]

    init(_ model: Model, parentField: Int? = nil, allowsRelations: Bool = true) {
        self.model = model
        self.parentField = parentField
        self.allowsRelations = allowsRelations
        parentKey = parentField.flatMap { model.fields[$0].heldKey } ?? []
    }
}

extension Field {
    /// The fields of this model that hold the key of the relation; nil when the other side has it.
    var heldKey: [Int]? {
        if case .references(let fields, _) = relation?.link { return fields }
        return nil
    }
}

extension Model {
    /// The fields that hold keys of relations.
    var keyFields: Set<Int> { Set(fields.flatMap { $0.isQueryable ? $0.heldKey ?? [] : [] }) }
}

/// `data`: fields in the order of the text. A record is written by its relations or by its key columns. If a relation is used whose
/// key is in the model, neither key columns nor an `autoincrement()` may be named.
extension RequestDecoder {
    static func isUndefined(_ value: JSONValue) -> Bool {
        guard value.kind == .object else { return false }
        return TaggedValue(value)?.isType("undefined") == true
    }

    /// Decodes the data of `create`, and checks that nothing is missing.
    @inline(never)
    mutating func decodeCreateData(_ value: JSONValue, _ target: DataTarget, at path: String) throws(Failure) -> WriteData {
        let data = try decodeData(value, target, isCreate: true, at: path)
        try requireFields(target, data, at: path)
        return data
    }

    mutating func decodeUpdateData(_ value: JSONValue, _ target: DataTarget, at path: String) throws(Failure) -> WriteData {
        try decodeData(value, target, isCreate: false, at: path)
    }

    /// Why in small steps: records nest, so each level's part of the stack counts many times.
    private mutating func decodeData(
        _ value: JSONValue, _ target: DataTarget, isCreate: Bool, at path: String
    ) throws(Failure) -> WriteData {
        try enter(path)
        defer { leave() }
        try refuseOther(value, target, isCreate: isCreate, at: path)
        var data = WriteData()
        for member in value.members { try decodeMember(member, target, isCreate: isCreate, at: path, into: &data) }
        try refuseMixture(data, target, at: path)
        return data
    }

    @inline(never)
    private func refuseOther(_ value: JSONValue, _ target: DataTarget, isCreate: Bool, at path: String) throws(Failure) {
        guard value.kind == .object, TaggedValue(value) == nil else {
            throw .mismatch(at: path, expected: ["\(target.model.name)\(isCreate ? "Create" : "Update")Input"], found: value)
        }
    }

    @inline(never)
    private mutating func decodeMember(
        _ member: JSONValue.Member, _ target: DataTarget, isCreate: Bool, at path: String, into data: inout WriteData
    ) throws(Failure) {
        let path = "\(path).\(member.name)"
        switch try place(of: member, target, isCreate: isCreate, at: path) {
        case nil: break
        case .relation(let field, let relation):
            let steps = try decodeRelationWrite(member.value, relation, at: path)
            data.relations.append(RelationWrite(field: field, steps: steps))
        case .scalar(let field): try decodeScalar(member.value, field, target, isCreate: isCreate, at: path, into: &data)
        }
    }

    private enum MemberPlace {
        case scalar(Int)
        case relation(Int, RelationTarget)
    }

    /// Returns the field of a member of `data`. Nil if the value is `undefined`.
    @inline(never)
    private func place(
        of member: JSONValue.Member, _ target: DataTarget, isCreate: Bool, at path: String
    ) throws(Failure) -> MemberPlace? {
        if Self.isUndefined(member.value) { return nil }
        guard let field = target.model.queryableField(named: member.name), isWritable(field, target) else {
            throw .unknown(member.name, in: String(path.dropLast(member.name.count + 1)), expected: writableNames(target))
        }
        guard let relation = field.relation else { return .scalar(field.index) }
        return .relation(field.index, RelationTarget(field, relation, schema.models[relation.model], isCreate: isCreate))
    }

    @inline(never)
    private mutating func decodeScalar(
        _ value: JSONValue, _ field: Int, _ target: DataTarget, isCreate: Bool, at path: String, into data: inout WriteData
    ) throws(Failure) {
        data.scalars.append((field, try decodeChange(value, target.model.fields[field], isCreate: isCreate, at: path)))
    }

    private func isWritable(_ field: Field, _ target: DataTarget) -> Bool {
        if field.isRelation { return target.allowsRelations && field.index != target.parentField }
        return !target.parentKey.contains(field.index)
    }

    private func writableNames(_ target: DataTarget) -> [String] {
        target.model.fields.filter { $0.isQueryable && isWritable($0, target) }.map(\.name)
    }

    /// Refuses key columns and autoincrement values beside a relation whose key is in this model.
    @inline(never)
    private func refuseMixture(_ data: WriteData, _ target: DataTarget, at path: String) throws(Failure) {
        let model = target.model
        guard data.relations.contains(where: { model.fields[$0.field].heldKey != nil }) else { return }
        let keys = model.keyFields
        for (field, _) in data.scalars {
            let isNumbered = model.fields[field].isNumbered
            guard keys.contains(field) || isNumbered else { continue }
            let name = model.fields[field].name
            throw .validation(.notAllowed, at: "\(path).\(name)", "cannot stand beside a relation whose key the model holds.", expected: [])
        }
    }

    @inline(never)
    private func requireFields(_ target: DataTarget, _ data: WriteData, at path: String) throws(Failure) {
        // Why not relations without a step: `{author: {}}` writes nothing.
        let given = data.scalars.map(\.field) + data.relations.filter { !$0.steps.isEmpty }.map(\.field)
        try requireFields(target, given: Set(given), at: path)
    }

    /// Checks that every field without a default is given, by itself or by its relation.
    @inline(never)
    func requireFields(_ target: DataTarget, given: Set<Int>, at path: String) throws(Failure) {
        let model = target.model
        let keys = model.keyFields
        let isByKeys = given.contains { keys.contains($0) || model.fields[$0].isNumbered }
        var covered = Set(target.parentKey)
        for field in model.fields where field.isRelation {
            // Why: a record that is made by its relations may leave out optional ones.
            let isLeftOut = !isByKeys && field.arity == .optional
            if given.contains(field.index) || isLeftOut { covered.formUnion(field.heldKey ?? []) }
        }
        for field in model.fields where !field.isRelation && field.arity == .required {
            if given.contains(field.index) || covered.contains(field.index) || field.hasDefault { continue }
            guard field.isQueryable else { continue }
            // Why: without other keys, the error names the relation and not its column.
            let relation =
                isByKeys || !target.allowsRelations
                ? nil
                : model.fields.first {
                    $0.isQueryable && $0.index != target.parentField && $0.heldKey?.contains(field.index) == true
                }
            let missing = relation ?? field
            throw .missing(at: "\(path).\(missing.name)", expected: [missing.typeName(schema)])
        }
    }

    // MARK: Scalars

    private static let numberOperators = ["set", "increment", "decrement", "multiply", "divide"]

    /// One field's value, or one operation on it.
    private mutating func decodeChange(
        _ value: JSONValue, _ field: Field, isCreate: Bool, at path: String
    ) throws(Failure) -> WriteData.Change {
        guard var type = field.valueType else { throw .validation(.notAllowed, at: path, "cannot be written.") }
        type.isStored = true
        type.hasWords = hasWordsForNumbers
        if field.arity == .list { return try decodeListChange(value, field, type, isCreate: isCreate, at: path) }
        if case .scalar(.json) = field.type { return try decodeJSONChange(value, field, type, at: path) }
        if value.kind == .object, TaggedValue(value)?.isScalar != true {
            if isCreate { throw .mismatch(at: path, expected: [field.typeName(schema)], found: value) }
            return try decodeOperation(value, field, type, at: path)
        }
        return try decodePlain(value, field, type, isCreate: isCreate, at: path)
    }

    private mutating func decodePlain(
        _ value: JSONValue, _ field: Field, _ type: Slot.ValueType, isCreate: Bool = false, at path: String
    ) throws(Failure) -> WriteData.Change {
        if value.isNull {
            guard field.arity == .optional else {
                throw .null(at: path, expected: [type.name(schema)], code: isCreate ? "P2012" : "P2009")
            }
            return .null
        }
        guard isPlainValue(value) else { throw .mismatch(at: path, expected: [type.name(schema)], found: value) }
        return .set(try slot(.value, type, at: value, path))
    }

    /// `{set: 1}`, `{increment: 1}`: exactly one.
    private mutating func decodeOperation(
        _ value: JSONValue, _ field: Field, _ type: Slot.ValueType, at path: String
    ) throws(Failure) -> WriteData.Change {
        let names = type.isNumber ? Self.numberOperators : ["set"]
        let arguments = try arguments(of: value, at: path, names)
        let given = arguments.indices.filter { arguments[$0].map { !Self.isUndefined($0) } ?? false }
        guard let position = given.first, given.count == 1, let operand = arguments[position] else {
            throw .validation(.notAllowed, at: path, "needs exactly one of \(names.joined(separator: ", ")).", expected: names)
        }
        let operandPath = "\(path).\(names[position])"
        if position == 0 { return try decodePlain(operand, field, type, at: operandPath) }
        guard !operand.isNull, isPlainValue(operand) else { throw .mismatch(at: operandPath, expected: [type.name(schema)], found: operand) }
        let slot = try slot(.value, type, at: operand, operandPath)
        switch position {
        case 1: return .increment(slot)
        case 2: return .decrement(slot)
        case 3: return .multiply(slot)
        default: return .divide(slot)
        }
    }

    /// Decodes any JSON. The nulls differ by their names.
    private mutating func decodeJSONChange(
        _ value: JSONValue, _ field: Field, _ type: Slot.ValueType, at path: String
    ) throws(Failure) -> WriteData.Change {
        if let tag = TaggedValue(value) {
            if tag.isNull("DbNull") {
                guard field.arity == .optional else { throw .validation(.missing, at: path, "must not be DbNull: the field is required.", expected: ["Json"]) }
                return .null
            }
            if tag.isNull("JsonNull") { return .jsonNull }
            if tag.isNull("AnyNull") {
                throw .validation(.notAllowed, at: path, "cannot be AnyNull: it is for filters.", expected: ["Json", "DbNull", "JsonNull"])
            }
        }
        if value.isNull {
            throw .validation(
                .missing, at: path, "must not be null: say which null with {\"$type\": \"DbNull\"} or \"JsonNull\".", expected: ["Json", "DbNull", "JsonNull"])
        }
        return .set(try slot(.json, type, at: value, path))
    }
}

extension Field {
    /// An identifier that the database counts: `Int @id @default(autoincrement())`.
    var isNumbered: Bool { if case .scalar(.int) = type { isID && defaultValue == .autoincrement } else { false } }

    /// True if a record may be created without it.
    var hasDefault: Bool { defaultValue != nil || isUpdatedAt }
}

extension Slot.ValueType {
    /// True if it takes `increment` and the like.
    var isNumber: Bool {
        guard enumeration == nil else { return false }
        switch scalar {
        case .int, .bigInt, .float, .decimal: return true
        default: return false
        }
    }
}
