import Query
import SQL
import Testing
import Text

@Suite struct RelationTests {
    let blog: Blog
    init() throws { blog = try Blog() }

    private func title(_ slot: Int) throws -> Filter { try blog.equals("Post", "title", slot: slot) }

    // MARK: - Filters

    @Test func `some, none, every`() throws {
        let posts = try blog.field("User", "posts")
        let exists = #"EXISTS (SELECT 1 FROM "blog"."Post" AS t1 WHERE t1."authorId" = t0."id" AND "#
        #expect(try blog.condition("User", .toMany(field: posts, .some, title(0))) == exists + #"t1."title" = $1)"#)
        #expect(try blog.condition("User", .toMany(field: posts, .none, title(0))) == "(NOT " + exists + #"t1."title" = $1))"#)
        #expect(try blog.condition("User", .toMany(field: posts, .every, title(0))) == "(NOT " + exists + #"(NOT t1."title" = $1)))"#)
    }

    @Test func `a many-to-many filter goes through the join table`() throws {
        let topics = try blog.field("Post", "topics")
        let sql = try blog.condition("Post", .toMany(field: topics, .some, blog.equals("Topic", "label", slot: 0)))
        let from = #"FROM "blog"."_PostToTopic" AS t2 JOIN "blog"."Topic" AS t1 ON t1."id" = t2."B" WHERE t2."A" = t0."id""#
        #expect(sql == "EXISTS (SELECT 1 \(from) AND t1.\"label\" = $1)")
        let any = try blog.condition("Post", .toMany(field: topics, .some, .all([])))
        #expect(any == #"EXISTS (SELECT 1 FROM "blog"."_PostToTopic" AS t1 WHERE t1."A" = t0."id")"#)
    }

    @Test func `isNot passes where nothing is related`() throws {
        let author = try blog.field("Post", "author")
        let filter = Filter.toOne(field: author, try blog.equals("User", "name", slot: 0), isNegated: true)
        let exists = #"EXISTS (SELECT 1 FROM "public"."users" AS t1 WHERE t1."id" = t0."authorId" AND (NOT t1."name" = $1))"#
        #expect(try blog.condition("Post", filter) == "(t0.\"authorId\" IS NULL OR \(exists))")
        #expect(try blog.condition("Post", .not(filter)) == exists.replacing("(NOT t1.\"name\" = $1)", by: "t1.\"name\" = $1"))
    }

    @Test func `an absent relation is a NULL key here, or no record there`() throws {
        #expect(try blog.condition("Post", .toOneAbsent(field: blog.field("Post", "author"), isNegated: false)) == #"t0."authorId" IS NULL"#)
        let sql = try blog.condition("User", .toOneAbsent(field: blog.field("User", "profile"), isNegated: false))
        #expect(sql == #"(NOT EXISTS (SELECT 1 FROM "public"."Profile" AS t1 WHERE t1."userId" = t0."id"))"#)
    }

    // MARK: - Orders

    @Test func `orders over relations join each related table once`() throws {
        var rows = try blog.rows("Post")
        let author = try blog.field("Post", "author")
        rows.order = [
            Order(path: [author], term: .field(try blog.field("User", "name"))),
            Order(path: [author], term: .field(try blog.field("User", "id")), isDescending: true),
        ]
        let text = blog.find(rows, try blog.selection("Post", ["id"])).statements[0].text
        let join = #"LEFT JOIN "public"."users" AS t1 ON t1."id" = t0."authorId""#
        #expect(text == "SELECT t0.\"id\" FROM \"blog\".\"Post\" AS t0 \(join) ORDER BY t1.\"name\" ASC, t1.\"id\" DESC")
    }

    @Test func `an order by a count is a subquery`() throws {
        var rows = try blog.rows("User")
        rows.order = [Order(term: .count(relation: try blog.field("User", "posts")), isDescending: true)]
        let text = blog.find(rows, try blog.selection("User", ["id"])).statements[0].text
        #expect(text.hasSuffix(#"ORDER BY (SELECT count(*) FROM "blog"."Post" AS t1 WHERE t1."authorId" = t0."id") DESC"#))
    }

    // MARK: - Reads

    @Test func `a to-one relation is joined, and its presence is seen from its key`() throws {
        let read = try blog.nested("Post", "author", blog.rows("User"), blog.selection("User", ["name"]))
        let plan = blog.find(try blog.rows("Post"), try blog.selection("Post", ["title"], relations: [read]))
        let join = #"LEFT JOIN "public"."users" AS t1 ON t1."id" = t0."authorId""#
        #expect(plan.statements.map(\.text) == ["SELECT t0.\"title\", t1.\"name\", t1.\"id\" FROM \"blog\".\"Post\" AS t0 \(join)"])
        #expect(plan.tables == ["blog.Post", "public.users"])
        guard case .list(let record, _, _) = plan.shape.root, case .toOne(_, presence: 2) = record.members[1].content else {
            return #expect(Bool(false), "\(plan.shape.root)")
        }
    }

