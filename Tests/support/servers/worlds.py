"""Odd databases: what other people's servers, roles and tables look like, each under a name.

`ACCELERANT_WORLD=NAME` makes the tests from outside play in one; `Tests/worlds/run.py` goes through all of them.
"""
import os

#: Settings that change how PostgreSQL writes and reads values. A client that relies on a default sees other values here.
SETTINGS = {
    "TimeZone": "Asia/Kathmandu", "DateStyle": "SQL, DMY", "IntervalStyle": "sql_standard", "bytea_output": "escape",
    "standard_conforming_strings": "off", "escape_string_warning": "off", "extra_float_digits": "0", "xmlbinary": "hex",
    "backslash_quote": "off", "quote_all_identifiers": "on", "transform_null_equals": "on", "array_nulls": "off",
}

EACH_TABLE = """
    DO $world$ DECLARE t record; item record; BEGIN
        FOR t IN SELECT c.oid, c.oid::regclass::text AS name, n.nspname AS space, c.relname AS bare
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'r' AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname NOT IN ('information_schema', 'hostile') ORDER BY 1
        LOOP %s END LOOP;
    END $world$"""

#: Every column but those of enums: PostgreSQL itself has no `=` for a domain over an enum.
DOMAINS = """
    DO $world$ DECLARE c record; d text; BEGIN
        FOR c IN SELECT a.attrelid::regclass AS t, a.attname, format_type(a.atttypid, a.atttypmod) AS type
                 FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
                 JOIN pg_type y ON y.oid = a.atttypid
                 WHERE r.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND y.typtype <> 'd' AND y.typelem = 0
                   AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND a.attidentity = '' AND a.attgenerated = ''
                   AND y.typtype <> 'e'
        LOOP
            d := 'domain of ' || c.type;
            IF NOT EXISTS (SELECT FROM pg_type WHERE typname = d) THEN EXECUTE format('CREATE DOMAIN public.%I AS %s', d, c.type); END IF;
            EXECUTE format('ALTER TABLE %s ALTER %I TYPE public.%I', c.t, c.attname, d);
        END LOOP;
    END $world$"""

#: Tables whose unique keys all hold the primary key, and that nobody refers to, become partitioned by it.
PARTITIONS = EACH_TABLE % """
    IF EXISTS (SELECT FROM pg_index i JOIN pg_index p ON p.indrelid = i.indrelid AND p.indisprimary
               WHERE i.indrelid = t.oid AND i.indisunique AND NOT i.indkey::int2[] @> p.indkey::int2[])
       OR NOT EXISTS (SELECT FROM pg_index WHERE indrelid = t.oid AND indisprimary)
       OR EXISTS (SELECT FROM pg_constraint WHERE t.oid IN (conrelid, confrelid) AND contype = 'f')
       OR EXISTS (SELECT FROM pg_depend d WHERE d.refobjid = t.oid AND d.classid = 'pg_rewrite'::regclass) THEN CONTINUE; END IF;
    EXECUTE format('ALTER TABLE %s RENAME TO %I', t.name, t.bare || ' of old');
    EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL) PARTITION BY HASH (%s)', t.space, t.bare, t.space, t.bare || ' of old',
        (SELECT string_agg(format('%I', a.attname), ', ' ORDER BY k.n) FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(num, n), pg_attribute a
         WHERE i.indrelid = t.oid AND i.indisprimary AND a.attrelid = t.oid AND a.attnum = k.num));
    FOR item IN SELECT generate_series(0, 2) AS part LOOP
        EXECUTE format('CREATE TABLE %I.%I PARTITION OF %I.%I FOR VALUES WITH (MODULUS 3, REMAINDER %s)',
            t.space, t.bare || ' part ' || item.part, t.space, t.bare, item.part);
    END LOOP;
    EXECUTE format('INSERT INTO %I.%I SELECT * FROM %I.%I', t.space, t.bare, t.space, t.bare || ' of old');
    FOR item IN SELECT s.seqrelid::regclass AS name, a.attname FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype = 'a'
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.refobjid = t.oid LOOP
        EXECUTE format('ALTER SEQUENCE %s OWNED BY %I.%I.%I', item.name, t.space, t.bare, item.attname);
    END LOOP;
    EXECUTE format('DROP TABLE %I.%I', t.space, t.bare || ' of old');
"""

