package import Schema
import Text

/// Compares a schema with a database. It lists every difference in the order of the schema, then what the database has in addition.
///
/// Things that the schema language cannot express are not differences: expression indexes, and partial indexes that the schema does not mention.
package struct SchemaCheck {
    package private(set) var differences: [SchemaDifference] = []
    package private(set) var unseen: [UnseenPart] = []

    let schema: Schema
    let database: Database
    let maker: WantedTables
    let tables: [ObjectName: Table]
    private let views: [ObjectName: View]
    private let enums: [ObjectName: EnumType]
    private var known: Set<ObjectName> = []
    private var comparison: ColumnComparison
    private let columnWords: ColumnWords

    /// - Parameters:
    ///   - schema: parsed with `keepsIgnored`.
    ///   - database: contains all the schemas that `schema` names.
    ///   - answers: the server's answers to the `questions` of a first check.
    package init(_ schema: Schema, _ database: Database, _ answers: Equivalences = Equivalences()) {
        comparison = ColumnComparison(answers)
        self.schema = schema
        self.database = database
        maker = WantedTables(schema, database.defaultSchema)
        tables = Dictionary(database.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        views = Dictionary(database.views.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        enums = Dictionary(database.enums.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let maker = maker
        columnWords = ColumnWords(
            datasource: schema.datasource?.name ?? "db",
            enums: Dictionary(schema.enums.map { (maker.name(of: $0), $0.name) }, uniquingKeysWith: { first, _ in first }))
        listUnseen()
        for type in schema.enums { check(type) }
        for model in schema.models { check(model) }
        for model in schema.models { for field in model.fields { checkJoin(field, of: model) } }
        listExtras()
    }

    /// Questions that only the server can answer. Without an answer the pair counts as different.
    package var questions: Set<Equivalences.Question> { comparison.questions }

    mutating func report(_ path: String, _ kind: SchemaDifference.Kind, _ schema: String?, _ database: String?, _ affects: [SchemaDifference.Effect] = []) {
        differences.append(SchemaDifference(path, kind, schema: schema, database: database, affects))
    }

    // MARK: Tables

    private mutating func check(_ model: Model) {
        let name = maker.name(of: model)
        known.insert(name)
        let words = model.isView ? "view" : "model"
        if let view = views[name] {
            if !model.isView { report(model.name, .isView, words, "view \(name)", [.writes]) }
            checkColumns(of: model, maker.view(of: model).columns, in: view.columns, of: name, isView: true)
        } else if let table = tables[name] {
            let wanted = maker.table(of: model)
            checkColumns(of: model, wanted.columns, in: table.columns, of: name, isView: model.isView)
            if !model.isView { checkKeys(of: model, wanted, table) }
            if table.hasSubclasses { checkChildren(of: model, wanted.columns, table) }
        } else {
            let affects: [SchemaDifference.Effect] = model.isIgnored ? [] : model.isView ? [.reads] : [.reads, .writes]
            report(model.name, model.isView ? .missingView : .missingTable, "\(words) \(name)", nil, affects)
        }
    }

    /// - Parameter wanted: one column for each field that is not a relation, in the order of the fields.
    private mutating func checkColumns(of model: Model, _ wanted: [Column], in columns: [Column], of table: ObjectName, isView: Bool) {
        var isKnown = [Bool](repeating: false, count: columns.count)
        var next = 0
        for (wanted, field) in zip(wanted, model.fields.lazy.filter { !$0.isRelation }) {
            var path: String { "\(model.name).\(field.name)" }
            // Why the next one first: most tables have their columns in the order of the schema.
            let isNext = next < columns.count && columns[next].name.isExactly(wanted.name)
            guard let position = isNext ? next : columns.firstIndex(where: { $0.name.isExactly(wanted.name) }) else {
                let effects: [SchemaDifference.Effect] = !field.isQueryable || model.isIgnored ? [] : [.reads, .writes]
                report(path, .missingColumn, text(of: wanted), nil, effects)
                continue
            }
            isKnown[position] = true
            next = position + 1
            let check = ColumnCheck(wanted: wanted, found: columns[position], table: table, field: field, isView: isView)
            for finding in check.findings(&comparison, columnWords) {
                let effects = field.isQueryable && !model.isIgnored ? finding.affects : []
                report(path, finding.kind, finding.schema, finding.database, effects)
            }
        }
        for (column, isKnown) in zip(columns, isKnown) where !isKnown {
            let isNeeded = !column.isNullable && column.defaultValue == nil && column.identity == nil && column.generation == nil
            // Why: no field can have it without a name of the user's own, and none is missed.
            if !isNeeded || isView, !Expressible.hasName(column.name) { continue }
            report("\(model.name).\(column.name)", .extraColumn, nil, text(of: column), isNeeded && !isView ? [.writes] : [])
        }
    }

    /// Checks that no child has NULL in a field that is required here. Why: a read returns the rows of children, too.
    private mutating func checkChildren(of model: Model, _ wanted: [Column], _ table: Table) {
        for child in database.tables where child.isBelow(table.name, tables) {
            for (column, field) in zip(wanted, model.fields.lazy.filter { !$0.isRelation }) where !column.isNullable && !column.isList {
                guard table.column(column.name)?.isNullable == false, let other = child.column(column.name), other.isNullable else { continue }
                let effects: [SchemaDifference.Effect] = field.isQueryable && !model.isIgnored ? [.reads, .correctness] : []
                report("\(model.name).\(field.name)", .nullability, text(of: column), "\(text(of: other)) in \(child.name), which inherits from it", effects)
            }
        }
    }

    /// Returns the column's type in the schema language: `String? @db.VarChar(40)`.
    func text(of column: Column) -> String { columnWords.text(of: column) }

    // MARK: Enums

    private mutating func check(_ type: Enumeration) {
        let name = maker.name(of: type)
        guard let found = enums[name] else { return report(type.name, .missingEnum, "enum \(name)", nil, [.reads, .writes]) }
        let wanted = type.values.map { MadeName.cut($0.databaseName) }
        let (needed, present) = (Set(wanted.map { ExactString($0) }), Set(found.labels.map { ExactString($0) }))
        for (value, label) in zip(type.values, wanted) where !present.contains(ExactString(label)) {
            report("\(type.name).\(value.name)", .missingValue, value.databaseName, nil, [.reads, .writes])
        }
        for label in found.labels where !needed.contains(ExactString(label)) {
            report("\(type.name).\(label)", .extraValue, nil, label, [.reads])
        }
        let common = found.labels.filter { needed.contains(ExactString($0)) }
        let order = wanted.filter { present.contains(ExactString($0)) }
        if !zip(common, order).allSatisfy({ $0.isExactly($1) }) {
            report(type.name, .valueOrder, order.joined(separator: ", "), common.joined(separator: ", "), [.correctness])
        }
    }

    // MARK: Many-to-many

    private mutating func checkJoin(_ field: Field, of model: Model) {
        guard let wanted = maker.joinTable(of: field, in: model) else { return }
        known.insert(wanted.name)
        let path = "\(model.name).\(field.name)"
        guard let found = tables[wanted.name] else { return report(path, .missingJoinTable, "table \(wanted.name)", nil, [.reads, .writes]) }
        for column in wanted.columns {
            guard let other = found.column(column.name) else {
                report("\(path).\(column.name)", .missingColumn, text(of: column), nil, [.reads, .writes])
                continue
            }
            let check = ColumnCheck(wanted: column, found: other, table: wanted.name, field: nil, isView: false)
            // Why not that it may be NULL: such a row is no pair.
            for finding in check.findings(&comparison, columnWords) where finding.kind != .nullability {
                report("\(path).\(column.name)", finding.kind, finding.schema, finding.database, finding.affects)
            }
        }
        let pair = ["A", "B"]
        let isUnique =
            found.primaryKey?.columns.sorted() == pair
            || found.indexes.contains { $0.isUnique && $0.isPlain && $0.isValid && ($0.columns ?? []).sorted() == pair }
        if !isUnique { report(path, .unique, "unique (A, B)", nil, [.writes, .correctness]) }
        if !found.indexes.contains(where: { $0.isPlain && $0.columns?.first == "B" }) { report(path, .index, "index (B)", nil) }
        checkForeignKeys(of: path, wanted, found)
    }

    // MARK: The rest

    private mutating func listUnseen() {
        let listed = schema.datasource?.schemas ?? []
        for name in listed.isEmpty ? [database.defaultSchema] : listed where !name.isExactlyOne(of: database.schemas) {
            let place = listed.isEmpty ? "in which the connection looks for tables" : "which `schemas` of the datasource names"
            unseen.append(UnseenPart(path: name, reason: "The database has no schema `\(name)`, \(place). `$schema.push` creates it."))
        }
        for name in database.unusableSchemas {
            unseen.append(UnseenPart(path: name, reason: "The role may not use the schema `\(name)`: it needs USAGE."))
        }
        let paths = Dictionary(schema.models.map { (maker.name(of: $0), $0.name) }, uniquingKeysWith: { first, _ in first })
        for name in database.unreadable {
            guard let path = paths[name] else { continue }
            unseen.append(UnseenPart(path: path, reason: "The role may not read `\(name)`: it needs SELECT."))
        }
    }

    private mutating func listExtras() {
        for table in database.tables where !known.contains(table.name) {
            // Why one without columns: no model stands for it.
            if table.isPartition || table.isOfExtension || table.kind == .foreign || table.columns.isEmpty { continue }
            report(table.name.description, .extraTable, nil, "table \(table.name)")
        }
        let types = Set(schema.enums.map { maker.name(of: $0) })
        // An enum without values cannot be said in a schema.
        for type in database.enums where !types.contains(type.name) && !type.labels.isEmpty {
            report(type.name.description, .extraEnum, nil, "enum \(type.name)")
        }
    }
}
