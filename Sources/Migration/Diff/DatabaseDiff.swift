import Catalog
import Text

/// Compares two structures and collects the steps from one to the other.
struct DatabaseDiff {
    let current: Database
    let wanted: Database
    var steps: [Step] = []
    var risks: [Risk] = []
    /// What the schema wants and no step can do.
    var left: [LeftDifference] = []
    /// What the steps of a table change in the columns of those that inherit from it.
    var handedDown: [ObjectName: [ExactString: HandedDown]] = [:]
    /// Indexes and keys that are lost with a recreated column or wait for a type change, by table and name.
    var interrupted: Set<Interrupted> = []
    /// False if PostgreSQL is left to change a primary key together with the type of its column.
    var remakesKeys = true
    /// The tables whose primary key is made again only because a column of it has a new type.
    var retyped: Set<ObjectName> = []
    /// Checks and the like that are made again with a column of their table.
    var constraintsMadeAgain: [ObjectName: [Step.TableChange]] = [:]

    struct Interrupted: Hashable {
        var table: ObjectName
        var name: ExactString
    }

    var comparison: ColumnComparison

    init(_ current: Database, _ wanted: Database, _ answers: Equivalences) {
        (self.current, steps) = Self.withoutDroppedParents(current, wanted)
        self.wanted = wanted
        comparison = ColumnComparison(answers)
    }

    mutating func compare() {
        compareSchemas()
        compareEnums()
        let pairs = parentsFirst(tablePairs())
        for pair in pairs { compareColumns(pair) }
        for pair in pairs { compareIndexes(pair) }
        for pair in pairs { compareForeignKeys(pair) }
        dropTables(keeping: pairs)
        createTables(besides: pairs)
    }

    struct TablePair {
        var current: Table
        var wanted: Table
    }

    private func tablePairs() -> [TablePair] {
        current.tables.compactMap { table in wanted.table(table.name).map { TablePair(current: table, wanted: $0.isJoin ? Self.adopting(table, $0) : $0) } }
    }

    /// Returns the wanted join table with the keys of the current one, whatever their names, if they serve the purpose.
    private static func adopting(_ current: Table, _ wanted: Table) -> Table {
        var table = wanted
        for place in table.columns.indices {
            if let column = current.column(table.columns[place].name) { table.columns[place].isNullable = column.isNullable }
        }
        let isPair = { (columns: [String]?) in (columns ?? []).sorted() == ["A", "B"] }
        if isPair(current.primaryKey?.columns) || current.indexes.contains(where: { $0.isUnique && $0.isPlain && $0.isValid && isPair($0.columns) }) {
            table.primaryKey = current.primaryKey
        }
        let hasIndex = current.indexes.contains { $0.isPlain && $0.isValid && $0.columns?.first == "B" }
        table.indexes = current.indexes + (hasIndex ? [] : wanted.indexes)
        let isSame = { (left: ForeignKey, right: ForeignKey) in
            left.target == right.target && areEqual(left.columns, right.columns) && areEqual(left.targetColumns, right.targetColumns)
        }
        table.foreignKeys = current.foreignKeys.filter { key in wanted.foreignKeys.contains { isSame($0, key) } }
        table.foreignKeys += wanted.foreignKeys.filter { key in !current.foreignKeys.contains { isSame($0, key) } }
        return table
    }

    // MARK: Schemas and extensions

    private mutating func compareSchemas() {
        let present = Set(current.schemas.map { ExactString($0) })
        let needed = wanted.tables.map(\.name) + wanted.enums.map(\.name)
        for schema in Set(needed.map(\.schemaKey)).subtracting(present).sorted() { steps.append(.createSchema(schema.text)) }
        let installed = Set(current.extensions.map { ExactString($0.name) })
        // Why not this one: every database has it from the beginning.
        let missing = wanted.extensions.filter { !installed.contains(ExactString($0.name)) && !$0.name.isExactly("plpgsql") }
        for item in missing { steps.append(.createExtension(item.name)) }
    }

    // MARK: What the schema language cannot express

    /// True if a schema text can express the name. Objects with other names are left alone.
    func canBeNamed(_ name: String) -> Bool { current.isOfText || Expressible.hasName(name) }

    /// True if a key points to a table that a migration may create. It may not create a partition.
    func hasTarget(_ key: ForeignKey) -> Bool { wanted.isOfText || wanted.table(key.target).map(Self.isOurs) == true }

    // MARK: Tables

    /// True if a migration may create or drop the table: not one of an extension, a partition, a foreign table, or a table without columns.
    /// `$schema.check` leaves the same ones out.
    static func isOurs(_ table: Table) -> Bool { !table.isOfExtension && !table.isPartition && table.kind != .foreign && !table.columns.isEmpty }

    private mutating func dropTables(keeping pairs: [TablePair]) {
        let kept = Set(pairs.map(\.current.name))
        for table in childrenFirst(current.tables) where !kept.contains(table.name) && Self.isOurs(table) {
            for key in table.foreignKeys { steps.append(.dropForeignKey(key.name, of: table.name)) }
            steps.append(.dropTable(table.name))
            let hint = likelyRename(of: table).map { " If it was renamed to `\($0.name)`, rename it there first, or keep its name by `@@map`." } ?? ""
            risks.append(
                Risk(
                    kind: .tableDropped, table: table.name, part: nil,
                    reason: "You are about to drop the `\(table.name.name)` table, which is not empty.\(hint)",
                    condition: .hasRows(table.name, ofTableAlone: isOutlived(table.name))))
        }
    }

    /// Returns a new table with the same columns.
    private func likelyRename(of table: Table) -> ObjectName? {
        let columns = Set(table.columns.map { ExactString($0.name) })
        return wanted.tables.first { current.table($0.name) == nil && Set($0.columns.map { ExactString($0.name) }) == columns }?.name
    }

    private mutating func createTables(besides pairs: [TablePair]) {
        let present = Set(pairs.map(\.current.name))
        let created = wanted.tables.filter { !present.contains($0.name) && Self.isOurs($0) }
        for table in created {
            steps.append(.createTable(table))
            for index in table.indexes { steps.append(.createIndex(index, on: table.name)) }
            for key in table.foreignKeys where hasTarget(key) { steps.append(.addForeignKey(key, to: table.name)) }
        }
    }
}
