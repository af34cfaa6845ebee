package import Schema
import Text

// The tables of implicit many-to-many relations.
extension WantedTables {
    func joinTables() -> [Table] {
        schema.models.flatMap { model in model.fields.compactMap { joinTable(of: $0, in: model) } }
    }

    /// Makes the join table of a relation, from the side that column `A` points to. Nil for any other field.
    ///
    ///     "_AToB" ("A", "B", PRIMARY KEY ("A", "B")), an index over "B", two foreign keys that cascade
    package func joinTable(of field: Field, in model: Model) -> Table? {
        guard case .relation(let relation) = field.type, case .joinTable(let join) = relation.link, join.thisColumn.isExactly("A") else { return nil }
        let other = schema.models[relation.model]
        let name = ObjectName(MadeName.cut(join.tableName), in: join.tableSchema ?? defaultSchema)
        var table = Table(name)
        table.isJoin = true
        let ends = [("A", model, join.thisField), ("B", other, join.otherField)]
        for (letter, end, position) in ends {
            guard let target = column(of: end.fields[position], in: end) else { continue }
            var column = Column(letter, target.type)
            column.isNullable = false
            table.columns.append(column)
            guard hasForeignKeys else { continue }
            table.foreignKeys.append(
                ForeignKey(
                    name: MadeName.cut("\(join.tableName)_\(letter)_fkey"), columns: [letter], target: self.name(of: end), targetColumns: [target.name],
                    onDelete: .cascade, onUpdate: .cascade))
        }
        table.primaryKey = PrimaryKey(name: MadeName.cut(join.tableName + "_AB_pkey"), columns: ["A", "B"])
        table.indexes = [
            TableIndex(
                name: MadeName.cut(join.tableName + "_B_index"), isUnique: false, method: .bTree, methodName: "btree",
                parts: [TableIndex.Part(column: "B")])
        ]
        return table
    }
}
