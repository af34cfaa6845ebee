import Schema
import Text

/// The subject of a scalar filter: a field, or an aggregate of one in `having`.
struct FilterSubject {
    var type: Slot.ValueType
    /// True if it can be null, so that a request may ask for null.
    var isNullable: Bool
    /// The model in which field references are looked up.
    var model: Model

    init(type: Slot.ValueType, isNullable: Bool, model: Model) {
        self.type = type
        self.isNullable = isNullable
        self.model = model
    }

    /// A field that is neither relation, list nor Json.
    init?(_ field: Field, _ model: Model) {
        guard let type = field.valueType else { return nil }
        self.init(type: type, isNullable: field.arity == .optional, model: model)
    }

    private var isString: Bool { type.scalar == .string && type.enumeration == nil }
    private var isUUID: Bool { type.nativeType?.name == .uuid }

    /// The operators that it takes, in the order in which they are visited.
    func operators(isNested: Bool) -> [String] {
        var names = ["equals"]
        if type.scalar != .boolean || type.enumeration != nil { names += ["in", "notIn"] }
        if isOrdered { names += ["lt", "lte", "gt", "gte"] }
        if isString, !isUUID { names += ["contains", "startsWith", "endsWith", "search"] }
        if isString, !isNested { names.append("mode") }
        names.append("not")
        return names
    }

    private var isOrdered: Bool {
        guard type.enumeration == nil else { return false }
        switch type.scalar {
        case .string, .int, .bigInt, .float, .decimal, .dateTime: return true
        case .boolean, .json, .bytes: return false
        }
    }

    /// True if `mode: "insensitive"` changes what is compared. UUIDs have no case.
    var knowsCase: Bool { isString && !isUUID }
}

/// Filters on one scalar: `{"gt": 1, "not": {"in": [2, 3]}}`, a plain value, or null.
extension RequestDecoder {
    /// What applies to all tests of one object.
    struct FilterModifiers {
        /// True inside an odd number of `not`s. Each test is negated by itself, as Prisma does.
        var isNegated = false
        var isInsensitive = false
        var isNested = false
    }

    @inline(never)
    mutating func decodeScalarTests(_ value: JSONValue, _ subject: FilterSubject, at path: String) throws(Failure) -> [ScalarTest] {
        if value.kind == .object, TaggedValue(value)?.isScalar != true {
            return try decodeScalarObject(value, subject, FilterModifiers(), at: path)
        }
        return [try decodeEquals(value, subject, FilterModifiers(), at: path)]
    }

    /// Decodes the tests of an object of operators. All of them have to hold. Members named in `others` are read elsewhere.
    mutating func decodeScalarObject(
        _ value: JSONValue, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String, ignoring others: [String] = []
    ) throws(Failure) -> [ScalarTest] {
        try enter(path)
        defer { leave() }
        let operators = subject.operators(isNested: modifiers.isNested)
        let names = operators + others
        let members = try members(of: value, at: path, expected: [subject.type.filterName(schema)], unknown: .unknownArgument) {
            names.firstIndex(ofExactly: $0)
        } names: {
            names
        }
        var modifiers = modifiers
        if let mode = members.first(where: { $0.name == "mode" }) {
            let isInsensitive = try word(mode.value, at: "\(path).mode", ["default", "insensitive"]) == 1
            modifiers.isInsensitive = isInsensitive && subject.knowsCase
        }
        var tests: [ScalarTest] = []
        for member in members where member.name != "mode" && member.rank < operators.count {
            tests += try decodeOperator(member, subject, modifiers, at: "\(path).\(member.name)")
        }
        return tests
    }

    @inline(never)
    private mutating func decodeOperator(
        _ member: Member, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String
    ) throws(Failure) -> [ScalarTest] {
        let value = member.value
        switch member.name {
        case "equals": return [try decodeEquals(value, subject, modifiers, at: path)]
        case "in": return [try decodeAmong(value, subject, modifiers, at: path)]
        case "notIn":
            var modifiers = modifiers
            modifiers.isNegated.toggle()
            return [try decodeAmong(value, subject, modifiers, at: path)]
        case "lt": return [try decodeComparison(.less, .greaterOrEqual, value, subject, modifiers, at: path)]
        case "lte": return [try decodeComparison(.lessOrEqual, .greater, value, subject, modifiers, at: path)]
        case "gt": return [try decodeComparison(.greater, .lessOrEqual, value, subject, modifiers, at: path)]
        case "gte": return [try decodeComparison(.greaterOrEqual, .less, value, subject, modifiers, at: path)]
        case "contains": return [try decodePattern(.contains, value, subject, modifiers, at: path)]
        case "startsWith": return [try decodePattern(.startsWith, value, subject, modifiers, at: path)]
        case "endsWith": return [try decodePattern(.endsWith, value, subject, modifiers, at: path)]
        case "search":
            let operand = try decodeOperand(value, subject, .value, at: path)
            noteSearch(operand, value)
            return [.search(operand, isNegated: modifiers.isNegated)]
        default: return try decodeNot(value, subject, modifiers, at: path)
        }
    }

