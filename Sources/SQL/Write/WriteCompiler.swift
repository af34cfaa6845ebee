package import Query
package import Schema
package import Text

/// Makes the single statements of writes. The executor decides which of them are sent, and with which values.
///
/// Conditions are the filters of reads, so a write accepts everything that a `where` can express. Values are slots.
package struct WriteCompiler {
    private var compiler: Compiler
    /// Named as `schema.table` or `table`.
    private var written: Set<ExactString> = []
    /// Tables in which more rows may change than the statements return.
    private var blurred: Set<ExactString> = []
    private let rowKeys: RowKeyTable?
    /// True if a row is identified by its table as well.
    package var tellsTables = true
    var schema: Schema { compiler.schema }

    /// - Parameters:
    ///   - rowKeys: given if statements have to return which rows they change.
    ///   - isPrecise: true if moments are written with microseconds.
    package init(schema: Schema, settings: SQLSettings, naming rowKeys: RowKeyTable? = nil, isPrecise: Bool = false) {
        compiler = Compiler(schema: schema, settings: settings, isPrecise: isPrecise)
        self.rowKeys = rowKeys
    }

    /// The tables in which only those rows change that the statements return.
    package var tablesInPart: Set<ExactString> { written.subtracting(blurred) }

    /// The tables that the statements change, as `schema.table` or `table`, sorted. Those that referential actions reach are included.
    package var tables: [String] { written.sorted().map(\.text) }

    /// What a statement returns of each record.
    package struct Returning: Sendable {
        /// Fields, as text.
        package var keys: [Int]
        /// The scalars of the answer.
        package var selection: Selection?

        package init(keys: [Int] = [], selection: Selection? = nil) {
            self.keys = keys
            self.selection = selection
        }
    }

    /// What happens to existing records.
    package enum Conflict: Sendable {
        case fails
        case isSkipped
        /// `ON CONFLICT (key) DO UPDATE`
        case updates(key: [Int], [(field: Int, change: WriteData.Change)])
    }

    /// The columns of new records, and their cells in each record.
    package struct Rows: Sendable {
        package var columns: [Int]
        package var cells: [[InsertedCell]]

        package init(columns: [Int], cells: [[InsertedCell]]) {
            self.columns = columns
            self.cells = cells
        }
    }

    // MARK: Statements

    /// Returns the first alias of a statement. Why numbered from zero: equal statements then have equal texts.
    private mutating func begin() -> TableAlias {
        compiler.restartAliases()
        return compiler.makeAlias()
    }

    /// `INSERT INTO "User" AS t0 ("email", "name") VALUES ($1, $2), ($3, DEFAULT) ON CONFLICT DO NOTHING RETURNING t0."id"::text`
    package mutating func insert(_ model: Int, _ rows: Rows, onConflict conflict: Conflict = .fails, _ returning: Returning) -> WriteStatement {
        let alias = begin()
        let table = target(model)
        var text: SQLText = "INSERT INTO \(table) AS \(alias)"
        if rows.columns.isEmpty {
            text.append(" DEFAULT VALUES")
        } else {
            let names = rows.columns.map { name(of: $0, in: model) }.joined(by: ", ")
            let values = rows.cells.map { "(\($0.map(Self.text).joined(by: ", ")))" as SQLText }.joined(by: ", ")
            text.append(" (\(names)) VALUES \(values)")
            for (position, field) in rows.columns.enumerated() where rows.cells.contains(where: { $0[position].isSlot }) {
                if let column = compiler.typing(field, of: model) { text.needType(of: column) }
            }
        }
        switch conflict {
        case .fails: break
        case .isSkipped: text.append(" ON CONFLICT DO NOTHING")
        case .updates(let key, let changes):
            let target = key.map { name(of: $0, in: model) }.joined(by: ", ")
            text.append(" ON CONFLICT (\(target)) DO UPDATE SET \(assignments(changes, key, of: model, alias))")
        }
        return finish(text, model, alias, returning, effect(rows, conflict))
    }

    /// `UPDATE "User" AS t0 SET "name" = $1 WHERE t0."id" = $2 RETURNING t0."id"::text`
    package mutating func update(
        _ model: Int, _ changes: [(field: Int, change: WriteData.Change)], where filter: Filter, limit: Int? = nil, _ returning: Returning
    ) -> WriteStatement {
        let alias = begin()
        let table = target(model)
        noteReached(from: model, by: Set(changes.map(\.field)))
        let set = assignments(changes, identifier(of: model), of: model, alias)
        let chosen = chosen(filter, model, alias, limit: limit, lock(changing: changes.map(\.field), of: model))
        return finish(
            "\(chosen.before)UPDATE \(table) AS \(alias) SET \(set) WHERE \(chosen.condition)", model, alias, returning,
            effect(on: model, where: filter, changing: Set(changes.map(\.field)), returning))
    }

    /// `DELETE FROM "User" AS t0 WHERE t0."id" = $1 RETURNING t0."id"::text`
    package mutating func delete(_ model: Int, where filter: Filter, limit: Int? = nil, _ returning: Returning) -> WriteStatement {
        let alias = begin()
        let table = target(model)
        noteReached(from: model, by: nil)
        let chosen = chosen(filter, model, alias, limit: limit, .update)
        return finish(
            "\(chosen.before)DELETE FROM \(table) AS \(alias) WHERE \(chosen.condition)", model, alias, returning,
            effect(on: model, where: filter, changing: [], returning))
    }

    /// `SELECT t0."id"::text FROM "User" AS t0 WHERE t0."email" = $1 LIMIT $2 FOR UPDATE`
    package mutating func find(
        _ model: Int, where filter: Filter, _ fields: [Int], limit: Int? = nil, _ lock: RowLock = .none
    ) -> WriteStatement {
        let alias = begin()
        let table = compiler.table(schema.models[model])
        let condition = compiler.condition(filter, on: model, alias)
        let list = keys(fields, of: model, alias)
        let columns: SQLText = list.isEmpty ? "1" : list.joined(by: ", ")
        let end: SQLText = limit.map { " LIMIT \(slot: $0)" } ?? ""
        let text: SQLText = "SELECT \(columns) FROM \(table) AS \(alias) WHERE \(condition)\(end)\(lock.clause)"
        return WriteStatement(statement: text.statement())
    }

    // MARK: Tables that change

    /// Returns the table of a statement that changes it. `finish` records which rows.
    private mutating func target(_ model: Int) -> SQLText {
        written.insert(tableName(of: model))
        return compiler.table(schema.models[model])
    }

    private func tableName(of model: Int) -> ExactString {
        ExactString(compiler.settings.name(of: schema.models[model].tableName, in: schema.models[model].tableSchema))
    }

    mutating func table(of model: Int) -> SQLText { compiler.table(schema.models[model]) }

    /// Returns a join table that a statement changes.
    mutating func target(_ name: String, in schema: String?) -> SQLText {
        let table = ExactString(compiler.settings.name(of: name, in: schema))
        written.insert(table)
        blurred.insert(table)
        return compiler.table(name, in: schema)
    }

    /// True if referential actions lead back to records of the model when such records change in `fields`.
    package func comesBack(to model: Int, by fields: Set<Int>) -> Bool {
        CascadeClosure(from: model, by: fields, schema, compiler.settings).tables.contains(tableName(of: model))
    }

    /// Records the tables that referential actions reach when records of a model change in `fields`, or are deleted (nil).
    private mutating func noteReached(from model: Int, by fields: Set<Int>?) {
        let reached = CascadeClosure(from: model, by: fields, schema, compiler.settings).tables
        written.formUnion(reached)
        blurred.formUnion(reached)
    }

    // MARK: Parts

    /// The key that identifies a model's records; see `Compiler.identifier`.
    package func identifier(of model: Int) -> [Int] { compiler.identifier(of: model) }

    /// The weakest lock that an UPDATE of these fields takes by itself.
    package func lock(changing fields: some Sequence<Int>, of model: Int) -> RowLock {
        let keys = Set(schema.models[model].selectors.flatMap(\.fields))
        return fields.contains { keys.contains($0) } ? .update : .noKeyUpdate
    }

    private func name(of field: Int, in model: Int) -> SQLText { SQLText(identifier: compiler.field(field, of: model).columnName) }

    private static func text(_ cell: InsertedCell) -> SQLText {
        switch cell {
        case .slot(let slot): "\(slot: slot)"
        case .null: "NULL"
        case .jsonNull: "'null'"
        case .databaseDefault: "DEFAULT"
        }
    }

    /// `"views" = t0."views" + $1, "name" = $2`. Without changes a key is set to itself.
    private func assignments(
        _ changes: [(field: Int, change: WriteData.Change)], _ key: [Int], of model: Int, _ alias: TableAlias
    ) -> SQLText {
        if changes.isEmpty {
            return key.map { "\(name(of: $0, in: model)) = \(compiler.column($0, of: model, alias))" as SQLText }.joined(by: ", ")
        }
        return changes.map { field, change in
            let value = Self.value(change, of: compiler.column(field, of: model, alias))
            var text: SQLText = "\(name(of: field, in: model)) = \(value)"
            if let column = compiler.typing(field, of: model) { text.needType(of: column) }
            return text
        }.joined(by: ", ")
    }

    /// Returns the new value of a column.
    static func value(_ change: WriteData.Change, of column: SQLText) -> SQLText {
        switch change {
        case .set(let slot): "\(slot: slot)"
        case .null: "NULL"
        case .jsonNull: "'null'"
        case .increment(let slot): "\(column) + \(slot: slot)"
        case .decrement(let slot): "\(column) - \(slot: slot)"
        case .multiply(let slot): "\(column) * \(slot: slot)"
        case .divide(let slot): "\(column) / \(slot: slot)"
        case .push(let slot): "array_append(\(column), \(slot: slot))"
        case .pushAll(let slot): "array_cat(\(column), \(slot: slot))"
        }
    }

    /// Selects the records that pass a filter, at most `limit` of them:
    ///
    ///     WITH t1 AS (SELECT t2."id" AS k0 FROM "User" AS t2 WHERE … LIMIT $1 FOR UPDATE) … WHERE t0."id" IN (SELECT t1.k0 FROM t1)
    ///
    /// Why locked: PostgreSQL then checks the condition again for rows that changed in the meantime. Why `WITH`: it is evaluated once.
    private mutating func chosen(
        _ filter: Filter, _ model: Int, _ alias: TableAlias, limit: Int?, _ lock: RowLock
    ) -> (before: SQLText, condition: SQLText) {
        guard let limit else { return (.empty, compiler.condition(filter, on: model, alias)) }
        let list = compiler.makeAlias()
        let inner = compiler.makeAlias()
        let table = compiler.table(schema.models[model])
        let condition = compiler.condition(filter, on: model, inner)
        let columns = identity(of: model, inner).enumerated().map { "\($1) AS \(key: $0)" as SQLText }
        let names = columns.indices.map { "\(list).\(key: $0)" as SQLText }.joined(by: ", ")
        return (
            "WITH \(list) AS (SELECT \(columns.joined(by: ", ")) FROM \(table) AS \(inner) WHERE \(condition) LIMIT \(slot: limit)\(lock.clause)) ",
            "(\(identity(of: model, alias).joined(by: ", "))) IN (SELECT \(names) FROM \(list))"
        )
    }

    /// Returns what identifies a row: a key without NULLs, or else its place (`ctid`), and its table.
    ///
    /// Why the table: an inheriting table may contain the same key, and two partitions may have a row at the same place.
    private func identity(of model: Int, _ alias: TableAlias) -> [SQLText] {
        let key = identifier(of: model)
        let isCertain = !key.isEmpty && key.allSatisfy { compiler.field($0, of: model).arity == .required }
        let table: [SQLText] = tellsTables ? ["\(alias).tableoid"] : []
        return table + (isCertain ? key.map { compiler.column($0, of: model, alias) } : ["\(alias).ctid"])
    }

    private func keys(_ fields: [Int], of model: Int, _ alias: TableAlias) -> [SQLText] {
        fields.map { "\(compiler.column($0, of: model, alias))::text" }
    }

    private mutating func finish(
        _ text: SQLText, _ model: Int, _ alias: TableAlias, _ returning: Returning, _ effect: Effect
    ) -> WriteStatement {
        var projection = Projection()
        var record: RowShape.Record?
        if let selection = returning.selection {
            let source = RowSource(model: model, alias: alias, from: .empty)
            record = compiler.record(selection, Level(source: source, model: model, alias: alias), &projection)
        }
        var columns = projection.list.items + keys(returning.keys, of: model, alias)
        let rowIdentifier = rowIdentifier(effect, of: model, from: columns.count)
        if let rowIdentifier { columns += keys(rowIdentifier.fields, of: model, alias) } else { blurred.insert(tableName(of: model)) }
        var text = text
        if !columns.isEmpty { text.append(" RETURNING \(columns.joined(by: ", "))") }
        return WriteStatement(statement: text.statement(), record: record, firstKey: projection.list.items.count, rowIdentifier: rowIdentifier)
    }

    private func rowIdentifier(_ effect: Effect, of model: Int, from column: Int) -> RowIdentifier? {
        guard let rowKeys, effect.isOnFew else { return nil }
        return RowIdentifier(
            rowKeys.keys(of: model), table: tableName(of: model).text, rowKeys.fields(of: model), from: column, changed: effect.changed,
            pinned: effect.pinned)
    }
}
