import SQL
import Schema
import Text

/// The tables of a schema, by the names that people and the database use. Immutable.
struct TableNames: Sendable {
    /// The tables that a name may mean, by names of tables and models. They are named as in `Plan.tables`.
    private var tables: [ExactString: Set<ExactString>] = [:]
    /// By table, the tables that referential actions reach when its records change or are deleted.
    private var reached: [ExactString: Set<ExactString>] = [:]
    private var views: Set<ExactString> = []

    init(_ schema: Schema, _ settings: SQLSettings) {
        for model in schema.models {
            let table = add(model.tableName, in: model.tableSchema, settings)
            tables[ExactString(model.name), default: []].insert(table)
            if model.isView { views.insert(table) }
            let everyField = Set(model.fields.indices)
            reached[table] = CascadeClosure(from: model.index, by: nil, schema, settings).tables
                .union(CascadeClosure(from: model.index, by: everyField, schema, settings).tables)
            for field in model.fields {
                guard case .relation(let relation) = field.type, case .joinTable(let link) = relation.link else { continue }
                _ = add(link.tableName, in: link.tableSchema, settings)
            }
        }
    }

    private mutating func add(_ name: String, in schema: String?, _ settings: SQLSettings) -> ExactString {
        let table = ExactString(settings.name(of: name, in: schema))
        tables[table, default: []].insert(table)
        tables[ExactString(name), default: []].insert(table)
        return table
    }

    /// Returns true if its rows come from unknown tables.
    func isView(_ table: ExactString) -> Bool { !views.isEmpty && views.contains(table) }

    /// Returns the tables of a name in the form `schema.table`, `table` or a model's name. Nil if the schema has none.
    ///
    /// A name that may mean several tables means all of them.
    func named(_ name: String) -> Set<ExactString>? {
        if let found = tables[ExactString(name)] { return found }
        // Why: without a default schema a table is named without one, and may be in any schema.
        guard let dot = name.firstIndex(of: "."), let found = tables[ExactString(String(name[name.index(after: dot)...]))] else { return nil }
        let unqualified = found.filter { !$0.text.utf8.contains(UInt8(ascii: ".")) }
        return unqualified.isEmpty ? nil : unqualified
    }

    /// Returns the tables that change if any records of these do.
    func reached(from tables: Set<ExactString>) -> Set<ExactString> {
        tables.reduce(into: tables) { $0.formUnion(reached[$1] ?? []) }
    }
}
