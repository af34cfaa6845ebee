package import Schema
import Text

/// What tables say to whoever listens when they change, and the triggers that make them say it.
///
/// A change is a notification on one channel. Its text begins with a letter (`ChangeNotice` reads them all):
///
///     t public."User"                   the table was written
///     t0123456789abcdef public."User"   the same, by a statement of that client's own, which names the table
///     c                                 triggers were made or removed
///
/// PostgreSQL folds equal notifications of one transaction into one.
package enum ChangeTriggers {
    /// Of the channel, the trigger and its function: what it says will never change under this name.
    package static let name = "accelerant_changes_1"
    /// Fires for rows that a subscription brings, for which PostgreSQL fires no statement triggers.
    package static let replicationName = "accelerant_replicated_1"
    package static let originDigits = 16

    /// How the statements of a client begin, so that triggers can tell whose they are. An origin is 16 hexadecimal digits.
    package static func mark(_ origin: String) -> String { "/*accelerant:\(origin)*/ " }

    /// A table as SQL names it, quoted.
    package static func quoted(_ name: String, in schema: String?) -> String { SQLText(table: name, in: schema).script }

    /// Statements that make the function, and the triggers of these tables and of what shares rows with them. Running them again changes
    /// nothing that is right already. They take PostgreSQL 12 or newer.
    package static func installation(of tables: [Table], functionSchema: String) -> [String] {
        let function = SQLText(table: name, in: functionSchema)
        let definition: SQLText = "CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql AS \(body: functionBody);\n"
        let block: SQLText = "DO \(body: installationBody(tables, function));\n"
        return [definition.script, block.script]
    }

    /// Statements that undo `installation` for these tables; the function goes with its last trigger.
    package static func removal(of tables: [Table], functionSchema: String) -> [String] {
        let block: SQLText = "DO \(body: removalBody(tables, SQLText(table: name, in: functionSchema)));\n"
        return [block.script]
    }

    package struct Table: Sendable, Hashable {
        package var schema: String?
        package var name: String

        package init(schema: String?, name: String) {
            self.schema = schema
            self.name = name
        }

        package static func == (left: Table, right: Table) -> Bool {
            left.name.isExactly(right.name) && left.schema.map { ExactString($0) } == right.schema.map { ExactString($0) }
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(schema.map { ExactString($0) })
            hasher.combine(ExactString(name))
        }

        /// As `Plan.tables` names it.
        package var path: String { schema.map { "\($0).\(name)" } ?? name }
    }

    /// The tables of a schema, join tables included, views left out.
    package static func tables(of schema: Schema, _ settings: SQLSettings) -> [Table] {
        var tables: [Table] = []
        var known: Set<Table> = []
        func add(_ name: String, in schema: String?) {
            let table = Table(schema: schema ?? settings.defaultSchema, name: name)
            if known.insert(table).inserted { tables.append(table) }
        }
        for model in schema.models {
            if !model.isView { add(model.tableName, in: model.tableSchema) }
            for field in model.fields {
                if case .relation(let relation) = field.type, case .joinTable(let join) = relation.link {
                    add(join.tableName, in: join.tableSchema)
                }
            }
        }
        return tables
    }

    // Why the text has to name the table: actions of foreign keys run inside the statement of somebody who may not know of them.
    private static let functionBody: SQLText = """

        DECLARE
            statement text;
            origin text := '';
        BEGIN
            IF pg_catalog.pg_trigger_depth() = 1 THEN
                statement := pg_catalog.current_query();
                IF pg_catalog.strpos(statement, '/*accelerant:') = 1
                    AND pg_catalog.strpos(statement, pg_catalog.concat('"', pg_catalog.replace(TG_TABLE_NAME::text, '"', '""'), '"')) > 0
                THEN
                    origin := pg_catalog.substr(statement, 14, 16);
                END IF;
            END IF;
            PERFORM pg_catalog.pg_notify('accelerant_changes_1', pg_catalog.format('t%s %I.%I', origin, TG_TABLE_SCHEMA, TG_TABLE_NAME));
            RETURN NULL;
        END

        """

    private static func names(_ tables: [Table]) -> SQLText {
        tables.map { "\(literal: SQLText(table: $0.name, in: $0.schema))::regclass" as SQLText }.joined(by: ",\n        ")
    }

    /// The tables, their partitions and what they are partitions of: a write may name either.
    private static let family: SQLText = """
        WITH RECURSIVE below(id) AS (
                SELECT unnest(named)::oid
                UNION SELECT i.inhrelid FROM below JOIN pg_catalog.pg_inherits i ON i.inhparent = below.id),
            above(id) AS (
                SELECT unnest(named)::oid
                UNION SELECT i.inhparent FROM above JOIN pg_catalog.pg_inherits i ON i.inhrelid = above.id)
            SELECT c.oid, c.oid::regclass AS name, c.relkind, EXISTS (
                SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = c.oid) AS is_replicated
            FROM pg_catalog.pg_class c
            WHERE c.oid IN (SELECT id FROM below UNION SELECT id FROM above) AND c.relkind IN ('r', 'p')
            ORDER BY c.oid
        """

    private static func installationBody(_ tables: [Table], _ function: SQLText) -> SQLText {
        """

        DECLARE
            named regclass[] := ARRAY[
                \(names(tables))];
            relation record;
        BEGIN
            FOR relation IN \(family) LOOP
                IF NOT EXISTS (
                    SELECT FROM pg_catalog.pg_trigger t
                    WHERE t.tgrelid = relation.oid AND t.tgname = 'accelerant_changes_1' AND t.tgtype = 60 AND t.tgenabled = 'A'
                        AND t.tgfoid = \(literal: "\(function)()")::regprocedure)
                THEN
                    EXECUTE format('DROP TRIGGER IF EXISTS accelerant_changes_1 ON %s', relation.name);
                    EXECUTE format('CREATE TRIGGER accelerant_changes_1 AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s'
                        ' FOR EACH STATEMENT EXECUTE FUNCTION %s', relation.name, \(literal: "\(function)()")::regprocedure);
                    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER accelerant_changes_1', relation.name);
                END IF;
                IF relation.is_replicated AND relation.relkind = 'r' AND NOT EXISTS (
                    SELECT FROM pg_catalog.pg_trigger t
                    WHERE t.tgrelid = relation.oid AND t.tgname = 'accelerant_replicated_1' AND t.tgenabled = 'R')
                THEN
                    EXECUTE format('DROP TRIGGER IF EXISTS accelerant_replicated_1 ON %s', relation.name);
                    EXECUTE format('CREATE TRIGGER accelerant_replicated_1 AFTER INSERT OR UPDATE OR DELETE ON %s'
                        ' FOR EACH ROW EXECUTE FUNCTION %s', relation.name, \(literal: "\(function)()")::regprocedure);
                    EXECUTE format('ALTER TABLE ONLY %s ENABLE REPLICA TRIGGER accelerant_replicated_1', relation.name);
                END IF;
            END LOOP;
            PERFORM pg_catalog.pg_notify('accelerant_changes_1', 'c');
        END

        """
    }

    private static func removalBody(_ tables: [Table], _ function: SQLText) -> SQLText {
        """

        DECLARE
            named regclass[] := ARRAY[
                \(names(tables))];
            relation record;
        BEGIN
            FOR relation IN \(family) LOOP
                EXECUTE format('DROP TRIGGER IF EXISTS accelerant_changes_1 ON %s', relation.name);
                EXECUTE format('DROP TRIGGER IF EXISTS accelerant_replicated_1 ON %s', relation.name);
            END LOOP;
            IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgfoid = to_regprocedure(\(literal: "\(function)()"))) THEN
                DROP FUNCTION IF EXISTS \(function)();
            END IF;
            PERFORM pg_catalog.pg_notify('accelerant_changes_1', 'c');
        END

        """
    }
}
