/// Asks the catalog what automatic invalidation has to know and the schema does not say. `CatalogSnapshot` of the engine reads the answer.
///
/// It lists only what is known to be harmless. For everything else the worst is assumed: that other relations show a table's rows, that a column
/// spells one value in two ways, that a function writes.
package enum CatalogFacts {
    /// `$1` is a JSON list of the tables' quoted names, `$2` the text of the library's trigger function.
    ///
    ///     kind         n   id          other       text                  flag
    ///     fingerprint                              digest
    ///     table        1   relation                                      no other relation is read along with it
    ///     child            relation    its child
    ///     key              referenced  holder      actions and columns   a changed row changes the key by other columns
    ///     active           relation                                      something of it runs a function that may write
    ///     trigger          relation                text of the function  it may change the row that is being written
    ///     column       1                           name                  of a kind that fits: `other` is its number
    ///     writers                                  names                 an operator or a cast may write
    package static let statement = """
        WITH RECURSIVE \(CatalogReach.expressions(names: CatalogReach.listed)),
        \(CatalogText.qualified(expressions)),
        \(CatalogText.qualified(writers))
        SELECT 'fingerprint' AS kind, NULL::pg_catalog.int4 AS n, NULL::pg_catalog.int8 AS id, NULL::pg_catalog.int8 AS other,
            \(CatalogReach.fingerprint) AS text, NULL::pg_catalog.bool AS flag
        \(CatalogText.qualified(rows))
        """

    /// Functions that write nothing. They are built in and not volatile, or in this list, or written in C by an extension that only computes.
    private static let expressions = """
        harmless(id) AS MATERIALIZED (
            SELECT p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE (p.oid <= 16383 AND l.lanname = ANY (ARRAY['internal', 'c', 'sql']::pg_catalog.name[]) AND p.proname !~ '_to_xml'
                    AND (p.provolatile <> 'v' OR p.proname = ANY (ARRAY['random', 'random_normal', 'setseed', 'gen_random_uuid', 'uuidv4',
                        'uuidv7', 'nextval', 'currval', 'lastval', 'setval', 'clock_timestamp', 'timeofday', 'pg_notify', 'pg_sleep',
                        'pg_advisory_lock', 'pg_advisory_xact_lock', 'tsvector_update_trigger', 'tsvector_update_trigger_column',
                        'suppress_redundant_updates_trigger', 'pg_trigger_depth', 'txid_current']::pg_catalog.name[])))
                OR (l.lanname = ANY (ARRAY['internal', 'c']::pg_catalog.name[]) AND EXISTS (
                    SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                    WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
                        AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                        AND e.extname = ANY (ARRAY['citext', 'pgcrypto', 'uuid-ossp', 'unaccent', 'pg_trgm', 'hstore', 'ltree', 'cube', 'seg',
                            'isn', 'intarray', 'fuzzystrmatch', 'btree_gin', 'btree_gist', 'vector', 'moddatetime', 'insert_username',
                            'pg_uuidv7', 'pg_idkit']::pg_catalog.name[])))),
        held(id, type) AS (
            SELECT a.attrelid, a.atttypid FROM reach JOIN pg_catalog.pg_attribute a ON a.attrelid = reach.id
            WHERE a.attnum >= 1 AND NOT a.attisdropped
            UNION SELECT held.id, part.type FROM held JOIN pg_catalog.pg_type t ON t.oid = held.type
            CROSS JOIN LATERAL (
                SELECT t.typbasetype UNION ALL SELECT t.typelem
                UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = t.typrelid AND a.attnum >= 1 AND NOT a.attisdropped) AS part(type)
            WHERE part.type <> 0),
        expression(id, tree, is_policy) AS (
            SELECT d.adrelid, d.adbin::pg_catalog.text, false FROM reach JOIN pg_catalog.pg_attrdef d ON d.adrelid = reach.id
            UNION ALL SELECT k.conrelid, k.conbin::pg_catalog.text, false
                FROM reach JOIN pg_catalog.pg_constraint k ON k.conrelid = reach.id
            UNION ALL SELECT held.id, k.conbin::pg_catalog.text, false
                FROM held JOIN pg_catalog.pg_constraint k ON k.contypid = held.type
            UNION ALL SELECT held.id, t.typdefaultbin::pg_catalog.text, false FROM held JOIN pg_catalog.pg_type t ON t.oid = held.type
            UNION ALL SELECT i.indrelid, i.indexprs::pg_catalog.text, false FROM reach JOIN pg_catalog.pg_index i ON i.indrelid = reach.id
            UNION ALL SELECT i.indrelid, i.indpred::pg_catalog.text, false FROM reach JOIN pg_catalog.pg_index i ON i.indrelid = reach.id
            UNION ALL SELECT p.partrelid, p.partexprs::pg_catalog.text, false
                FROM reach JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = reach.id
            UNION ALL SELECT t.tgrelid, t.tgqual::pg_catalog.text, false
                FROM reach JOIN pg_catalog.pg_trigger t ON t.tgrelid = reach.id WHERE t.tgenabled <> 'D'
            UNION ALL SELECT p.polrelid, p.polqual::pg_catalog.text, true
                FROM reach JOIN pg_catalog.pg_policy p ON p.polrelid = reach.id WHERE pg_catalog.row_security_active(p.polrelid)
            UNION ALL SELECT p.polrelid, p.polwithcheck::pg_catalog.text, true
                FROM reach JOIN pg_catalog.pg_policy p ON p.polrelid = reach.id WHERE pg_catalog.row_security_active(p.polrelid)),
        judged(id, is_policy, is_plain, is_harmless) AS (
            SELECT e.id, e.is_policy, NOT EXISTS (
                    SELECT FROM pg_catalog.regexp_matches(e.tree, '[{]([A-Z_]+)', 'g') AS m(word)
                    WHERE NOT (m.word[1] = ANY (ARRAY['VAR', 'CONST', 'FUNCEXPR', 'OPEXPR', 'DISTINCTEXPR', 'NULLIFEXPR', 'SCALARARRAYOPEXPR',
                        'BOOLEXPR', 'RELABELTYPE', 'COERCEVIAIO', 'ARRAYCOERCEEXPR', 'CASE', 'CASEEXPR', 'WHEN', 'CASEWHEN', 'CASETESTEXPR',
                        'ARRAY', 'ARRAYEXPR', 'ROW', 'ROWEXPR', 'COALESCE', 'COALESCEEXPR', 'MINMAX', 'MINMAXEXPR', 'SQLVALUEFUNCTION',
                        'NULLTEST', 'BOOLEANTEST', 'COERCETODOMAINVALUE', 'COLLATE', 'COLLATEEXPR', 'SUBSCRIPTINGREF', 'ARRAYREF']))),
                NOT EXISTS (
                    SELECT FROM pg_catalog.regexp_matches(e.tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) ([1-9][0-9]*)', 'g') AS m(number)
                    WHERE NOT EXISTS (SELECT FROM harmless h WHERE h.id = m.number[1]::pg_catalog.oid))
                AND NOT EXISTS (
                    SELECT FROM pg_catalog.regexp_matches(e.tree, ':opno ([1-9][0-9]*)', 'g') AS m(number)
                    LEFT JOIN pg_catalog.pg_operator o ON o.oid = m.number[1]::pg_catalog.oid
                    WHERE NOT EXISTS (SELECT FROM harmless h WHERE h.id = o.oprcode::pg_catalog.oid))
            FROM expression e WHERE e.tree IS NOT NULL),
        odd(is_there) AS (
            SELECT EXISTS (
                    SELECT FROM pg_catalog.pg_operator o
                    WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM harmless h WHERE h.id = o.oprcode::pg_catalog.oid))
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_cast t
                    WHERE t.oid >= 16384 AND t.castfunc <> 0 AND NOT EXISTS (SELECT FROM harmless h WHERE h.id = t.castfunc))
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_constraint k
                    CROSS JOIN LATERAL pg_catalog.regexp_matches(k.conbin::pg_catalog.text, ':(?:funcid|opfuncid) ([1-9][0-9]*)', 'g') AS m(number)
                    WHERE k.contypid <> 0 AND NOT EXISTS (SELECT FROM harmless h WHERE h.id = m.number[1]::pg_catalog.oid))),
        spelled(n, name, compares, type) AS (
            SELECT named.n, a.attname, a.attcollation, a.atttypid
            FROM named JOIN pg_catalog.pg_attribute a ON a.attrelid = named.id
            WHERE a.attnum >= 1 AND NOT a.attisdropped AND a.attgenerated = '' AND EXISTS (
                SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey::pg_catalog.int2[]))
            UNION SELECT s.n, s.name, s.compares, t.typbasetype
            FROM spelled s JOIN pg_catalog.pg_type t ON t.oid = s.type WHERE t.typtype = 'd')
        """

    /// What a statement that reads may change something by: functions that may write, and what calls them, which may be a function, a view or
    /// a policy of a table. By name, in small letters, because the text of a statement says no more.
    ///
    /// An operator is named by its symbol, after U+0002, and a cast by the types that a text may name to ask for it. What is used without a name is
    /// told by the flag: operators of words such as `IN`, of indexes and of orders, casts that are implied, and casts to types of PostgreSQL's own,
    /// which have several names.
    ///
    /// A function may write if it is volatile and not known to be harmless. One in SQL or PL/pgSQL may not if it has no word for a change.
    private static let writers = """
        body(id, text, may_write) AS MATERIALIZED (
            SELECT p.oid, small.text, p.provolatile = 'v' AND (NOT (l.lanname = ANY (ARRAY['sql', 'plpgsql']::pg_catalog.name[])) OR small.text = ''
                OR small.text ~ '\\m(insert|update|delete|merge|truncate|copy|execute|call|do|create|alter|drop|refresh|import|load)\\M'
                OR (l.lanname = 'sql' AND small.text ~ '\\minto\\M'))
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            CROSS JOIN LATERAL (SELECT pg_catalog.lower(p.prosrc COLLATE pg_catalog."C")) AS small(text)
            WHERE p.oid >= 16384::pg_catalog.oid AND p.prokind <> 'p' AND NOT (p.prorettype = ANY (ARRAY[2279, 3838]::pg_catalog.oid[]))
                AND (p.provolatile = 'v' OR NOT (l.lanname = ANY (ARRAY['internal', 'c']::pg_catalog.name[])))
                AND NOT EXISTS (SELECT FROM harmless h WHERE h.id = p.oid)),
        mention(id, word) AS MATERIALIZED (
            SELECT DISTINCT b.id, m.word[1] FROM body b
            CROSS JOIN LATERAL pg_catalog.regexp_matches(b.text, '[^\\x01-\\x23\\x25-\\x2f\\x3a-\\x5e\\x60\\x7b-\\x7f]+', 'g') AS m(word)
            WHERE NOT b.may_write),
        writing(class, id) AS (
            SELECT 1255::pg_catalog.oid, b.id FROM body b WHERE b.may_write
            UNION SELECT found.class, found.id FROM writing w CROSS JOIN LATERAL (
                SELECT 1255::pg_catalog.oid, m.id FROM pg_catalog.pg_proc q
                    JOIN mention m ON m.word = pg_catalog.lower(q.proname::pg_catalog.text COLLATE pg_catalog."C")
                    WHERE w.class = 1255::pg_catalog.oid AND q.oid = w.id
                UNION ALL SELECT 1255::pg_catalog.oid, m.id FROM pg_catalog.pg_class c
                    JOIN mention m ON m.word = pg_catalog.lower(c.relname::pg_catalog.text COLLATE pg_catalog."C")
                    WHERE w.class = 1259::pg_catalog.oid AND c.oid = w.id
                UNION ALL SELECT 2617::pg_catalog.oid, o.oid FROM pg_catalog.pg_operator o
                    WHERE w.class = 1255::pg_catalog.oid AND o.oprcode::pg_catalog.oid = w.id
                UNION ALL SELECT 1255::pg_catalog.oid, b.id FROM pg_catalog.pg_operator o
                    JOIN body b ON NOT b.may_write AND pg_catalog.strpos(b.text, o.oprname::pg_catalog.text) >= 1
                    WHERE w.class = 2617::pg_catalog.oid AND o.oid = w.id
                UNION ALL SELECT 1247::pg_catalog.oid, t.casttarget FROM pg_catalog.pg_cast t
                    WHERE w.class = 1255::pg_catalog.oid AND t.castfunc = w.id
                UNION ALL SELECT 1255::pg_catalog.oid, m.id FROM pg_catalog.pg_type t
                    JOIN mention m ON m.word = pg_catalog.lower(t.typname::pg_catalog.text COLLATE pg_catalog."C")
                    WHERE w.class = 1247::pg_catalog.oid AND t.oid = w.id
                UNION ALL SELECT CASE WHEN d.classid = 1255::pg_catalog.oid THEN d.classid ELSE 1259::pg_catalog.oid END,
                        COALESCE(r.ev_class, o.polrelid, d.objid)
                    FROM pg_catalog.pg_depend d
                    LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 2618::pg_catalog.oid AND r.oid = d.objid
                    LEFT JOIN pg_catalog.pg_policy o ON d.classid = 3256::pg_catalog.oid AND o.oid = d.objid
                    WHERE d.refclassid = w.class AND d.refobjid = w.id AND w.class <> 1247::pg_catalog.oid AND d.classid = ANY (ARRAY[1255, 2618, 3256]::pg_catalog.oid[])
                ) AS found(class, id)),
        cast_to(target, type) AS (
            SELECT t.oid, t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_cast c ON c.casttarget = t.oid WHERE c.oid >= 16384::pg_catalog.oid
            UNION SELECT made.target, made.type FROM cast_to JOIN LATERAL (
                SELECT cast_to.target, t.oid FROM pg_catalog.pg_type t WHERE t.typbasetype = cast_to.type OR t.typelem = cast_to.type
                UNION ALL SELECT cast_to.target, r.reltype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class r ON r.oid = a.attrelid
                    WHERE a.atttypid = cast_to.type AND a.attnum >= 1 AND r.reltype <> 0::pg_catalog.oid
                ) AS made(target, type) ON true)
        """

    private static let rows = """
        UNION ALL SELECT 'table', named.n, named.id::pg_catalog.int8, NULL, NULL,
            c.oid >= 16384 AND c.relkind = ANY (ARRAY['r', 'p']::pg_catalog."char"[])
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
            AND NOT EXISTS (SELECT FROM judged j WHERE j.id = c.oid AND j.is_policy AND NOT (j.is_plain AND j.is_harmless))
        FROM named JOIN pg_catalog.pg_class c ON c.oid = named.id
        UNION ALL SELECT 'child', NULL, i.inhparent::pg_catalog.int8, i.inhrelid::pg_catalog.int8, NULL, NULL
        FROM reach JOIN pg_catalog.pg_inherits i ON i.inhparent = reach.id
        UNION ALL SELECT 'key', NULL, f.confrelid::pg_catalog.int8, f.conrelid::pg_catalog.int8, pg_catalog.concat_ws(pg_catalog.chr(2),
                f.confdeltype, f.confupdtype, (
                    SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, pg_catalog.chr(1) ORDER BY u.place)
                    FROM pg_catalog.unnest(f.conkey) WITH ORDINALITY AS u(number, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = u.number), (
                    SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, pg_catalog.chr(1) ORDER BY u.place)
                    FROM pg_catalog.unnest(f.confkey) WITH ORDINALITY AS u(number, place)
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = u.number)),
            EXISTS (
                SELECT FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = f.confrelid AND a.attnum = ANY (f.confkey) AND a.attgenerated <> '')
        FROM reach JOIN pg_catalog.pg_constraint f ON f.confrelid = reach.id
        WHERE f.contype = 'f' AND f.conparentid = 0 AND (f.confdeltype = ANY (ARRAY['c', 'n', 'd']::pg_catalog."char"[])
            OR f.confupdtype = ANY (ARRAY['c', 'n', 'd']::pg_catalog."char"[]))
        UNION ALL SELECT DISTINCT 'active', NULL::pg_catalog.int4, j.id::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.text,
            NULL::pg_catalog.bool
        FROM judged j WHERE NOT (j.is_harmless AND (j.is_plain OR j.is_policy))
        UNION ALL SELECT 'active', NULL, r.ev_class::pg_catalog.int8, NULL, NULL, NULL
        FROM reach JOIN pg_catalog.pg_rewrite r ON r.ev_class = reach.id WHERE r.ev_type <> '1'
        UNION ALL SELECT 'trigger', NULL, t.tgrelid::pg_catalog.int8, NULL,
            CASE WHEN EXISTS (SELECT FROM harmless h WHERE h.id = p.oid) THEN ''
                WHEN l.lanname = 'plpgsql' AND NOT (SELECT odd.is_there FROM odd) AND NOT EXISTS (
                    SELECT FROM pg_catalog.regexp_matches(
                        pg_catalog.lower(p.prosrc COLLATE pg_catalog."C"), '([a-z_][a-z0-9_$]*)\\s*[(]', 'g') AS m(word)
                    JOIN pg_catalog.pg_proc q ON q.proname = m.word[1]::pg_catalog.name
                    WHERE NOT EXISTS (SELECT FROM harmless h WHERE h.id = q.oid))
                THEN p.prosrc END,
            (t.tgtype & 3::pg_catalog.int2) = 3::pg_catalog.int2
        FROM reach JOIN pg_catalog.pg_trigger t ON t.tgrelid = reach.id JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
            JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND NOT (l.lanname = 'plpgsql' AND p.prosrc = $2::pg_catalog.text)
        UNION ALL SELECT 'writers', NULL, NULL, NULL, pg_catalog.string_agg(called.name, pg_catalog.chr(1)), EXISTS (
                SELECT FROM writing w JOIN pg_catalog.pg_operator o ON o.oid = w.id
                WHERE w.class = 2617::pg_catalog.oid AND (o.oprname = ANY (ARRAY['=', '<>', '<', '<=', '>', '>=', '~', '!~', '~~', '!~~', '~~*',
                    '!~~*', '~*', '!~*', '^@']::pg_catalog.name[])
                    OR EXISTS (SELECT FROM pg_catalog.pg_amop a WHERE a.amopopr = o.oid)))
            OR EXISTS (
                SELECT FROM writing w JOIN pg_catalog.pg_amproc a ON a.amproc::pg_catalog.oid = w.id WHERE w.class = 1255::pg_catalog.oid)
            OR EXISTS (
                SELECT FROM writing w JOIN pg_catalog.pg_cast t ON t.castfunc = w.id
                WHERE w.class = 1255::pg_catalog.oid AND (t.castcontext <> 'e'::pg_catalog."char" OR t.casttarget <= 16383::pg_catalog.oid))
        FROM (
            SELECT pg_catalog.lower(p.proname::pg_catalog.text COLLATE pg_catalog."C")
            FROM writing w JOIN pg_catalog.pg_proc p ON p.oid = w.id WHERE w.class = 1255::pg_catalog.oid
            UNION SELECT pg_catalog.lower(c.relname::pg_catalog.text COLLATE pg_catalog."C")
            FROM writing w JOIN pg_catalog.pg_class c ON c.oid = w.id WHERE w.class = 1259::pg_catalog.oid
            UNION SELECT pg_catalog.concat(pg_catalog.chr(2), o.oprname)
            FROM writing w JOIN pg_catalog.pg_operator o ON o.oid = w.id WHERE w.class = 2617::pg_catalog.oid
            UNION SELECT pg_catalog.lower(t.typname::pg_catalog.text COLLATE pg_catalog."C")
            FROM writing w JOIN cast_to ON cast_to.target = w.id JOIN pg_catalog.pg_type t ON t.oid = cast_to.type
            WHERE w.class = 1247::pg_catalog.oid) AS called(name)
        UNION ALL SELECT 'column', s.n, NULL, CASE
                WHEN s.type = ANY (ARRAY[25, 1043]::pg_catalog.oid[]) THEN 1 WHEN s.type = ANY (ARRAY[20, 21, 23]::pg_catalog.oid[]) THEN 2
                WHEN s.type = 16::pg_catalog.oid THEN 3 WHEN s.type = 2950::pg_catalog.oid THEN 4 ELSE 5 END,
            s.name::pg_catalog.text, NULL
        FROM spelled s JOIN pg_catalog.pg_type t ON t.oid = s.type
        WHERE (s.type = ANY (ARRAY[16, 20, 21, 23, 25, 1043, 2950]::pg_catalog.oid[]) OR t.typtype = 'e') AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_collation o WHERE o.oid = s.compares AND NOT o.collisdeterministic)
        """
}
