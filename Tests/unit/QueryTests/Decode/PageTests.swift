import Testing
import Text

@testable import Query

@Suite("Order, pages and unique keys")
struct PageTests {
    func rows(_ args: String, model: String = "User", operation: String = "findMany") throws -> String {
        try canonical(#"{"model": "\#(model)", "operation": "\#(operation)", "args": \#(args)}"#)
    }

    func place(_ args: String, model: String = "User", operation: String = "findMany") throws -> String {
        try failure { try rows(args, model: model, operation: operation) }.place
    }

    @Test("Every form of orderBy")
    func orders() throws {
        #expect(try rows(#"{"orderBy": {"id": "desc"}}"#).contains("User(desc id)(select"))
        #expect(try rows(#"{"orderBy": [{"name": {"sort": "asc", "nulls": "first"}}, {"id": "asc"}]}"#).contains("(asc nulls-first name)(asc id)"))
        #expect(try rows(#"{"orderBy": {"mentor": {"mentor": {"email": "asc"}}}}"#).contains("(asc mentor mentor email)"))
        #expect(try rows(#"{"orderBy": {"mentor": {"posts": {"_count": "desc"}}}}"#).contains("(desc mentor #count posts)"))
        #expect(
            try rows(#"{"orderBy": {"_relevance": {"fields": ["name", "email"], "search": "x", "sort": "desc"}}}"#)
                .contains("(desc(relevance name email) $0)"))
        #expect(try rows(#"{"orderBy": {}}"#) == rows("{}"))
        #expect(try rows(#"{"orderBy": []}"#) == rows("{}"))
    }

    @Test("What cannot be ordered by is named")
    func orderFaults() throws {
        #expect(try place(#"{"orderBy": {"id": "up"}}"#) == "P2009 args.orderBy.id")
        #expect(try place(#"{"orderBy": {"id": null}}"#) == "P2009 args.orderBy.id")
        #expect(try place(#"{"orderBy": {"id": {"sort": "asc", "nulls": "first"}}}"#) == "P2009 args.orderBy.id")
        #expect(try place(#"{"orderBy": {"name": {"sort": "asc", "nulls": "middle"}}}"#) == "P2009 args.orderBy.name.nulls")
        #expect(try place(#"{"orderBy": {"name": {"nulls": "first"}}}"#) == "P2012 args.orderBy.name.sort")
        #expect(try place(#"{"orderBy": {"id": "asc", "name": "asc"}}"#) == "P2009 args.orderBy")
        #expect(try place(#"{"orderBy": {"posts": {"_count": "up"}}}"#) == "P2009 args.orderBy.posts._count")
        #expect(try place(#"{"orderBy": {"mentor": {"_count": "asc"}}}"#) == "P2009 args.orderBy.mentor._count")
        #expect(try place(#"{"orderBy": [{"id": "asc"}, {"nope": "asc"}]}"#) == "P2009 args.orderBy[1].nope")
        #expect(try place(#"{"orderBy": {"_relevance": {"fields": ["id"], "search": "x", "sort": "asc"}}}"#) == "P2009 args.orderBy._relevance.fields")
    }

    @Test("The sign of take is part of the request, its magnitude where it is large a value")
    func takes() throws {
        #expect(try rows(#"{"take": 3}"#) != rows(#"{"take": 5}"#))
        #expect(try rows(#"{"take": 3}"#) == rows(#"{"take": 3.0}"#))
        #expect(try rows(#"{"take": 3000}"#) == rows(#"{"take": 5000}"#))
        #expect(try rows(#"{"take": 3000}"#) != rows(#"{"take": -3000}"#))
        #expect(try rows(#"{"take": 3}"#) != rows(#"{"take": -3}"#))
        #expect(try rows(#"{"take": 3}"#) != rows("{}"))
        #expect(try place(#"{"take": null}"#) == "P2009 args.take")
        #expect(try place(#"{"take": "3"}"#) == "P2009 args.take")
        #expect(try place(#"{"skip": -1}"#) == "P2019 args.skip")
        #expect(try rows(#"{"skip": -0}"#) == rows(#"{"skip": 0}"#))
        #expect(try place(#"{"take": 0}"#, operation: "findFirst") == "P2019 args.take")
        #expect(try place(#"{"take": 2}"#, operation: "findFirstOrThrow") == "P2019 args.take")
        #expect(try rows(#"{"take": -1}"#, operation: "findFirst").contains("(take - $0m)"))
    }

    @Test("distinct is a set of scalar fields; an empty one leaves one record")
    func distinct() throws {
        #expect(try rows(#"{"distinct": ["name", "email"]}"#) == rows(#"{"distinct": ["email", "name", "name"]}"#))
        #expect(try rows(#"{"distinct": "name"}"#) == rows(#"{"distinct": ["name"]}"#))
        #expect(try rows(#"{"distinct": []}"#).contains("(distinct)"))
        #expect(try place(#"{"distinct": [1]}"#) == "P2009 args.distinct[0]")
        #expect(try place(#"{"distinct": ["posts"]}"#) == "P2009 args.distinct[0]")
    }

    @Test("A unique filter needs a unique key, and takes further filters beside it")
    func unique() throws {
        let find = "findUnique"
        #expect(try rows(#"{"where": {"id": 1}}"#, operation: find).contains("(where( id equals $0))"))
        #expect(
            try rows(#"{"where": {"email": "x", "age": {"gt": 3}, "NOT": {"id": 2}}}"#, operation: find).contains(
                "(all(not( id equals $0))( email equals $1)( age greater $2))"))
        #expect(
            try rows(#"{"where": {"postId_number": {"number": 1, "postId": 2}}}"#, model: "Line", operation: find)
                .contains("(where(all( postId equals $0)( number equals $1)))"))
        #expect(try rows(#"{"where": {"place": {"number": 1, "text": "x"}, "number": {"gt": 0}}}"#, model: "Line", operation: find).contains("greater"))
        #expect(try place(#"{"where": {}}"#, operation: find) == "P2009 args.where")
        #expect(try place("{}", operation: find) == "P2012 args.where")
        #expect(try place(#"{"where": {"name": "x"}}"#, operation: find) == "P2009 args.where")
        #expect(try place(#"{"where": {"AND": [{"id": 1}]}}"#, operation: find) == "P2009 args.where")
        #expect(try place(#"{"where": {"id": {"gt": 1}}}"#, operation: find) == "P2009 args.where.id")
        #expect(try place(#"{"where": {"id": null}}"#, operation: find) == "P2009 args.where.id")
        #expect(try place(#"{"where": {"postId_number": {"number": 1}}}"#, model: "Line", operation: find) == "P2012 args.where.postId_number.postId")
        #expect(
            try place(#"{"where": {"postId_number": {"number": 1, "postId": 1, "nope": 1}}}"#, model: "Line", operation: find)
                == "P2009 args.where.postId_number.nope")
        #expect(try place(#"{"where": {"id": 1}, "take": 1}"#, operation: find) == "P2009 args.take")
    }

    @Test("A cursor is a unique key")
    func cursors() throws {
        #expect(try rows(#"{"cursor": {"id": 4}, "skip": 1}"#).contains("(cursor id $0)(skip $1m =1)"))
        #expect(
            try rows(#"{"cursor": {"postId_number": {"postId": 1, "number": 2}}}"#, model: "Line").contains("(cursor postId $0 number $1)"))
        #expect(try place(#"{"cursor": {"name": "x"}}"#) == "P2009 args.cursor")
        #expect(try place(#"{"cursor": {"id": {"gt": 1}}}"#) == "P2009 args.cursor.id")
        #expect(try place(#"{"cursor": {"postId_number": {"number": 1}}}"#, model: "Line") == "P2012 args.cursor.postId_number.postId")
    }

    @Test("relationLoadStrategy is checked and changes nothing")
    func strategies() throws {
        #expect(try rows(#"{"relationLoadStrategy": "join"}"#) == rows(#"{"relationLoadStrategy": "query"}"#))
        #expect(try place(#"{"relationLoadStrategy": "magic"}"#) == "P2009 args.relationLoadStrategy")
    }
}
