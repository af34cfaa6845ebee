import Testing
import Text

@testable import Catalog

/// What tells a generated column's expression from a default.
struct ColumnReferenceTests {
    private let columns: Set<ExactString> = ["name", "time", "zone", "date", "year", "Full Name", "lower", "a\"b"].reduce(into: []) {
        $0.insert(ExactString($1))
    }

    @Test(arguments: [
        "upper(name)", "NAME || 'x'", "(\"Full Name\")", "(date)", "1 + year", "coalesce(\"name\", 'a')", "CASE WHEN (time > 5) THEN 1 END",
        "('a'::text || name)", "extract(year FROM date)", "\"a\"\"b\"", "1 /* x */ + name", "$$x$$ || name",
    ])
    func `An expression over a column is one`(_ text: String) { #expect(ColumnReference.isIn(text, columns: columns)) }

    @Test(arguments: [
        "now()", "'name'", "'it''s name'", "E'\\'name'", "'a'::timestamp without time zone", "now()::date", "date '2026-01-01'", "lower('X')",
        "CAST('x' AS date)", "extract(year FROM now())", "interval '1' year", "\"Name\"", "x.name", "'a' COLLATE name", "5", "1e5", "''", "$$ name $$",
        "U&'name'", "5 -- name", "'a'::pg_catalog.name",
    ])
    func `An expression over none is a default`(_ text: String) { #expect(!ColumnReference.isIn(text, columns: columns)) }
}
