/// Asks the catalog which relations share rows with tables, and whether a trigger tells of what happens to them.
package enum ChangeSurvey {
    /// `$1` is a JSON list of the tables' quoted names. A row for each table and each relation that a write may name to change what the table
    /// shows: itself, its partitions and children, and what it is a part of. All are null for a table that is not there.
    package static let statement = """
        WITH RECURSIVE named(n, id) AS (
            SELECT n, pg_catalog.to_regclass(name)::pg_catalog.oid
            FROM pg_catalog.json_array_elements_text($1::pg_catalog.json) WITH ORDINALITY AS t(name, n)),
        below(n, id) AS (
            SELECT n, id FROM named
            UNION SELECT below.n, i.inhrelid FROM below JOIN pg_catalog.pg_inherits i ON i.inhparent = below.id),
        above(n, id) AS (
            SELECT n, id FROM named
            UNION SELECT above.n, i.inhparent FROM above JOIN pg_catalog.pg_inherits i ON i.inhrelid = above.id),
        family(n, id) AS (SELECT n, id FROM below UNION SELECT n, id FROM above)
        SELECT family.n::pg_catalog.int4 AS n, s.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, (
                c.relkind IN ('r', 'p') AND EXISTS (
                    SELECT FROM pg_catalog.pg_trigger t
                    WHERE t.tgrelid = c.oid AND t.tgname = 'accelerant_changes_1' AND t.tgtype = 60 AND t.tgenabled = 'A')
                AND (c.relkind = 'p' OR NOT EXISTS (SELECT FROM pg_catalog.pg_subscription_rel b WHERE b.srrelid = c.oid) OR EXISTS (
                    SELECT FROM pg_catalog.pg_trigger t
                    WHERE t.tgrelid = c.oid AND t.tgname = 'accelerant_replicated_1' AND t.tgenabled IN ('R', 'A')))
            ) AS tells
        FROM family
        LEFT JOIN pg_catalog.pg_class c ON c.oid = family.id
        LEFT JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
        """

    /// `$1` is the channel, `$2` what is said on it.
    package static let notification = "SELECT pg_catalog.pg_notify($1::pg_catalog.text, $2::pg_catalog.text)"
}
