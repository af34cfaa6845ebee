import Testing
import Text

@testable import Catalog

/// What a server says of its structure.
struct CatalogReaderTests {
    @Test(arguments: [2, -1, Int.min]) func `a count of columns that no server gives is none`(count: Int) throws {
        let rows = """
            {"rows": [["schema", 1, null, [1], ["public"]], ["relation", 2, 1, [0, 0, 0, 0, 1, 0], ["T", "r", null]],
            ["key", 3, 2, [\(count), 0, 0, 1], ["k", "a", "a", "public", "T", null, "a", "b", "c", "d"]],
            ["index", 4, 2, [0, 0, 0, 1, \(count), 0, 0, 0, 0, 1, 2], ["i", "btree", null, null, null]]]}
            """
        let table = try #require(CatalogReader.database(from: try JSONDocument(scanning: rows)).tables.first)
        #expect(table.foreignKeys.map(\.columns) == [count > 0 ? ["a", "b"] : []])
        #expect(table.indexes.map(\.parts.count) == [max(count, 0)])
    }

    private func columns(_ rows: String) throws -> [Column] {
        let text = """
            {"rows": [["schema", 1, null, [1], ["public"]], ["relation", 2, 1, [0, 0, 0, 0, 1, 0], ["T", "r", null]],
            ["sequence", 9, 1, [0], ["s", "bigint", "1", "1", "1", "9", "1", null, null, null]], \(rows)]}
            """
        return try #require(CatalogReader.database(from: try JSONDocument(scanning: text)).tables.first).columns
    }

    @Test(arguments: BuiltInType.names.sorted { $0.key < $1.key }) func `a plain column is the same with fewer texts`(id: Int, name: String) throws {
        for (modifier, isList) in [(-1, 0), (-1, 1), (7, 0), (7, 1)] where modifier < 0 || name != "numeric" {
            let numbers = "[1, 1, \(isList), \(modifier), 0, 1, \(id)]"
            let short = try columns("[\"column\", 2, null, \(numbers), [\"c\"]]")
            let long = try columns(
                "[\"column\", 2, null, \(numbers), [\"c\", \"pg_catalog\", \"\(name)\", \"b\", \"\(name)\", null, \"\", \"\", null, null, null]]")
            #expect(short == long && short.count == 1)
            guard case .native? = short.first?.type else {
                Issue.record("no native type: \(name)")
                continue
            }
        }
    }

    @Test func `a plain column has its default`() throws {
        let found = try columns(
            """
            ["column", 2, null, [2, 0, 0, -1, 0, 1, 23], ["b", "nextval('s'::regclass)"]], ["column", 2, null, [1, 1, 0, -1, 0, 1, 25], ["a", "'x'::text"]]
            """)
        #expect(found.map(\.name) == ["a", "b"] && found.map(\.isNullable) == [false, true])
        #expect(found.map(\.defaultText) == ["'x'::text", "nextval('s'::regclass)"])
        #expect(found.map(\.defaultValue) == [.constant(.text("x")), .sequence(ObjectName("s", in: "public"))])
    }
}
