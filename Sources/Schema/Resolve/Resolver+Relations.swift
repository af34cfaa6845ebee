import Text

// Relations: which two fields belong together.
extension Resolver {
    /// A relation field: positions of its model and of itself.
    struct Side: Hashable {
        var model: Int
        var field: Int
    }

    /// Identifies a relation. Both sides have the same one.
    private struct PairKey: Hashable {
        var low: Int
        var high: Int
        var name: ExactString?
    }

    private static let relationArguments = ["name", "fields", "references", "onDelete", "onUpdate", "map"]

    /// `@relation("Name", fields: […], references: […], onDelete: …, onUpdate: …, map: "…")`
    mutating func resolveRelationAttribute(_ attribute: AttributeNode, _ draft: inout FieldDraft) {
        let before = diagnostics.count
        let bound = bind(attribute.arguments, of: "@relation", unnamed: "name", Self.relationArguments)
        var arguments = RelationArguments(offset: attribute.name.offset)
        arguments.name = textValue(bound["name"], of: "the name of a relation")
        if let list = bound["fields"] { arguments.fields = plainNames(list, of: "fields") }
        if let list = bound["references"] { arguments.references = plainNames(list, of: "references") }
        arguments.onDelete = action(bound["onDelete"], of: "onDelete")
        arguments.onUpdate = action(bound["onUpdate"], of: "onUpdate")
        arguments.constraintName = constraintName(bound["map"], of: "@relation")
        arguments.constraintOffset = bound["map"]?.offset
        draft.relation = arguments
        if draft.target == nil, !draft.isFaulty {
            diagnostics.report(
                attribute.name.offset, "@relation on a field of type \(draft.node.type.text)",
                expected: "a model as the type")
        }
        if diagnostics.count > before { draft.isFaulty = true }
    }

    private mutating func plainNames(_ value: Expression, of what: String) -> [Name]? {
        guard let references = fieldReferences(value, of: what) else { return nil }
        for reference in references where !reference.options.isEmpty {
            diagnostics.report(reference.name.offset, "\(what): options of a field", expected: "its name alone")
        }
        return references.map(\.name)
    }

    private mutating func action(_ value: Expression?, of what: String) -> Name? {
        guard let value else { return nil }
        let allowed: [Relation.Action] =
            datasource?.relationMode == .prisma
            ? [.cascade, .restrict, .setNull] : [.cascade, .restrict, .noAction, .setNull, .setDefault]
        let names = allowed.map(\.rawValue)
        let expected = "one of: \(names.joined(separator: ", "))"
        guard let name = pathValue(value, of: what, expected: expected) else { return nil }
        if name.text.isExactlyOne(of: names) { return name }
        let isKnown = Relation.Action(rawValue: name.text) != nil
        diagnostics.report(
            name.offset,
            "\(what): "
                + (isKnown
                    ? "\(name.text) is not available with relationMode = \"prisma\""
                    : "unknown action \"\(name.text)\""),
            expected: expected, suggestion: isKnown ? nil : suggestions.nearest(to: name.text, in: names))
        return nil
    }

    // MARK: Pairs

    mutating func resolveRelations() {
        var order: [PairKey] = []
        var groups: [PairKey: [Side]] = [:]
        for (model, draft) in models.enumerated() {
            for (field, fieldDraft) in draft.fields.enumerated() {
                guard let target = fieldDraft.target else { continue }
                let key = PairKey(low: min(model, target), high: max(model, target), name: fieldDraft.relation.name.map { ExactString($0) })
                if groups[key] == nil { order.append(key) }
                groups[key, default: []].append(Side(model: model, field: field))
                checkIgnored(fieldDraft, in: draft, target)
            }
        }
        // Models that were not read or resolved completely. A missing relation field in them is not reported.
        let uncertain = models.map { $0.node.isDamaged || $0.fields.contains(where: \.isFaulty) }
        for key in order where !uncertain[key.low] && !uncertain[key.high] {
            guard let sides = groups[key] else { continue }
            if let unnamed = groups[PairKey(low: key.low, high: key.high, name: nil)], checkMadeName(key, sides, unnamed) { continue }
            if let (first, second) = pair(sides, key) { resolvePair(first, second) }
        }
    }

