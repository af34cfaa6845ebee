/// The relations that matter to a client: its tables, relations that share rows with them, and tables that foreign keys change along.
enum CatalogReach {
    /// Tables given as a JSON list of quoted names, the parameter `$1`.
    static let listed = "pg_catalog.json_array_elements_text($1::pg_catalog.json)"

    /// Returns the common table expressions `named`, `step` and `reach`, which begin a recursive WITH.
    ///
    /// The server resolves the names along its search path and truncates them as usual. `named` has NULL for a table that does not exist.
    static func expressions(names: String) -> String {
        """
        named(n, id) AS (
            SELECT t.n::pg_catalog.int4, pg_catalog.to_regclass(t.name)::pg_catalog.oid FROM \(names) WITH ORDINALITY AS t(name, n)),
        \(steps)
        """
    }

    private static let steps = CatalogText.qualified(
        """
        step(source, target) AS (
            SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i
            UNION ALL SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i
            UNION ALL SELECT f.confrelid, f.conrelid FROM pg_catalog.pg_constraint f
            WHERE f.contype = 'f' AND (f.confdeltype = ANY (ARRAY['c', 'n', 'd']::pg_catalog."char"[])
                OR f.confupdtype = ANY (ARRAY['c', 'n', 'd']::pg_catalog."char"[]))),
        reach(id) AS (
            SELECT named.id FROM named WHERE named.id IS NOT NULL
            UNION SELECT step.target FROM reach JOIN step ON step.source = reach.id)
        """)

    /// A digest of everything that decides what answers show without a row being written, and what a write reaches.
    ///
    /// Changes cannot cancel out: each catalog row has its place in the digest, and so has the transaction number (`xmin`) that made it.
    /// Privileges, policies and owners are included. It needs `expressions` before it.
    static let fingerprint = CatalogText.qualified(
        """
        pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws('/',
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', n, id), ' ' ORDER BY n) FROM named),
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', c.oid, c.xmin, c.relfilenode, s.oid, s.xmin), ' ' ORDER BY c.oid)
                FROM reach JOIN pg_catalog.pg_class c ON c.oid = reach.id JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace),
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', a.attrelid, a.attnum, a.xmin), ' ' ORDER BY a.attrelid, a.attnum)
                FROM reach JOIN pg_catalog.pg_attribute a ON a.attrelid = reach.id),
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', i.inhrelid, i.inhparent, i.xmin), ' ' ORDER BY i.inhrelid, i.inhparent)
                FROM reach JOIN pg_catalog.pg_inherits i ON i.inhrelid = reach.id),
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', o.kind, o.id, o.version), ' ' ORDER BY o.kind, o.id) FROM (
                SELECT 1 AS kind, t.oid AS id, t.xmin AS version FROM reach JOIN pg_catalog.pg_trigger t ON t.tgrelid = reach.id
                UNION ALL SELECT 2, k.oid, k.xmin FROM reach JOIN pg_catalog.pg_constraint k ON k.conrelid = reach.id
                UNION ALL SELECT 3, d.oid, d.xmin FROM reach JOIN pg_catalog.pg_attrdef d ON d.adrelid = reach.id
                UNION ALL SELECT 4, i.indexrelid, i.xmin FROM reach JOIN pg_catalog.pg_index i ON i.indrelid = reach.id
                UNION ALL SELECT 5, p.oid, p.xmin FROM reach JOIN pg_catalog.pg_policy p ON p.polrelid = reach.id
                UNION ALL SELECT 6, r.oid, r.xmin FROM reach JOIN pg_catalog.pg_rewrite r ON r.ev_class = reach.id
                UNION ALL SELECT 7, p.oid, p.xmin FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
                UNION ALL SELECT 8, o.oid, o.xmin FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
                UNION ALL SELECT 9, t.oid, t.xmin FROM pg_catalog.pg_cast t WHERE t.oid >= 16384
                UNION ALL SELECT 10, e.oid, e.xmin FROM pg_catalog.pg_enum e
                UNION ALL SELECT 11, k.oid, k.xmin FROM pg_catalog.pg_constraint k WHERE k.contypid <> 0
                UNION ALL SELECT 12, b.srrelid, NULL FROM reach JOIN pg_catalog.pg_subscription_rel b ON b.srrelid = reach.id) o),
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', m.roleid, m.member, m.xmin), ' ' ORDER BY m.roleid, m.member, m.xmin::pg_catalog.text)
                FROM pg_catalog.pg_auth_members m),
            (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', r.oid, r.rolsuper, r.rolinherit, r.rolbypassrls), ' ' ORDER BY r.oid)
                FROM pg_catalog.pg_roles r)
        ), 'UTF8')), 'hex')
        """)

    /// The listener's repeated query: how full the notification queue is, and the fingerprint.
    static func heartbeat(_ tables: [ChangeTriggers.Table]) -> String {
        let names = tables.map { "\(literal: SQLText(table: $0.name, in: $0.schema))" as SQLText }.joined(by: ", ")
        return """
            WITH RECURSIVE \(expressions(names: "pg_catalog.unnest(ARRAY[\(names.script)]::pg_catalog.text[])"))
            SELECT pg_catalog.pg_notification_queue_usage(), \(fingerprint)
            """
    }
}