#: Half of each table's rows live in a child; only for tables that nothing refers to. For reading.
INHERITANCE = EACH_TABLE % """
    IF EXISTS (SELECT FROM pg_constraint WHERE confrelid = t.oid AND contype = 'f') THEN CONTINUE; END IF;
    EXECUTE format('CREATE TABLE %I.%I () INHERITS (%I.%I)', t.space, t.bare || ' child', t.space, t.bare);
    EXECUTE format('WITH gone AS (DELETE FROM ONLY %I.%I WHERE hashtext(ctid::text) %% 2 = 0 RETURNING *) INSERT INTO %I.%I SELECT * FROM gone',
        t.space, t.bare, t.space, t.bare || ' child');
"""

#: Each table is reached by an updatable view that has its name.
VIEWS = EACH_TABLE % """
    EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', t.space, t.bare, t.bare || ' of old');
    EXECUTE format('CREATE VIEW %I.%I AS SELECT * FROM %I.%I', t.space, t.bare, t.space, t.bare || ' of old');
"""

#: Triggers that change nothing, of every kind.
TRIGGERS = """
    CREATE FUNCTION public.world_row() RETURNS trigger LANGUAGE plpgsql AS $f$
        BEGIN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $f$;
    CREATE FUNCTION public.world_statement() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NULL; END $f$;
""" + EACH_TABLE % """
    EXECUTE format('CREATE TRIGGER a_world_row BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.world_row()', t.name);
    EXECUTE format('CREATE TRIGGER z_world_row AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.world_row()', t.name);
    EXECUTE format('CREATE TRIGGER world_statement AFTER INSERT OR UPDATE OR DELETE ON %s EXECUTE FUNCTION public.world_statement()', t.name);
    EXECUTE format('CREATE CONSTRAINT TRIGGER world_late AFTER INSERT OR UPDATE ON %s DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.world_row()', t.name);
"""

#: Serial columns become identity columns, and each table gets a generated column that the schema does not know.
IDENTITY = EACH_TABLE % """
    FOR item IN SELECT a.attname, pg_get_serial_sequence(t.name, a.attname) AS sequence FROM pg_attribute a
             WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND pg_get_serial_sequence(t.name, a.attname) IS NOT NULL
               AND a.attidentity = '' LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I DROP DEFAULT', t.name, item.attname);
        EXECUTE format('DROP SEQUENCE %s', item.sequence);
        EXECUTE format('ALTER TABLE %s ALTER %I ADD GENERATED BY DEFAULT AS IDENTITY', t.name, item.attname);
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 0) + 1, false) FROM %s',
            t.name, item.attname, item.attname, t.name);
    END LOOP;
    EXECUTE format('ALTER TABLE %s ADD "world generated" text GENERATED ALWAYS AS (''g'') STORED', t.name);
"""

#: Foreign keys are looked at when the transaction commits.
DEFERRED = """
    DO $world$ DECLARE c record; BEGIN
        FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f'
        LOOP EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', c.t, c.conname); END LOOP;
    END $world$"""

#: All but the tables whose columns are granted one by one.
GRANT_ALL = """
    DO $world$ DECLARE n record; BEGIN
        FOR n IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', n.nspname);
                        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO {role}', n.nspname);
        END LOOP;
        FOR n IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'v') AND s.nspname NOT LIKE 'pg\\_%' AND s.nspname <> 'information_schema'
                   AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'world secret') LOOP
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO {role}', n.name);
        END LOOP;
    END $world$"""

#: What tests make for themselves afterwards. Databases that are made from this one have it, too.
GRANT_LATER = """
    ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO {role};
    ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {role};
"""

POLICIES = EACH_TABLE % """
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);
    EXECUTE format('CREATE POLICY world_all ON %s USING (true) WITH CHECK (true)', t.name);
"""

