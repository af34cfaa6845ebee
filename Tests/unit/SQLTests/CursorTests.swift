import Query
import SQL
import Testing

@Suite struct CursorTests {
    let blog: Blog
    init() throws { blog = try Blog() }

    private func text(_ order: [Order], backward: Bool = false) throws -> String {
        var rows = try blog.rows("User")
        rows.order = order
        rows.cursor = [(field: try blog.field("User", "id"), slot: 0)]
        rows.take = backward ? Take(slot: 1, isBackward: true) : nil
        let text = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        return String(text[try #require(text.range(of: " WHERE ")).upperBound...])
    }

    @Test func `without an order a cursor pages by the key`() throws {
        #expect(
            try text([]) == #"t0."id" >= (SELECT t1."id" FROM "public"."users" AS t1 WHERE t1."id" = $1) ORDER BY t0."id" ASC"#)
    }

    @Test func `backward, everything turns round`() throws {
        #expect(
            try text([], backward: true)
                == #"t0."id" <= (SELECT t1."id" FROM "public"."users" AS t1 WHERE t1."id" = $1) ORDER BY t0."id" DESC LIMIT $2"#)
    }

    @Test func `orders that go one way compare as a row, so that an index serves`() throws {
        let sql = try text([blog.order("User", "big"), blog.order("User", "id")])
        #expect(sql.hasPrefix(#"(t0."big", t0."id") >= ((SELECT t1."big" FROM"#))
    }

    @Test func `orders that go both ways compare term by term`() throws {
        let sql = try text([blog.order("User", "big", descending: true), blog.order("User", "id")])
        #expect(sql.hasPrefix(#"t0."big" <= (SELECT t1."big" FROM"#))
        #expect(sql.contains(#" AND (t0."big" < (SELECT t1."big" FROM"#))
    }

    @Test func `an order that may be NULL asks for the cursor's record itself`() throws {
        let sql = try text([blog.order("User", "age", nulls: .first), blog.order("User", "id")])
        #expect(sql.hasPrefix(#"EXISTS (SELECT 1 FROM "public"."users" AS t1 WHERE t1."id" = $1) AND "#))
        #expect(sql.contains(#"t0."age" IS NOT DISTINCT FROM (SELECT t1."age""#))
    }

    @Test func `an order that is not unique looks for the cursor's record among those that pass the filter`() throws {
        var rows = try blog.rows("User", blog.equals("User", "name", slot: 1))
        rows.cursor = [(field: try blog.field("User", "id"), slot: 0)]
        rows.order = [try blog.order("User", "big")]
        let loose = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        #expect(loose.contains(#"(SELECT t1."id" FROM "public"."users" AS t1 WHERE t1."name" = $1 AND t1."id" = $2)"#))
        rows.order = [try blog.order("User", "big"), try blog.order("User", "email")]
        let unique = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        #expect(unique.contains(#"(SELECT t1."big" FROM "public"."users" AS t1 WHERE t1."id" = $2)"#))
    }

    @Test func `a compound primary key does not make an order unique, a compound unique key would`() throws {
        var rows = try blog.rows("Place", blog.equals("Place", "label", slot: 2))
        let key = try blog.fields("Place", ["country", "code"])
        rows.cursor = [(field: key[0], slot: 0), (field: key[1], slot: 1)]
        let text = blog.find(rows, try blog.selection("Place", ["label"])).statements[0].text
        #expect(text.contains(#"AS t1 WHERE t1."label" = $1 AND t1."country" = $2 AND t1."code" = $3)"#))
    }

    @Test func `with distinct, what comes before the cursor goes first, and the cursor has to remain`() throws {
        var rows = try blog.rows("User")
        rows.cursor = [(field: try blog.field("User", "id"), slot: 0)]
        rows.order = [try blog.order("User", "id")]
        rows.distinct = try blog.fields("User", ["role"])
        let text = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        let inner = #"WHERE t0."id" >= (SELECT t1."id" FROM "public"."users" AS t1 WHERE t1."id" = $1) ORDER BY t0."role", t0."id" ASC) AS t0"#
        #expect(text.contains(inner))
        #expect(text.contains(#"WHERE t0."id" >= (SELECT t2."id" FROM (SELECT DISTINCT ON (t2."role")"#))
    }
}
