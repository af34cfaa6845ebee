import Schema
package import Text

/// `$queryRaw` and `$executeRaw`: `{"query": "SELECT … $1", "parameters": […], "touches": ["users"]}`.
package struct RawQuery: ~Copyable {
    /// The statement, as it stands.
    package let text: String
    package let parameters: ParameterList
    /// The tables that the statement writes, by name: what automatic invalidation drops. Nil when not given.
    package let touches: [String]?

    private static let keys = ["query", "parameters", "touches"]

    package static func decode(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> RawQuery {
        guard let args = envelope.arguments(in: document) else { throw .missing(at: "args.query", expected: ["String"]) }
        try refuseUnknown(args)
        guard let query = args["query"] else { throw .missing(at: "args.query", expected: ["String"]) }
        guard query.kind == .string else { throw .mismatch(at: "args.query", expected: ["String"], found: query) }
        let bytes = query.bytes
        guard !bytes.isEmpty, !bytes.contains(0) else {
            throw .validation(at: "args.query", "has to be a statement without U+0000.", expected: ["String"])
        }
        return RawQuery(
            text: String(decoding: bytes, as: UTF8.self), parameters: try bind(args["parameters"]),
            touches: try decodeTouches(args["touches"]))
    }

    private static func refuseUnknown(_ args: JSONValue) throws(Failure) {
        let unknown = args.members.filter { member in !keys.contains { member.isKey($0) } }.map(\.name).min()
        if let unknown { throw .unknown(unknown, in: "args", expected: keys) }
    }

    private static func decodeTouches(_ value: JSONValue?) throws(Failure) -> [String]? {
        guard let value, !value.isNull else { return nil }
        guard value.kind == .array, value.count <= QueryLimit.touchedTables, value.elements.allSatisfy({ $0.kind == .string }) else {
            throw .mismatch(at: "args.touches", expected: ["a list of at most \(QueryLimit.touchedTables) tables' names"], found: value)
        }
        return value.elements.compactMap(\.string)
    }

    // MARK: Parameters

    /// The parameters as texts whose types the server infers: each as its own kind of JSON, or as its tag says.
    private static func bind(_ value: JSONValue?) throws(Failure) -> ParameterList {
        var list = ParameterList()
        guard let value, !value.isNull else { return list }
        guard value.kind == .array else { throw .mismatch(at: "args.parameters", expected: ["a list"], found: value) }
        guard value.count <= QueryLimit.slots else {
            throw Failure(
                .invalidRequest, code: "P2029", "The request has more values than PostgreSQL takes: the limit is \(QueryLimit.slots).",
                meta: [("path", .text("args.parameters"))])
        }
        for (position, element) in value.elements.enumerated() {
            if element.isNull {
                list.appendNull()
            } else {
                try list.append { (buffer) throws(Failure) in try write(element, at: "args.parameters[\(position)]", into: &buffer) }
            }
        }
        return list
    }

    private static func write(_ value: JSONValue, at path: String, into buffer: inout ByteBuffer) throws(Failure) {
        if value.kind == .array, value.document.scalarKinds(ofArray: value.index) != nil {
            return try writeArray(value, at: path, into: &buffer)
        }
        let type = scalarType(of: value)
        let slot = Slot(form: .value, type: Slot.ValueType(type), ordinal: 0, path: path)
        let binder = ValueBinder(value.document, BindingStep(slot))
        try binder.write(value.index, into: &buffer)
    }

    /// A list of scalars is an array; a list that holds containers is JSON.
    private static func writeArray(_ value: JSONValue, at path: String, into buffer: inout ByteBuffer) throws(Failure) {
        var scratch = ByteBuffer(capacity: 64)
        buffer.append(UInt8(ascii: "{"))
        for (position, element) in value.elements.enumerated() {
            if position > 0 { buffer.append(UInt8(ascii: ",")) }
            if element.isNull {
                buffer.append("NULL")
                continue
            }
            scratch.removeAll()
            try write(element, at: "\(path)[\(position)]", into: &scratch)
            ValueBinder.append(quoted: scratch.bytes, into: &buffer)
        }
        buffer.append(UInt8(ascii: "}"))
    }

    /// What a value says of its type: its tag, or its kind.
    private static func scalarType(of value: JSONValue) -> ScalarType {
        switch value.kind {
        case .string: return .string
        case .true, .false: return .boolean
        case .number: return .decimal
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