#: The role may use each column that there was, and not one that has come since.
COLUMN_GRANTS = EACH_TABLE % """
    EXECUTE format('REVOKE ALL ON %s FROM {role}', t.name);
    FOR item IN SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped LOOP
        EXECUTE format('GRANT SELECT (%I), INSERT (%I), UPDATE (%I) ON %s TO {role}', item.attname, item.attname, item.attname, t.name);
    END LOOP;
    EXECUTE format('GRANT DELETE ON %s TO {role}', t.name);
    EXECUTE format('ALTER TABLE %s ADD "world secret" text DEFAULT ''secret''', t.name);
"""

#: Tables and functions of the same names stand earlier in the path of the role.
HOSTILE_PATH = """
    CREATE SCHEMA hostile; GRANT USAGE ON SCHEMA hostile TO {role};
    CREATE FUNCTION hostile.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '1999-01-01'::timestamptz $$;
    CREATE FUNCTION hostile.lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT 'hijacked' $$;
    CREATE FUNCTION hostile.count(integer) RETURNS bigint LANGUAGE sql AS $$ SELECT -1::bigint $$;
""" + EACH_TABLE % """
    EXECUTE format('CREATE TABLE IF NOT EXISTS hostile.%I (hijacked integer)', t.bare);
"""


class World:
    """What is odd: settings of the role, what happens to the tables, whether the role owns everything."""

    def __init__(self, about, tables=(), settings=None, is_guest=False, parameters=None, reads_only=False, leaves_out=()):
        self.about = about
        self.tables = tables
        self.settings = settings or {}
        self.is_guest = is_guest
        #: What the URL says besides.
        self.parameters = parameters or {}
        #: Whether writes of a model are not expected to work as on a plain table.
        self.reads_only = reads_only
        #: Markers of tests that mean nothing here.
        self.leaves_out = leaves_out

    def prepare_role(self, execute, role):
        """The role that the library connects as."""
        if self.is_guest:
            execute(f"ALTER ROLE {role} NOSUPERUSER")
        for name, value in self.settings.items():
            execute(f"ALTER ROLE {role} SET {name} = {value if name == 'search_path' else repr(value)}")

    def transform(self, execute, role):
        """Changes the tables of a database, once they are there."""
        execute("SET client_min_messages = warning")
        for text in self.tables:
            execute(text.replace("{role}", role))
        self.grant(execute, role)

    def grant(self, execute, role):
        """Lets the role use tables that a test makes for itself."""
        if self.is_guest:
            execute(GRANT_ALL.replace("{role}", role))
            execute(GRANT_LATER.replace("{role}", role))


WORLDS = {
    "plain": World("nothing is odd"),
    "settings": World("every setting that changes how values are written", settings=SETTINGS),
    "serializable": World("default_transaction_isolation", settings={"default_transaction_isolation": "serializable"}, leaves_out=("read_committed",)),
    "domains": World("every column is of a domain", [DOMAINS]),
    "partitions": World("tables are partitioned by their keys", [PARTITIONS]),
    "inheritance": World("rows live in children of their tables", [INHERITANCE], reads_only=True, leaves_out=("alters_tables",)),
    "views": World("tables are reached by updatable views", [VIEWS], leaves_out=("alters_tables",)),
    "triggers": World("triggers of every kind on every table", [TRIGGERS]),
    "identity": World("identity columns, generated columns", [IDENTITY]),
    "deferred": World("foreign keys are checked at commit", [DEFERRED]),
    "policies": World("row-level security, and a role that owns nothing", [POLICIES], is_guest=True, leaves_out=("owns_tables",)),
    "grants": World("a role that may use some columns only", [GRANT_ALL, COLUMN_GRANTS], is_guest=True, leaves_out=("alters_tables", "owns_tables")),
    "search_path": World("a path in which others stand first", [HOSTILE_PATH],
                         settings={"search_path": "hostile, public"}, parameters={"schema": "public"}, leaves_out=("plain_path",)),
}


def current():
    """The world that the environment names."""
    return WORLDS[os.environ.get("ACCELERANT_WORLD", "plain")]
