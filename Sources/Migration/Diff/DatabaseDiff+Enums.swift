import Catalog
import Text

extension DatabaseDiff {
    mutating func compareEnums() {
        for type in wanted.enums {
            if let old = current.enumType(type.name) {
                compareLabels(old, type)
            } else if !type.labels.isEmpty {
                steps.append(.createEnum(type))
            }
        }
        // A schema cannot express an enum without values, so such an enum stays.
        for type in current.enums where wanted.enumType(type.name) == nil && !type.labels.isEmpty {
            // Why not if a view or an unmanaged table uses it: dropping would fail.
            steps.append(.dropEnum(type.name))
        }
    }

    private mutating func compareLabels(_ old: EnumType, _ new: EnumType) {
        let (present, needed) = (Set(old.labels.map { ExactString($0) }), Set(new.labels.map { ExactString($0) }))
        let gone = old.labels.filter { !needed.contains(ExactString($0)) }
        let (removed, unspoken) = (gone.filter { canBeNamed($0) || $0.isEmpty }, gone.filter { !canBeNamed($0) && !$0.isEmpty })
        let added = new.labels.filter { !present.contains(ExactString($0)) }
        if removed.isEmpty, added.isEmpty { return }
        // Why not if a default is one of them: a label cannot be used in the transaction that adds it.
        if removed.isEmpty, !isDefault(added, of: new.name) {
            steps.append(.addLabels(new.name, additions(old.labels, new.labels)))
            return
        }
        let uses = currentUses(of: new.name)
        // Why: a foreign key would compare a column of the old type with one of the new type.
        for use in uses {
            interruptKeys(use.table, use.column.name)
            note(keysOutside: use.column.name, of: use.table.name, type: new.name)
        }
        let replaced = uses.map { use in
            Step.EnumReplacement.Use(table: use.table.name, column: use.column, newDefault: nextDefault(use.table.name, use.column, needed))
        }
        steps.append(.replaceEnum(Step.EnumReplacement(name: new.name, labels: new.labels + unspoken, uses: replaced)))
        if !removed.isEmpty {
            risks.append(
                Risk(
                    kind: .labelsRemoved, table: new.name, part: nil,
                    reason: """
                        The values [\(removed.joined(separator: ","))] on the enum `\(new.name.name)` will be removed. \
                        If these variants are still used in the database, this will fail.
                        """,
                    condition: .usesLabels(uses.map { ($0.table.name, $0.column.name, $0.column.isList) }, labels: removed)))
        }
    }

    /// Returns the new labels, each with the label that it precedes. They come from the end, so that each next label exists already.
    private func additions(_ old: [String], _ new: [String]) -> [Step.NewLabel] {
        var known = Set(old.map { ExactString($0) })
        var next: String?
        var found: [Step.NewLabel] = []
        // New labels at the end are added in order, without a position.
        let tail = new.reversed().prefix { !known.contains(ExactString($0)) }.reversed()
        for label in new.dropLast(tail.count).reversed() {
            if known.insert(ExactString(label)).inserted { found.append(Step.NewLabel(label: label, next: next)) }
            next = label
        }
        return found + tail.map { Step.NewLabel(label: $0, next: nil) }
    }

    private func isDefault(_ labels: [String], of type: ObjectName) -> Bool {
        let labels = Set(labels.map { ExactString($0) })
        return wanted.tables.contains { table in
            table.columns.contains { column in
                guard case .enumeration(type) = column.type else { return false }
                return Self.labels(of: column.defaultValue).contains { labels.contains(ExactString($0)) }
            }
        }
    }

    private static func labels(of value: ColumnDefault?) -> [String] {
        func label(_ constant: Constant) -> String? {
            if case .label(let text) = constant { return text }
            return nil
        }
        switch value {
        case .constant(let constant)?: return label(constant).map { [$0] } ?? []
        case .list(let constants)?: return constants.compactMap { label($0) }
        default: return []
        }
    }

    /// Returns the default that a column has with the new type: the schema's, or its own if the schema leaves it alone.
    private func nextDefault(_ table: ObjectName, _ column: Column, _ labels: Set<ExactString>) -> ColumnDefault? {
        guard column.defaultValue != nil || column.defaultText != nil else { return nil }
        guard let new = wanted.table(table)?.column(column.name), new.defaultValue != .anything else { return kept(column.defaultValue, labels) }
        return new.type == column.type ? kept(new.defaultValue, labels) : nil
    }

    private func kept(_ value: ColumnDefault?, _ labels: Set<ExactString>) -> ColumnDefault? {
        Self.labels(of: value).allSatisfy { labels.contains(ExactString($0)) } ? value : nil
    }

    private func currentUses(of type: ObjectName) -> [(table: Table, column: Column)] {
        current.tables.filter { !$0.isPartition }.flatMap { table in
            table.columns.compactMap { column in
                guard case .enumeration(type) = column.type else { return nil }
                return (table, column)
            }
        }
    }
}
