import Testing
import Text

@testable import Query

@Suite("Filters on relations, lists and Json")
struct RelationTests {
    func place(_ text: String) throws -> String { try failure { try filter(text) }.place }

    @Test("some, every and none of many")
    func toMany() throws {
        #expect(
            try filter(#"{"posts": {"none": {}, "some": {"title": "x"}}}"#) == "(all( posts some( title equals $0))( posts none(all)))")
        #expect(try filter(#"{"posts": {}}"#) == "")
        #expect(try place(#"{"posts": {"is": {}}}"#) == "P2009 args.where.posts.is")
        #expect(try place(#"{"posts": {"none": null}}"#) == "P2009 args.where.posts.none")
        #expect(try place(#"{"posts": {"some": {"lines": {"every": {"nope": 1}}}}}"#) == "P2009 args.where.posts.some.lines.every.nope")
    }

    @Test("is, isNot, the short form and null of one")
    func toOne() throws {
        #expect(try filter(#"{"mentor": {"age": 3}}"#) == "( mentor is( age equals $0))")
        #expect(try filter(#"{"mentor": {"age": 3}}"#) == filter(#"{"mentor": {"is": {"age": 3}}}"#))
        #expect(try filter(#"{"mentor": {"isNot": {"age": 3}}}"#) == "( mentor isNot( age equals $0))")
        #expect(try filter(#"{"mentor": null}"#) == "( mentor absent)")
        #expect(try filter(#"{"mentor": {"is": null}}"#) == "( mentor absent)")
        #expect(try filter(#"{"mentor": {"isNot": null}}"#) == "( mentor present)")
        #expect(try filter(#"{"mentor": {"is": {}}}"#) == "( mentor is(all))")
        #expect(try filter(#"{"mentor": {}}"#) == "")
        #expect(try place(#"{"mentor": {"some": {}}}"#) == "P2009 args.where.mentor.some")
        #expect(try place(#"{"posts": {"some": {"author": null}}}"#) == "P2009 args.where.posts.some.author")
        #expect(try place(#"{"posts": {"some": {"author": {"is": null}}}}"#) == "P2009 args.where.posts.some.author.is")
    }

    @Test("Lists of scalars")
    func lists() throws {
        #expect(
            try filter(#"{"tags": {"isEmpty": false, "hasSome": ["a"], "hasEvery": [], "has": "b", "equals": ["c"]}}"#)
                == "(all( tags equals $0l)( tags has $1)( tags hasEvery $2l)( tags hasSome $3l)( tags not-empty))")
        #expect(try filter(#"{"tags": {"has": null}}"#) == "( tags has-null)")
        #expect(try filter(#"{"tags": {"equals": null}}"#) == "( tags null)")
        #expect(try filter(#"{"tags": {"has": {"_ref": "email", "_container": "User"}}}"#) == "( tags has @ email)")
        #expect(try place(#"{"tags": "a"}"#) == "P2009 args.where.tags")
        #expect(try place(#"{"tags": ["a"]}"#) == "P2009 args.where.tags")
        #expect(try place(#"{"tags": {"hasEvery": "a"}}"#) == "P2009 args.where.tags.hasEvery")
        #expect(try place(#"{"tags": {"contains": "a"}}"#) == "P2009 args.where.tags.contains")
        #expect(try place(#"{"tags": {"isEmpty": 1}}"#) == "P2009 args.where.tags.isEmpty")
        #expect(try failure { try bound(#"{"tags": {"has": 1}}"#) }.place == "P2009 args.where.tags.has")
    }

    @Test("Json: paths, comparisons, strings, arrays and the three nulls")
    func json() throws {
        #expect(try filter(#"{"settings": {"path": ["a"], "gt": 1}}"#) == "( settings $0jp greater $1j)")
        #expect(try filter(#"{"settings": {"not": {"gt": 1}}}"#) == "( settings notEquals $0j)")
        #expect(try filter(#"{"settings": {"string_contains": "x", "mode": "insensitive"}}"#) == "( settings contains~ $0pba)")
        #expect(try filter(#"{"settings": {"array_contains": [1]}}"#) == "( settings array-contains $0j)")
        for (name, text) in [("DbNull", "db-null"), ("JsonNull", "json-null"), ("AnyNull", "any-null")] {
            #expect(try filter(#"{"settings": {"equals": {"$type": "Enum", "value": "\#(name)"}}}"#) == "( settings \(text))")
            #expect(try filter(#"{"settings": {"not": {"$type": "\#(name)"}}}"#) == "( settings !\(text))")
        }
        #expect(try place(#"{"settings": {"path": "a", "equals": 1}}"#) == "P2009 args.where.settings.path")
        #expect(try place(#"{"settings": {"path": ["a"]}}"#) == "P2019 args.where.settings")
        #expect(try place(#"{"settings": {"equals": null}}"#) == "P2009 args.where.settings.equals")
        #expect(try place(#"{"settings": {"nope": 1}}"#) == "P2009 args.where.settings.nope")
        #expect(try place(#"{"settings": "x"}"#) == "P2009 args.where.settings")
    }

    @Test("Nesting is bounded with a clear error")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: #"{"NOT": "#, count: levels) + #"{"id": 1}"# + String(repeating: "}", count: levels)
        }
        #expect(throws: Never.self) { try filter(nested(QueryLimit.nesting - 2)) }
        #expect(try failure { try filter(nested(QueryLimit.nesting)) }.message.contains("the limit is \(QueryLimit.nesting) levels"))
    }
}
