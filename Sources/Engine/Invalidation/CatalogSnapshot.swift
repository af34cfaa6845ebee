import SQL
import Text

/// What a schema does not say of its tables, and automatic invalidation has to know: read from PostgreSQL's catalog. Immutable.
///
/// A table that it knows nothing of is taken for the worst. Tables are called as in `Plan.tables`.
struct CatalogSnapshot: Sendable, Equatable {
    struct Table: Sendable, Equatable {
        /// What is read there stands in this table alone, and no one writes to it by another name.
        var isPlain = false
        /// A write there may change tables that no one can name.
        var isActive = true
        /// Triggers may change the row that is being written.
        var mayChangeKeys = false
        /// Tables that foreign keys reach from there, where the schema does not know of it.
        var reached: Set<ExactString> = []
        /// Columns of unique keys, by their bytes, and what they are stored as.
        var columns: [[UInt8]: Int] = [:]
    }

    private var tables: [ExactString: Table] = [:]
    /// Of all that this, and what answers show, depends on in the catalog.
    private(set) var fingerprint = ""

    /// From the answer to `CatalogFacts.statement` for these tables: a list of objects.
    init(_ answer: JSONDocument, of named: [ChangeTriggers.Table], _ actions: KnownActions) {
        var graph = CatalogGraph()
        var plain: [Int: Bool] = [:]
        var ids: [Int: Int64] = [:]
        var columns: [Int: [[UInt8]: Int]] = [:]
        for row in answer.root.elements {
            guard let kind = row["kind"]?.string else { continue }
            let id = Self.number(row["id"])
            let number = Self.number(row["n"]).flatMap { Int(exactly: $0 - 1) }.flatMap { named.indices.contains($0) ? $0 : nil }
            switch (kind, number, id, Self.number(row["other"])) {
            case ("fingerprint", _, _, _): fingerprint = row["text"]?.string ?? ""
            case ("table", let number?, let id?, _):
                ids[number] = id
                plain[number] = row["flag"]?.bool ?? false
            case ("column", let number?, _, let kind?): columns[number, default: [:]][Self.bytes(row["text"])] = Int(kind)
            case (_, _, let id?, let other): graph.add(kind, id, other, Self.bytes(row["text"]), row["text"]?.string, row["flag"]?.bool ?? true)
            default: continue
            }
        }
        for (number, id) in ids { graph.name(id, named[number].path) }
        for (number, id) in ids {
            var table = graph.table(id, actions)
            // Why: of two names for one relation the writes by one would not concern the reads by the other.
            table.isPlain = plain[number] == true && graph.isNamedOnce(id)
            table.columns = columns[number] ?? [:]
            tables[ExactString(named[number].path)] = table
        }
    }

    /// Why texts, too: whole numbers of 64 bits come as such.
    private static func number(_ value: JSONValue?) -> Int64? { value.flatMap { $0.integer ?? $0.string.flatMap { Int64($0) } } }

    private static func bytes(_ value: JSONValue?) -> [UInt8] { value.flatMap { $0.string.map { Array($0.utf8) } } ?? [] }

    /// Whether other tables' rows are read there.
    func isUncertain(_ table: ExactString) -> Bool { tables[table]?.isPlain != true }

    /// Whether a write there may change other tables than can be named.
    func mayWriteElsewhere(_ table: ExactString) -> Bool {
        guard let snapshot = tables[table] else { return true }
        return !snapshot.isPlain || snapshot.isActive
    }

    /// Whether a written row may have had other keys than the write can know.
    func mayChangeKeys(_ table: ExactString) -> Bool { tables[table]?.mayChangeKeys ?? true }

    /// The tables that foreign keys reach from there, beside those that the schema knows of.
    func reached(from table: ExactString) -> Set<ExactString> { tables[table]?.reached ?? [] }

    /// Whether the columns of the key tell rows apart by the text of their values.
    func isFit(_ key: RowKey) -> Bool {
        guard let columns = tables[ExactString(key.table)]?.columns else { return false }
        for (column, kinds) in zip(key.columns, key.kinds) {
            guard let number = columns[Array(column.utf8)], let kind = RowKey.Kind(rawValue: number), kinds.contains(kind) else { return false }
        }
        return true
    }
}
