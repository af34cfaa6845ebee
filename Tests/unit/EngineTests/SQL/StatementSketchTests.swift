import Testing

@testable import Engine

/// Statements as errors show them.
@Suite struct StatementSketchTests {
    @Test(arguments: [
        ("INSERT INTO t VALUES (1.5e10, 'it''s', E'\\'x', $a$ secret; $a$)", "INSERT INTO t VALUES (?, '…', E'…', $…$)"),
        ("-- first\nSELECT 1;\n/* ; */ ; SELECT  a1,\n\t\"b;2\" FROM t", "SELECT ?"),
        ("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; DELETE FROM v)", "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; DELETE FROM v)"),
        ("SELECT 'no end", "SELECT '…'"), ("SELECT a/* between */b", "SELECT a b"), ("SELECT x[1:2], .5", "SELECT x[?:?], .?"),
        ("SELECT 1 /* no end: 'secret'", "SELECT ?"),
    ])
    func `values and comments are left out`(script: String, sketch: String) { #expect(StatementSketch.text(1, of: script) == sketch) }

    @Test func `statements are counted as the server counts them`() {
        #expect(StatementSketch.text(2, of: "SELECT 1;;\nSELECT a; ") == "SELECT a")
        #expect(StatementSketch.text(3, of: "SELECT 1;;\nSELECT a; ") == nil)
    }

    @Test func `a definition keeps its numbers`() {
        #expect(StatementSketch.text(1, of: "ALTER TABLE t ADD c varchar(10) DEFAULT 1.5", keepsNumbers: true) == "ALTER TABLE t ADD c varchar(10) DEFAULT 1.5")
    }
}
