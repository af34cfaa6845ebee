package import Text

/// `$queryRaw` and `$executeRaw`: `{"query": "SELECT … $1", "parameters": […], "touches": ["users"], "types": true}`.
package struct RawQuery: ~Copyable {
    /// The statement, as it stands.
    package let text: String
    package let parameters: ParameterList
    /// The OID of each parameter's type. 0 if its place in the statement decides.
    package let parameterTypes: [UInt32]
    /// The names of the tables that the statement writes, for automatic invalidation. Nil if not given.
    package let touches: [String]?
    /// True if the answer names the types of its columns: `{"columns", "types", "rows"}`.
    package let namesTypes: Bool
    /// The statements of a text that holds several. They take no parameters.
    package let script: [String]?

    private static let keys = ["query", "parameters", "touches"]

    package static func decode(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> RawQuery {
        guard let args = envelope.arguments(in: document) else { throw .missing(at: "args.query", expected: ["String"]) }
        try refuseUnknown(args, envelope.operation == .queryRaw ? keys + ["types"] : keys)
        guard let query = args["query"] else { throw .missing(at: "args.query", expected: ["String"]) }
        guard query.kind == .string else { throw .mismatch(at: "args.query", expected: ["String"], found: query) }
        let bytes = query.bytes
        guard !bytes.contains(0) else {
            throw .validation(at: "args.query", "has to be a statement without U+0000.", expected: ["String"])
        }
        let text = String(decoding: bytes, as: UTF8.self)
        var parameters = ParameterList()
        var types: [UInt32] = []
        try bind(args["parameters"], to: &parameters, &types)
        // Why: the server counts types as parameters, and refuses more than the statement names.
        types.removeLast(max(types.count - RawScript.highestParameter(in: text), 0))
        let statements = parameters.count == 0 ? RawScript.statements(of: text) : []
        return RawQuery(
            text: text, parameters: parameters, parameterTypes: types, touches: try decodeTouches(args["touches"]),
            namesTypes: try decodeTruth(args["types"], at: "args.types"), script: statements.count > 1 ? statements : nil)
    }

    private static func refuseUnknown(_ args: JSONValue, _ keys: [String]) throws(Failure) {
        let unknown = args.members.filter { member in !keys.contains { member.isKey($0) } }.map(\.name).min()
        if let unknown { throw .unknown(unknown, in: "args", expected: keys, kind: .unknownArgument) }
    }

    private static func decodeTruth(_ value: JSONValue?, at path: String) throws(Failure) -> Bool {
        guard let value, !value.isNull else { return false }
        guard let truth = value.bool else { throw .mismatch(at: path, expected: ["Boolean"], found: value) }
        return truth
    }

    private static func decodeTouches(_ value: JSONValue?) throws(Failure) -> [String]? {
        guard let value, !value.isNull else { return nil }
        guard value.kind == .array, value.count <= QueryLimit.touchedTables, value.elements.allSatisfy({ $0.kind == .string }) else {
            throw .mismatch(at: "args.touches", expected: ["a list of at most \(QueryLimit.touchedTables) tables' names"], found: value)
        }
        return value.elements.compactMap(\.string)
    }
}
