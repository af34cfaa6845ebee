/// Asks the catalog which relations share rows with tables, and whether a trigger reports changes of them.
package enum ChangeSurvey {
    /// Returns a row for each table and each relation that a write can name to change what the table shows. Those are the table itself, its
    /// partitions and children, and the tables that it is a part of. All columns are NULL for a table that does not exist.
    ///
    /// `$1` is a JSON list of the tables' quoted names, `$2` the text of the library's trigger function. A trigger is recognised by its
    /// function and not by its name. A table does not count as reported if its row-level security depends on more than the tables.
    package static let statement = """
        WITH RECURSIVE \(CatalogReach.expressions(names: CatalogReach.listed)),
        \(CatalogText.qualified(question))
        """

    private static let question = """
        below(n, id) AS (
            SELECT n, id FROM named
            UNION SELECT below.n, i.inhrelid FROM below JOIN pg_catalog.pg_inherits i ON i.inhparent = below.id),
        above(n, id) AS (
            SELECT n, id FROM named
            UNION SELECT above.n, i.inhparent FROM above JOIN pg_catalog.pg_inherits i ON i.inhrelid = above.id),
        family(n, id) AS (SELECT n, id FROM below UNION SELECT n, id FROM above),
        /* The path is written with quotes where quote_all_identifiers is on. */
        teller(id, type, enabled) AS (
            SELECT t.tgrelid, t.tgtype, t.tgenabled
            FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE NOT t.tgisinternal AND t.tgqual IS NULL AND pg_catalog.cardinality(t.tgattr::pg_catalog.int2[]) = 0
                AND l.lanname = 'plpgsql' AND p.prosrc = $2::pg_catalog.text
                AND (p.proconfig = ARRAY['search_path=pg_catalog, pg_temp']::pg_catalog.text[]
                    OR p.proconfig = ARRAY['search_path="pg_catalog", "pg_temp"']::pg_catalog.text[])),
        hidden(id) AS (
            SELECT p.polrelid
            FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_depend d
                ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND d.objid = p.oid
            WHERE NOT (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND EXISTS (SELECT FROM family WHERE family.id = d.refobjid))
                AND NOT (d.refclassid = ANY (ARRAY['pg_catalog.pg_type', 'pg_catalog.pg_collation']::pg_catalog.regclass[])))
        SELECT family.n, s.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, (
                c.relkind = ANY (ARRAY['r', 'p']::pg_catalog."char"[]) AND EXISTS (
                    SELECT FROM teller t WHERE t.id = c.oid AND t.type = 60::pg_catalog.int2 AND t.enabled = 'A')
                AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_subscription_rel b WHERE b.srrelid = c.oid) OR EXISTS (
                    SELECT FROM teller t
                    WHERE t.id = c.oid AND t.type = 29::pg_catalog.int2 AND t.enabled = ANY (ARRAY['R', 'A']::pg_catalog."char"[])))
                AND NOT (pg_catalog.row_security_active(c.oid) AND EXISTS (SELECT FROM hidden WHERE hidden.id = c.oid))
            ) AS tells
        FROM family
        LEFT JOIN pg_catalog.pg_class c ON c.oid = family.id
        LEFT JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
        """

    /// The listener's repeated query: how full the notification queue is, and a digest of everything that the survey depends on.
    package static func heartbeat(_ tables: [ChangeTriggers.Table]) -> String { CatalogReach.heartbeat(tables) }

    /// `$1` is the channel, `$2` the payload.
    package static let notification = "SELECT pg_catalog.pg_notify($1::pg_catalog.text, $2::pg_catalog.text)"
}
