import Testing
import Text

@testable import Query

@Suite("Selections")
struct SelectionTests {
    /// What is selected, without the operation.
    func selection(_ args: String, model: String = "Post") throws -> String {
        let text = try canonical(#"{"model": "\#(model)", "operation": "findMany", "args": \#(args)}"#)
        return String(text.dropFirst("findMany \(model)".count))
    }

    func place(_ args: String, model: String = "Post") throws -> String { try failure { try selection(args, model: model) }.place }

    @Test("Nothing selected means all scalar fields; fields come in the order of the schema")
    func defaults() throws {
        #expect(try selection("{}") == "(select id title subtitle rank authorId)")
        #expect(try selection(#"{"select": null, "include": null, "omit": null}"#) == "(select id title subtitle rank authorId)")
        #expect(try selection(#"{"select": {"rank": true, "id": true, "title": false}}"#) == "(select id rank)")
        #expect(try selection(#"{"omit": {"rank": true, "id": false}}"#) == "(select id title subtitle authorId)")
        #expect(try selection(#"{"select": {"id": true, "nope": false}}"#) == "(select id)")
    }

    @Test("Relations are read along, with arguments of their own")
    func relations() throws {
        #expect(
            try selection(#"{"select": {"id": true, "lines": {"where": {"number": 1}, "take": 2, "select": {"text": true}}}}"#)
                == "(select id)(read lines(where( number equals $0))(take $1m =2)(select text))")
        #expect(try selection(#"{"include": {"lines": {}}}"#) == selection(#"{"include": {"lines": true}}"#))
        #expect(
            try selection(#"{"select": {"author": {"include": {"mentor": {"where": {"id": 1}, "omit": {"id": true}}}}}}"#)
                .contains("(read author(select id email"))
        #expect(try selection(#"{"include": {"lines": false}}"#) == selection("{}"))
    }

    @Test("_count takes all to-many relations or some, with filters")
    func counts() throws {
        #expect(try selection(#"{"select": {"_count": true}}"#) == "(select)(count lines(all))")
        #expect(
            try selection(#"{"select": {"_count": {"select": {"pupils": true, "posts": {"where": {"rank": 3}}}}}}"#, model: "User")
                == "(select)(count pupils(all))(count posts( rank equals $0))")
        #expect(try place(#"{"include": {"_count": {"select": {"nope": true}}}}"#) == "P2009 args.include._count.select.nope")
        #expect(try place(#"{"include": {"_count": {"select": {}}}}"#) == "P2009 args.include._count.select")
        #expect(try place(#"{"select": {"_count": true}}"#, model: "Line") == "P2009 args.select._count")
    }

    @Test("What cannot be selected is named")
    func faults() throws {
        #expect(try place(#"{"select": {}}"#) == "P2009 args.select")
        #expect(try place(#"{"select": {"id": false}}"#) == "P2009 args.select")
        #expect(try place(#"{"select": {"nope": true}}"#) == "P2009 args.select.nope")
        #expect(try place(#"{"select": {"id": "yes"}}"#) == "P2009 args.select.id")
        #expect(try place(#"{"select": "id"}"#) == "P2009 args.select")
        #expect(try place(#"{"select": {"id": true}, "include": {"lines": true}}"#) == "P2009 args.include")
        #expect(try place(#"{"select": {"id": true}, "omit": {"id": true}}"#) == "P2009 args.omit")
        #expect(try place(#"{"include": {"title": true}}"#) == "P2009 args.include.title")
        #expect(try place(#"{"omit": {"nope": false}}"#) == "P2009 args.omit.nope")
        #expect(try place(#"{"omit": {"lines": true}}"#) == "P2009 args.omit.lines")
        #expect(try place(#"{"include": {"author": {"where": {}}}}"#) == "P2009 args.include.author.where")
        #expect(try place(#"{"include": {"lines": {"select": {}}}}"#) == "P2009 args.include.lines.select")
        #expect(try failure { try selection(#"{"select": {"titel": true}}"#) }.meta.contains { $0.key == "suggestion" && $0.value == .text("title") })
    }
}
