import Query
import SQL
import Schema
import Testing
import Text

@Suite struct ScalarReadTests {
    let blog: Blog
    init() throws { blog = try Blog() }

    @Test func `a unique lookup is one plain statement`() throws {
        let plan = blog.find(try blog.rows("User", blog.equals("User", "id", slot: 0)), try blog.selection("User", ["id", "name"]), .findUnique)
        #expect(
            plan.statements == [
                Plan.Statement(text: #"SELECT t0."id", t0."name" FROM "public"."users" AS t0 WHERE t0."id" = $1"#, slots: [0])
            ])
        #expect(plan.tables == ["public.users"])
        guard case .first(let record, result: 0) = plan.shape.root else { return #expect(Bool(false), "\(plan.shape.root)") }
        #expect(record.members.map { String(decoding: $0.label, as: UTF8.self) } == [#""id":"#, #""name":"#])
    }

    @Test func `order, take and skip`() throws {
        var rows = try blog.rows("User")
        rows.order = [try blog.order("User", "name", nulls: .first), try blog.order("User", "id", descending: true)]
        rows.take = Take(slot: 1, isBackward: false)
        rows.skip = 0
        let plan = blog.find(rows, try blog.selection("User", ["id"]))
        let order = #"ORDER BY t0."name" ASC NULLS FIRST, t0."id" DESC LIMIT $1 OFFSET $2"#
        #expect(plan.statements[0].text == #"SELECT t0."id" FROM "public"."users" AS t0 "# + order)
        #expect(plan.statements[0].slots == [1, 0])
    }

    @Test func `a negative take reads the other way round and turns the answer`() throws {
        var rows = try blog.rows("User")
        rows.order = [try blog.order("User", "name", nulls: .first)]
        rows.take = Take(slot: 0, isBackward: true)
        let plan = blog.find(rows, try blog.selection("User", ["id"]))
        #expect(plan.statements[0].text.hasSuffix(#"ORDER BY t0."name" DESC NULLS LAST, t0."id" DESC LIMIT $1"#))
        guard case .list(_, result: 0, isReversed: true) = plan.shape.root else { return #expect(Bool(false), "\(plan.shape.root)") }
    }

    @Test func `a page without an order is ordered by the key`() throws {
        var rows = try blog.rows("Place")
        rows.skip = 0
        let plan = blog.find(rows, try blog.selection("Place", ["label"]))
        #expect(plan.statements[0].text.hasSuffix(#"ORDER BY t0."country" ASC, t0."code" ASC OFFSET $1"#))
    }

    @Test func `the first of all is looked for with LIMIT 1`() throws {
        let plan = blog.find(try blog.rows("User"), try blog.selection("User", ["id"]), .findFirst)
        #expect(plan.statements[0].text == #"SELECT t0."id" FROM "public"."users" AS t0 LIMIT 1"#)
    }

    @Test func `distinct keeps the first of each kind in the order asked for`() throws {
        var rows = try blog.rows("User")
        rows.order = [try blog.order("User", "age", descending: true)]
        rows.distinct = try blog.fields("User", ["role"])
        rows.take = Take(slot: 0, isBackward: false)
        let plan = blog.find(rows, try blog.selection("User", ["id"]))
        let inner = #"SELECT DISTINCT ON (t0."role") t0."id", t0."role", t0."age" FROM "public"."users" AS t0 ORDER BY t0."role", t0."age" DESC, t0."id" ASC"#
        #expect(plan.statements[0].text == "SELECT t0.\"id\" FROM (\(inner)) AS t0 ORDER BY t0.\"age\" DESC, t0.\"id\" ASC LIMIT $1")
    }

    @Test func `types without a binary decoder are cast in the select list`() throws {
        let plan = blog.find(try blog.rows("Place"), try blog.selection("Place", ["cost", "host", "mask", "uuid"]))
        let list = #"SELECT t0."cost"::numeric, nullif(array_to_string(ARRAY[t0."host"], ''), ''), t0."mask"::text, t0."uuid" FROM"#
        #expect(plan.statements[0].text.hasPrefix(list))
    }

    @Test func `the URL's schema is used where the model names none, and only there`() throws {
        let schema = try Schema.parse("model A {\n id Int @id\n}")
        let rows = Rows(model: 0)
        let request = Request(operation: .findMany, model: 0, body: .find(rows, Selection(scalars: [0])), slots: [])
        let plan = Compiler.compile(request, schema: schema, settings: SQLSettings(defaultSchema: "app"))
        #expect(plan.statements[0].text == #"SELECT t0."id" FROM "app"."A" AS t0"#)
        #expect(plan.tables == ["app.A"])
        #expect(Compiler.compile(request, schema: schema).statements[0].text == #"SELECT t0."id" FROM "A" AS t0"#)
    }

    @Test func `a small take stands in the text, where the planner sees it`() throws {
        var rows = try blog.rows("User")
        rows.order = [try blog.order("User", "id")]
        rows.take = Take(slot: 0, literal: 20, isBackward: false)
        rows.skip = 1
        let plan = blog.find(rows, try blog.selection("User", ["id"]))
        #expect(plan.statements[0].text.hasSuffix(#"ORDER BY t0."id" ASC LIMIT 20 OFFSET $1"#))
        #expect(plan.statements[0].slots == [1])
    }

    @Test func `what a filter fixes counts among the fields of a key`() throws {
        func order(_ filter: Filter, _ fields: [String], cursor: Bool = false) throws -> Substring {
            var rows = try blog.rows("Place", filter)
            rows.order = try fields.map { try blog.order("Place", $0) }
            rows.take = Take(slot: 1, literal: 20, isBackward: false)
            if cursor { rows.cursor = [(field: try blog.field("Place", "label"), slot: 2)] }
            let text = blog.find(rows, try blog.selection("Place", ["label"])).statements[0].text
            return try text[#require(text.range(of: " ORDER BY ")).upperBound...]
        }
        let country = try blog.equals("Place", "country", slot: 0)
        #expect(try order(country, ["code"]) == #"t0."code" ASC LIMIT 20"#)
        #expect(try order(.all([country, blog.equals("Place", "uuid", slot: 2)]), []) == #"t0."code" ASC LIMIT 20"#)
        #expect(try order(country, ["uuid"]) == #"t0."uuid" ASC, t0."code" ASC LIMIT 20"#)
        #expect(try order(.any([country, country]), ["code"]) == #"t0."code" ASC, t0."country" ASC LIMIT 20"#)
        // A cursor's record may be one of another country.
        #expect(try order(country, ["code"], cursor: true).hasSuffix(#"t0."code" ASC, t0."country" ASC LIMIT 20"#))
    }

    @Test func `distinct on a key leaves nothing out, and distinct on nothing all but the first`() throws {
        var rows = try blog.rows("User")
        rows.distinct = try blog.fields("User", ["id"])
        let all = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        #expect(all == #"SELECT t0."id" FROM "public"."users" AS t0 ORDER BY t0."id" ASC"#)
        rows.distinct = []
        rows.isDistinctOnNothing = true
        let text = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        #expect(text.contains(#"FROM (SELECT t0."id" FROM "public"."users" AS t0 ORDER BY t0."id" ASC LIMIT 1) AS t0"#))
    }
}
