import Text

/// What a schema does not say of its tables, and automatic invalidation has to know: read from PostgreSQL's catalog. Immutable.
///
/// Tables are called `schema.table` here, and `table` alone, too, for clients whose connection looks for them along a search path.
struct DatabaseFacts: Sendable, Equatable {
    /// Views, foreign tables, partitions, tables that inherit: what is read there may be written elsewhere, and the other way round.
    private var uncertain: Set<ExactString> = []
    /// Tables with triggers or rules that may write to others.
    private var active: Set<ExactString> = []
    /// Tables with triggers that change nothing but the row that is being written.
    private var adjusting: Set<ExactString> = []
    /// Columns whose values may be equal without being the same text, or follow from others: `table`, U+0000, `column`.
    private var unfit: Set<ExactString> = []

    /// One statement. Why 16 384: from there on objects are those of users.
    ///
    /// A trigger function in PL/pgSQL whose text names no statement that writes, reads or calls changes its row at most. Our own triggers
    /// only notify.
    static let query = #"""
        SELECT 'uncertain' AS kind, n.nspname AS schema, c.relname AS name, NULL AS "column"
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND (c.relkind IN ('v', 'm', 'f') OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid))
        UNION ALL SELECT CASE WHEN l.lanname = 'internal' OR p.prosrc = 'moddatetime' OR (l.lanname = 'plpgsql' AND p.prosrc !~*
                '\m(insert|update|delete|merge|truncate|copy|execute|perform|select|call|refresh|into)\M')
            THEN 'adjusting' ELSE 'active' END, n.nspname, c.relname, NULL
        FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgname NOT LIKE 'accelerant%'
        UNION ALL SELECT 'active', n.nspname, c.relname, NULL
        FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid >= 16384 AND r.ev_type <> '1'
        UNION ALL SELECT 'unfit', n.nspname, c.relname, a.attname
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation
        WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
            AND (a.attgenerated <> '' OR NOT o.collisdeterministic OR t.typname IN ('citext', 'bpchar'))
        """#

    /// From the answer to `query`: a list of objects.
    init(_ answer: JSONDocument) {
        for row in answer.root.elements {
            guard let kind = row["kind"]?.string, let schema = row["schema"]?.string, let table = row["name"]?.string else { continue }
            for name in [ExactString("\(schema).\(table)"), ExactString(table)] {
                switch kind {
                case "uncertain": uncertain.insert(name)
                case "active": active.insert(name)
                case "adjusting": adjusting.insert(name)
                default: unfit.insert(ExactString("\(name)\0\(row["column"]?.string ?? "")"))
                }
            }
        }
    }

    /// Whether other tables' rows are read there.
    func isUncertain(_ table: ExactString) -> Bool { !uncertain.isEmpty && uncertain.contains(table) }

    /// Whether a write there may change other tables.
    func mayWriteElsewhere(_ table: ExactString) -> Bool { isUncertain(table) || (!active.isEmpty && active.contains(table)) }

    /// Whether a written row may have had other keys than the write can know.
    func mayChangeKeys(_ table: ExactString) -> Bool { !adjusting.isEmpty && adjusting.contains(table) }

    /// Whether these columns tell rows apart by the text of their values.
    func areFit(_ columns: [String], of table: ExactString) -> Bool {
        unfit.isEmpty || !columns.contains { unfit.contains(ExactString("\(table)\0\($0)")) }
    }
}
