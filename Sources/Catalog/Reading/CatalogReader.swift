import Schema
package import Text

extension CatalogReader {
    /// PostgreSQL's object identifier of the type of `$1`.
    package static let textType: UInt32 = 25

    /// Writes the value of `$1`.
    package static func parameter(schemas: [String], into buffer: inout ByteBuffer) {
        buffer.append(jsonStrings: schemas)
    }

    /// Makes a database from the answer to the statement, whose rows are lists under `rows`.
    ///
    /// A row that the catalog contains twice for a moment, while another session changes it, is ignored.
    package static func database(from answer: JSONDocument) -> Database {
        var reading = CatalogReading()
        let rows = answer.root["rows"].map { $0.elements.map { CatalogRow($0) } } ?? []
        // Why by kind: a plan may run the parts of the statement in parallel.
        for row in rows where row.kind == "server" || row.kind == "schema" { reading.take(row) }
        for row in rows where row.kind == "relation" { reading.take(row) }
        for row in rows where !["server", "schema", "relation"].contains(row.kind) { reading.take(row) }
        return reading.finished()
    }
}

/// One row of the statement's answer.
struct CatalogRow {
    let kind: String
    let id: Int64
    let other: Int64
    let numbers: [Int]
    let texts: [String?]

    init(_ row: JSONValue) {
        var cells = row.elements
        kind = cells.next()?.string ?? ""
        id = Self.number(cells.next())
        other = Self.number(cells.next())
        numbers = cells.next().map { $0.elements.map { Int(Self.number($0)) } } ?? []
        texts = cells.next().map { $0.elements.map(\.string) } ?? []
    }

    /// Returns an integer. Why strings as well: 64-bit integers arrive as strings.
    private static func number(_ value: JSONValue?) -> Int64 {
        guard let value else { return 0 }
        return value.integer ?? value.string.flatMap { Int64($0) } ?? 0
    }

    func number(_ position: Int) -> Int { numbers.indices.contains(position) ? numbers[position] : 0 }
    /// Returns a number of things; 0 for what is none.
    func count(_ position: Int) -> Int { max(number(position), 0) }
    func truth(_ position: Int) -> Bool { number(position) != 0 }
    /// Nil for NULL.
    func text(_ position: Int) -> String? { texts.indices.contains(position) ? texts[position] : nil }
    func name(_ position: Int) -> String { text(position) ?? "" }
}

/// Collects the rows of a database. Rows of a kind come after the kinds that they belong to.
private struct CatalogReading {
    private var database = Database()
    private var schemas: [Int64: String] = [:]
    private var tables: [Int64: Table] = [:]
    private var views: [Int64: View] = [:]
    private var columns: [Int64: [(number: Int, column: Column)]] = [:]
    private var parents: [Int64: [(place: Int, parent: Int64)]] = [:]
    private var indexes: [Int64: (table: Int64, isPrimary: Bool, keyCount: Int, columns: ArraySlice<Int>, index: TableIndex)] = [:]
    private var parts: [Int64: [(number: Int, part: TableIndex.Part)]] = [:]

    mutating func take(_ row: CatalogRow) {
        switch row.kind {
        case "server":
            database.serverVersion = row.number(0)
            if let schema = row.text(0) { database.defaultSchema = schema }
        case "schema":
            schemas[row.id] = row.name(0)
            if !row.truth(0) { database.unusableSchemas.append(row.name(0)) }
        case "enum":
            database.enums.append(EnumType(name(row), labels: row.texts.dropFirst(2).map { $0 ?? "" }, comment: row.text(1)))
        case "relation": takeRelation(row)
        case "parent": parents[row.id, default: []].append((row.number(0), row.other))
        case "column": columns[row.id, default: []].append((row.number(0), CatalogReader.column(row)))
        case "index": if let index = CatalogReader.index(row) { indexes[row.id] = (row.other, row.truth(1), row.count(4), row.numbers.dropFirst(9), index) }
        case "part": parts[row.id, default: []].append((row.number(0), CatalogReader.part(row)))
        case "key": tables[row.other]?.foreignKeys.append(CatalogReader.foreignKey(row))
        case "constraint":
            tables[row.other]?.otherConstraints.append(
                OtherConstraint(name: row.name(0), kind: row.name(1) == "x" ? .exclusion : .check, definition: row.name(2)))
        case "sequence": database.sequences.append(CatalogReader.sequence(row, name(row)))
        case "extension": database.extensions.append(Extension(name: row.name(0), schema: row.name(1), version: row.name(2)))
        default: return
        }
    }

