import Text

// Enums, their values and attributes.
extension Resolver {
    mutating func resolveEnums() {
        for node in tree.enums {
            guard case .enumeration(let index)? = types[ExactString(node.name.text)], enums[index].values.isEmpty else { continue }
            resolveEnumAttributes(node, index)
            resolveValues(node, index)
        }
    }

    private mutating func resolveEnumAttributes(_ node: EnumNode, _ index: Int) {
        enums[index].typeSchema = resolveSchemaAttribute(node.attributes, of: node.name, isDamaged: node.isDamaged)
        for attribute in withoutRepeated(node.attributes) {
            switch attribute.name.text {
            case "@@map":
                if let name = soleText(attribute, named: "name") { enums[index].typeName = name.text }
            case "@@schema": break
            default: reportUnknown(attribute, known: ["@@map", "@@schema"], of: "an enum")
            }
        }
    }

    private mutating func resolveValues(_ node: EnumNode, _ index: Int) {
        if node.values.isEmpty, !node.isDamaged {
            diagnostics.report(
                node.name.offset, "the enum \"\(node.name.text)\" has no values", expected: "at least one value")
        }
        var names: Set<ExactString> = []
        var databaseNames: Set<ExactString> = []
        for valueNode in node.values {
            var value = Enumeration.Value(
                name: valueNode.name.text, databaseName: valueNode.name.text, documentation: valueNode.documentation)
            for attribute in withoutRepeated(valueNode.attributes) {
                if attribute.name.text.isExactly("@map") {
                    // Why empty ones, too: a label of PostgreSQL may be empty.
                    if let name = soleText(attribute, named: "name", mayBeEmpty: true) { value.databaseName = name.text }
                } else {
                    reportUnknown(attribute, known: ["@map"], of: "an enum value")
                }
            }
            let isNew = names.insert(ExactString(value.name)).inserted
            if !isNew || !databaseNames.insert(ExactString(value.databaseName)).inserted {
                diagnostics.report(
                    valueNode.name.offset,
                    "the value \"\(isNew ? value.databaseName : value.name)\" is in the enum already",
                    expected: "another name")
            }
            enums[index].values.append(value)
        }
        enumValueNames[index] = names
    }

    /// Returns the attributes without repeated ones, which are reported.
    mutating func withoutRepeated(_ attributes: [AttributeNode], repeatable: Set<ExactString> = []) -> [AttributeNode] {
        guard attributes.count > 1 else { return attributes }
        // Why: most fields have two or three, and comparing those is cheaper than hashing them.
        if attributes.count <= 4 {
            let isRepeated = attributes.indices.contains { i in
                attributes[..<i].contains { $0.name.text.isExactly(attributes[i].name.text) }
            }
            if !isRepeated { return attributes }
        }
        var seen: Set<ExactString> = []
        var result: [AttributeNode] = []
        for attribute in attributes {
            let name = ExactString(attribute.name.text)
            if repeatable.contains(name) || seen.insert(name).inserted {
                result.append(attribute)
            } else {
                diagnostics.report(
                    attribute.name.offset, "the attribute \(attribute.name.text) is given twice", expected: "it once")
            }
        }
        return result
    }

    mutating func reportUnknown(_ attribute: AttributeNode, known: [String], of what: String) {
        let suggestion = suggestions.nearest(to: attribute.name.text, in: known)
        diagnostics.report(
            attribute.name.offset, "unknown attribute \(attribute.name.text)",
            expected: "an attribute of \(what): \(known.joined(separator: " "))", suggestion: suggestion)
    }
}
