import Text

// Fields: their types and the attributes behind them.
extension Resolver {
    static let fieldAttributes = [
        "@id", "@unique", "@default", "@updatedAt", "@map", "@relation", "@ignore",
    ]

    mutating func resolveFields(of model: Int) {
        let node = models[model].node
        models[model].isIgnored = node.attributes.contains { $0.name.text.isExactly("@@ignore") }
        models[model].fields.reserveCapacity(node.fields.count)
        var columns: Set<ExactString> = []
        for fieldNode in node.fields {
            let name = ExactString(fieldNode.name.text)
            var draft = FieldDraft(node: fieldNode, field: makeField(fieldNode, index: models[model].fields.count))
            resolveType(of: &draft)
            resolveAttributes(of: &draft, in: model)
            if models[model].model.fieldIndex[name] != nil {
                diagnostics.report(
                    fieldNode.name.offset, "the field \"\(name)\" is in \"\(node.name.text)\" already",
                    expected: "another name")
                continue
            }
            if draft.target == nil, !columns.insert(ExactString(draft.field.columnName)).inserted {
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
            nativeType: nil, defaultValue: nil, isUpdatedAt: false, isIgnored: false, isID: false, isUnique: false,
            documentation: node.documentation)
    }

    private mutating func resolveType(of draft: inout FieldDraft) {
        let type = draft.node.type
        if let unsupported = draft.node.unsupportedType {
            draft.field.type = .unsupported(unsupported)
            checkUnsupported(unsupported, at: type.offset)
        } else if let scalar = Self.scalars[ExactString(type.text)] {
            draft.field.type = .scalar(scalar)
        } else if let reference = types[ExactString(type.text)] {
            switch reference {
            case .enumeration(let index): draft.field.type = .enumeration(index)
            case .model(let index): draft.target = index
            }
        } else {
            draft.isFaulty = true
            if !tree.refusedNames.contains(ExactString(type.text)), !tree.hasNamelessBlock {
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
        if draft.node.unsupportedType != nil {
            diagnostics.report(
                attribute.name.offset, "@ignore on a field of type Unsupported",
                expected: "no @ignore: requests cannot name such fields anyway")
        }
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
}
