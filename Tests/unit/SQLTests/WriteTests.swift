import Query
import SQL
import Schema
import Testing
import Text

@Suite struct WriteTests {
    let blog: Blog
    init() throws { blog = try Blog() }

    private func compiler() -> WriteCompiler { WriteCompiler(schema: blog.schema, settings: SQLSettings()) }

    @Test func `new records stand in one INSERT, what is not given as DEFAULT`() throws {
        var compiler = compiler()
        let rows = WriteCompiler.Rows(
            columns: try blog.fields("User", ["id", "name", "meta"]),
            cells: [[.slot(0), .null, .jsonNull], [.slot(1), .databaseDefault, .slot(2)]])
        let statement = compiler.insert(
            try blog.model("User"), rows, onConflict: .isSkipped,
            WriteCompiler.Returning(keys: try blog.fields("User", ["id"]), selection: try blog.selection("User", ["email", "createdAt"])))
        #expect(
            statement.statement.text == #"INSERT INTO "public"."users" AS t0 ("id", "name", "meta") VALUES ($1, NULL, 'null'), ($2, DEFAULT, $3)"#
                + #" ON CONFLICT DO NOTHING RETURNING t0."email", t0."created_at", t0."id"::text"#)
        #expect(statement.statement.slots == [0, 1, 2])
        #expect(statement.firstKey == 2)
        #expect(compiler.tables == ["public.users"])
    }

    @Test func `a record without any value takes the defaults`() throws {
        var compiler = compiler()
        let statement = compiler.insert(try blog.model("Topic"), WriteCompiler.Rows(columns: [], cells: [[]]), WriteCompiler.Returning())
        #expect(statement.statement.text == #"INSERT INTO "blog"."Topic" AS t0 DEFAULT VALUES"#)
    }

    @Test func `each change of a column has its form`() throws {
        var compiler = compiler()
        let changes: [(field: Int, change: WriteData.Change)] = [
            (try blog.field("User", "age"), .increment(0)), (try blog.field("User", "balance"), .divide(1)),
            (try blog.field("User", "tags"), .push(2)), (try blog.field("User", "name"), .null), (try blog.field("User", "meta"), .jsonNull),
        ]
        let statement = compiler.update(try blog.model("User"), changes, where: try blog.equals("User", "id", slot: 3), WriteCompiler.Returning())
        #expect(
            statement.statement.text == #"UPDATE "public"."users" AS t0 SET "age" = t0."age" + $1, "balance" = t0."balance" / $2, "#
                + #""tags" = array_append(t0."tags", $3), "name" = NULL, "meta" = 'null' WHERE t0."id" = $4"#)
        #expect(statement.statement.slots == [0, 1, 2, 3])
    }

    @Test func `a limit chooses rows first, by their key, and locks them`() throws {
        var compiler = compiler()
        let key = try #require(blog.schema.models[try blog.model("Topic")].selectors.first?.fields.first)
        let column = blog.schema.models[try blog.model("Topic")].fields[key].columnName
        let statement = compiler.delete(
            try blog.model("Topic"), where: try blog.equals("Topic", "label", slot: 0), limit: 1, WriteCompiler.Returning())
        #expect(
            statement.statement.text == #"WITH t1 AS (SELECT t2.tableoid AS k0, t2."\#(column)" AS k1 FROM "blog"."Topic" AS t2 "#
                + #"WHERE t2."label" = $1 LIMIT $2 FOR UPDATE) "#
                + #"DELETE FROM "blog"."Topic" AS t0 WHERE (t0.tableoid, t0."\#(column)") IN (SELECT t1.k0, t1.k1 FROM t1)"#)
    }

    @Test func `a record is locked as its change would lock it`() throws {
        let compiler = compiler()
        let user = try blog.model("User")
        #expect(compiler.lock(changing: [try blog.field("User", "age")], of: user) == .noKeyUpdate)
        #expect(compiler.lock(changing: [try blog.field("User", "age"), try blog.field("User", "email")], of: user) == .update)
        var finding = compiler
        let text = finding.find(user, where: try blog.equals("User", "email", slot: 0), [try blog.field("User", "id")], .noKeyUpdate).statement.text
        #expect(text == #"SELECT t0."id"::text FROM "public"."users" AS t0 WHERE t0."email" = $1 FOR NO KEY UPDATE"#)
    }

    @Test func `an upsert is an INSERT with what to do on conflict`() throws {
        var compiler = compiler()
        let rows = WriteCompiler.Rows(columns: try blog.fields("User", ["email", "age"]), cells: [[.slot(0), .slot(1)]])
        let statement = compiler.insert(
            try blog.model("User"), rows,
            onConflict: .updates(key: try blog.fields("User", ["email"]), [(try blog.field("User", "age"), .increment(1))]), WriteCompiler.Returning())
        #expect(
            statement.statement.text == #"INSERT INTO "public"."users" AS t0 ("email", "age") VALUES ($1, $2)"#
                + #" ON CONFLICT ("email") DO UPDATE SET "age" = t0."age" + $2"#)
    }

    @Test func `the tables that change are known, also those that actions reach`() throws {
        func tables(_ write: (inout WriteCompiler) throws -> Void) rethrows -> [String] {
            var compiler = compiler()
            try write(&compiler)
            return compiler.tables
        }
        let byPost: Filter = .toMany(field: try blog.field("User", "posts"), .some, .all([]))
        let user = try blog.model("User")
        #expect(try tables { _ = $0.update(user, [(try blog.field("User", "age"), .null)], where: byPost, WriteCompiler.Returning()) } == ["public.users"])
        #expect(
            try tables { _ = $0.update(user, [(try blog.field("User", "id"), .set(0))], where: byPost, WriteCompiler.Returning()) }
                == ["blog.Post", "public.Profile", "public.users"])
        #expect(tables { _ = $0.delete(user, where: byPost, WriteCompiler.Returning()) } == ["blog.Post", "public.users"])
        let topic = try blog.model("Topic")
        #expect(tables { _ = $0.delete(topic, where: .all([]), WriteCompiler.Returning()) } == ["blog.Topic", "blog._PostToTopic"])
        #expect(tables { _ = $0.find(topic, where: .all([]), []) } == [])
    }

    @Test func `links of a join table are made and cut`() throws {
        var compiler = compiler()
        let field = blog.schema.models[try blog.model("Post")].fields[try blog.field("Post", "topics")]
        guard case .relation(let relation) = field.type, case .joinTable(let link) = relation.link else { return #expect(Bool(false)) }
        let made = compiler.link(link, this: 0, others: [1, 2])
        #expect(made.statement.text == #"INSERT INTO "blog"."_PostToTopic" ("A", "B") VALUES ($1, $2), ($1, $3) ON CONFLICT DO NOTHING"#)
        #expect(compiler.unlink(link, this: 0, others: [1]).statement.text == #"DELETE FROM "blog"."_PostToTopic" WHERE "A" = $1 AND "B" IN ($2)"#)
        #expect(compiler.unlink(link, this: 0, others: nil).statement.text == #"DELETE FROM "blog"."_PostToTopic" WHERE "A" = $1"#)
    }
}
