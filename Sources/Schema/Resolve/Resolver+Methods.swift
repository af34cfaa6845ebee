import Text

// What the type of an index (B-tree, hash, GIN …) takes: PostgreSQL refuses the rest.
extension Resolver {
    /// Reads `ops: JsonbPathOps` or `ops: raw("…")`. PostgreSQL alone checks the latter.
    mutating func operatorClass(
        _ value: Expression, for draft: FieldDraft, _ type: IndexType, of what: String
    ) -> String {
        let name: String
        switch value.value {
        case .call("raw", let arguments):
            if arguments.count == 1, case .string(let text) = arguments[0].value.value { return text }
            diagnostics.report(value.offset, "raw without one text", expected: "raw(\"…\")")
            return ""
        case .path(let text): name = text
        default:
            diagnostics.report(value.offset, "ops in \(what)", expected: "an operator class, or raw(\"…\")")
            return ""
        }
        guard let found = OperatorClass.named(name) else {
            diagnostics.report(
                value.offset, "unknown operator class \"\(name)\"", expected: "a class of Prisma's, or raw(\"…\")",
                suggestion: suggestions.nearest(to: name, in: OperatorClass.all.lazy.map(\.name)))
            return name
        }
        if !found.types.contains(type) {
            diagnostics.report(
                value.offset, "\(name) in an index of type \(type.rawValue)",
                expected: "type: \(found.types.map(\.rawValue).joined(separator: " or "))")
        } else if !draft.isFaulty, !found.takes(draft.field) {
            diagnostics.report(
                value.offset, "\(name) for \"\(draft.field.name)\" of type \(columnText(draft))",
                expected: found.columnsDescription)
        }
        return name
    }

    /// Checks that PostgreSQL can make the index.
    mutating func checkMethod(of key: KeyDraft, _ what: String, in model: Int) {
        guard let type = key.type else { return }
        if type == .spGist || type == .hash, key.columns.count > 1 {
            diagnostics.report(key.offset, "\(what) of type \(type.rawValue) over several fields", expected: "one field")
        }
        for column in key.columns where column.operatorClass == nil {
            let draft = models[model].fields[column.field]
            if draft.isFaulty || type.hasDefault(for: draft.field) { continue }
            diagnostics.report(
                key.offset,
                "\(what) of type \(type.rawValue) over \"\(draft.field.name)\" of type \(columnText(draft)), which it cannot hold",
                expected: "another type of index, or ops:")
        }
    }

    /// Refuses XML in keys, because it has no order and no equality.
    mutating func checkComparable(_ key: KeyDraft, in draft: ModelDraft) {
        for column in key.columns where draft.fields[column.field].field.nativeType?.name == .xml {
            let what = key.kind == .unique ? "a unique key" : "an index"
            diagnostics.report(
                key.offset, "\(what) over \"\(draft.fields[column.field].field.name)\" of type Xml",
                expected: "fields that can be compared")
        }
    }

    private func columnText(_ draft: FieldDraft) -> String {
        typeText(draft) + (draft.field.nativeType.map { " @db.\($0.name.rawValue)" } ?? "")
    }
}
