import Cache
import SQL
import Text

/// Which tables report their changes, and whose answers a change of a relation may concern. It is the catalog's state at one moment.
struct TriggerCoverage: Sendable {
    struct Relation: Hashable, Sendable {
        var schema: ExactString
        var name: ExactString

        init(schema: String, name: String) {
            self.schema = ExactString(schema)
            self.name = ExactString(name)
        }
    }

    /// Tables, named as in `Plan.tables`, by the relations through which a write may change what they show.
    private(set) var readers: [Relation: [ExactString]] = [:]
    /// Tables of which some change would not be reported.
    private(set) var untracked: [ExactString] = []
    /// True if there are views: no trigger reports their changes.
    private let hasViews: Bool

    /// Makes the coverage from the rows of `ChangeSurvey.statement` for these tables.
    init(of tables: [ChangeTriggers.Table], hasViews: Bool, rows: JSONValue) throws(Failure) {
        self.hasViews = hasViews
        var silent: Set<Int> = []
        var heard: Set<Int> = []
        for row in rows.elements {
            guard let number = row["n"]?.integer.flatMap({ Int(exactly: $0) }), tables.indices.contains(number &- 1) else { continue }
            heard.insert(number - 1)
            guard let schema = row["schema"]?.string, let name = row["name"]?.string, row["tells"]?.kind == .true else {
                silent.insert(number - 1)
                continue
            }
            readers[Relation(schema: schema, name: name), default: []].append(ExactString(tables[number - 1].path))
        }
        untracked = tables.indices.filter { silent.contains($0) || !heard.contains($0) }.map { ExactString(tables[$0].path) }
    }

    /// The tags on which no answer may rely.
    var suspended: Set<Cache.Tag> {
        var tags: Set<Cache.Tag> = []
        if hasViews || !untracked.isEmpty { tags.insert(AutomaticTag.anyTable) }
        for table in untracked {
            tags.insert(AutomaticTag.table(table))
            tags.insert(AutomaticTag.rows(of: table))
        }
        return tags
    }

    /// Returns the tables whose answers a write of the relation may have changed.
    func tables(writtenBy relation: Relation) -> Set<ExactString> { Set(readers[relation] ?? []) }
}