    /// Refuses a given name that is the default name of another relation.
    private mutating func checkMadeName(_ key: PairKey, _ sides: [Side], _ unnamed: [Side]) -> Bool {
        guard let name = key.name, name == ExactString(madeRelationName(key.low, key.high)) else { return false }
        // Why within one model: a side with `AToB` and a side without a name are two relations with one end each.
        let models = Set(unnamed.map(\.model))
        guard let side = sides.first(where: { models.contains($0.model) }) else { return false }
        report(
            side, "\(quoted(side)) has the name \"\(name)\", which is that of the relation \(quoted(unnamed[0])) without one",
            expected: "another name for one of them")
        return true
    }

    private mutating func checkIgnored(_ field: FieldDraft, in draft: ModelDraft, _ target: Int) {
        if models[target].isIgnored, !draft.isIgnored, !field.field.isIgnored {
            diagnostics.report(
                field.node.name.offset,
                "\"\(field.field.name)\" leads to \"\(models[target].model.name)\", which is ignored",
                expected: "@ignore on the field")
        }
    }

    /// Returns the two sides of a relation. Reports more or fewer sides, and returns nil.
    private mutating func pair(_ sides: [Side], _ key: PairKey) -> (Side, Side)? {
        if key.low == key.high { return pairWithinModel(sides, key) }
        let low = sides.filter { $0.model == key.low }
        let high = sides.filter { $0.model == key.high }
        reportAmbiguous(low, key)
        reportAmbiguous(high, key)
        guard low.count <= 1, high.count <= 1 else { return nil }
        if let first = low.first, let second = high.first { return (first, second) }
        for side in low + high { reportMissing(side) }
        return nil
    }

    private mutating func pairWithinModel(_ sides: [Side], _ key: PairKey) -> (Side, Side)? {
        guard sides.count == 2 else {
            if sides.count == 1 { reportMissing(sides[0]) } else { reportAmbiguous(sides, key) }
            return nil
        }
        if key.name == nil {
            report(
                sides[1], "\(quoted(sides[0])) and \(quoted(sides[1])) may be one self relation or two",
                expected: "the same name on both, as @relation(\"Name\"), if they are one")
            return nil
        }
        return (sides[0], sides[1])
    }

    private mutating func reportAmbiguous(_ sides: [Side], _ key: PairKey) {
        guard let first = sides.first, sides.count > 1 else { return }
        let target = models[first.model].fields[first.field].node.type.text
        for side in sides.dropFirst() {
            let names = "\(quoted(first)) and \(quoted(side)) both lead to \"\(target)\""
            report(
                side, names + (key.name.map { " with the relation name \"\($0)\"" } ?? " without a relation name"),
                expected: "a name of its own for each relation, as @relation(\"Name\")")
        }
    }

    private mutating func reportMissing(_ side: Side) {
        let field = models[side.model].fields[side.field]
        let other = field.node.type.text
        let name = models[side.model].model.name
        let named = field.relation.name.map { " with @relation(\"\($0)\")" } ?? " without a relation name"
        report(
            side, "the relation field \(quoted(side)) has no opposite field in \"\(other)\"",
            expected: "a further field of type \(name), \(name)? or \(name)[] in \"\(other)\"\(named)")
    }

    // MARK: Words

    mutating func report(_ side: Side, _ message: String, expected: String? = nil) {
        diagnostics.report(models[side.model].fields[side.field].node.name.offset, message, expected: expected)
    }

    func quoted(_ side: Side) -> String {
        "\"\(models[side.model].model.name).\(models[side.model].fields[side.field].field.name)\""
    }
}
