extension ChangeTriggers {
    /// The body of the trigger function.
    /// Why the statement has to begin with the table: referential actions run inside the statement of a client that may not know them.
    static let functionBody: SQLText = """

        DECLARE
            statement pg_catalog.text;
            origin pg_catalog.text := '';
            relation pg_catalog.text;
        BEGIN
            IF pg_catalog.pg_trigger_depth() OPERATOR(pg_catalog.=) 1 THEN
                statement := pg_catalog.substr(pg_catalog.current_query(), 1, 400);
                IF pg_catalog.strpos(statement, '/*accelerant:') OPERATOR(pg_catalog.=) 1 THEN
                    relation := pg_catalog.concat('"', pg_catalog.replace(TG_TABLE_NAME::pg_catalog.text, '"', '""'), '" ');
                    origin := pg_catalog.substr(statement, 14, 16);
                    statement := pg_catalog.regexp_replace(pg_catalog.substr(statement, 33), '^(INSERT INTO|UPDATE|DELETE FROM) ', '=');
                    IF pg_catalog.strpos(statement, pg_catalog.concat('=', relation)) OPERATOR(pg_catalog.<>) 1
                        AND pg_catalog.strpos(statement, pg_catalog.concat(
                            '="', pg_catalog.replace(TG_TABLE_SCHEMA::pg_catalog.text, '"', '""'), '".', relation)) OPERATOR(pg_catalog.<>) 1
                    THEN
                        origin := '';
                    END IF;
                END IF;
            END IF;
            PERFORM pg_catalog.pg_notify('accelerant_changes_1', pg_catalog.format('t%s %I.%I', origin, TG_TABLE_SCHEMA, TG_TABLE_NAME));
            RETURN NULL;
        END

        """

    private static func names(_ tables: [Table]) -> SQLText {
        tables.map { "\(literal: SQLText(table: $0.name, in: $0.schema))::pg_catalog.regclass" as SQLText }.joined(by: ",\n        ")
    }

    /// The first part of each script.
    ///
    /// Why the search path is set first: a call could otherwise reach an object that another role made in a schema of the path, and run it with
    /// this role's privileges. Nothing before it depends on the path. The tables are found along the former path.
    private static func opening(_ tables: [Table]) -> SQLText {
        """

        DECLARE
            named pg_catalog.regclass[] := ARRAY[
                \(names(tables))]::pg_catalog.regclass[];
            former_path pg_catalog.text := pg_catalog.current_setting('search_path');
            former_wait pg_catalog.text := pg_catalog.current_setting('lock_timeout');
            known record;
            relation record;
        BEGIN
            PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
            IF former_wait = '0' THEN
                PERFORM pg_catalog.set_config('lock_timeout', '5s', true);
            END IF;
            PERFORM pg_catalog.pg_advisory_xact_lock(4702394921427289928);
        """
    }

    private static let closing: SQLText = """

            PERFORM pg_catalog.set_config('lock_timeout', former_wait, true);
            PERFORM pg_catalog.set_config('search_path', former_path, true);
        END

        """

    /// The tables, their partitions, and the tables that they are partitions of. A write may name any of them.
    private static let family: SQLText = """
        WITH RECURSIVE below(id) AS (
                SELECT unnest(named)::oid
                UNION SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.id),
            above(id) AS (
                SELECT unnest(named)::oid
                UNION SELECT i.inhparent FROM above JOIN pg_inherits i ON i.inhrelid = above.id)
            SELECT c.oid, c.oid::regclass AS name, c.relkind, EXISTS (
                SELECT FROM pg_subscription_rel s WHERE s.srrelid = c.oid) AS is_replicated
            FROM pg_class c
            WHERE c.oid IN (SELECT id FROM below UNION SELECT id FROM above) AND c.relkind IN ('r', 'p')
            ORDER BY c.oid
        """

