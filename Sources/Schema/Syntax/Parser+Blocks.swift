import Text

// The lines within models, enums and configuration blocks.
extension Parser {
    mutating func parseModel(_ name: Name, isView: Bool, _ documentation: String?) {
        var model = ModelNode(name: name, isView: isView, documentation: documentation)
        let keyword = isView ? "view" : "model"
        let open = openBlock()
        while hasAnotherLine(open, keyword, &model.isDamaged) {
            switch current.kind {
            case .identifier:
                if let field = parseField(&model.isDamaged) { model.fields.append(field) }
            case .doubleAt:
                parseBlockAttribute(into: &model.attributes, &model.isDamaged)
            default:
                refuseLine(expected: "a field or a \"@@\" attribute", &model.isDamaged)
            }
        }
        tree.models.append(model)
    }

    mutating func parseEnum(_ name: Name, _ documentation: String?) {
        var node = EnumNode(name: name, documentation: documentation)
        let open = openBlock()
        while hasAnotherLine(open, "enum", &node.isDamaged) {
            switch current.kind {
            case .identifier:
                var value = EnumNode.Value(name: takeName())
                checkName(value.name, of: "an enum value")
                parseAttributes(into: &value.attributes, &node.isDamaged)
                value.documentation = self.documentation(around: value.name.offset)
                node.values.append(value)
                endLine(expected: "an attribute or the end of the line", &node.isDamaged)
            case .doubleAt:
                parseBlockAttribute(into: &node.attributes, &node.isDamaged)
            default:
                refuseLine(expected: "a value of the enum or a \"@@\" attribute", &node.isDamaged)
            }
        }
        tree.enums.append(node)
    }

    /// `key = value` lines of a datasource or a generator.
    mutating func parseConfiguration(_ name: Name, _ keyword: String) -> ConfigurationNode {
        var node = ConfigurationNode(name: name)
        let open = openBlock()
        while hasAnotherLine(open, keyword, &node.isDamaged) {
            guard current.kind == .identifier else {
                refuseLine(expected: "a property, as: provider = \"postgresql\"", &node.isDamaged)
                continue
            }
            let property = takeName()
            guard current.kind == .equals else {
                refuseLine(expected: "\"=\" after \"\(property.text)\"", &node.isDamaged)
                continue
            }
            advance()
            let value = parseExpression()
            if value == nil { node.isDamaged = true }
            node.properties.append(ConfigurationNode.Property(name: property, value: value))
            if value != nil { endLine(expected: "the end of the line", &node.isDamaged) }
        }
        return node
    }

    /// Reports the current token and skips its line.
    private mutating func refuseLine(expected: String, _ isDamaged: inout Bool) {
        reportUnexpected(expected: expected)
        isDamaged = true
        skipLine()
    }

    /// Reads `name Type? @attribute …`. Returns nil if the type cannot be known.
    private mutating func parseField(_ isDamaged: inout Bool) -> FieldNode? {
        let name = takeName()
        checkName(name, of: "a field")
        if current.kind == .colon {
            diagnostics.report(
                current.start, "unexpected \":\"", expected: "the type of \"\(name.text)\" right after its name")
            advance()
        }
        guard current.kind == .identifier else {
            refuseLine(expected: "the type of the field \"\(name.text)\"", &isDamaged)
            return nil
        }
        var field = FieldNode(name: name, type: takeName(), arity: .required)
        if current.kind == .openParenthesis, !parseUnsupportedType(&field) {
            isDamaged = true
            skipLine()
            return nil
        }
        parseArity(&field)
        parseAttributes(into: &field.attributes, &isDamaged)
        field.documentation = documentation(around: name.offset)
        // Why: in `this is wrong` the second word is probably not meant as a type.
        let isWhole = !field.attributes.isEmpty || isAtLineEnd
        endLine(expected: "an attribute or the end of the line", &isDamaged)
        return isWhole ? field : nil
    }

    /// `Unsupported("…")`
    private mutating func parseUnsupportedType(_ field: inout FieldNode) -> Bool {
        guard field.type.text.isExactly("Unsupported") else {
            reportUnexpected(expected: "an attribute or the end of the line")
            return false
        }
        guard let arguments = parseArguments() else { return false }
        guard arguments.count == 1, arguments[0].name == nil, case .string(let type) = arguments[0].value.value,
            !type.isEmpty
        else {
            diagnostics.report(field.type.offset, "Unsupported takes one text", expected: "as: Unsupported(\"circle\")")
            return false
        }
        field.unsupportedType = type
        return true
    }

    /// `?` or `[]` behind a type.
    private mutating func parseArity(_ field: inout FieldNode) {
        if current.kind == .question {
            field.arity = .optional
            advance()
        }
        if current.kind == .openBracket {
            let start = current.start
            advance()
            if current.kind == .closeBracket {
                advance()
            } else {
                reportUnexpected(expected: "\"]\": a list is written \(field.type.text)[]")
            }
            if field.arity == .optional {
                diagnostics.report(
                    start, "optional values in a list", expected: "\(field.type.text)[] or \(field.type.text)?")
            }
            field.arity = .list
        }
        if current.kind == .question, field.arity == .list {
            diagnostics.report(
                current.start, "optional lists are not supported",
                expected: "\(field.type.text)[] or \(field.type.text)?")
            advance()
        }
    }

    mutating func parseAttributes(into attributes: inout [AttributeNode], _ isDamaged: inout Bool) {
        while current.kind == .at {
            if let attribute = parseAttribute() { attributes.append(attribute) } else { isDamaged = true }
        }
    }

    private mutating func parseBlockAttribute(into attributes: inout [AttributeNode], _ isDamaged: inout Bool) {
        if let attribute = parseAttribute() { attributes.append(attribute) } else { isDamaged = true }
        if current.kind != .doubleAt { endLine(expected: "the end of the line", &isDamaged) }
    }

    /// Reads `@name.name(arguments)`. Returns nil if it could not be read.
    private mutating func parseAttribute() -> AttributeNode? {
        let offset = current.start
        let sign = current.kind == .doubleAt ? "@@" : "@"
        advance()
        guard current.kind == .identifier else {
            reportUnexpected(expected: "the name of an attribute")
            return nil
        }
        let first = Name(text: sign + word(current), offset: offset)
        advance()
        guard let name = parsePath(after: first) else { return nil }
        guard current.kind == .openParenthesis else { return AttributeNode(name: name, arguments: []) }
        guard let arguments = parseArguments() else { return nil }
        return AttributeNode(name: name, arguments: arguments)
    }
}
