import Text

// `@default(…)`
extension Resolver {
    private static let functions = [
        "autoincrement", "now", "uuid", "cuid", "ulid", "nanoid", "dbgenerated",
    ]

    mutating func resolveDefault(_ attribute: AttributeNode, _ draft: inout FieldDraft) {
        let bound = bind(attribute.arguments, of: "@default", unnamed: "value", ["value", "map"])
        if let map = bound["map"] {
            diagnostics.report(map.offset, "map of @default", expected: "no name: PostgreSQL keeps none for a default")
        }
        guard let value = bound["value"] else {
            if attribute.arguments.isEmpty {
                diagnostics.report(
                    attribute.name.offset, "@default without a value", expected: "a literal or a function")
            }
            return
        }
        if draft.isFaulty { return }
        guard draft.target == nil else { return refuse(attribute, on: "a relation field") }
        draft.field.defaultValue = defaultValue(value, for: draft)
    }

    private mutating func defaultValue(_ value: Expression, for draft: FieldDraft) -> DefaultValue? {
        switch value.value {
        case .call(let function, let arguments):
            return functionDefault(function, arguments, value.offset, draft)
        case .list(let items):
            guard draft.field.arity == .list else {
                diagnostics.report(value.offset, "a list as the default of a single value", expected: "one value")
                return nil
            }
            var texts: [String] = []
            for item in items {
                guard let text = literal(item, for: draft) else { return nil }
                texts.append(text)
            }
            return .list(texts)
        default:
            guard draft.field.arity != .list else {
                diagnostics.report(
                    value.offset, "\(value.kindDescription) as the default of a list",
                    expected: "a list, as [\"a\", \"b\"]")
                return nil
            }
            return literal(value, for: draft).map { .literal($0) }
        }
    }

    // MARK: Literals

    /// The text of a literal that fits the field's type; nil when it does not.
    private mutating func literal(_ value: Expression, for draft: FieldDraft) -> String? {
        let expected: String
        switch draft.field.type {
        case .scalar(let scalar):
            let text = Self.literalText(value, scalar)
            if let text, scalar == .int, let range = exceededRange(text, draft) {
                diagnostics.report(
                    value.offset, "the number \(text) as the default of a field of type \(draft.node.type.text)",
                    expected: "a number from \(range.lowerBound) to \(range.upperBound)")
                return nil
            }
            if let text { return text }
            expected = Self.literalForm(of: scalar)
        case .enumeration(let index):
            if case .path(let name) = value.value {
                if enumValueNames[index].contains(ExactString(name)) { return name }
                if damagedEnums.contains(index) { return nil }
                let names = enums[index].values.lazy.map(\.name)
                diagnostics.report(
                    value.offset, "the enum \"\(enums[index].name)\" has no value \"\(name)\"",
                    expected: "one of: \(names.prefix(20).joined(separator: ", "))",
                    suggestion: suggestions.nearest(to: name, in: names))
                return nil
            }
            expected = "a value of the enum \"\(enums[index].name)\""
        case .unsupported: expected = "dbgenerated(\"…\")"
        case .relation: expected = "none"
        }
        diagnostics.report(
            value.offset, "\(value.kindDescription) as the default of a field of type \(draft.node.type.text)",
            expected: expected)
        return nil
    }

    /// Returns the range of an Int's column if the number is outside of it.
    private func exceededRange(_ text: String, _ draft: FieldDraft) -> ClosedRange<Int64>? {
        // Why the attributes: the native type may stand behind the default.
        let native = draft.node.attributes.lazy.compactMap { attribute in
            attribute.name.text.utf8.lastIndex(of: UInt8(ascii: ".")).flatMap {
                NativeType.Name(rawValue: String(attribute.name.text[attribute.name.text.index(after: $0)...]))
            }
        }.first
        let range = NativeType.Name.wholeRange(native)
        return Int64(text).map { range.contains($0) } == true ? nil : range
    }

    private static func literalText(_ value: Expression, _ scalar: ScalarType) -> String? {
        switch (scalar, value.value) {
        case (.int, .number(let text)), (.bigInt, .number(let text)):
            return Int64(text).map { _ in text }
        case (.float, .number(let text)), (.decimal, .number(let text)):
            return text
        case (.decimal, .string(let text)):
            return test(text) { Decimal.isWhole($0) != nil }
        case (.boolean, .path(let text)):
            return text.isExactlyOne(of: ["true", "false"]) ? text : nil
        case (.string, .string(let text)):
            return text
        case (.dateTime, .string(let text)):
            return test(text) { Timestamp.parse($0) != nil }
        case (.bytes, .string(let text)):
            return test(text) { bytes in
                var decoded = ByteBuffer(capacity: 2 * bytes.count)
                return Base64.write(hexOf: bytes, into: &decoded)
            }
        case (.json, .string(let text)):
            return (try? JSONDocument(scanning: text)) == nil ? nil : text
        default:
            return nil
        }
    }