    private func name(_ row: CatalogRow) -> ObjectName { ObjectName(row.name(0), in: schemas[row.other] ?? "") }

    private mutating func takeRelation(_ row: CatalogRow) {
        let name = name(row)
        if !row.truth(4) { database.unreadable.append(name) }
        let kind = row.name(1)
        if kind == "v" || kind == "m" {
            var view = View(name)
            view.isMaterialized = kind == "m"
            view.comment = row.text(2)
            view.isOfExtension = row.truth(3)
            views[row.id] = view
            return
        }
        var table = Table(name)
        table.kind = kind == "p" ? .partitioned : kind == "f" ? .foreign : .ordinary
        table.isPartition = row.truth(0)
        table.hasRowSecurity = row.truth(1)
        table.hasSubclasses = row.truth(2) && kind != "p"
        table.isOfExtension = row.truth(3)
        table.isUnlogged = row.truth(5)
        table.comment = row.text(2)
        tables[row.id] = table
    }

    mutating func finished() -> Database {
        database.sequences.sort(byKey: \.name)
        for (id, list) in columns {
            let sorted = KeyOrder.positions(list.map(\.number)).map { list[$0].column.isUnresolved ? resolved(list[$0].column) : list[$0].column }
            tables[id]?.columns = sorted
            views[id]?.columns = sorted
        }
        for (id, entry) in indexes {
            attach(entry.index, allParts(of: id, entry.table, entry.columns), entry.table, isPrimary: entry.isPrimary, keyCount: entry.keyCount)
        }
        for (id, list) in parents {
            let names = KeyOrder.positions(list.map(\.place)).compactMap { tables[list[$0].parent]?.name }
            tables[id]?.parents = names
        }
        for id in tables.keys {
            tables[id]?.indexes.sort(byKey: { ObjectName($0.name, in: "") })
            tables[id]?.foreignKeys.sort(byKey: { ObjectName($0.name, in: "") })
            tables[id]?.otherConstraints.sort(byKey: { ObjectName($0.name, in: "") })
        }
        database.schemas = schemas.values.sorted { ExactString($0) < ExactString($1) }
        // Why without it: the table belongs to the migration tools and is in no schema.
        database.tables = tables.values.filter { !$0.name.name.isExactly("_prisma_migrations") }
        database.tables.sort(byKey: \.name)
        database.views = Array(views.values)
        database.views.sort(byKey: \.name)
        database.enums.sort(byKey: \.name)
        database.extensions.sort(byKey: { ObjectName($0.name, in: "") })
        database.unreadable.sort(byKey: \.self)
        return database
    }

    /// Returns the column with the schema of its sequence. The server leaves it out for a sequence in the search path.
    private func resolved(_ column: Column) -> Column {
        guard case .sequence(let name)? = column.defaultValue, name.schema.isEmpty else { return column }
        let known = database.sequences.filter { $0.name.name.isExactly(name.name) }.map(\.name)
        var result = column
        let own = known.first { $0.schema.isExactly(database.defaultSchema) }
        result.defaultValue = .sequence(own ?? known.first ?? ObjectName(name.name, in: database.defaultSchema))
        return result
    }

    /// Returns the parts of an index: those that have a row, and otherwise the column with that number.
    private func allParts(of index: Int64, _ table: Int64, _ numbers: ArraySlice<Int>) -> [TableIndex.Part] {
        let told = parts[index] ?? []
        return numbers.enumerated().map { place, number in
            if let part = told.first(where: { $0.number == place + 1 }) { return part.part }
            return TableIndex.Part(column: columns[table]?.first { $0.number == number }?.column.name)
        }
    }

    private mutating func attach(_ index: TableIndex, _ all: [TableIndex.Part], _ table: Int64, isPrimary: Bool, keyCount: Int) {
        var index = index
        index.parts = Array(all.prefix(keyCount))
        index.included = all.dropFirst(keyCount).compactMap(\.column)
        guard isPrimary else {
            tables[table]?.indexes.append(index)
            return
        }
        var key = PrimaryKey(name: index.name, columns: index.columns ?? [])
        (key.isDeferrable, key.isInitiallyDeferred) = (index.isDeferrable, index.isInitiallyDeferred)
        (key.included, key.storage) = (index.included, index.storage)
        tables[table]?.primaryKey = key
    }
}

extension Column {
    /// True if its default is a sequence whose schema is not said.
    fileprivate var isUnresolved: Bool {
        if case .sequence(let name)? = defaultValue { return name.schema.isEmpty }
        return false
    }
}
