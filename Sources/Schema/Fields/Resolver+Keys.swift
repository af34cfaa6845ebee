import Text

// Identifiers, unique keys and indexes, and the other attributes of a model.
extension Resolver {
    private static let modelAttributes = ["@@id", "@@unique", "@@index", "@@map", "@@schema", "@@ignore"]
    private static let repeatableAttributes: Set<ExactString> = ["@@unique", "@@index"]

    /// `@id`, `@unique`
    mutating func resolveFieldKey(_ attribute: AttributeNode, _ draft: inout FieldDraft, in model: Int) {
        let isID = attribute.name.text.isExactly("@id")
        let bound = bind(
            attribute.arguments, of: attribute.name.text, unnamed: "map",
            keyArguments(isID ? .id : .unique, ofField: true))
        checkOptions(bound, isID ? .id : .unique, of: attribute.name.text)
        let constraint = constraintName(bound["map"], of: attribute.name.text)
        guard draft.target == nil, models[model].field(named: draft.field.name) == nil else {
            models[model].hasRefusedKey = true
            if draft.target != nil { refuse(attribute, on: "a relation field") }
            return
        }
        if models[model].node.isView { checkViewKey(isID ? .id : .unique, constraintOffset: bound["map"]?.offset, attribute) }
        let column = Index.Column(field: draft.field.index, isDescending: isDescending(bound["sort"]), operatorClass: nil)
        models[model].keys.append(
            KeyDraft(
                kind: isID ? .id : .unique, columns: [column], constraintName: constraint, isPartial: bound["where"] != nil,
                condition: condition(bound["where"], in: model), offset: attribute.name.offset))
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
            case "@@index": resolveKey(attribute, .normal, of: model)
            case "@@fulltext":
                diagnostics.report(
                    attribute.name.offset, "@@fulltext, which PostgreSQL has not",
                    expected: "@@index([…], type: Gin) over a column of type Unsupported(\"tsvector\"), or no index")
            default: reportUnknown(attribute, known: Self.modelAttributes, of: "a model")
            }
        }
    }

    private func keyArguments(_ kind: Index.Kind, ofField: Bool) -> [String] {
        var names = ofField ? ["map", "sort", "length", "clustered"] : ["fields", "name", "map", "clustered"]
        if kind != .id { names.append("where") }
        if kind == .normal { names.append("type") }
        return names
    }

    private mutating func resolveKey(_ attribute: AttributeNode, _ kind: Index.Kind, of model: Int) {
        let what = attribute.name.text
        let bound = bind(attribute.arguments, of: what, unnamed: "fields", keyArguments(kind, ofField: false))
        let type = checkOptions(bound, kind, of: what)
        let (givenName, constraint) = keyNames(bound, kind, of: what)
        guard let list = bound["fields"] else {
            models[model].hasRefusedKey = true
            diagnostics.report(attribute.name.offset, "\(what) without fields", expected: "\(what)([…])")
            return
        }
        guard let references = fieldReferences(list, of: what),
            let positions = scalarFields(references.map(\.name), of: what, in: model)
        else {
            models[model].hasRefusedKey = true
            return
        }
        var columns: [Index.Column] = []
        for (reference, position) in zip(references, positions) {
            columns.append(column(reference, at: position, kind, type, of: what, in: model))
        }
        let key = KeyDraft(
            kind: kind, columns: columns, givenName: givenName, constraintName: constraint, type: type,
            isPartial: bound["where"] != nil, condition: condition(bound["where"], in: model), offset: attribute.name.offset)
        models[model].keys.append(key)
        if models[model].node.isView {
            checkViewKey(kind, constraintOffset: bound["map"]?.offset, attribute)
        } else {
            checkMethod(of: key, what, in: model)
        }
        if let givenName { checkGivenName(givenName, bound["name"], of: what, model) }
    }

    /// Checks a key of a view. It is not an index; `findUnique`, cursors and relations use it.
    private mutating func checkViewKey(_ kind: Index.Kind, constraintOffset: Int?, _ attribute: AttributeNode) {
        let what = attribute.name.text
        if kind == .normal {
            diagnostics.report(attribute.name.offset, "\(what) in a view, which has no indexes", expected: "indexes on the tables below it")
        } else if let constraintOffset {
            diagnostics.report(constraintOffset, "map of \(what) in a view, which has no constraints", expected: "\(what) without map")
        }
    }

    /// Returns the names of a key in requests (`name:`) and in the database (`map:`).
    private mutating func keyNames(
        _ bound: BoundArguments, _ kind: Index.Kind, of what: String
    ) -> (given: String?, constraint: String?) {
        let constraint = constraintName(bound["map"], of: what)
        guard kind == .normal else { return (textValue(bound["name"], of: "name of \(what)"), constraint) }
        // Why: requests do not name indexes. In old schemas `name:` is their name in the database.
        if let name = bound["name"], bound["map"] != nil {
            diagnostics.report(name.offset, "name of \(what) beside map, which means the same", expected: "map alone")
            return (nil, constraint)
        }
        return (nil, constraint ?? constraintName(bound["name"], of: what, argument: "name"))
    }

    // MARK: Arguments

    /// Returns the type of the index.
    @discardableResult
    private mutating func checkOptions(_ bound: BoundArguments, _ kind: Index.Kind, of what: String) -> IndexType? {
        if bound.values.isEmpty { return nil }
        checkSort(bound["sort"], kind, of: what)
        for name in ["length", "clustered"] {
            guard let value = bound[name] else { continue }
            diagnostics.report(value.offset, "\(name) of \(what)", expected: "none: PostgreSQL has no such indexes")
        }
        if let condition = bound["where"] { checkCondition(condition, of: what) }
        guard let name = pathValue(bound["type"], of: "type of \(what)", expected: "the type of an index") else { return nil }
        if let type = IndexType(rawValue: name.text) { return type }
        let names = IndexType.allCases.map(\.rawValue)
        diagnostics.report(
            name.offset, "unknown index type \"\(name.text)\"", expected: "one of: \(names.joined(separator: ", "))",
            suggestion: suggestions.nearest(to: name.text, in: names))
        return nil
    }

    private func isDescending(_ sort: Expression?) -> Bool {
        if case .path("Desc")? = sort?.value { true } else { false }
    }

    private mutating func checkSort(_ value: Expression?, _ kind: Index.Kind, of what: String) {
        guard let value else { return }
        if kind == .id {
            diagnostics.report(
                value.offset, "sort in \(what)", expected: "none: PostgreSQL sorts unique keys and indexes only")
        } else if case .path("Asc") = value.value {
        } else if case .path("Desc") = value.value {
        } else {
            diagnostics.report(value.offset, "sort: \(value.kindDescription)", expected: "Asc or Desc")
        }
    }

    /// Reads the arguments of a field in a key: `title(sort: Desc, ops: raw("…"))`.
    private mutating func column(
        _ reference: ReferencedField, at position: Int, _ kind: Index.Kind, _ type: IndexType?, of what: String, in model: Int
    ) -> Index.Column {
        var column = Index.Column(field: position, isDescending: false, operatorClass: nil)
        guard !reference.options.isEmpty else { return column }
        let bound = bind(reference.options, of: "\(reference.name.text) in \(what)", ["sort", "length", "ops"])
        checkSort(bound["sort"], kind, of: what)
        column.isDescending = isDescending(bound["sort"])
        if let sort = bound["sort"], type == .hash {
            diagnostics.report(sort.offset, "sort in \(what) of type Hash", expected: "none: a hash has no order")
        }
        if let length = bound["length"] {
            diagnostics.report(length.offset, "length in \(what)", expected: "none: PostgreSQL indexes whole values")
        }
        guard let ops = bound["ops"] else { return column }
        guard kind == .normal else {
            diagnostics.report(ops.offset, "ops in \(what)", expected: "it in @@index only")
            return column
        }
        column.operatorClass = operatorClass(ops, for: models[model].fields[position], type ?? .bTree, of: what)
        return column
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
                let columns = (draft.fields[position].relation.fields ?? []).map(\.text).filter { !$0.isExactly(name.text) }
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
        for key in draft.keys where key.kind != .id { checkComparable(key, in: draft) }
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
        // Why the second condition: the key may be in a line that could not be read.
        if !hasCriterion, !draft.node.isDamaged, !draft.model.isView, !draft.isIgnored, !hasReportedKey(draft) {
            diagnostics.report(
                draft.node.name.offset, "the model \"\(draft.model.name)\" has nothing that identifies a record",
                expected: "@id or @unique on a required field, or @@id or @@unique over required fields")
        }
    }

    /// Returns true if the model's key was reported already: it was refused, or has an optional field.
    private func hasReportedKey(_ draft: ModelDraft) -> Bool {
        draft.hasRefusedKey
            || draft.keys.contains { key in
                key.kind == .id && key.fields.contains { draft.fields[$0].field.arity != .required }
            }
    }

    private mutating func checkIdentifiers(of draft: ModelDraft) {
        let identifiers = draft.keys.filter { $0.kind == .id }
        for key in identifiers.dropFirst() {
            diagnostics.report(
                key.offset, "a second identifier of \"\(draft.model.name)\"",
                expected: "one @id, or one @@id over several fields")
        }
        // Why not for ignored models: a pulled schema marks tables without a key by `@@ignore`.
        for key in identifiers where !draft.isIgnored {
            for position in key.fields where draft.fields[position].field.arity != .required {
                let field = draft.fields[position]
                diagnostics.report(
                    key.offset, "the identifier uses \"\(field.field.name)\" of type \(typeText(field))",
                    expected: "a required field")
            }
        }
    }

    /// Checks that compound keys have names of their own. Requests know keys and fields by name.
    private mutating func checkNames(of draft: ModelDraft) {
        var names: [ExactString: [Int]] = [:]
        var givenNames: Set<ExactString> = []
        for key in draft.keys where key.isUnique {
            if let given = key.givenName, !givenNames.insert(ExactString(given)).inserted {
                diagnostics.report(key.offset, "a second key named \"\(given)\"", expected: "another name by name:")
                continue
            }
            guard key.fields.count > 1 else { continue }
            let name = keyName(key, in: draft)
            if let other = names.updateValue(key.fields, forKey: ExactString(name)), other != key.fields {
                diagnostics.report(key.offset, "a second key named \"\(name)\"", expected: "another name by name:")
            } else if key.givenName == nil, draft.field(named: name) != nil {
                diagnostics.report(
                    key.offset, "the key is called \"\(name)\", as a field is", expected: "another name by name:")
            }
        }
    }
}
