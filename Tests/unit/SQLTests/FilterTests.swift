import Query
import SQL
import Testing

@Suite struct FilterTests {
    let blog: Blog
    init() throws { blog = try Blog() }

    private func scalar(_ name: String, _ test: ScalarTest) throws -> String {
        try blog.condition("User", .scalar(field: blog.field("User", name), test))
    }

    private func list(_ test: ListTest) throws -> String { try blog.condition("User", .list(field: blog.field("User", "tags"), test)) }

    private func json(_ test: JSONTest, negated: Bool = false) throws -> String {
        let filter = Filter.json(field: try blog.field("User", "meta"), test)
        return try blog.condition("User", negated ? .not(filter) : filter)
    }

    @Test(arguments: [
        (Comparison.equals, "="), (.notEquals, "<>"), (.less, "<"), (.lessOrEqual, "<="), (.greater, ">"), (.greaterOrEqual, ">="),
    ])
    func `comparisons leave the column bare`(comparison: Comparison, sign: String) throws {
        #expect(try scalar("age", .compare(comparison, .slot(3), isInsensitive: false)) == "t0.\"age\" \(sign) $1")
    }

    @Test func `scalar tests`() throws {
        let name = try blog.field("User", "name")
        #expect(try scalar("name", .isNull) == #"t0."name" IS NULL"#)
        #expect(try scalar("name", .among(.slot(0), isNegated: false, isInsensitive: false)) == #"t0."name" = ANY($1)"#)
        #expect(try scalar("name", .among(.slot(0), isNegated: true, isInsensitive: true)) == #"(NOT t0."name" ILIKE ANY($1))"#)
        #expect(try scalar("name", .matches(.contains, .slot(0), isNegated: false, isInsensitive: false)) == #"t0."name" LIKE $1"#)
        #expect(try scalar("name", .compare(.equals, .slot(0), isInsensitive: true)) == #"t0."name" ILIKE $1"#)
        #expect(try scalar("name", .compare(.less, .slot(0), isInsensitive: true)) == #"lower(t0."name") < lower($1::text)"#)
        #expect(try scalar("email", .compare(.equals, .field(name), isInsensitive: false)) == #"t0."email" = t0."name""#)
    }

