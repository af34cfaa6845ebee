import SQL
import Schema
import Testing
import Text

@testable import Engine

@Suite("What raw statements change") struct RawEffectTests {
    @Test(
        arguments: [
            "SELECT 1", "  select * from t", "(SELECT 1) UNION (SELECT 2)", "/* DELETE /* x */ */ VALUES (1)", "-- INSERT\nSELECT 1", "TABLE t", "SHOW all",
            "WITH a AS (SELECT 1) SELECT * FROM a", "EXPLAIN SELECT 1", "EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1", "SELECT 'DELETE; DROP'",
            "SELECT $$; INTO $$, \"INTO\"",
            "SELECT 1;", "SELECT a$b, $1 FROM t", "--x\rSELECT 1",
        ])
    func `statements that read have no effect`(_ statement: String) { #expect(RawEffect(of: statement) == .none) }

    @Test(
        arguments: [
            "INSERT INTO t VALUES (1)", "update t set a = 1", "WITH a AS (INSERT INTO t VALUES (1) RETURNING 1) SELECT * FROM a", "TRUNCATE t",
            "COPY t FROM '/f'", "", "/* no end", "--", "1", "--x\rDELETE FROM t", "WITH a AS (SELECT 1) MERGE INTO t USING a ON true WHEN MATCHED THEN DELETE",
        ])
    func `statements that write, or that cannot be told, write`(_ statement: String) { #expect(RawEffect(of: statement) == .writes) }

    @Test(
        arguments: [
            "CREATE TABLE t ()", "alter table t add a int", "DROP VIEW v", "SELECTED", "GRANT SELECT ON t TO r", "REVOKE ALL ON t FROM r",
            "REFRESH MATERIALIZED VIEW v",
            "EXPLAIN ANALYZE REFRESH MATERIALIZED VIEW v", "EXPLAIN ANALYZE EXECUTE p", "EXPLAIN ANALYZE DELETE FROM t", "SELECT 1 INTO t", "SET ROLE r",
            "REINDEX TABLE t",
        ])
    func `statements that define something say so`(_ statement: String) { #expect(RawEffect(of: statement) == .defines) }

    @Test(arguments: ["DO $$ $$", "CALL p()", "SELECT 1; DELETE FROM t", "SELECT '\\'; DELETE FROM t --'"])
    func `statements that may do anything are calls`(_ statement: String) { #expect(RawEffect(of: statement) == .calls) }

    @Test("Tables are found by their names and by those of their models, and may be in more than one schema")
    func names() throws {
        let schema = try Schema.parse(
            """
            datasource db { provider = "postgresql"
              schemas = ["app", "log"] }
            model User { id Int @id
              posts Post[]
              @@map("users")
              @@schema("app") }
            model Post { id Int @id
              userId Int
              user User @relation(fields: [userId], references: [id], onDelete: Cascade)
              @@map("items")
              @@schema("app") }
            model Note { id Int @id
              @@map("items")
              @@schema("log") }
            """)
        let tables = TableNames(schema, SQLSettings(defaultSchema: "app"))
        #expect(tables.named("User") == ["app.users"])
        #expect(tables.named("users") == ["app.users"])
        #expect(tables.named("log.items") == ["log.items"])
        #expect(tables.named("items") == ["app.items", "log.items"])
        #expect(tables.named("Users") == nil)
        #expect(tables.reached(from: ["app.users"]) == ["app.users", "app.items"])

        let unqualified = TableNames(
            try Schema.parse("datasource db { provider = \"postgresql\" }\nmodel User { id Int @id }"), SQLSettings())
        #expect(unqualified.named("public.User") == ["User"])
        #expect(unqualified.named("User") == ["User"])
    }
}
