import Text

// Fields: their types and the attributes behind them.
extension Resolver {
    private static let fieldAttributes = [
        "@id", "@unique", "@default", "@updatedAt", "@map", "@relation", "@ignore",
    ]

    mutating func resolveFields(of model: Int) {
        let node = models[model].node
        models[model].isIgnored = node.attributes.contains { $0.name.text == "@@ignore" }
        models[model].fields.reserveCapacity(node.fields.count)
        var columns: Set<String> = []
        for fieldNode in node.fields {
            let name = fieldNode.name.text
            var draft = FieldDraft(node: fieldNode, field: makeField(fieldNode, index: models[model].fields.count))
            resolveType(of: &draft)
            resolveAttributes(of: &draft, in: model)
            if models[model].model.fieldIndex[name] != nil {
                diagnostics.report(
                    fieldNode.name.offset, "the field \"\(name)\" is in \"\(node.name.text)\" already",
                    expected: "another name")
                continue
            }
            if draft.target == nil, !columns.insert(draft.field.columnName).inserted {
                diagnostics.report(
                    fieldNode.name.offset, "the column \"\(draft.field.columnName)\" belongs to another field already",
                    expected: "another name by @map")
            }
            models[model].model.fieldIndex[name] = draft.field.index
            models[model].fields.append(draft)
        }
    }

    private func makeField(_ node: FieldNode, index: Int) -> Field {
        Field(
            index: index, name: node.name.text, columnName: node.name.text, type: .unsupported(""), arity: node.arity,
            nativeType: nil, defaultValue: nil, isUpdatedAt: false, isIgnored: false, isID: false, isUnique: false)
    }

    private mutating func resolveType(of draft: inout FieldDraft) {
        let type = draft.node.type
        if let unsupported = draft.node.unsupportedType {
            draft.field.type = .unsupported(unsupported)
        } else if let scalar = Self.scalars[type.text] {
            draft.field.type = .scalar(scalar)
        } else if let reference = types[type.text] {
            switch reference {
            case .enumeration(let index): draft.field.type = .enumeration(index)
            case .model(let index): draft.target = index
            }
        } else {
            draft.isFaulty = true
            if !tree.refusedNames.contains(type.text), !tree.hasNamelessBlock {
                diagnostics.report(
                    type.offset, "unknown type \"\(type.text)\"", expected: "a scalar type, an enum or a model",
                    suggestion: suggestions.nearest(to: type.text, in: typeNames))
            }
        }
    }

    // MARK: Attributes

    private mutating func resolveAttributes(of draft: inout FieldDraft, in model: Int) {
        for attribute in withoutRepeated(draft.node.attributes) {
            switch attribute.name.text {
            case "@id", "@unique": resolveFieldKey(attribute, &draft, in: model)
            case "@default": resolveDefault(attribute, &draft)
            case "@updatedAt": resolveUpdatedAt(attribute, &draft)
            case "@map": resolveMap(attribute, &draft)
            case "@relation": resolveRelationAttribute(attribute, &draft)
            case "@ignore": resolveIgnore(attribute, &draft, in: model)
            default: resolveNativeType(attribute, &draft)
            }
        }
    }

    private mutating func resolveMap(_ attribute: AttributeNode, _ draft: inout FieldDraft) {
        guard let name = soleText(attribute, named: "name") else { return }
        guard draft.target == nil else { return refuse(attribute, on: "a relation field, which has no column") }
        draft.field.columnName = name.text
    }

    private mutating func resolveUpdatedAt(_ attribute: AttributeNode, _ draft: inout FieldDraft) {
        refuseArguments(attribute)
        draft.field.isUpdatedAt = true
        if draft.isFaulty { return }
        guard case .scalar(.dateTime) = draft.field.type, draft.field.arity != .list else {
            diagnostics.report(
                attribute.name.offset, "@updatedAt on \(typeText(draft))", expected: "a field of type DateTime")
            return
        }
    }

    private mutating func resolveIgnore(_ attribute: AttributeNode, _ draft: inout FieldDraft, in model: Int) {
        refuseArguments(attribute)
        draft.field.isIgnored = true
        if models[model].isIgnored {
            diagnostics.report(
                attribute.name.offset, "@ignore in a model that is ignored as a whole", expected: "@@ignore alone")
        }
    }

    mutating func refuse(_ attribute: AttributeNode, on what: String) {
        diagnostics.report(
            attribute.name.offset, "\(attribute.name.text) on \(what)", expected: "it on a field that has a column")
    }

    /// The type of a field as its text has it.
    func typeText(_ draft: FieldDraft) -> String {
        switch draft.field.arity {
        case .required: draft.node.type.text
        case .optional: draft.node.type.text + "?"
        case .list: draft.node.type.text + "[]"
        }
    }

    // MARK: Native types

    /// `@db.VarChar(40)`; everything that is no other attribute comes here too.
    private mutating func resolveNativeType(_ attribute: AttributeNode, _ draft: inout FieldDraft) {
        let prefix = "@" + (datasource?.name ?? "db") + "."
        let written = attribute.name.text
        guard written.hasPrefix(prefix) else {
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
        let typeName = String(written.dropFirst(prefix.count))
        guard let name = NativeType.Name(rawValue: typeName) else {
            let known = NativeType.Name.allCases.map(\.rawValue)
            diagnostics.report(
                attribute.name.offset, "PostgreSQL has no type \"\(typeName)\"",
                expected: "a native type of PostgreSQL",
                suggestion: suggestions.nearest(to: typeName, in: known).map { prefix + $0 })
            return
        }
        if draft.isFaulty { return }
        guard case .scalar(let scalar) = draft.field.type, scalar == name.scalar else {
            diagnostics.report(
                attribute.name.offset, "\(written) on a field of type \(draft.node.type.text)",
                expected: "a field of type \(name.scalar.rawValue)")
            return
        }
        guard let arguments = nativeArguments(attribute, name) else { return }
        draft.field.nativeType = NativeType(name: name, arguments: arguments)
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
}
