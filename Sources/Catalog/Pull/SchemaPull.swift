package import Schema
import Text

/// Writes the schema text of a database, like `prisma db pull`.
///
/// The names, comments and order of a present schema stay. So does what only the client knows: `@updatedAt`, `cuid()`, `@ignore`.
package struct SchemaPull {
    /// A schema text, and what it leaves out of the database.
    package struct Result: Sendable {
        package var schema: String
        package var warnings: [PullWarning]
    }

    private let database: Database
    private let present: Present?
    /// True if models name their schema.
    private let isMultiSchema: Bool
    private let datasource: String
    private let hasViews: Bool
    private let hasPartialIndexes: Bool
    private var warnings: [PullWarning] = []

    /// - Parameters:
    ///   - database: the schemas that are wanted.
    ///   - present: a schema that was parsed with `keepsIgnored`, and its text.
    ///   - namesSchemas: true if the caller named the schemas, so that the text has to.
    package static func text(of database: Database, present: (schema: Schema, text: String)?, namesSchemas: Bool = false) -> Result {
        var pull = SchemaPull(database, present, namesSchemas: namesSchemas)
        return pull.makeResult()
    }

    private init(_ database: Database, _ present: (schema: Schema, text: String)?, namesSchemas: Bool) {
        self.database = database
        self.present = present.map { Present($0.schema, PresentText($0.text), defaultSchema: database.defaultSchema) }
        let listed = present?.schema.datasource?.schemas ?? []
        let isElsewhere = database.schemas.count > 1 || database.schemas.contains { !$0.isExactly(database.defaultSchema) }
        isMultiSchema = !listed.isEmpty || (namesSchemas && isElsewhere)
        datasource = present?.schema.datasource?.name ?? "db"
        let generators = self.present?.text.blocks.filter { $0.keyword.isExactly("generator") } ?? []
        func asksFor(_ feature: String) -> Bool {
            generators.isEmpty || generators.contains { $0.text.holds("previewFeatures") && $0.text.holds("\"\(feature)\"") }
        }
        hasViews = asksFor("views") || present?.schema.models.contains { $0.isView } == true
        hasPartialIndexes = !generators.isEmpty && asksFor("partialIndexes")
    }

    private mutating func makeResult() -> Result {
        let tables = database.tables.filter { !$0.isPartition && $0.kind != .foreign }
        let views = hasViews ? database.views : []
        if !hasViews, !database.views.isEmpty {
            warnings.append(PullWarning(path: "", text: "\(database.views.count) views are left out: the generator's previewFeatures have no \"views\"."))
        }
        var sources = tables
        for view in views {
            var table = Table(view.name)
            table.columns = view.columns
            table.comment = view.comment
            sources.append(table)
        }
        // Why not the others: the schema language has no enum without values. A column of such an enum is `Unsupported`.
        let types = database.enums.filter { !$0.labels.isEmpty }
        var names = PullNames(sources.map(\.name), types, present)
        var finder = RelationFinder(tables, names, present)
        // Why again: a join table is not a model, and must not take a name from one.
        names = PullNames(sources.map(\.name).filter { !finder.joinTables.contains($0) }, types, present)
        let viewNames = Set(views.map(\.name))
        finder.keepRelationsOfText(sources.map(\.name), views: viewNames)
        let kept = finder.takePresentNames()
        var blocks: [ObjectName: PulledTable] = [:]
        var fieldNames: [ObjectName: Set<ExactString>] = [:]
        for table in sources where !finder.joinTables.contains(table.name) {
            let isView = viewNames.contains(table.name)
            let block = PulledTable(
                table, isView: isView, names, present, datasource: datasource, hasPartialIndexes: hasPartialIndexes,
                relationFields: kept[table.name] ?? [])
            fieldNames[table.name] = Set(block.fieldNames.values.map { ExactString($0) })
            blocks[table.name] = block
        }
        finder.name(&fieldNames)
        addRelations(finder, &blocks)
        warnings += names.warnings + finder.warnings
        var models: [PulledBlock] = []
        var leftOut = leaveOutForeignTables()
        for table in sources {
            guard var block = blocks[table.name] else { continue }
            if table.columns.isEmpty {
                // Why: a model has a field at least.
                leftOut.append(PullNote.leftOut("the table \(Identifier.quoted(table.name.name)): it has no columns"))
                warnings.append(PullWarning(path: table.name.description, text: "The table has no columns, and is left out."))
                continue
            }
            for text in finder.leftOut[table.name] ?? [] { block.leaveOut(text) }
            block.finish(isMultiSchema: isMultiSchema)
            warnings += block.warnings
            warnOfSequences(table, block)
            models.append(block.block)
        }
        let enums = types.map { enumBlock($0, names) }
        return Result(schema: makeText(models, enums, leftOut), warnings: warnings)
    }

    /// Why: Prisma's client knows none, and a migration could not make them.
    private mutating func leaveOutForeignTables() -> [String] {
        database.tables.filter { $0.kind == .foreign && !$0.isPartition && !$0.isOfExtension }.map { table in
            warnings.append(PullWarning(path: table.name.description, text: "The table is one of another server (a foreign table), and is left out."))
            return PullNote.leftOut(PullNote.oneLine("the foreign table \(Identifier.quoted(table.name.name))"))
        }
    }

    /// Warns of sequences that a migration would make otherwise.
    private mutating func warnOfSequences(_ table: Table, _ block: PulledTable) {
        for column in table.columns where column.isAutoincrement {
            let sequence = database.sequences.first { sequence in
                if case .sequence(let name)? = column.defaultValue { return sequence.name == name }
                return sequence.owner?.table == table.name && sequence.owner?.column.isExactly(column.name) == true
            }
            guard let options = sequence?.unusualOptions, !options.isEmpty, let field = block.fieldNames[ExactString(column.name)] else { continue }
            let text = "The sequence of the column has \(options.joined(separator: ", ")), which the schema does not say."
            warnings.append(PullWarning(path: "\(block.block.name).\(field)", text: text))
        }
    }

    // MARK: Relations

    private func addRelations(_ finder: RelationFinder, _ blocks: inout [ObjectName: PulledTable]) {
        let ignored = Set(
            blocks.filter { !$0.value.isView && !$0.value.hasIdentifier || present?.models[$0.key]?.isIgnored == true }.map(\.key))
        for relation in finder.relations {
            guard let source = blocks[relation.source], let target = blocks[relation.target] else { continue }
            var attribute: [String] = relation.name.map { [Identifier.quoted($0)] } ?? []
            var (sourceType, targetType) = (target.block.name, source.block.name + "[]")
            let back = attribute.isEmpty ? nil : "@relation(\(attribute[0]))"
            var isHeld = true
            switch relation.kind {
            case .join:
                sourceType += "[]"
                isHeld = false
            case .key(let key, let isUnique):
                guard let arguments = keyArguments(key, of: relation.sourceField, source, target) else { continue }
                attribute += arguments
                let isOptional = !key.columns.allSatisfy { source.isRequired($0) }
                if isOptional { sourceType += "?" }
                if isUnique { targetType = source.block.name + "?" }
            }
            let forward = isHeld ? "@relation(\(attribute.joined(separator: ", ")))" : back
            let hides = { (own: ObjectName, other: ObjectName) in ignored.contains(other) && !ignored.contains(own) ? "@ignore" : nil }
            let first = PulledField(
                name: relation.sourceField, type: sourceType, attributes: [forward, hides(relation.source, relation.target)].compactMap(\.self))
            let second = PulledField(
                name: relation.targetField, type: targetType, attributes: [back, hides(relation.target, relation.source)].compactMap(\.self))
            blocks[relation.source]?.add(first)
            blocks[relation.target]?.add(second)
        }
    }

    /// Returns `fields: [authorId], references: [id], onDelete: Cascade`. Nil if a column has no field.
    private func keyArguments(_ key: ForeignKey, of field: String, _ source: PulledTable, _ target: PulledTable) -> [String]? {
        let own = key.columns.compactMap { source.fieldNames[ExactString($0)] }
        let other = key.targetColumns.compactMap { target.fieldNames[ExactString($0)] }
        guard own.count == key.columns.count, other.count == own.count, !own.isEmpty else { return nil }
        var arguments = ["fields: [\(own.joined(separator: ", "))]", "references: [\(other.joined(separator: ", "))]"]
        let isRequired = key.columns.contains { source.isRequired($0) }
        if key.onDelete != (isRequired ? .restrict : .setNull) { arguments.append("onDelete: \(key.onDelete.rawValue)") }
        if key.onUpdate != .cascade { arguments.append("onUpdate: \(key.onUpdate.rawValue)") }
        let isStandard = key.name.isExactly(MadeName.foreignKey(of: source.table.name.name, key.columns)) || key.name.isEmpty
        if !isStandard || source.isWritten(key, in: field) { arguments.append("map: \(Identifier.quoted(key.name))") }
        return arguments
    }

    // MARK: Enums

    private func enumBlock(_ type: EnumType, _ names: PullNames) -> PulledBlock {
        var block = PulledBlock(keyword: .enum, name: names.enums[type.name] ?? type.name.name, source: type.name)
        let kept = present?.enums[type.name].flatMap { present?.block(of: $0) }
        for (label, name) in zip(type.labels, names.values[type.name] ?? []) {
            var value = PulledField(name: name)
            let line = kept?.line(name)
            if !name.isExactly(label) || line?.hasMap == true { value.attributes.append("@map(\(Identifier.quoted(label)))") }
            if let line {
                value.comments = line.comments.filter { !PullNote.isOurs($0) }
                value.remark = line.remark
            }
            block.fields.append(value)
        }
        if let kept {
            block.comments = kept.comments.filter { !PullNote.isOurs($0) }
            block.notes = kept.ending.filter { !PullNote.isOurs($0) } + block.notes
        }
        if type.comment != nil { block.comments.append(PullNote.unsaid("There are comments in the database")) }
        if !block.name.isExactly(type.name.name) || kept?.hasMap == true {
            block.attributes.append(PulledField(name: "@@map(\(Identifier.quoted(type.name.name)))"))
        }
        if isMultiSchema { block.attributes.append(PulledField(name: "@@schema(\(Identifier.quoted(type.name.schema)))")) }
        return block
    }

    // MARK: The text

    /// Writes the blocks of the present schema in their order, then the new ones: models, views, enums.
    private func makeText(_ models: [PulledBlock], _ enums: [PulledBlock], _ leftOut: [String]) -> String {
        var writer = BlockWriter()
        let known = present?.text.blocks ?? []
        if !known.contains(where: \.isConfiguration) { writer.writeVerbatim(Self.configuration(database.schemas, isMultiSchema)) }
        var left = models + enums
        for block in known {
            if block.isConfiguration {
                let text = block.keyword.isExactly("datasource") ? withSchemas(block.text) : block.text
                writer.writeVerbatim((block.comments + [text]).joined(separator: "\n"))
            } else if let index = left.firstIndex(where: { isSame($0, block) }) {
                writer.writeBlock(left.remove(at: index))
            }
        }
        for block in left { writer.writeBlock(block) }
        let ending = (present?.text.ending ?? []).filter { !PullNote.isOurs($0) } + leftOut
        return ending.isEmpty ? writer.text : writer.text + "\n" + ending.joined(separator: "\n") + "\n"
    }

    private func isSame(_ block: PulledBlock, _ kept: PresentText.Block) -> Bool {
        block.name.isExactly(kept.name) && (block.keyword == .enum) == kept.keyword.isExactly("enum")
    }

    private static func configuration(_ schemas: [String], _ isMultiSchema: Bool) -> String {
        """
        generator client {
          provider = "prisma-client-js"
        }

        datasource db {
          provider = "postgresql"
          url      = env("DATABASE_URL")\(isMultiSchema ? "\n  schemas  = \(list(schemas))" : "")
        }
        """
    }

    private static func list(_ schemas: [String]) -> String { "[\(schemas.map { Identifier.quoted($0) }.joined(separator: ", "))]" }

    /// Returns the datasource block with the pulled schemas, if it lists others or none.
    private func withSchemas(_ text: String) -> String {
        let listed = present?.schema.datasource?.schemas ?? []
        guard isMultiSchema, Set(listed.map { ExactString($0) }) != Set(database.schemas.map { ExactString($0) }) else { return text }
        return PresentText.replacingSchemas(in: text, by: Self.list(database.schemas))
    }
}