    @Test func `a to-many relation is a statement of its own over the parents' keys`() throws {
        var posts = try blog.rows("Post")
        posts.order = [try blog.order("Post", "views")]
        let read = try blog.nested("User", "posts", posts, blog.selection("Post", ["title"]))
        var users = try blog.rows("User", blog.equals("User", "role", slot: 0))
        users.take = Take(slot: 1, isBackward: false)
        let plan = blog.find(users, try blog.selection("User", ["name"], relations: [read]))
        let page = #"FROM "public"."users" AS t0 WHERE t0."role" = $1 ORDER BY t0."id" ASC LIMIT $2"#
        #expect(
            plan.statements.map(\.text) == [
                #"SELECT t0."name", t0."id" "# + page,
                #"SELECT t2."title", t2."authorId" FROM (SELECT t0."id" AS k0 "# + page
                    + #") AS t1 CROSS JOIN "blog"."Post" AS t2 WHERE t2."authorId" = t1.k0 ORDER BY t2."views" ASC"#,
            ])
        guard case .list(let record, result: 0, _) = plan.shape.root,
            case .toMany(_, result: 1, keys: [1], matching: [1], isReversed: false, areOwnColumns: true) = record.members[1].content
        else { return #expect(Bool(false), "\(plan.shape.root)") }
    }

    @Test func `a page for each parent is cut in a lateral subquery`() throws {
        var topics = try blog.rows("Topic")
        topics.order = [try blog.order("Topic", "label")]
        topics.take = Take(slot: 0, isBackward: true)
        let read = try blog.nested("Post", "topics", topics, blog.selection("Topic", ["label"]))
        let plan = blog.find(try blog.rows("Post"), try blog.selection("Post", ["id"], relations: [read]))
        let inner =
            #"SELECT t2."label", t2."id" FROM "blog"."_PostToTopic" AS t3 JOIN "blog"."Topic" AS t2 ON t2."id" = t3."B" "#
            + #"WHERE t3."A" = t1.k0 ORDER BY t2."label" DESC, t2."id" DESC LIMIT $1"#
        #expect(
            plan.statements[1].text
                == #"SELECT t1.k0, t2."label" FROM (SELECT t0."id" AS k0 FROM "blog"."Post" AS t0) AS t1 CROSS JOIN LATERAL ("#
                + inner + ") AS t2")
    }

    @Test func `pages whose records are joined with more keep their order by a clause of their own`() throws {
        let author = try blog.nested("Post", "author", blog.rows("User"), blog.selection("User", ["name"]))
        var posts = try blog.rows("Post")
        posts.order = [try blog.order("Post", "views")]
        posts.take = Take(slot: 0, literal: 3, isBackward: false)
        let read = try blog.nested("User", "posts", posts, blog.selection("Post", ["id"], relations: [author]))
        let text = blog.find(try blog.rows("User"), try blog.selection("User", ["id"], relations: [read])).statements[1].text
        #expect(text.contains(#"ORDER BY t2."views" ASC, t2."id" ASC LIMIT 3) AS t2 LEFT JOIN "#))
        #expect(text.hasSuffix(#" ORDER BY t2."views" ASC, t2."id" ASC"#))
    }

    @Test func `a limited parent has a total order, so that both statements see the same records`() throws {
        let read = try blog.nested("User", "posts", blog.rows("Post"), blog.selection("Post", ["id"]))
        var users = try blog.rows("User")
        users.order = [try blog.order("User", "age")]
        users.skip = 0
        let plan = blog.find(users, try blog.selection("User", ["id"], relations: [read]))
        for statement in plan.statements { #expect(statement.text.contains(#"ORDER BY t0."age" ASC, t0."id" ASC OFFSET $1"#)) }
    }

    @Test func `parents that may repeat are found once each`() throws {
        let posts = try blog.nested("User", "posts", blog.rows("Post"), blog.selection("Post", ["id"]))
        let author = try blog.nested("Post", "author", blog.rows("User"), blog.selection("User", ["id"], relations: [posts]))
        let plan = blog.find(try blog.rows("Post"), try blog.selection("Post", ["id"], relations: [author]))
        #expect(plan.statements[1].text.contains(#"FROM (SELECT DISTINCT t1."id" AS k0 FROM "blog"."Post" AS t0 LEFT JOIN "#))
    }

    @Test func `counts are correlated subqueries with their filters`() throws {
        let count = RelationCount(field: try blog.field("User", "posts"), filter: try title(0))
        let plan = blog.find(try blog.rows("User"), try blog.selection("User", ["id"], counts: [count]))
        #expect(
            plan.statements[0].text == #"SELECT t0."id", (SELECT count(*) FROM "blog"."Post" AS t1 WHERE t1."authorId" = t0."id" AND t1."title" = $1) "#
                + #"FROM "public"."users" AS t0"#)
    }

    @Test func `a page without an order stays in the order of its key when to-one relations are joined`() throws {
        var rows = try blog.rows("Post")
        rows.take = Take(slot: 0, literal: 2, isBackward: false)
        let author = try blog.nested("Post", "author", blog.rows("User"), blog.selection("User", ["id"]))
        let posts = try blog.nested("User", "posts", rows, blog.selection("Post", ["title"], relations: [author]))
        let text = blog.find(try blog.rows("User"), try blog.selection("User", ["id"], relations: [posts])).statements[1].text
        #expect(text.contains("ORDER BY t2.\"id\" ASC LIMIT 2) AS t2") && text.hasSuffix(" ORDER BY t2.\"id\" ASC"), "\(text)")
    }
}

extension String {
    fileprivate func replacing(_ part: String, by other: String) -> String {
        guard let range = range(of: part) else { return self }
        return self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}
