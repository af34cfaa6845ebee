import Text

// `@db.VarChar(40)`, and types that Prisma does not have.
extension Resolver {
    /// Resolves `@db.VarChar(40)`. Unknown attributes come here, too.
    mutating func resolveNativeType(_ attribute: AttributeNode, _ draft: inout FieldDraft) {
        let prefix = "@" + (datasource?.name ?? "db") + "."
        let written = attribute.name.text
        guard written.utf8.starts(with: prefix.utf8) else {
            let known = Self.fieldAttributes
            guard let dot = written.firstIndex(of: ".") else {
                return reportUnknown(attribute, known: known, of: "a field")
            }
            diagnostics.report(
                attribute.name.offset, "unknown attribute \(written)",
                expected: "the name of the datasource in front of the type",
                suggestion: prefix + written[written.index(after: dot)...])
            return
        }
        let typeName = String(decoding: written.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        guard let name = NativeType.Name(rawValue: typeName) else {
            let known = NativeType.Name.allCases.map(\.rawValue)
            diagnostics.report(
                attribute.name.offset, "PostgreSQL has no type \"\(typeName)\"",
                expected: "a native type of PostgreSQL",
                suggestion: suggestions.nearest(to: typeName, in: known).map { prefix + $0 })
            return
        }
        if draft.isFaulty { return }
        if let first = draft.node.attributes.first(where: { $0.name.text.utf8.contains(UInt8(ascii: ".")) }),
            first.name.offset < attribute.name.offset
        {
            diagnostics.report(
                attribute.name.offset, "\(written) on a field that has \(first.name.text) already", expected: "one native type")
            return
        }
        guard case .scalar(let scalar) = draft.field.type, scalar == name.scalar else {
            diagnostics.report(
                attribute.name.offset, "\(written) on a field of type \(draft.node.type.text)",
                expected: "a field of type \(name.scalar.rawValue)")
            return
        }
        guard let arguments = nativeArguments(attribute, name) else { return }
        draft.field.nativeType = NativeType(name, arguments)
    }

    private mutating func nativeArguments(_ attribute: AttributeNode, _ name: NativeType.Name) -> [Int]? {
        let ranges = name.argumentRanges
        guard attribute.arguments.count <= ranges.count else {
            diagnostics.report(
                attribute.name.offset, "\(attribute.name.text) with \(attribute.arguments.count) arguments",
                expected: ranges.isEmpty ? "no arguments" : "at most \(ranges.count)")
            return nil
        }
        var numbers: [Int] = []
        for (argument, range) in zip(attribute.arguments, ranges) {
            guard argument.name == nil, case .number(let text) = argument.value.value, let number = Int(text),
                range.contains(number)
            else {
                diagnostics.report(
                    argument.value.offset, "\(attribute.name.text): \(argument.value.kindDescription)",
                    expected: "a number from \(range.lowerBound) to \(range.upperBound)")
                return nil
            }
            numbers.append(number)
        }
        if name == .decimal, numbers.count == 2, numbers[1] > numbers[0] {
            diagnostics.report(
                attribute.arguments[1].value.offset, "a scale of \(numbers[1]) with a precision of \(numbers[0])",
                expected: "a scale that is not larger than the precision")
            return nil
        }
        return numbers
    }

    /// Refuses `Unsupported("…")` for a type that has a native type.
    mutating func checkUnsupported(_ text: String, at offset: Int) {
        let parts = text.utf8.split(separator: UInt8(ascii: "("), maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(decoding: Self.trimmed(parts[0]), as: UTF8.self)
        guard let native = NativeType.Name(rawValue: name), native.rawValue.isExactly(name) else { return }
        let inside = parts.count > 1 ? parts[1].prefix { $0 != UInt8(ascii: ")") } : ""[...].utf8
        let arguments = inside.isEmpty && parts.count == 1 ? [] : inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard native.takes(arguments.map { Int(String(decoding: Self.trimmed($0), as: UTF8.self)) }) else { return }
        diagnostics.report(
            offset, "Unsupported(\"\(name)\"): PostgreSQL's type is no unsupported one",
            expected: "\(native.scalar.rawValue) @\(datasource?.name ?? "db").\(name)")
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text.drop { $0 == UInt8(ascii: " ") }
        while rest.last == UInt8(ascii: " ") { rest.removeLast() }
        return rest
    }
}
