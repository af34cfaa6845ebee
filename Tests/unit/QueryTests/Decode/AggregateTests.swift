import Testing
import Text

@testable import Query

@Suite("count, aggregate and groupBy")
struct AggregateTests {
    func text(_ operation: String, _ args: String) throws -> String {
        try canonical(#"{"model": "User", "operation": "\#(operation)", "args": \#(args)}"#)
    }

    func place(_ operation: String, _ args: String) throws -> String { try failure { try text(operation, args) }.place }

    @Test("count is a number, with select an object")
    func counts() throws {
        #expect(try text("count", "{}") == "count User(number #all)")
        #expect(try text("count", #"{"select": {"_all": true, "name": true}}"#) == "count User(object name #all)")
        #expect(try text("count", #"{"select": true}"#) == "count User(number #all)")
        #expect(try place("count", #"{"select": {}}"#) == "P2009 args.select")
        #expect(try place("count", #"{"include": {"posts": true}}"#) == "P2009 args.include")
        #expect(try place("count", #"{"distinct": ["name"]}"#) == "P2009 args.distinct")
    }

    @Test("Each aggregate takes the fields that have one")
    func aggregates() throws {
        #expect(
            try text("aggregate", #"{"_max": {"name": true}, "_count": true, "_avg": {"age": true, "id": true}, "_sum": {"big": true}}"#)
                == "aggregate User(_count)(_avg id age)(_sum big)(_max name)")
        #expect(try text("aggregate", #"{"_count": {"_all": true, "tags": true}}"#) == "aggregate User(_count tags #all)")
        #expect(try place("aggregate", #"{"_avg": {"email": true}}"#) == "P2009 args._avg.email")
        #expect(try place("aggregate", #"{"_max": {"posts": true}}"#) == "P2009 args._max.posts")
        #expect(try place("aggregate", #"{"_max": {"settings": true}}"#) == "P2009 args._max.settings")
        #expect(try place("aggregate", #"{"_nope": {"id": true}}"#) == "P2009 args._nope")
        #expect(try place("aggregate", #"{"_avg": true}"#) == "P2009 args._avg")
        #expect(try place("aggregate", #"{"_avg": {"id": false}}"#) == "P2009 args._avg")
        #expect(try place("aggregate", "{}") == "P2009 args")
    }

    @Test("A cursor of an aggregate needs an order that holds a unique key")
    func cursors() throws {
        #expect(throws: Never.self) { try text("aggregate", #"{"_count": true, "cursor": {"id": 3}}"#) }
        #expect(throws: Never.self) { try text("aggregate", #"{"_count": true, "cursor": {"id": 3}, "orderBy": [{"age": "asc"}, {"id": "asc"}]}"#) }
        #expect(try place("aggregate", #"{"_count": true, "cursor": {"id": 3}, "orderBy": {"age": "asc"}}"#) == "P2019 args.cursor")
    }

    @Test("groupBy with its aggregates, order and pages")
    func groups() throws {
        #expect(
            try text(
                "groupBy",
                #"{"by": ["role", "age"], "_count": true, "orderBy": [{"_sum": {"id": "desc"}}, {"age": {"sort": "asc", "nulls": "last"}}], "take": 2}"#)
                == "groupBy User(desc(_sum id))(asc nulls-last age)(take $0m =2)(by role age)(all)(_count)")
        #expect(try text("groupBy", #"{"by": "role"}"#) == text("groupBy", #"{"by": ["role", "role"]}"#))
        #expect(try place("groupBy", "{}") == "P2012 args.by")
        #expect(try place("groupBy", #"{"by": []}"#) == "P2019 args.by")
        #expect(try place("groupBy", #"{"by": ["posts"]}"#) == "P2009 args.by[0]")
        #expect(try place("groupBy", #"{"by": ["role"], "cursor": {"id": 1}}"#) == "P2009 args.cursor")
        #expect(try place("groupBy", #"{"by": ["role"], "orderBy": {"age": "asc"}}"#) == "P2019 args.orderBy.age")
    }

    @Test("having filters fields that are grouped by, and aggregates of any")
    func having() throws {
        func having(_ value: String) throws -> String {
            let all = try text("groupBy", #"{"by": ["age"], "having": \#(value)}"#)
            return String(all.dropFirst("groupBy User(by age)".count))
        }
        #expect(try having(#"{"id": {"_avg": {"gt": 2.5}}}"#) == "((_avg id) greater $0)")
        #expect(try having(#"{"age": {"gt": 3, "_count": {"not": {"equals": 2}}}}"#) == "(all( age greater $0)((_count age) notEquals $1))")
        #expect(try having(#"{"OR": [{"age": 3}, {"age": null}]}"#) == "(any( age equals $0)( age null))")
        #expect(try failure { try having(#"{"name": "x"}"#) }.place == "P2019 args.having.name")
        #expect(try failure { try having(#"{"nope": 1}"#) }.place == "P2009 args.having.nope")
        #expect(try failure { try having(#"{"name": {"_avg": {"gt": 1}}}"#) }.place == "P2009 args.having.name._avg")
        #expect(try failure { try having(#"{"posts": {"some": {}}}"#) }.place == "P2009 args.having.posts")
        // An average of Ints is a Float, a sum an Int.
        #expect(try values(#"{"model": "User", "operation": "groupBy", "args": {"by": ["age"], "having": {"id": {"_avg": {"gt": 2.5}}}}}"#) == ["2.5"])
        #expect(
            try failure { try values(#"{"model": "User", "operation": "groupBy", "args": {"by": ["age"], "having": {"id": {"_sum": {"gt": 2.5}}}}}"#) }.code
                == "P2009")
    }
}
