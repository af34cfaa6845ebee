import Text

// Identifiers, unique keys and indexes, and the other attributes of a model.
extension Resolver {
    private static let modelAttributes = [
        "@@id", "@@unique", "@@index", "@@fulltext", "@@map", "@@schema", "@@ignore",
    ]
    private static let repeatableAttributes: Set<String> = ["@@unique", "@@index", "@@fulltext"]
    private static let indexTypes = ["BTree", "Hash", "Gist", "Gin", "SpGist", "Brin"]

    /// `@id`, `@unique`
    mutating func resolveFieldKey(_ attribute: AttributeNode, _ draft: inout FieldDraft, in model: Int) {
        let isID = attribute.name.text == "@id"
        let bound = bind(
            attribute.arguments, of: attribute.name.text, unnamed: "map",
            keyArguments(isID ? .id : .unique, ofField: true))
        checkOptions(bound, isID ? .id : .unique, of: attribute.name.text)
        let constraint = constraintName(bound["map"], of: attribute.name.text)
        guard draft.target == nil else { return refuse(attribute, on: "a relation field") }
        guard models[model].model.fieldIndex[draft.field.name] == nil else { return }
        models[model].keys.append(
            KeyDraft(
                kind: isID ? .id : .unique, fields: [draft.field.index], constraintName: constraint,
                isPartial: bound["where"] != nil, offset: attribute.name.offset))
    }

    mutating func resolveModelAttributes(of model: Int) {
        let node = models[model].node
        models[model].model.tableSchema = resolveSchemaAttribute(
            node.attributes, of: node.name, isDamaged: node.isDamaged)
        for attribute in withoutRepeated(node.attributes, repeatable: Self.repeatableAttributes) {
            switch attribute.name.text {
            case "@@map":
                if let name = soleText(attribute, named: "name") { models[model].model.tableName = name.text }
            case "@@schema": break
            case "@@ignore": refuseArguments(attribute)
            case "@@id": resolveKey(attribute, .id, of: model)
            case "@@unique": resolveKey(attribute, .unique, of: model)
            case "@@index": resolveKey(attribute, .index, of: model)
            case "@@fulltext": resolveKey(attribute, .fulltext, of: model)
            default: reportUnknown(attribute, known: Self.modelAttributes, of: "a model")
            }
        }
    }

    private func keyArguments(_ kind: KeyDraft.Kind, ofField: Bool) -> [String] {
        var names = ofField ? ["map", "sort", "length", "clustered"] : ["fields", "name", "map", "clustered"]
        if kind == .unique || kind == .index { names.append("where") }
        if kind == .index { names.append("type") }
        return names
    }

    private mutating func resolveKey(_ attribute: AttributeNode, _ kind: KeyDraft.Kind, of model: Int) {
        let what = attribute.name.text
        let bound = bind(attribute.arguments, of: what, unnamed: "fields", keyArguments(kind, ofField: false))
        checkOptions(bound, kind, of: what)
        let constraint = constraintName(bound["map"], of: what)
        let givenName = bound["name"].flatMap { textValue($0, of: "name of \(what)") }
        guard let list = bound["fields"] else {
            diagnostics.report(attribute.name.offset, "\(what) without fields", expected: "\(what)([…])")
            return
        }
        guard let references = fieldReferences(list, of: what),
            let positions = scalarFields(references.map(\.name), of: what, in: model)
        else { return }
        for reference in references { checkFieldOptions(reference, kind, of: what) }
        models[model].keys.append(
            KeyDraft(
                kind: kind, fields: positions, givenName: givenName, constraintName: constraint,
                isPartial: bound["where"] != nil, offset: attribute.name.offset))
        if let givenName, kind == .id || kind == .unique { checkGivenName(givenName, bound["name"], of: what, model) }
    }

    // MARK: Arguments

