package import Schema
import Text

extension Database {
    /// Makes what a schema text asks for, with the names of Prisma Migrate.
    ///
    /// - Parameters:
    ///   - schema: parsed with `keepsIgnored`, because an ignored model has a table as well.
    ///   - defaultSchema: the schema of models without `@@schema`.
    package init(wantedBy schema: Schema, defaultSchema: String) {
        self.init()
        self.defaultSchema = defaultSchema
        let listed = schema.datasource?.schemas ?? []
        schemas = (listed.isEmpty ? [defaultSchema] : listed).sorted { ExactString($0) < ExactString($1) }
        let maker = WantedTables(schema, defaultSchema)
        // Why in the order of the text: Prisma Migrate writes its statements so.
        enums = schema.enums.map { EnumType(maker.name(of: $0), labels: $0.values.map(\.databaseName)) }
        for model in schema.models {
            if model.isView {
                views.append(maker.view(of: model))
            } else {
                let table = maker.table(of: model)
                tables.append(table)
                sequences += maker.sequences(of: table)
            }
        }
        var joins = maker.joinTables()
        joins.sort(byKey: \.name)
        tables += joins
        views.sort(byKey: \.name)
        sequences.sort(byKey: \.name)
    }
}

/// Makes the tables that a schema asks for.
package struct WantedTables {
    let schema: Schema
    let defaultSchema: String
    /// False with `relationMode = "prisma"`.
    let hasForeignKeys: Bool
    /// For each enum, the labels by the names of its values.
    private let labels: [[ExactString: String]]

    package init(_ schema: Schema, _ defaultSchema: String) {
        self.schema = schema
        self.defaultSchema = defaultSchema
        labels = schema.enums.map { type in
            Dictionary(type.values.map { (ExactString($0.name), $0.databaseName) }, uniquingKeysWith: { first, _ in first })
        }
        hasForeignKeys = schema.datasource?.relationMode != .prisma
    }

    package func name(of model: Model) -> ObjectName { ObjectName(MadeName.cut(model.tableName), in: model.tableSchema ?? defaultSchema) }
    package func name(of type: Enumeration) -> ObjectName { ObjectName(MadeName.cut(type.typeName), in: type.typeSchema ?? defaultSchema) }
    package func columnName(_ field: Field) -> String { MadeName.cut(field.columnName) }

    func view(of model: Model) -> View {
        var view = View(name(of: model))
        view.columns = model.fields.compactMap { column(of: $0, in: model) }
        return view
    }

    package func table(of model: Model) -> Table {
        var table = Table(name(of: model))
        table.columns = model.fields.compactMap { column(of: $0, in: model) }
        for index in model.indexes {
            let columns = index.columns.map { columnName(model.fields[$0.field]) }
            if index.kind == .id {
                table.primaryKey = PrimaryKey(name: MadeName.cut(index.constraintName), columns: columns)
            } else {
                table.indexes.append(tableIndex(index, of: model))
            }
        }
        // As Prisma Migrate orders them: unique fields, then indexes, then unique keys over several fields.
        table.indexes = (0...2).flatMap { place in table.indexes.filter { Self.place(of: $0) == place } }
        if hasForeignKeys { table.foreignKeys = model.fields.compactMap { foreignKey(of: $0, in: model) } }
        return table
    }

    private static func place(of index: TableIndex) -> Int { index.isUnique ? index.parts.count == 1 ? 0 : 2 : 1 }

    // MARK: Columns

    /// Nil for a relation.
    package func column(of field: Field, in model: Model) -> Column? {
        guard let type = storageType(of: field) else { return nil }
        var column = Column(columnName(field), type)
        column.isList = field.arity == .list
        // Why: Prisma makes list columns without NOT NULL.
        column.isNullable = field.arity != .required
        column.defaultValue = field.defaultValue.flatMap { columnDefault($0, of: field, column.name, in: model) }
        if case .expression(let text)? = column.defaultValue, ColumnReference.isIn(text, columns: columnNames(of: model)) {
            // Why: a default cannot refer to other columns. A pull writes the expression of a generated column in the same way.
            (column.generation, column.defaultValue) = (text, nil)
        }
        return column
    }

    private func columnNames(of model: Model) -> Set<ExactString> {
        Set(model.fields.lazy.filter { !$0.isRelation }.map { ExactString(columnName($0)) })
    }

    private func storageType(of field: Field) -> StorageType? {
        switch field.type {
        case .relation: nil
        case .enumeration(let index): .enumeration(name(of: schema.enums[index]))
        case .unsupported(let text): StorageType.unsupported(text, isList: field.arity == .list)
        case .scalar(let scalar): .native(field.nativeType ?? .standard(for: scalar))
        }
    }

    /// Returns the default that the database fills in. Nil if Prisma's client does that.
    private func columnDefault(_ value: DefaultValue, of field: Field, _ column: String, in model: Model) -> ColumnDefault? {
        switch value {
        case .now: return .now
        case .autoincrement:
            let table = name(of: model)
            return .sequence(ObjectName(MadeName.sequence(of: table.name, column), in: table.schema))
        case .uuid, .cuid, .ulid, .nanoid: return nil
        case .database(let text): return text.map { .expression($0) } ?? .anything
        case .literal(let text): return constant(text, field).map { .constant($0) }
        case .list(let texts):
            let constants = texts.compactMap { constant($0, field) }
            return constants.count == texts.count ? .list(constants) : nil
        }
    }

    private func constant(_ text: String, _ field: Field) -> Constant? {
        switch field.type {
        case .enumeration(let index): return labels[index][ExactString(text)].map { .label($0) }
        case .scalar(let scalar):
            switch scalar {
            case .boolean: return .truth(text.isExactly("true"))
            case .int, .bigInt, .float, .decimal: return .number(text)
            case .dateTime: return .text(Self.moment(text, field.nativeType?.name))
            case .string, .json: return .text(text)
            case .bytes: return Base64Text.bytes(text).map { .bytes($0) }
            }
        case .relation, .unsupported: return nil
        }
    }

    /// Returns a moment in Prisma Migrate's form, `2026-01-02 03:04:05.120 +00:00`, or the part that a time column keeps.
    /// Why: PostgreSQL does not read a time from `2026-01-02T03:04:05Z`.
    private static func moment(_ text: String, _ type: NativeType.Name?) -> String {
        guard let type, type == .time || type == .timetz, let moment = Array(text.utf8).withUnsafeBytes({ Timestamp.parse($0) })
        else { return MomentText.inWords(of: text) }
        var buffer = ByteBuffer(capacity: 24)
        Timestamp.write(moment, as: type == .time ? .time : .timetz, into: &buffer)
        return buffer.string()
    }

    /// Returns the sequences of autoincrement columns (`serial`).
    func sequences(of table: Table) -> [Sequence] {
        table.columns.compactMap { column in
            guard case .sequence(let name)? = column.defaultValue, case .native(let type) = column.type else { return nil }
            let (text, most): (String, Int64) =
                type.name == .bigInt ? ("bigint", .max) : type.name == .smallInt ? ("smallint", 32767) : ("integer", 2_147_483_647)
            return Sequence(
                name: name, type: text, start: 1, increment: 1, minimum: 1, maximum: most, cache: 1, cycles: false,
                owner: (table.name, column.name))
        }
    }

    // MARK: Indexes and keys

    private func tableIndex(_ index: Index, of model: Model) -> TableIndex {
        let method = index.type ?? .bTree
        let parts = index.columns.map { column in
            let field = model.fields[column.field]
            var part = TableIndex.Part(column: columnName(field))
            part.isDescending = column.isDescending
            part.operatorClass = column.operatorClass.flatMap { OperatorClass.databaseName($0, in: method, for: field) }
            return part
        }
        var result = TableIndex(
            name: MadeName.cut(index.constraintName), isUnique: index.kind == .unique, method: method, methodName: method.rawValue.lowercased(),
            parts: parts)
        switch index.condition {
        case .text(let text)?: result.condition = text
        case .tests(let tests)?: result.condition = tests.map { text(of: $0, in: model) }.joined(separator: " AND ")
        case nil: break
        }
        return result
    }

    /// Returns a condition such as `("deletedAt" IS NULL)`.
    private func text(of test: IndexCondition.FieldTest, in model: Model) -> String {
        let column = columnName(model.fields[test.field]).quotedIdentifier
        return switch test.test {
        case .isNull: "(\(column) IS NULL)"
        case .isNotNull: "(\(column) IS NOT NULL)"
        case .equals(let literal): "(\(column) = \(literal))"
        case .differs(let literal): "(\(column) <> \(literal))"
        }
    }

    /// Returns the foreign key of a relation field that holds one.
    package func foreignKey(of field: Field, in model: Model) -> ForeignKey? {
        guard case .relation(let relation) = field.type, case .references(let own, let target) = relation.link, let name = relation.constraintName
        else { return nil }
        let other = schema.models[relation.model]
        // Why: a view has no foreign keys, and none can point to it.
        if other.isView || model.isView { return nil }
        return ForeignKey(
            name: MadeName.cut(name), columns: own.map { columnName(model.fields[$0]) }, target: self.name(of: other),
            targetColumns: target.map { columnName(other.fields[$0]) }, onDelete: relation.onDelete, onUpdate: relation.onUpdate)
    }
}
