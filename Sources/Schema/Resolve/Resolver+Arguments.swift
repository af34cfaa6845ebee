import Text

/// The arguments of an attribute or function by their names.
struct BoundArguments {
    fileprivate(set) var values: [(name: String, value: Expression)] = []

    subscript(name: String) -> Expression? { values.first { $0.name == name }?.value }
}

/// A field named in a list, with what stands behind it: `title(sort: Desc)`.
struct ReferencedField {
    var name: Name
    var options: [Argument] = []
}

// Reading the arguments of attributes and functions.
extension Resolver {
    /// Matches arguments with the allowed names. `unnamed` is the one that needs no name.
    mutating func bind(
        _ arguments: [Argument], of what: String, unnamed: String? = nil, _ allowed: [String]
    ) -> BoundArguments {
        var bound = BoundArguments()
        for argument in arguments {
            let offset = argument.name?.offset ?? argument.value.offset
            guard let name = argument.name?.text ?? unnamed else {
                diagnostics.report(
                    offset, "\(what) has an unexpected argument, \(argument.value.kindDescription)",
                    expected: allowed.isEmpty ? "no argument" : "named arguments: \(allowed.joined(separator: ", "))")
                continue
            }
            guard name.isExactlyOne(of: allowed) else {
                diagnostics.report(
                    offset, "\(what) has no argument \"\(name)\"",
                    expected: allowed.isEmpty ? "no argument" : "one of: \(allowed.joined(separator: ", "))",
                    suggestion: suggestions.nearest(to: name, in: allowed))
                continue
            }
            guard bound[name] == nil else {
                diagnostics.report(offset, "the argument \"\(name)\" of \(what) is given twice", expected: "it once")
                continue
            }
            bound.values.append((name, argument.value))
        }
        return bound
    }

    /// Checks that an attribute has no arguments.
    mutating func refuseArguments(_ attribute: AttributeNode) {
        _ = bind(attribute.arguments, of: attribute.name.text, [])
    }

    /// Returns the only text of an attribute: `@map("…")`, `@@schema("…")`.
    mutating func soleText(
        _ attribute: AttributeNode, named name: String, mayBeEmpty: Bool = false
    ) -> (text: String, offset: Int)? {
        guard let value = bind(attribute.arguments, of: attribute.name.text, unnamed: name, [name])[name] else {
            if attribute.arguments.isEmpty {
                diagnostics.report(
                    attribute.name.offset, "\(attribute.name.text) has no argument",
                    expected: "\(attribute.name.text)(\"…\")")
            }
            return nil
        }
        guard let text = textValue(value, of: "\(attribute.name.text)", mayBeEmpty: mayBeEmpty) else { return nil }
        return (text, value.offset)
    }

    /// Returns a string that PostgreSQL can hold. In most places it must not be empty.
    mutating func textValue(_ value: Expression?, of what: String, mayBeEmpty: Bool = false) -> String? {
        guard let value else { return nil }
        guard case .string(let text) = value.value else {
            diagnostics.report(value.offset, "\(what): \(value.kindDescription)", expected: "a string")
            return nil
        }
        guard mayBeEmpty || !text.isEmpty, !text.utf8.contains(0) else {
            diagnostics.report(value.offset, "\(what): an empty string or one with U+0000", expected: "a name")
            return nil
        }
        return text
    }

    /// Returns a name for the database, of at most `SchemaLimit.identifierBytes`.
    mutating func constraintName(_ value: Expression?, of what: String, argument: String = "map") -> String? {
        guard let value else { return nil }
        guard let text = textValue(value, of: "\(argument) of \(what)") else { return nil }
        if text.utf8.count > SchemaLimit.identifierBytes {
            diagnostics.report(
                value.offset, "the constraint name of \(what) is too long",
                expected: "at most \(SchemaLimit.identifierBytes) bytes")
        }
        return text
    }

    /// Returns a word such as `Cascade`.
    mutating func pathValue(_ value: Expression?, of what: String, expected: String) -> Name? {
        guard let value else { return nil }
        guard case .path(let text) = value.value else {
            diagnostics.report(value.offset, "\(what): \(value.kindDescription)", expected: expected)
            return nil
        }
        return Name(text: text, offset: value.offset)
    }

    /// `[a, b(sort: Desc)]`, or one field without brackets; nil after a mistake.
    mutating func fieldReferences(_ value: Expression, of what: String) -> [ReferencedField]? {
        let items: [Expression]
        if case .list(let list) = value.value { items = list } else { items = [value] }
        guard !items.isEmpty else {
            diagnostics.report(value.offset, "the list of fields of \(what) is empty", expected: "at least one field")
            return nil
        }
        var references: [ReferencedField] = []
        for item in items {
            switch item.value {
            case .path(let name):
                references.append(ReferencedField(name: Name(text: name, offset: item.offset)))
            case .call(let name, let options):
                references.append(ReferencedField(name: Name(text: name, offset: item.offset), options: options))
            default:
                diagnostics.report(item.offset, "\(what): \(item.kindDescription)", expected: "the name of a field")
                return nil
            }
        }
        return references
    }
}