    /// Returns the text if its bytes pass a test.
    private static func test(_ text: String, _ isRight: (UnsafeRawBufferPointer) -> Bool) -> String? {
        Array(text.utf8).withUnsafeBytes(isRight) ? text : nil
    }

    private static func literalForm(of scalar: ScalarType) -> String {
        switch scalar {
        case .string: "a string"
        case .boolean: "true or false"
        case .int, .bigInt: "a whole number"
        case .float, .decimal: "a number"
        case .dateTime: "a string, as \"2026-01-02T03:04:05Z\", or now()"
        case .json: "a string that holds JSON"
        case .bytes: "a string in base64"
        }
    }

    // MARK: Functions

    private mutating func functionDefault(
        _ function: String, _ arguments: [Argument], _ offset: Int, _ draft: FieldDraft
    ) -> DefaultValue? {
        switch function {
        case "dbgenerated":
            return .database(databaseExpression(arguments, offset))
        case "autoincrement" where fits(function, offset, draft, [.int, .bigInt]):
            _ = bind(arguments, of: "autoincrement()", [])
            return .autoincrement
        case "now" where fits(function, offset, draft, [.dateTime]):
            _ = bind(arguments, of: "now()", [])
            return .now
        case "uuid" where fits(function, offset, draft, [.string]):
            return numberArgument(arguments, of: function, [4, 7], default: 4).map { .uuid(version: $0) }
        case "cuid" where fits(function, offset, draft, [.string]):
            return numberArgument(arguments, of: function, [1, 2], default: 1).map { .cuid(version: $0) }
        case "nanoid" where fits(function, offset, draft, [.string]):
            return numberArgument(arguments, of: function, Array(2...255), default: 21).map { .nanoid(length: $0) }
        case "ulid" where fits(function, offset, draft, [.string]):
            _ = bind(arguments, of: "ulid()", [])
            return .ulid
        default:
            if function.isExactly("sequence") {
                diagnostics.report(offset, "sequence(), which is CockroachDB's", expected: "autoincrement()")
            } else if !function.isExactlyOne(of: Self.functions) {
                diagnostics.report(
                    offset, "unknown function \"\(function)\"",
                    expected: "one of: \(Self.functions.joined(separator: ", "))",
                    suggestion: suggestions.nearest(to: function, in: Self.functions))
            }
            return nil
        }
    }

    /// Returns true if a function makes values of the field's type. Otherwise it reports that.
    private mutating func fits(_ function: String, _ offset: Int, _ draft: FieldDraft, _ scalars: [ScalarType]) -> Bool {
        if case .scalar(let scalar) = draft.field.type, scalars.contains(scalar), draft.field.arity != .list {
            return true
        }
        diagnostics.report(
            offset, "\(function)() as the default of a field of type \(typeText(draft))",
            expected: "a field of type \(scalars.map(\.rawValue).joined(separator: " or "))")
        return false
    }

    private mutating func databaseExpression(_ arguments: [Argument], _ offset: Int) -> String? {
        guard let value = arguments.first?.value else { return nil }
        guard arguments.count == 1, case .string(let text) = value.value, !text.isEmpty else {
            diagnostics.report(
                value.offset, "dbgenerated(): \(value.kindDescription)",
                expected: "nothing, or an SQL expression as a string")
            return nil
        }
        return text
    }

    /// Returns the one number that a function may take.
    private mutating func numberArgument(
        _ arguments: [Argument], of function: String, _ allowed: [Int], default standard: Int
    ) -> Int? {
        guard let argument = arguments.first else { return standard }
        if arguments.count == 1, case .number(let text) = argument.value.value,
            let number = Int(text),
            allowed.contains(number)
        {
            return number
        }
        let form =
            allowed.count == 2
            ? "\(allowed[0]) or \(allowed[1])" : "a number from \(allowed[0]) to \(allowed[allowed.count - 1])"
        diagnostics.report(
            argument.value.offset, "\(function)(): \(argument.value.kindDescription)", expected: "nothing, or \(form)")
        return nil
    }
}