    @Test func `char and citext are matched as text, as Prisma does`() throws {
        func place(_ name: String, _ test: ScalarTest) throws -> String {
            let plan = blog.find(try blog.rows("Place", .scalar(field: try blog.field("Place", name), test)), try blog.selection("Place", ["code"]))
            let text = plan.statements[0].text
            return String(text[try #require(text.range(of: " WHERE ")).upperBound...])
        }
        let contains = ScalarTest.matches(.contains, .slot(0), isNegated: false, isInsensitive: false)
        #expect(try place("code2", contains) == #"t0."code2"::text LIKE $1"#)
        #expect(try place("nick", contains) == #"t0."nick"::text LIKE $1"#)
        #expect(try place("code2", .matches(.contains, .slot(0), isNegated: false, isInsensitive: true)) == #"t0."code2" ILIKE $1"#)
        let mask = try blog.field("Place", "mask")
        #expect(try place("mask", .compare(.less, .field(mask), isInsensitive: true)) == #"lower(t0."mask"::text) < lower(t0."mask"::text)"#)
    }

    @Test func `a list of json is empty in a type that has equality`() throws {
        let notes = try blog.field("Place", "notes")
        let plan = blog.find(try blog.rows("Place", .list(field: notes, .isEmpty(true))), try blog.selection("Place", ["code"]))
        #expect(plan.statements[0].text.hasSuffix(#" WHERE t0."notes"::jsonb[] = '{}'"#))
    }

    @Test func `a field reference is matched as plain text`() throws {
        let name = try blog.field("User", "name")
        #expect(
            try scalar("email", .matches(.contains, .field(name), isNegated: false, isInsensitive: false))
                == #"strpos(t0."email"::text, t0."name"::text) > 0"#)
        #expect(
            try scalar("email", .matches(.endsWith, .field(name), isNegated: true, isInsensitive: true))
                == #"(NOT right(lower(t0."email"), length(lower(t0."name"::text))) = lower(t0."name"::text))"#)
    }

    @Test func `a search in several fields takes them as one text`() throws {
        let fields = try blog.fields("User", ["email", "name"])
        #expect(
            try blog.condition("User", .search(fields: fields, slot: 0, isNegated: false))
                == #"to_tsvector(concat_ws(' ', t0."email", t0."name")) @@ to_tsquery($1)"#)
    }

    @Test func `lists`() throws {
        #expect(try list(.equals(.slot(0), isNegated: false)) == #"t0."tags" = $1"#)
        #expect(try list(.has(.slot(0))) == #"$1 = ANY(t0."tags")"#)
        #expect(try list(.hasEvery(.slot(0))) == #"t0."tags" @> $1"#)
        #expect(try list(.hasSome(.slot(0))) == #"t0."tags" && $1"#)
        #expect(try list(.isEmpty(true)) == #"t0."tags" = '{}'"#)
    }

    @Test func `Json under a path; each value is one parameter however often it is used`() throws {
        let test = JSONTest(path: 0, kind: .compare(.greater, .slot(1)))
        let value = #"(t0."meta" #> $1::text[])"#
        #expect(try json(test) == "(\(value) > $2::jsonb AND jsonb_typeof(\(value)) = jsonb_typeof($2::jsonb))")
    }

    @Test func `negated, Json of another type does not pass either`() throws {
        let test = JSONTest(path: nil, kind: .arrayContains(.slot(0)))
        #expect(try json(test, negated: true) == #"((NOT t0."meta" @> $1::jsonb) AND jsonb_typeof(t0."meta") = 'array')"#)
    }

    @Test func `the three nulls of Json`() throws {
        #expect(try json(JSONTest(path: nil, kind: .isDatabaseNull(isNegated: false))) == #"t0."meta" IS NULL"#)
        #expect(try json(JSONTest(path: nil, kind: .isJSONNull(isNegated: true))) == #"t0."meta" <> 'null'::jsonb"#)
        #expect(try json(JSONTest(path: nil, kind: .isAnyNull(isNegated: false))) == #"(t0."meta" = 'null'::jsonb OR t0."meta" IS NULL)"#)
    }

    @Test func `alternatives over the same fields are one look-up`() throws {
        func equals(_ name: String, _ slot: Int) throws -> Filter {
            .scalar(field: try blog.field("User", name), .compare(.equals, .slot(slot), isInsensitive: false))
        }
        let ids: Filter = .any([try equals("id", 0), try equals("id", 1), try equals("id", 2)])
        #expect(try blog.condition("User", ids) == #"t0."id" IN ($1, $2, $3)"#)
        #expect(try blog.condition("User", .not(ids)) == #"(NOT t0."id" IN ($1, $2, $3))"#)
        #expect(try blog.condition("User", .isNotTrue(try equals("name", 0))) == #"(t0."name" = $1 IS NOT TRUE)"#)
        let few: Filter = .any([.all([try equals("id", 0), try equals("name", 1)]), .all([try equals("id", 2), try equals("name", 3)])])
        #expect(try blog.condition("User", few) == #"((t0."id" = $1 AND t0."name" = $2) OR (t0."id" = $3 AND t0."name" = $4))"#)
        var pairs: [Filter] = []
        for pair in 0..<32 { pairs.append(.all([try equals("id", 2 * pair), try equals("name", 2 * pair + 1)])) }
        let text = try blog.condition("User", .any(pairs))
        #expect(
            text.hasPrefix(
                #"(t0."id", t0."name") IN (SELECT t3.k0, t3.k1 FROM (VALUES ((SELECT t1."id" FROM "public"."users" AS t1 LIMIT 0), "#
                    + #"(SELECT t2."name" FROM "public"."users" AS t2 LIMIT 0)), ($1, $2), ($3, $4)"#))
        #expect(text.hasSuffix("($63, $64)) AS t3 (k0, k1) WHERE t3.k0 IS NOT NULL AND t3.k1 IS NOT NULL)"))
        let lists = Filter.amongTuples(fields: [try blog.field("User", "id"), try blog.field("User", "name")], lists: [0, 1])
        #expect(
            try blog.condition("User", lists)
                == #"(t0."id", t0."name") IN (SELECT unnest(array_cat(ARRAY(SELECT t1."id" FROM "public"."users" AS t1 LIMIT 0), $1)), "#
                + #"unnest(array_cat(ARRAY(SELECT t2."name" FROM "public"."users" AS t2 LIMIT 0), $2)))"#)
    }

    @Test func `AND, OR and NOT, empty ones too`() throws {
        let a = try blog.equals("User", "id", slot: 0), b = try blog.equals("User", "name", slot: 1)
        #expect(try blog.condition("User", .all([a, .any([a, b])])) == #"(t0."id" = $1 AND (t0."id" = $1 OR t0."name" = $2))"#)
        #expect(try blog.condition("User", .any([])) == "FALSE")
        #expect(try blog.condition("User", .not(.any([]))) == "TRUE")
        #expect(try blog.condition("User", .not(.all([a, b]))) == #"((NOT t0."id" = $1) OR (NOT t0."name" = $2))"#)
        #expect(try blog.condition("User", .not(.not(a))) == #"t0."id" = $1"#)
    }
}
