import Schema
import Text

/// The values of `$1`, `$2`, … with their types.
///
///     42               int4, or int8 where it is larger, or numeric
///     42.51, 1e3       float8; numeric where a double would lose digits
///     true             bool
///     "text", null     whatever the place takes
///     {"$type": …}     BigInt int8, Decimal numeric, Bytes bytea, Json jsonb, DateTime timestamptz; Enum whatever the place takes
///     [1, 2]           an array of what its elements are; an object, and a list that holds some, jsonb
///
/// Why a text is not of type text, as in Prisma: so it may be a uuid, a date or an enum's label without a cast.
extension RawQuery {
    /// PostgreSQL's numbers of types, which are the same on every server.
    private enum TypeNumber {
        static let inferred: UInt32 = 0
        static let bool: UInt32 = 16, bytea: UInt32 = 17, int8: UInt32 = 20, int4: UInt32 = 23, float8: UInt32 = 701
        static let numeric: UInt32 = 1700, jsonb: UInt32 = 3802, timestamptz: UInt32 = 1184

        static func array(of type: UInt32) -> UInt32 {
            switch type {
            case bool: 1000
            case bytea: 1001
            case int4: 1007
            case int8: 1016
            case float8: 1022
            case numeric: 1231
            case jsonb: 3807
            case timestamptz: 1185
            default: inferred
            }
        }
    }

    /// Appends the values to `list`, and their types to `types`.
    static func bind(_ value: JSONValue?, to list: inout ParameterList, _ types: inout [UInt32]) throws(Failure) {
        guard let value, !value.isNull else { return }
        guard value.kind == .array else { throw .mismatch(at: "args.parameters", expected: ["a list"], found: value) }
        guard value.count <= QueryLimit.slots else {
            throw .tooManyValues(at: "args.parameters", limit: QueryLimit.slots)
        }
        for (position, element) in value.elements.enumerated() {
            types.append(type(of: element))
            if element.isNull {
                list.appendNull()
            } else {
                try list.append { (buffer) throws(Failure) in try writeParameter(element, at: "args.parameters[\(position)]", into: &buffer) }
            }
        }
    }

    // MARK: Types

    private static func type(of value: JSONValue) -> UInt32 {
        if value.kind == .array { return isArray(value) ? TypeNumber.array(of: elementType(of: value)) : TypeNumber.jsonb }
        return scalarTypeNumber(of: value)
    }

    private static func scalarTypeNumber(of value: JSONValue) -> UInt32 {
        switch value.kind {
        case .null, .string: return TypeNumber.inferred
        case .true, .false: return TypeNumber.bool
        case .number: return numberType(value.bytes)
        case .array: return TypeNumber.jsonb
        case .object:
            guard let tag = TaggedValue(value), tag.value != nil else { return TypeNumber.jsonb }
            if tag.isType("DateTime") { return TypeNumber.timestamptz }
            if tag.isType("Enum") { return TypeNumber.inferred }
            if tag.isType("BigInt") { return TypeNumber.int8 }
            if tag.isType("Decimal") { return TypeNumber.numeric }
            if tag.isType("Bytes") { return TypeNumber.bytea }
            return TypeNumber.jsonb
        }
    }

    private static func numberType(_ text: UnsafeRawBufferPointer) -> UInt32 {
        let isFraction = text.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
        if isFraction { return isDouble(text) ? TypeNumber.float8 : TypeNumber.numeric }
        guard let whole = JSONNumber.integer(text) else { return TypeNumber.numeric }
        return Int32(exactly: whole) == nil ? TypeNumber.int8 : TypeNumber.int4
    }

    /// Returns true if the nearest double, written with its shortest digits, is the same number.
    private static func isDouble(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return false }
        var asked = ByteBuffer(capacity: 32), kept = ByteBuffer(capacity: 32)
        guard Decimal.write(canonical: text, into: &asked) else { return false }
        var digits = value.description
        return digits.withUTF8 { Decimal.write(canonical: UnsafeRawBufferPointer($0), into: &kept) } && asked.bytes.equals(kept.bytes)
    }

    /// Returns true if a list is an array of PostgreSQL and not JSON: all elements are scalars, plain or tagged.
    private static func isArray(_ value: JSONValue) -> Bool {
        value.elements.allSatisfy { element in
            switch element.kind {
            case .array: false
            case .object: TaggedValue(element)?.isScalar ?? false
            default: true
            }
        }
    }

    /// Returns the common type of all elements, for numbers the widest. The server infers the type if there is none.
    private static func elementType(of value: JSONValue) -> UInt32 {
        let numbers = [TypeNumber.int4, TypeNumber.int8, TypeNumber.float8, TypeNumber.numeric]
        let types = Set(value.elements.filter { !$0.isNull }.map(scalarTypeNumber))
        if types.count == 1 { return types.first ?? TypeNumber.inferred }
        guard types.allSatisfy(numbers.contains) else { return TypeNumber.inferred }
        // Why: a double does not hold every int8.
        if types.contains(TypeNumber.int8), types.contains(TypeNumber.float8) { return TypeNumber.numeric }
        return numbers.last(where: types.contains) ?? TypeNumber.inferred
    }

    // MARK: Values

    private static func writeParameter(_ value: JSONValue, at path: String, into buffer: inout ByteBuffer) throws(Failure) {
        if value.kind == .array, isArray(value) { return try writeArray(value, at: path, into: &buffer) }
        var type = Slot.ValueType(scalarType(of: value))
        type.isStored = true
        let slot = Slot(form: .value, type: type, ordinal: 0, path: path)
        try ValueBinder(value.document, BindingStep(slot)).bind(value.index, into: &buffer)
    }

    /// `{"1",NULL,"a"}`
    private static func writeArray(_ value: JSONValue, at path: String, into buffer: inout ByteBuffer) throws(Failure) {
        var scratch = ByteBuffer(capacity: 64)
        buffer.append(UInt8(ascii: "{"))
        try buffer.append(list: value.elements.enumerated()) { (buffer, member) throws(Failure) in
            let (position, element) = member
            if element.isNull { return buffer.append("NULL") }
            scratch.removeAll()
            try writeParameter(element, at: "\(path)[\(position)]", into: &scratch)
            ValueBinder.append(quoted: scratch.bytes, into: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// Returns the type that a value is checked and written as, by its tag or its kind.
    private static func scalarType(of value: JSONValue) -> ScalarType {
        switch value.kind {
        case .string: return .string
        case .true, .false: return .boolean
        // Why: a double keeps the sign of its zero, a decimal has none.
        case .number: return value.bytes.first == UInt8(ascii: "-") && numberType(value.bytes) == TypeNumber.float8 ? .float : .decimal
        case .null, .array: return .json
        case .object:
            guard let tag = TaggedValue(value), tag.value != nil else { return .json }
            if tag.isType("DateTime") { return .dateTime }
            if tag.isType("BigInt") { return .bigInt }
            if tag.isType("Decimal") { return .decimal }
            if tag.isType("Bytes") { return .bytes }
            if tag.isType("Enum") { return .string }
            return .json
        }
    }
}
