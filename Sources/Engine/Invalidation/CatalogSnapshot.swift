import Cache
import SQL
import Text

/// Facts about tables that automatic invalidation needs and a schema does not contain. Read from PostgreSQL's catalog. Immutable.
///
/// The worst is assumed for an unknown table. Tables are named as in `Plan.tables`.
struct CatalogSnapshot: Sendable, Equatable {
    struct Table: Sendable, Equatable {
        /// True if the table's rows are in this table alone, and no write reaches it by another name.
        var isPlain = false
        /// True if a write to it may change tables that are not known.
        var isActive = true
        /// True if triggers may change the row that is being written.
        var mayChangeKeys = false
        /// Tables that foreign keys reach from it without the schema's knowledge.
        var reached: Set<ExactString> = []
        /// The columns of unique keys, by their bytes, with the kind that they are stored as.
        var columns: [[UInt8]: Int] = [:]
    }

    private var tables: [ExactString: Table] = [:]
    /// What a statement that reads may change something by.
    private(set) var readEffects = ReadEffects()
    /// A digest of everything in the catalog that this and the answers depend on.
    private(set) var fingerprint = ""
    /// The same in any process.
    var digest: UInt64 { Cache.Tag(fingerprint).number }

    /// Makes the snapshot from the answer to `CatalogFacts.statement` for these tables: a list of objects.
    init(_ answer: JSONDocument, of named: [ChangeTriggers.Table], _ actions: KnownActions) {
        var graph = CatalogGraph()
        var plain: [Int: Bool] = [:]
        var ids: [Int: Int64] = [:]
        var columns: [Int: [[UInt8]: Int]] = [:]
        for row in answer.root.elements {
            guard let kind = row["kind"]?.string else { continue }
            let id = Self.number(row["id"])
            let number = Self.number(row["n"]).flatMap { Int(exactly: $0 &- 1) }.flatMap { named.indices.contains($0) ? $0 : nil }
            switch (kind, number, id, Self.number(row["other"])) {
            case ("writers", _, _, _): readEffects = ReadEffects(names: row["text"]?.string, areHidden: row["flag"]?.bool ?? true)
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
            // Why: if a relation has two names, writes by one would not affect reads by the other.
            table.isPlain = plain[number] == true && graph.isNamedOnce(id)
            table.columns = columns[number] ?? [:]
            tables[ExactString(named[number].path)] = table
        }
    }

    /// Returns an integer. Why strings as well: 64-bit integers arrive as strings.
    private static func number(_ value: JSONValue?) -> Int64? { value.flatMap { $0.integer ?? $0.string.flatMap { Int64($0) } } }

    private static func bytes(_ value: JSONValue?) -> [UInt8] { value.flatMap { $0.string.map { Array($0.utf8) } } ?? [] }

    /// Returns true if rows of other tables are read there.
    func isUncertain(_ table: ExactString) -> Bool { tables[table]?.isPlain != true }

    /// Returns true if a write to it may change tables that are not known.
    func mayWriteElsewhere(_ table: ExactString) -> Bool {
        guard let snapshot = tables[table] else { return true }
        return !snapshot.isPlain || snapshot.isActive
    }

    /// Returns true if a written row may have had other keys than the write can know.
    func mayChangeKeys(_ table: ExactString) -> Bool { tables[table]?.mayChangeKeys ?? true }

    /// Returns the tables that foreign keys reach from it, beside those that the schema describes.
    func reached(from table: ExactString) -> Set<ExactString> { tables[table]?.reached ?? [] }

    /// Returns true if the text of the key's columns identifies rows.
    func isFit(_ key: RowKey) -> Bool {
        guard let columns = tables[ExactString(key.table)]?.columns else { return false }
        for (column, kinds) in zip(key.columns, key.kinds) {
            guard let number = columns[Array(column.utf8)], let kind = RowKey.Kind(rawValue: number), kinds.contains(kind) else { return false }
        }
        return true
    }
}