    /// Finds the existing function. Why owners matter: the owner of a function may replace its body.
    private static func knowing(_ function: SQLText) -> SQLText {
        """

            SELECT p.oid, p.prosrc, l.lanname, p.proconfig, p.prosecdef, r.rolname, r.rolsuper, p.proowner INTO known
                FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_roles r ON r.oid = p.proowner
                WHERE p.oid = to_regprocedure(\(literal: "\(function)()"));
        """
    }

    static func installationBody(_ tables: [Table], _ function: SQLText) -> SQLText {
        """
        \(opening(tables))\(knowing(function))
            IF known.oid IS NOT NULL AND NOT known.rolsuper AND known.rolname <> current_user
                AND EXISTS (SELECT FROM pg_class c WHERE c.oid = ANY (named) AND c.relowner <> known.proowner)
            THEN
                RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format(
                    'The function %s belongs to %I, who owns neither the tables nor this installation. Drop it first.',
                    \(literal: function), known.rolname);
            END IF;
            IF known.oid IS NULL OR known.prosecdef OR known.lanname <> 'plpgsql' OR known.prosrc <> \(body: functionBody)
                OR known.proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']
                    AND known.proconfig IS DISTINCT FROM ARRAY['search_path="pg_catalog", "pg_temp"']
            THEN
                CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp
                    AS \(body: functionBody);
            END IF;
            FOR relation IN \(family) LOOP
                IF NOT EXISTS (
                    SELECT FROM pg_trigger t
                    WHERE t.tgrelid = relation.oid AND t.tgname = 'accelerant_changes_1' AND t.tgtype = 60 AND t.tgenabled = 'A'
                        AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgfoid = \(literal: "\(function)()")::regprocedure)
                THEN
                    EXECUTE format('DROP TRIGGER IF EXISTS accelerant_changes_1 ON %s', relation.name);
                    EXECUTE format('CREATE TRIGGER accelerant_changes_1 AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s'
                        ' FOR EACH STATEMENT EXECUTE FUNCTION %s', relation.name, \(literal: "\(function)()")::regprocedure);
                    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER accelerant_changes_1', relation.name);
                END IF;
                IF relation.is_replicated AND relation.relkind = 'r' AND NOT EXISTS (
                    SELECT FROM pg_trigger t
                    WHERE t.tgrelid = relation.oid AND t.tgname = 'accelerant_replicated_1' AND t.tgtype = 29 AND t.tgenabled = 'R'
                        AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgfoid = \(literal: "\(function)()")::regprocedure)
                THEN
                    EXECUTE format('DROP TRIGGER IF EXISTS accelerant_replicated_1 ON %s', relation.name);
                    EXECUTE format('CREATE TRIGGER accelerant_replicated_1 AFTER INSERT OR UPDATE OR DELETE ON %s'
                        ' FOR EACH ROW EXECUTE FUNCTION %s', relation.name, \(literal: "\(function)()")::regprocedure);
                    EXECUTE format('ALTER TABLE ONLY %s ENABLE REPLICA TRIGGER accelerant_replicated_1', relation.name);
                END IF;
            END LOOP;
            PERFORM pg_notify('accelerant_changes_1', 'c');\(closing)
        """
    }

    static func removalBody(_ tables: [Table], _ function: SQLText) -> SQLText {
        """
        \(opening(tables))
            FOR relation IN \(family) LOOP
                EXECUTE format('DROP TRIGGER IF EXISTS accelerant_changes_1 ON %s', relation.name);
                EXECUTE format('DROP TRIGGER IF EXISTS accelerant_replicated_1 ON %s', relation.name);
            END LOOP;\(knowing(function))
            IF known.oid IS NOT NULL AND (known.prosrc = \(body: functionBody) OR known.rolname = current_user)
                AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = known.oid)
            THEN
                DROP FUNCTION \(function)();
            END IF;
            PERFORM pg_notify('accelerant_changes_1', 'c');\(closing)
        """
    }
}
