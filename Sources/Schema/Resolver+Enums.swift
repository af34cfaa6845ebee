import Text

// Enums, and the names that the database gives to tables and types.
extension Resolver {
    mutating func resolveEnums() {
        for node in tree.enums {
            guard case .enumeration(let index)? = types[node.name.text], enums[index].values.isEmpty else { continue }
            resolveEnumAttributes(node, index)
            resolveValues(node, index)
        }
    }

    private mutating func resolveEnumAttributes(_ node: EnumNode, _ index: Int) {
        enums[index].typeSchema = resolveSchemaAttribute(node.attributes, of: node.name, isDamaged: node.isDamaged)
        checkRepeated(node.attributes, repeatable: [])
        for attribute in node.attributes {
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
            diagnostics.report(node.name.offset, "the enum \"\(node.name.text)\" has no values", expected: "at least one value")
        }
        var names: Set<String> = []
        var databaseNames: Set<String> = []
        for valueNode in node.values {
            var value = Enumeration.Value(name: valueNode.name.text, databaseName: valueNode.name.text)
            checkRepeated(valueNode.attributes, repeatable: [])
            for attribute in valueNode.attributes {
                if attribute.name.text == "@map" {
                    if let name = soleText(attribute, named: "name") { value.databaseName = name.text }
                } else {
                    reportUnknown(attribute, known: ["@map"], of: "an enum value")
                }
            }
            let isNew = names.insert(value.name).inserted
            if !isNew || !databaseNames.insert(value.databaseName).inserted {
                diagnostics.report(
                    valueNode.name.offset, "the value \"\(isNew ? value.databaseName : value.name)\" is in the enum already",
                    expected: "another name")
            }
            enums[index].values.append(value)
        }
    }

    /// Attributes stand once each, but for those that may be repeated.
    mutating func checkRepeated(_ attributes: [AttributeNode], repeatable: Set<String>) {
        guard attributes.count > 1 else { return }
        var seen: Set<String> = []
        for attribute in attributes where !repeatable.contains(attribute.name.text) {
            if !seen.insert(attribute.name.text).inserted {
                diagnostics.report(attribute.name.offset, "the attribute \(attribute.name.text) is given twice", expected: "it once")
            }
        }
    }

    mutating func reportUnknown(_ attribute: AttributeNode, known: [String], of what: String) {
        let suggestion = suggestions.nearest(to: attribute.name.text, in: known)
        diagnostics.report(
            attribute.name.offset, "unknown attribute \(attribute.name.text)",
            expected: "an attribute of \(what): \(known.joined(separator: " "))", suggestion: suggestion)
    }

    /// Two models in one table, two enums in one type: refused.
    mutating func checkDatabaseNames() {
        var tables: [String: String] = [:]
        for draft in models {
            let place = "\(draft.model.tableSchema ?? "")\u{0}\(draft.model.tableName)"
            if let other = tables.updateValue(draft.model.name, forKey: place) {
                diagnostics.report(
                    draft.node.name.offset, "the table \"\(draft.model.tableName)\" belongs to \"\(other)\" already",
                    expected: "another name by @@map")
            }
        }
        var typeNames: [String: String] = [:]
        for enumeration in enums {
            let place = "\(enumeration.typeSchema ?? "")\u{0}\(enumeration.typeName)"
            guard let other = typeNames.updateValue(enumeration.name, forKey: place) else { continue }
            let offset = tree.enums.first { $0.name.text == enumeration.name }?.name.offset ?? 0
            diagnostics.report(
                offset, "the type \"\(enumeration.typeName)\" belongs to the enum \"\(other)\" already",
                expected: "another name by @@map")
        }
    }
}
