import Query
import SQL
import Testing
import Text

@Suite struct AggregateTests {
    let blog: Blog
    init() throws { blog = try Blog() }

    @Test func `count is a number, and counts a page where one is asked for`() throws {
        let all = blog.plan(.count, .count(try blog.rows("User"), [.all], isNumber: true))
        #expect(all.statements[0].text == #"SELECT count(*) FROM "public"."users" AS t0"#)
        guard case .value(let column, result: 0) = all.shape.root else { return #expect(Bool(false), "\(all.shape.root)") }
        #expect(column.index == 0)
        var page = try blog.rows("User")
        page.take = Take(slot: 0, isBackward: false)
        let paged = blog.plan(.count, .count(page, [.all, .field(try blog.field("User", "name"))], isNumber: false))
        let rows = #"SELECT t0."name", t0."id" FROM "public"."users" AS t0 ORDER BY t0."id" ASC LIMIT $1"#
        #expect(paged.statements[0].text == "SELECT count(*), count(t0.\"name\") FROM (\(rows)) AS t0")
    }

    @Test func `averages of integers are Floats, sums keep their kind`() throws {
        let fields = try blog.fields("User", ["age", "big", "balance"])
        let plan = blog.plan(.aggregate, .aggregate(try blog.rows("User"), [.countAll, .average(fields), .sum(fields), .minimum([fields[0]])]))
        let averages = #"avg(t0."age")::float8, avg(t0."big")::float8, avg(t0."balance")"#
        #expect(
            plan.statements[0].text
                == "SELECT count(*), \(averages), sum(t0.\"age\"), sum(t0.\"big\"), sum(t0.\"balance\"), min(t0.\"age\") FROM \"public\".\"users\" AS t0"
        )
    }

    @Test func `groups with having and orders by aggregates`() throws {
        let age = try blog.field("User", "age"), role = try blog.field("User", "role")
        var rows = try blog.rows("User")
        rows.order = [Order(term: .aggregate(.average([age])), isDescending: true), Order(term: .field(role))]
        rows.take = Take(slot: 1, isBackward: false)
        let having = Having.any([
            .aggregate(.count([.field(age)]), .compare(.greater, .slot(0), isInsensitive: false)),
            .not(.aggregate(.minimum([age]), .isNull)),
        ])
        let grouping = Grouping(rows: rows, by: [role], aggregations: [.count([.all])], having: having)
        let plan = blog.plan(.groupBy, .groupBy(grouping))
        let having_ = #"HAVING (count(t0."age") > $1 OR (NOT min(t0."age") IS NULL))"#
        #expect(
            plan.statements[0].text == #"SELECT t0."role", count(*) FROM "public"."users" AS t0 GROUP BY t0."role" "# + having_
                + #" ORDER BY avg(t0."age") DESC, t0."role" ASC LIMIT $2"#)
    }
}
