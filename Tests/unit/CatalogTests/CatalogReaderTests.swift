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
}
