import Text

// Names that the database would refuse to give twice.
extension Resolver {
    /// A name within a PostgreSQL schema.
    private struct Place: Hashable {
        var schema: ExactString
        var name: ExactString

        init(_ name: String, in schema: String?) {
            self.schema = ExactString(schema ?? "")
            self.name = ExactString(name)
        }
    }

    /// Refuses two models with one table, and two enums with one type.
    ///
    /// Returns the models whose tables no other model has.
    mutating func checkTableNames() -> [ModelDraft] {
        var tables: [Place: String] = [:]
        var sound: [ModelDraft] = []
        for draft in models {
            let place = Place(draft.model.tableName, in: draft.model.tableSchema)
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
        var typeNames: [Place: String] = [:]
        let offsets = Dictionary(tree.enums.map { (ExactString($0.name.text), $0.name.offset) }, uniquingKeysWith: { first, _ in first })
        for enumeration in enums {
            let place = Place(enumeration.typeName, in: enumeration.typeSchema)
            guard let other = typeNames.updateValue(enumeration.name, forKey: place) else { continue }
            let offset = offsets[ExactString(enumeration.name)] ?? 0
            diagnostics.report(
                offset, "the type \"\(enumeration.typeName)\" belongs to the enum \"\(other)\" already",
                expected: "another name by @@map")
        }
    }

    /// Refuses two keys or indexes with one name in a PostgreSQL schema, given by `map:` or made by default.
    mutating func checkConstraintNames(of models: [ModelDraft]) {
        var names: [Place: String] = [:]
        for draft in models {
            for key in keysThatCount(of: draft) {
                let name = constraintName(of: key, in: draft)
                guard let other = names.updateValue(draft.model.name, forKey: Place(name, in: draft.model.tableSchema)) else {
                    continue
                }
                diagnostics.report(
                    key.offset, "the constraint name \"\(name)\" is in use in \"\(other)\" already",
                    expected: "another name by map:")
            }
        }
    }

    /// Refuses two foreign keys, or a foreign key and a key, with one name in a table.
    mutating func checkForeignKeyNames() {
        for draft in models where !draft.foreignKeys.isEmpty {
            var names = Set(keysThatCount(of: draft).map { ExactString(constraintName(of: $0, in: draft)) })
            for key in draft.foreignKeys where !names.insert(ExactString(key.name)).inserted {
                diagnostics.report(
                    key.offset, "the constraint name \"\(key.name)\" is in use in \"\(draft.model.name)\" already",
                    expected: "another name by map: of @relation")
            }
        }
    }

    /// Returns the keys without second identifiers, which were reported.
    private func keysThatCount(of draft: ModelDraft) -> [KeyDraft] {
        let identifier = draft.primaryKey?.offset
        return draft.keys.filter { $0.kind != .id || $0.offset == identifier }
    }

    // MARK: Names as Prisma Migrate makes them

    /// Returns the name of a key or index: the given one, or Prisma Migrate's default.
    func constraintName(of key: KeyDraft, in draft: ModelDraft) -> String {
        if let given = key.constraintName { return given }
        let table = draft.model.tableName
        return switch key.kind {
        case .id: MadeName.primaryKey(of: table)
        case .unique: MadeName.unique(of: table, columns(key.fields, of: draft))
        case .normal: MadeName.index(of: table, columns(key.fields, of: draft))
        }
    }

    func foreignKeyName(over fields: [Int], of draft: ModelDraft) -> String {
        MadeName.foreignKey(of: draft.model.tableName, columns(fields, of: draft))
    }

    private func columns(_ fields: [Int], of draft: ModelDraft) -> [String] {
        fields.map { draft.fields[$0].field.columnName }
    }
}
