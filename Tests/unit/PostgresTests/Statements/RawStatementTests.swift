import Testing

@testable import Postgres

/// What is told of a raw statement whose session ended.
@Suite struct RawStatementTests {
    private func mayWrite(_ text: String) -> Bool { RawStatements().find(text, types: [], parameterCount: 0).mayWrite }

    @Test(
        arguments: [
            "SELECT 1", "select 1;", "SELECT count(*) FROM t WHERE a = 'INSERT; DROP' -- DELETE", "VALUES (1)", "TABLE t", "SHOW all", "(SELECT 1)",
            "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT * FROM t FOR UPDATE", "SELECT * FROM t FOR NO KEY UPDATE",
            "SELECT pg_sleep(1)", "SELECT \"insert\" FROM t",
        ])
    func reads(_ text: String) { #expect(!mayWrite(text)) }

    @Test func `a parameter with a cast of its own gets its type from no column`() {
        #expect(RawStatement.castParameters(of: "SELECT $1::date, $2, $3 :: timestamptz(3) FROM t WHERE a = $4 AND b > $1 /* x */ ::date") == [0, 2])
        #expect(RawStatement.castParameters(of: "SELECT $1::date WHERE a = $1") == [])
        #expect(RawStatement.castParameters(of: "SELECT a[$1:$2], '$3::date', $10::time") == [9])
        #expect(RawStatement.castParameters(of: "SELECT $1::date, 'no end") == [])
        #expect(RawStatement.castParameters(of: "SELECT $1::date") == [0])
    }

    @Test(
        arguments: [
            "", "INSERT INTO t VALUES (1)", "SELECT f()", "SELECT public.f()", "SELECT nextval('s')", "SELECT setval('s', 1)", "SELECT pg_notify('a', 'b')",
            "SELECT 1 INTO t", "WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a", "SELECT 1; SELECT 2", "EXPLAIN ANALYZE SELECT 1", "CALL p()",
            "SELECT 'a", "SELECT \"f\"()", "SELECT set_config('a.b', 'c', false)",
        ])
    func mayChangeSomething(_ text: String) { #expect(mayWrite(text)) }
}