    private mutating func checkOptions(_ bound: BoundArguments, _ kind: KeyDraft.Kind, of what: String) {
        if bound.values.isEmpty { return }
        checkSort(bound["sort"], kind, of: what)
        for name in ["length", "clustered"] {
            guard let value = bound[name] else { continue }
            diagnostics.report(value.offset, "\(name) of \(what)", expected: "none: PostgreSQL has no such indexes")
        }
        if let value = bound["type"],
            let type = pathValue(value, of: "type of \(what)", expected: "the type of an index"),
            !Self.indexTypes.contains(type.text)
        {
            diagnostics.report(
                type.offset, "unknown index type \"\(type.text)\"",
                expected: "one of: \(Self.indexTypes.joined(separator: ", "))",
                suggestion: suggestions.nearest(to: type.text, in: Self.indexTypes))
        }
        if let condition = bound["where"] { checkCondition(condition, of: what) }
    }

    /// The condition of a partial index: `raw("…")` or an object of fields and values.
    private mutating func checkCondition(_ condition: Expression, of what: String) {
        switch condition.value {
        case .object: return
        case .call("raw", let arguments):
            if arguments.count == 1, case .string = arguments[0].value.value { return }
        default: break
        }
        diagnostics.report(
            condition.offset, "where of \(what): \(condition.kindDescription)",
            expected: "raw(\"…\") or { field: value }")
    }

    private mutating func checkSort(_ value: Expression?, _ kind: KeyDraft.Kind, of what: String) {
        guard let value else { return }
        if kind == .id || kind == .fulltext {
            diagnostics.report(
                value.offset, "sort in \(what)", expected: "none: PostgreSQL sorts unique keys and indexes only")
        } else if case .path("Asc") = value.value {
        } else if case .path("Desc") = value.value {
        } else {
            diagnostics.report(value.offset, "sort: \(value.kindDescription)", expected: "Asc or Desc")
        }
    }

    /// What stands behind a field in a key: `title(sort: Desc, ops: raw("…"))`.
    private mutating func checkFieldOptions(_ reference: FieldReference, _ kind: KeyDraft.Kind, of what: String) {
        guard !reference.options.isEmpty else { return }
        let bound = bind(reference.options, of: "\(reference.name.text) in \(what)", ["sort", "length", "ops"])
        checkSort(bound["sort"], kind, of: what)
        if let length = bound["length"] {
            diagnostics.report(length.offset, "length in \(what)", expected: "none: PostgreSQL indexes whole values")
        }
        guard let ops = bound["ops"] else { return }
        let isName = if case .path = ops.value { true } else if case .call("raw", _) = ops.value { true } else { false }
        if kind != .index || !isName {
            diagnostics.report(
                ops.offset, "ops in \(what)",
                expected: kind == .index ? "an operator class, or raw(\"…\")" : "it in @@index only")
        }
    }

    /// Positions of fields that have columns; nil when one is unknown, a relation or named twice.
    mutating func scalarFields(_ names: [Name], of what: String, in model: Int) -> [Int]? {
        let draft = models[model]
        var positions: [Int] = []
        var seen: Set<Int> = []
        var isWrong = false
        for name in names {
            guard let position = draft.field(named: name.text) else {
                isWrong = true
                if draft.node.isDamaged { continue }
                let known = draft.fields.lazy.filter { $0.target == nil }.map(\.field.name)
                diagnostics.report(
                    name.offset, "\(what): \"\(draft.model.name)\" has no field \"\(name.text)\"",
                    expected: "a scalar field of \"\(draft.model.name)\"",
                    suggestion: suggestions.nearest(to: name.text, in: known))
                continue
            }
            if draft.fields[position].target != nil {
                isWrong = true
                let columns = (draft.fields[position].relation.fields ?? []).map(\.text).filter { $0 != name.text }
                diagnostics.report(
                    name.offset, "\(what): \"\(name.text)\" is a relation",
                    expected: "a scalar field of \"\(draft.model.name)\"",
                    suggestion: columns.isEmpty ? nil : columns.joined(separator: ", "))
            } else if !seen.insert(position).inserted {
                isWrong = true
                diagnostics.report(
                    name.offset, "\(what): the field \"\(name.text)\" is named twice", expected: "it once")
            }
            positions.append(position)
        }
        return isWrong ? nil : positions
    }

