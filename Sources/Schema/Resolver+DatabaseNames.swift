// Names that the database would refuse to give twice.
extension Resolver {
    /// Two models in one table, two enums in one type: refused.
    ///
    /// The result: the models whose tables are their own.
    mutating func checkTableNames() -> [ModelDraft] {
        var tables: [String: String] = [:]
        var sound: [ModelDraft] = []
        for draft in models {
            let place = "\(draft.model.tableSchema ?? "")\u{0}\(draft.model.tableName)"
            if let other = tables.updateValue(draft.model.name, forKey: place) {
                diagnostics.report(
                    draft.node.name.offset, "the table \"\(draft.model.tableName)\" belongs to \"\(other)\" already",
                    expected: "another name by @@map")
            } else {
                sound.append(draft)
            }
        }
        checkTypeNames()
        return sound
    }

    private mutating func checkTypeNames() {
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

    /// Keys and indexes share the names of a PostgreSQL schema, given by `map:` or made from table and columns.
    mutating func checkConstraintNames(of models: [ModelDraft]) {
        var names: [String: String] = [:]
        for draft in models {
            let identifier = draft.primaryKey?.offset
            for key in draft.keys where key.kind != .id || key.offset == identifier {
                let name = key.constraintName ?? constraintName(of: key, in: draft)
                let place = "\(draft.model.tableSchema ?? "")\u{0}\(name)"
                guard let other = names.updateValue(draft.model.name, forKey: place) else { continue }
                diagnostics.report(
                    key.offset, "the constraint name \"\(name)\" is in use in \"\(other)\" already",
                    expected: "another name by map:")
            }
        }
    }

    /// The name that Prisma makes for a key, not cut to what PostgreSQL can hold.
    private func constraintName(of key: KeyDraft, in draft: ModelDraft) -> String {
        let table = draft.model.tableName
        let columns = key.fields.map { draft.fields[$0].field.columnName }.joined(separator: "_")
        return switch key.kind {
        case .id: "\(table)_pkey"
        case .unique: "\(table)_\(columns)_key"
        case .index, .fulltext: "\(table)_\(columns)_idx"
        }
    }
}
