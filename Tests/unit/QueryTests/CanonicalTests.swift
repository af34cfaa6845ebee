import Testing
import Text

@testable import Query

@Suite("Which requests are the same")
struct CanonicalTests {
    @Test(
        "Texts of the same meaning give the same request and the same values",
        arguments: [
            (#"{"where": {"id": 1, "name": "a"}}"#, #"{"where": {"name": "a", "id": 1}}"#),
            (#"{"where": {"id": 1}}"#, #"{ "where":{"id":1.0} }"#), (#"{"where": {"id": 1}}"#, #"{"where": {"id": {"equals": 1}}}"#),
            (#"{"where": {"AND": [{"id": 1}]}}"#, #"{"where": {"id": 1}}"#), (#"{"where": {}}"#, "{}"),
            (#"{"orderBy": {"id": "asc"}}"#, #"{"orderBy": [{"id": "asc"}]}"#),
            (#"{"select": {"name": true, "id": true}}"#, #"{"select": {"id": true, "name": true}}"#),
            (#"{"where": {"seen": "2024-01-01T00:00:00Z"}}"#, #"{"where": {"seen": "2024-01-01T01:00:00.000+01:00"}}"#),
            (#"{"cacheStrategy": {"ttl": 5}}"#, "{}"),
        ])
    func equal(pair: (String, String)) throws {
        #expect(try users(pair.0) == users(pair.1))
        let texts = [pair.0, pair.1].map { #"{"model": "User", "operation": "findMany", "args": \#($0)}"# }
        #expect(try values(texts[0]) == values(texts[1]))
    }

    @Test("Requests of different meaning are never the same")
    func different() throws {
        let texts = [
            "{}", #"{"where": {"id": 1}}"#, #"{"where": {"name": null}}"#, #"{"where": {"name": {"not": null}}}"#, #"{"where": {"OR": []}}"#,
            #"{"where": {"NOT": {"id": 1}}}"#, #"{"where": {"id": {"not": 1}}}"#, #"{"where": {"id": {"in": [1]}}}"#,
            #"{"where": {"name": "a"}}"#, #"{"where": {"name": {"equals": "a", "mode": "insensitive"}}}"#, #"{"where": {"name": {"contains": "a"}}}"#,
            #"{"where": {"name": {"startsWith": "a"}}}"#, #"{"where": {"OR": [{"id": 1}, {"age": 1}]}}"#, #"{"where": {"id": 1, "age": 1}}"#,
            #"{"where": {"mentor": {"id": 1}}}"#, #"{"where": {"mentor": {"isNot": {"id": 1}}}}"#, #"{"where": {"mentor": null}}"#,
            #"{"where": {"posts": {"some": {"id": 1}}}}"#, #"{"where": {"posts": {"every": {"id": 1}}}}"#, #"{"where": {"pupils": {"some": {"id": 1}}}}"#,
            #"{"orderBy": {"id": "asc"}}"#, #"{"orderBy": {"id": "desc"}}"#, #"{"orderBy": {"name": {"sort": "asc", "nulls": "last"}}}"#,
            #"{"orderBy": {"name": {"sort": "asc", "nulls": "first"}}}"#, #"{"orderBy": {"name": "asc"}}"#, #"{"orderBy": [{"name": "asc"}, {"id": "asc"}]}"#,
            #"{"orderBy": [{"id": "asc"}, {"name": "asc"}]}"#, #"{"take": 1}"#, #"{"take": -1}"#, #"{"skip": 1}"#, #"{"cursor": {"id": 1}}"#,
            #"{"distinct": ["name"]}"#, #"{"distinct": []}"#, #"{"select": {"id": true}}"#, #"{"omit": {"id": true}}"#, #"{"include": {"posts": true}}"#,
            #"{"include": {"posts": {"take": 1}}}"#, #"{"include": {"_count": true}}"#, #"{"include": {"posts": {"select": {"id": true}}}}"#,
            #"{"where": {"settings": {"equals": {"$type": "DbNull"}}}}"#, #"{"where": {"settings": {"equals": {"$type": "JsonNull"}}}}"#,
            #"{"where": {"settings": {"path": ["a"], "equals": 1}}}"#, #"{"where": {"settings": {"equals": 1}}}"#, #"{"where": {"tags": {"has": "a"}}}"#,
            #"{"where": {"tags": {"hasSome": ["a"]}}}"#, #"{"where": {"tags": {"isEmpty": true}}}"#, #"{"where": {"tags": {"isEmpty": false}}}"#,
        ]
        var seen: [String: String] = [:]
        for text in texts {
            let canonical = try users(text)
            #expect(seen[canonical] == nil, "\(text) and \(seen[canonical] ?? "")")
            seen[canonical] = text
        }
    }

    @Test("Operations and models tell requests apart")
    func operations() throws {
        var seen: Set<String> = []
        let reads = [
            #"{"model": "User", "operation": "findFirst"}"#, #"{"model": "User", "operation": "findFirstOrThrow"}"#,
            #"{"model": "User", "operation": "findMany"}"#, #"{"model": "Post", "operation": "findMany"}"#,
            #"{"model": "User", "operation": "findMany", "args": {"take": 1}}"#, #"{"model": "User", "operation": "count"}"#,
            #"{"model": "User", "operation": "count", "args": {"select": {"_all": true}}}"#,
            #"{"model": "User", "operation": "aggregate", "args": {"_count": true}}"#,
            #"{"model": "User", "operation": "aggregate", "args": {"_count": {"_all": true}}}"#,
            #"{"model": "User", "operation": "findUnique", "args": {"where": {"id": 1}}}"#,
            #"{"model": "User", "operation": "findUniqueOrThrow", "args": {"where": {"id": 1}}}"#,
            #"{"model": "User", "operation": "groupBy", "args": {"by": ["name"]}}"#, #"{"model": "User", "operation": "groupBy", "args": {"by": ["age"]}}"#,
        ]
        for text in reads { #expect(seen.insert(try canonical(text)).inserted, "\(text)") }
    }

    @Test("A request that is wrong in several ways has one error, whatever the order of its text")
    func oneError() throws {
        let first = try failure { try users(#"{"where": {"zeta": 1, "alpha": 2, "id": {"gtt": 1}}, "orderBy": {"id": "up"}, "select": {"x": true}}"#) }
        let second = try failure { try users(#"{"select": {"x": true}, "orderBy": {"id": "up"}, "where": {"id": {"gtt": 1}, "alpha": 2, "zeta": 1}}"#) }
        #expect(first == second)
        #expect(first.place == "P2009 args.where.alpha")
    }

    @Test("An unknown name is answered with the nearest one and with all that are known")
    func suggestions() throws {
        let failure = try failure { try users(#"{"where": {"emial": "x"}}"#) }
        #expect(failure.place == "P2009 args.where.emial")
        #expect(failure.meta.contains { $0.key == "suggestion" && $0.value == .text("email") })
        #expect(failure.meta.contains { $0.key == "expected" })
        #expect(failure.status == .invalidRequest)
        #expect(try modelFailure("Usr").message.contains("`User`"))
    }

    private func modelFailure(_ model: String) throws -> Failure {
        try failure { try canonical(#"{"model": "\#(model)", "operation": "findMany"}"#) }
    }
}