    private mutating func checkGivenName(_ name: String, _ value: Expression?, of what: String, _ model: Int) {
        let offset = value?.offset ?? 0
        let isName = name.utf8.allSatisfy { Lexer.isNamePart($0) && $0 != UInt8(ascii: "-") }
        if !isName {
            diagnostics.report(offset, "name of \(what)", expected: "letters, digits and \"_\" alone")
        } else if models[model].field(named: name) != nil {
            diagnostics.report(offset, "the name \"\(name)\" of \(what) is a field's name", expected: "another name")
        }
    }

    // MARK: Checks over all keys of a model

    mutating func checkKeys(of model: Int) {
        models[model].primaryKey = models[model].keys.first { $0.kind == .id }
        let draft = models[model]
        checkIdentifiers(of: draft)
        checkNames(of: draft)
        for key in draft.keys where key.isUnique && !key.isPartial {
            models[model].uniqueFieldSets.insert(key.fields.sorted())
        }
        for key in draft.keys where key.isUnique && key.fields.count == 1 && !key.isPartial {
            if key.kind == .id {
                models[model].fields[key.fields[0]].field.isID = true
            } else if draft.primaryKey?.fields != key.fields {
                models[model].fields[key.fields[0]].field.isUnique = true
            }
        }
        let hasCriterion = draft.keys.contains { key in
            key.isUnique && !key.isPartial
                && key.fields.allSatisfy {
                    draft.fields[$0].field.arity == .required && draft.fields[$0].node.unsupportedType == nil
                }
        }
        // Why the second condition: what is missing may stand in a line that could not be read.
        if !hasCriterion, !draft.node.isDamaged, !draft.model.isView, !draft.isIgnored, !hasRefusedKey(draft) {
            diagnostics.report(
                draft.node.name.offset, "the model \"\(draft.model.name)\" has nothing that identifies a record",
                expected: "@id or @unique on a required field, or @@id or @@unique over required fields")
        }
    }

    /// Whether a key was written that had to be refused, and so was reported already.
    private func hasRefusedKey(_ draft: ModelDraft) -> Bool {
        if draft.keys.contains(where: { $0.kind == .id }) { return true }
        let written = draft.node.attributes.count { $0.name.text == "@@id" || $0.name.text == "@@unique" }
        return written > draft.keys.count { $0.isUnique && $0.isModelLevel }
    }

    private mutating func checkIdentifiers(of draft: ModelDraft) {
        let identifiers = draft.keys.filter { $0.kind == .id }
        for key in identifiers.dropFirst() {
            diagnostics.report(
                key.offset, "a second identifier of \"\(draft.model.name)\"",
                expected: "one @id, or one @@id over several fields")
        }
        for key in identifiers {
            for position in key.fields where draft.fields[position].field.arity != .required {
                let field = draft.fields[position]
                diagnostics.report(
                    key.offset, "the identifier uses \"\(field.field.name)\" of type \(typeText(field))",
                    expected: "a required field")
            }
        }
    }

    /// A request tells compound keys apart by name, among themselves and from the fields.
    private mutating func checkNames(of draft: ModelDraft) {
        var names: [String: [Int]] = [:]
        for key in draft.keys where key.isUnique && key.fields.count > 1 {
            let name = keyName(key, in: draft)
            if let other = names.updateValue(key.fields, forKey: name), other != key.fields {
                diagnostics.report(key.offset, "a second key named \"\(name)\"", expected: "another name by name:")
            } else if key.givenName == nil, draft.field(named: name) != nil {
                diagnostics.report(
                    key.offset, "the key is called \"\(name)\", as a field is", expected: "another name by name:")
            }
        }
    }
}