    /// Decodes `not`: a value is compared, and the tests of an object are negated one by one.
    @inline(never)
    private mutating func decodeNot(
        _ value: JSONValue, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String
    ) throws(Failure) -> [ScalarTest] {
        var modifiers = modifiers
        guard value.kind == .object, TaggedValue(value)?.isScalar != true else {
            // Why not toggled: in Prisma Client `not: {not: 1}` is `not: 1`, while `not: {not: {equals: 1}}` is `equals: 1`.
            modifiers.isNegated = true
            return [try decodeEquals(value, subject, modifiers, at: path)]
        }
        modifiers.isNegated.toggle()
        modifiers.isNested = true
        return try decodeScalarObject(value, subject, modifiers, at: path)
    }

    @inline(never)
    private mutating func decodeEquals(
        _ value: JSONValue, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String
    ) throws(Failure) -> ScalarTest {
        if value.isNull { return try decodeNull(subject, modifiers, at: path) }
        // Why a pattern: a comparison without regard to case is ILIKE, where `%`, `_` and `\` have to be escaped.
        let form: Slot.Form = modifiers.isInsensitive ? .pattern(before: false, after: false) : .value
        let operand = try decodeOperand(value, subject, form, at: path)
        return .compare(modifiers.isNegated ? .notEquals : .equals, operand, isInsensitive: modifiers.isInsensitive)
    }

    @inline(never)
    private func decodeNull(_ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String) throws(Failure) -> ScalarTest {
        guard subject.isNullable else { throw .null(at: path, expected: [subject.type.name(schema)]) }
        return modifiers.isNegated ? .isNotNull : .isNull
    }

    @inline(never)
    private mutating func decodeAmong(
        _ value: JSONValue, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String
    ) throws(Failure) -> ScalarTest {
        if value.isNull { return try decodeNull(subject, modifiers, at: path) }
        let operand: Operand
        if let reference = FieldReference(value) {
            operand = .field(try resolve(reference, subject.type, isList: true, subject.model, at: path))
        } else {
            try requireElements(value, subject.type, at: path)
            operand = .slot(try slot(modifiers.isInsensitive ? .patterns : .list, subject.type, at: value, path))
        }
        return .among(operand, isNegated: modifiers.isNegated, isInsensitive: modifiers.isInsensitive)
    }

    @inline(never)
    private mutating func decodeComparison(
        _ comparison: Comparison, _ opposite: Comparison, _ value: JSONValue, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String
    ) throws(Failure) -> ScalarTest {
        let operand = try decodeOperand(value, subject, .value, at: path)
        return .compare(modifiers.isNegated ? opposite : comparison, operand, isInsensitive: modifiers.isInsensitive)
    }

    @inline(never)
    private mutating func decodePattern(
        _ pattern: ScalarTest.Pattern, _ value: JSONValue, _ subject: FilterSubject, _ modifiers: FilterModifiers, at path: String
    ) throws(Failure) -> ScalarTest {
        let operand = try decodeOperand(value, subject, pattern.form, at: path)
        return .matches(pattern, operand, isNegated: modifiers.isNegated, isInsensitive: modifiers.isInsensitive)
    }

    /// A value that is not null, or a field of the same model.
    @inline(never)
    private mutating func decodeOperand(
        _ value: JSONValue, _ subject: FilterSubject, _ form: Slot.Form, at path: String
    ) throws(Failure) -> Operand {
        if let reference = FieldReference(value) {
            return .field(try resolve(reference, subject.type, isList: false, subject.model, at: path))
        }
        guard isPlainValue(value), !value.isNull else {
            throw .mismatch(at: path, expected: [subject.type.name(schema)], found: value)
        }
        return .slot(try slot(form, subject.type, at: value, path))
    }

    /// A list of plain values, none of them null.
    @inline(never)
    func requireElements(_ value: JSONValue, _ type: Slot.ValueType, at path: String) throws(Failure) {
        guard value.kind == .array else { throw .mismatch(at: path, expected: ["\(type.name(schema))[]"], found: value) }
        if type.scalar == .json { return }
        for (position, element) in value.elements.enumerated() where element.isNull || !isPlainValue(element) {
            throw .mismatch(at: "\(path)[\(position)]", expected: [type.name(schema)], found: element)
        }
    }
}

extension ScalarTest.Pattern {
    var form: Slot.Form {
        switch self {
        case .contains: .pattern(before: true, after: true)
        case .startsWith: .pattern(before: false, after: true)
        case .endsWith: .pattern(before: true, after: false)
        }
    }
}

extension Slot.ValueType {
    /// `Int`, or the enum's name.
    func name(_ schema: Schema) -> String {
        enumeration.map { schema.enums[$0].name } ?? scalar.rawValue
    }

    /// What an error calls the object of operators.
    func filterName(_ schema: Schema) -> String { "\(name(schema))Filter" }
}
