import SQL

/// Reads the structure of a database from PostgreSQL's catalog. One statement returns the rows of a `Database`.
///
/// Every role can read the catalog. What the role cannot use itself is listed in `Database.unusableSchemas` and `.unreadable`.
/// Works on PostgreSQL 12 and later. It names nothing that a search path could redirect (see `CatalogText`).
package enum CatalogReader {
    /// The statement. `$1` is a JSON list of schema names. An empty list means the first schema of the session's search path, or `public`.
    ///
    ///     kind        id          other     numbers                                      texts
    ///     server                            version                                      current schema
    ///     schema      schema                may be used                                  name
    ///     enum        type        schema                                                 name, comment, labels …
    ///     relation    relation    schema    partition, row security, subclasses, of an   name, kind, comment
    ///                                       extension, may be read, unlogged
    ///     parent      relation    relation  place                                        (inherits from it, which is not partitioned)
    ///     column      relation              number, not null, list, modifier,            name, its type's schema, name, kind and text, default,
    ///                                       parents that have it, own, type              identity, generation, comment, collation, its schema;
    ///                                                                                    or, of a plain column, its name and its default
    ///     index       index       relation  unique, primary, exclusion, valid, columns   name, method, condition, definition, storage
    ///                                       of the key, constraint, deferrable,
    ///                                       deferred, nulls, numbers of its columns …
    ///     part        index                 place, column, options                       column, expression, class, collation
    ///     key         constraint  relation  columns, deferrable, deferred, validated     name, on delete, on update, target's schema and
    ///                                                                                    name, definition, own columns …, target's columns …
    ///     constraint  constraint  relation                                               name, kind, definition
    ///     sequence    sequence    schema    cycles                                       name, type, start, increment, minimum, maximum,
    ///                                                                                    cache, its owner's schema, table and column
    ///     extension                                                                      name, schema, version
    package static let statement = """
        WITH RECURSIVE \(CatalogText.qualified(scope))
        \(CatalogText.qualified(([objects, columns, indexes, constraints, others]).joined(separator: "\nUNION ALL ")))
        """

    /// A query for the names of the schemas that have tables or views, besides PostgreSQL's own.
    package static let filledSchemas = CatalogText.qualified(
        """
        SELECT s.nspname::pg_catalog.text AS name FROM pg_catalog.pg_namespace s
        WHERE s.nspname <> 'information_schema'::pg_catalog.name AND s.nspname !~ '^pg_'
            AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = s.oid
                AND c.relkind = ANY (ARRAY['r', 'p', 'v', 'm', 'f']::pg_catalog."char"[]))
        ORDER BY 1
        """)

    private static let scope = """
        place(id) AS MATERIALIZED (
            SELECT s.oid FROM pg_catalog.pg_namespace s
            WHERE s.nspname = ANY (ARRAY(SELECT n.name FROM pg_catalog.json_array_elements_text($1::pg_catalog.json) AS n(name))::pg_catalog.name[])
                OR ($1::pg_catalog.text = '[]' AND s.nspname = coalesce(pg_catalog.current_schema(), 'public'::pg_catalog.name))),
        relation AS MATERIALIZED (
            SELECT c.oid AS id, c.relname, c.relnamespace, c.relkind, c.relispartition, c.relrowsecurity, c.relhassubclass, c.relpersistence
            FROM place JOIN pg_catalog.pg_class c ON c.relnamespace = place.id
            WHERE c.relkind = ANY (ARRAY['r', 'p', 'v', 'm', 'f']::pg_catalog."char"[]) AND c.relpersistence <> 't'),
        domain(id, base, modifier, is_required) AS (
            SELECT t.oid, t.typbasetype, t.typtypmod, t.typnotnull FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
            UNION ALL SELECT d.id, t.typbasetype, t.typtypmod, d.is_required OR t.typnotnull
            FROM domain d JOIN pg_catalog.pg_type t ON t.oid = d.base WHERE t.typtype = 'd')
        """

    private static let objects = """
        SELECT 'server' AS kind, NULL::pg_catalog.int8 AS id, NULL::pg_catalog.int8 AS other,
            ARRAY[pg_catalog.current_setting('server_version_num')::pg_catalog.int4] AS numbers, ARRAY[pg_catalog.current_schema()::pg_catalog.text] AS texts
        UNION ALL SELECT 'schema', s.oid::pg_catalog.int8, NULL, ARRAY[pg_catalog.has_schema_privilege(s.oid, 'USAGE')::pg_catalog.int4],
            ARRAY[s.nspname::pg_catalog.text]
        FROM place JOIN pg_catalog.pg_namespace s ON s.oid = place.id
        UNION ALL SELECT 'enum', t.oid::pg_catalog.int8, t.typnamespace::pg_catalog.int8, NULL, pg_catalog.array_cat(
                ARRAY[t.typname::pg_catalog.text, d.description],
                ARRAY(SELECT e.enumlabel::pg_catalog.text FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder))
        FROM place JOIN pg_catalog.pg_type t ON t.typnamespace = place.id
            LEFT JOIN pg_catalog.pg_description d ON d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objsubid = 0
        WHERE t.typtype = 'e'
        UNION ALL SELECT 'relation', c.id::pg_catalog.int8, c.relnamespace::pg_catalog.int8, ARRAY[
                c.relispartition::pg_catalog.int4, c.relrowsecurity::pg_catalog.int4, c.relhassubclass::pg_catalog.int4,
                EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.id
                    AND x.deptype = 'e')::pg_catalog.int4,
                (pg_catalog.has_table_privilege(c.id, 'SELECT') OR pg_catalog.has_any_column_privilege(c.id, 'SELECT'))::pg_catalog.int4,
                (c.relpersistence = 'u'::pg_catalog."char")::pg_catalog.int4],
            ARRAY[c.relname::pg_catalog.text, c.relkind::pg_catalog.text, d.description]
        FROM relation c
            LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.id AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
        UNION ALL SELECT 'parent', c.id::pg_catalog.int8, h.inhparent::pg_catalog.int8, ARRAY[h.inhseqno::pg_catalog.int4], NULL
        FROM relation c JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.id
        WHERE NOT c.relispartition
        """

    /// Columns. A domain is resolved to its base type, with the NOT NULL of each domain on the way. A 2 means that only a domain forbids NULL.
    ///
    /// Why fewer texts for most columns: a schema of 130 tables has thousands of them, and each cell is written and read.
    private static let columns = """
        SELECT 'column', a.attrelid::pg_catalog.int8, NULL, ARRAY[
                a.attnum::pg_catalog.int4, CASE WHEN a.attnotnull THEN 1 WHEN o.is_required THEN 2 ELSE 0 END, (e.oid IS NOT NULL)::pg_catalog.int4,
                coalesce(o.modifier, a.atttypmod), a.attinhcount::pg_catalog.int4, a.attislocal::pg_catalog.int4,
                CASE WHEN k.oid < 10000::pg_catalog.oid THEN k.oid::pg_catalog.int4 ELSE 0 END],
            CASE WHEN k.oid = ANY (ARRAY[\(BuiltInType.list)]::pg_catalog.oid[]) AND (k.oid <> 1700::pg_catalog.oid OR coalesce(o.modifier, a.atttypmod) < 0)
                AND a.attidentity = ''::pg_catalog."char" AND a.attgenerated = ''::pg_catalog."char" AND d.objoid IS NULL AND l.oid IS NULL
            THEN CASE WHEN f.oid IS NULL THEN ARRAY[a.attname::pg_catalog.text]
                ELSE ARRAY[a.attname::pg_catalog.text, pg_catalog.pg_get_expr(f.adbin, f.adrelid)] END
            ELSE ARRAY[a.attname::pg_catalog.text, n.nspname::pg_catalog.text, k.typname::pg_catalog.text, k.typtype::pg_catalog.text,
                pg_catalog.format_type(k.oid, coalesce(o.modifier, a.atttypmod)),
                pg_catalog.pg_get_expr(f.adbin, f.adrelid), a.attidentity::pg_catalog.text, a.attgenerated::pg_catalog.text, d.description,
                l.collname::pg_catalog.text, CASE WHEN l.oid IS NOT NULL THEN
                    (SELECT s.nspname::pg_catalog.text FROM pg_catalog.pg_namespace s WHERE s.oid = l.collnamespace) END] END
        FROM relation c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.id JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN (SELECT d.id, d.base, d.modifier, d.is_required FROM domain d JOIN pg_catalog.pg_type i ON i.oid = d.base WHERE i.typtype <> 'd') o
                ON o.id = t.oid
            JOIN pg_catalog.pg_type b ON b.oid = coalesce(o.base, t.oid)
            LEFT JOIN pg_catalog.pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
            JOIN pg_catalog.pg_type k ON k.oid = coalesce(e.oid, b.oid)
            JOIN pg_catalog.pg_namespace n ON n.oid = k.typnamespace
            LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
            LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
            LEFT JOIN pg_catalog.pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND d.objsubid = a.attnum
        WHERE a.attnum >= 1 AND NOT a.attisdropped
        """

    /// Indexes. A part has a row only if it is more than a column in its usual order.
    /// Why by way of JSON: PostgreSQL 14 and older do not have the column.
    private static let indexes = """
        SELECT 'index', i.indexrelid::pg_catalog.int8, i.indrelid::pg_catalog.int8, pg_catalog.array_cat(ARRAY[
                i.indisunique::pg_catalog.int4, i.indisprimary::pg_catalog.int4, i.indisexclusion::pg_catalog.int4, i.indisvalid::pg_catalog.int4,
                i.indnkeyatts::pg_catalog.int4, (k.oid IS NOT NULL)::pg_catalog.int4, coalesce(k.condeferrable, false)::pg_catalog.int4,
                coalesce(k.condeferred, false)::pg_catalog.int4,
                CASE WHEN i.indisunique AND NOT i.indisprimary
                    THEN coalesce(pg_catalog.jsonb_extract_path_text(pg_catalog.to_jsonb(i), 'indnullsnotdistinct')::pg_catalog.bool, false)::pg_catalog.int4
                    ELSE 0 END],
                i.indkey::pg_catalog.int2[]::pg_catalog.int4[]),
            ARRAY[x.relname::pg_catalog.text, m.amname::pg_catalog.text, pg_catalog.pg_get_expr(i.indpred, i.indrelid),
                CASE WHEN i.indpred IS NOT NULL OR i.indexprs IS NOT NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid) END,
                pg_catalog.array_to_string(x.reloptions, ', ')]
        FROM relation c JOIN pg_catalog.pg_index i ON i.indrelid = c.id JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            JOIN pg_catalog.pg_am m ON m.oid = x.relam
            LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = i.indrelid AND k.conindid = i.indexrelid
                AND k.contype = ANY (ARRAY['p', 'u', 'x']::pg_catalog."char"[])
        UNION ALL SELECT 'part', i.indexrelid::pg_catalog.int8, NULL, ARRAY[u.place::pg_catalog.int4, u.attnum::pg_catalog.int4, u.options::pg_catalog.int4],
            ARRAY[a.attname::pg_catalog.text,
                CASE WHEN u.attnum = 0::pg_catalog.int2 THEN pg_catalog.pg_get_indexdef(i.indexrelid, u.place::pg_catalog.int4, true) END,
                CASE WHEN NOT o.opcdefault THEN o.opcname::pg_catalog.text END,
                CASE WHEN u.compares <> a.attcollation THEN l.collname::pg_catalog.text END]
        FROM relation c JOIN pg_catalog.pg_index i ON i.indrelid = c.id
            CROSS JOIN LATERAL ROWS FROM (
                pg_catalog.unnest(i.indkey::pg_catalog.int2[]), pg_catalog.unnest(i.indclass::pg_catalog.oid[]),
                pg_catalog.unnest(i.indoption::pg_catalog.int2[]), pg_catalog.unnest(i.indcollation::pg_catalog.oid[])
            ) WITH ORDINALITY AS u(attnum, class, options, compares, place)
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
            LEFT JOIN pg_catalog.pg_opclass o ON o.oid = u.class
            LEFT JOIN pg_catalog.pg_collation l ON l.oid = u.compares
        WHERE u.attnum = 0::pg_catalog.int2 OR u.options <> 0::pg_catalog.int2 OR NOT o.opcdefault OR u.compares <> a.attcollation
        """

    /// A foreign key's definition is told where it says more than the other cells.
    private static let constraints = """
        SELECT 'key', k.oid::pg_catalog.int8, k.conrelid::pg_catalog.int8, ARRAY[
                pg_catalog.cardinality(k.conkey), k.condeferrable::pg_catalog.int4, k.condeferred::pg_catalog.int4, k.convalidated::pg_catalog.int4],
            pg_catalog.array_cat(pg_catalog.array_cat(
                ARRAY[k.conname::pg_catalog.text, k.confdeltype::pg_catalog.text, k.confupdtype::pg_catalog.text, s.nspname::pg_catalog.text,
                    t.relname::pg_catalog.text, CASE WHEN k.confmatchtype = 'f'::pg_catalog."char" OR k.confdeltype = ANY (ARRAY['n', 'd']::pg_catalog."char"[])
                        AND pg_catalog.jsonb_extract_path_text(pg_catalog.to_jsonb(k), 'confdelsetcols') IS NOT NULL
                    THEN pg_catalog.pg_get_constraintdef(k.oid) END],
                ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(number, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place)),
                ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u(number, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place))
        FROM relation c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.id JOIN pg_catalog.pg_class t ON t.oid = k.confrelid
            JOIN pg_catalog.pg_namespace s ON s.oid = t.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0::pg_catalog.oid
        UNION ALL SELECT 'constraint', k.oid::pg_catalog.int8, k.conrelid::pg_catalog.int8, NULL,
            ARRAY[k.conname::pg_catalog.text, k.contype::pg_catalog.text, pg_catalog.pg_get_constraintdef(k.oid)]
        FROM relation c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.id WHERE k.contype = ANY (ARRAY['c', 'x']::pg_catalog."char"[])
        """

    private static let others = """
        SELECT 'sequence', c.oid::pg_catalog.int8, c.relnamespace::pg_catalog.int8, ARRAY[q.seqcycle::pg_catalog.int4],
            ARRAY[c.relname::pg_catalog.text, pg_catalog.format_type(q.seqtypid, NULL), q.seqstart::pg_catalog.text, q.seqincrement::pg_catalog.text,
                q.seqmin::pg_catalog.text, q.seqmax::pg_catalog.text, q.seqcache::pg_catalog.text, s.nspname::pg_catalog.text,
                o.relname::pg_catalog.text, a.attname::pg_catalog.text]
        FROM place JOIN pg_catalog.pg_class c ON c.relnamespace = place.id JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
            LEFT JOIN LATERAL (SELECT x.refobjid, x.refobjsubid FROM pg_catalog.pg_depend x
                WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.oid
                    AND x.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.refobjsubid <> 0
                    AND x.deptype = ANY (ARRAY['a', 'i']::pg_catalog."char"[]) OFFSET 0) d ON true
            LEFT JOIN pg_catalog.pg_class o ON o.oid = d.refobjid
            LEFT JOIN pg_catalog.pg_namespace s ON s.oid = o.relnamespace
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE c.relpersistence <> 't'
        UNION ALL SELECT 'extension', NULL, NULL, NULL, ARRAY[e.extname::pg_catalog.text, s.nspname::pg_catalog.text, e.extversion]
        FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace s ON s.oid = e.extnamespace
        """
}
