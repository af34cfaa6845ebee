import Testing
import Text

@testable import Query

@Suite("Shapes")
struct ShapeTests {
    /// Looks a text up as a client does: the shape found or decoded, whether it was found, and the values.
    func read(_ text: String, _ index: ShapeIndex) throws -> (shape: RequestShape, isKnown: Bool, values: [String]) {
        let document = try JSONDocument(scanning: text)
        let envelope = try Envelope.decode(document)
        let walk = ShapeFingerprint(document, envelope)
        let known = index.find(document, walk)?.shape
        let shape = try known ?? RequestShape(decoding: document, envelope, walk, blog)
        if known == nil { index.insert(shape, shape) }
        let list = try shape.bind(document, walk)
        return (shape, known != nil, (0..<list.count).map { list.pointer($0).map { String(cString: $0) } ?? "NULL" })
    }

    func isKnown(_ second: String, after first: String) throws -> Bool {
        let index = ShapeIndex()
        _ = try read(first, index)
        return try read(second, index).isKnown
    }

    func user(_ args: String) -> String { #"{"model": "User", "operation": "findMany", "args": \#(args)}"# }

    @Test("A text that differs in values alone has the same shape, and its own values")
    func values() throws {
        let index = ShapeIndex()
        _ = try read(user(#"{"where": {"id": {"in": [1, 2, 3]}, "name": "a"}, "skip": 5}"#), index)
        let second = try read(user(#"{"where": {"id": {"in": [4]}, "name": "bee"}, "skip": 6}"#), index)
        #expect(second.isKnown)
        #expect(second.values == [#"{"4"}"#, "bee", "6"])
        #expect(index.count == 1)
    }

    @Test("A text of many nodes has its own values, too", arguments: [1, 7, 8, 9, 15, 16, 17, 40])
    func manyNodes(count: Int) throws {
        let index = ShapeIndex()
        func text(_ first: Int) -> String {
            user(#"{"where": {"OR": [\#((0..<count).map { #"{"id": \#(first + $0)}"# }.joined(separator: ", "))]}}"#)
        }
        _ = try read(text(0), index)
        let second = try read(text(500), index)
        #expect(second.isKnown)
        #expect(second.values == (500..<500 + count).map { "\($0)" })
    }

    @Test("The strategy, the time limit and white space are no part of the shape")
    func surroundings() throws {
        let plain = user(#"{"where": {"id": 1}}"#)
        let dressed =
            #"{"timeoutMs": 5, "args": {"cacheStrategy": {"ttl": 60, "tags": ["a"]}, "where" : { "id" : 2 } }, "operation": "findMany", "model": "User"}"#
        #expect(try isKnown(dressed, after: plain))
        #expect(try isKnown(plain, after: dressed))
    }

    @Test(
        "What shapes the request is part of the shape",
        arguments: [
            (#"{"orderBy": {"id": "asc"}}"#, #"{"orderBy": {"id": "desc"}}"#), (#"{"take": 1}"#, #"{"take": -1}"#),
            (#"{"distinct": ["name"]}"#, #"{"distinct": ["email"]}"#), (#"{"distinct": ["name"]}"#, #"{"distinct": ["name", "email"]}"#),
            (#"{"where": {"name": "a"}}"#, #"{"where": {"name": null}}"#), (#"{"where": {"name": "a"}}"#, #"{"where": {"email": "a"}}"#),
            (#"{"where": {"name": {"equals": "a", "mode": "default"}}}"#, #"{"where": {"name": {"equals": "a", "mode": "insensitive"}}}"#),
            (#"{"where": {"name": {"in": ["a"]}}}"#, #"{"where": {"name": {"in": []}}}"#),
            (#"{"select": {"id": true, "name": true}}"#, #"{"select": {"id": true, "name": false}}"#),
            (
                #"{"where": {"settings": {"equals": {"$type": "Enum", "value": "DbNull"}}}}"#,
                #"{"where": {"settings": {"equals": {"$type": "Enum", "value": "JsonNull"}}}}"#
            ),
            (
                #"{"where": {"name": {"equals": {"_ref": "email", "_container": "User"}}}}"#,
                #"{"where": {"name": {"equals": {"_ref": "name", "_container": "User"}}}}"#
            ),
            (#"{"where": {"tags": {"isEmpty": true}}}"#, #"{"where": {"tags": {"isEmpty": false}}}"#),
            (#"{"where": {"OR": [{"id": 1}]}}"#, #"{"where": {"OR": [{"id": 1}, {"id": 2}]}}"#),
            (#"{"take": 5000}"#, #"{"take": 5}"#), (#"{"take": 5}"#, #"{"take": 5000}"#), (#"{"skip": 7}"#, #"{"skip": 1}"#),
            (#"{"where": {"AND": [{"id": 1}, {}]}}"#, #"{"where": {"AND": [{"id": 1}], "OR": [{}]}}"#),
        ])
    func structure(pair: (String, String)) throws {
        #expect(try isKnown(user(pair.0), after: user(pair.0)))
        #expect(try !isKnown(user(pair.1), after: user(pair.0)))
    }

    @Test("A request is the same whatever was asked before it")
    func history() throws {
        let index = ShapeIndex()
        _ = try read(user(#"{"take": 5000, "skip": 9}"#), index)
        let small = user(#"{"take": 5, "skip": 1}"#)
        let fresh = try read(small, ShapeIndex()).shape.request?.canonicalText(blog)
        #expect(try read(small, index).shape.request?.canonicalText(blog) == fresh)
        #expect(try isKnown(user(#"{"take": 6000, "skip": 10}"#), after: user(#"{"take": 5000, "skip": 9}"#)))
    }

    @Test("Operation and model are part of the shape")
    func heads() throws {
        let first = #"{"model": "User", "operation": "findFirst", "args": {}}"#
        #expect(try !isKnown(#"{"model": "User", "operation": "findMany", "args": {}}"#, after: first))
        #expect(try !isKnown(#"{"model": "Post", "operation": "findFirst", "args": {}}"#, after: first))
        #expect(try isKnown(#"{"model": "User", "operation": "findFirst", "args": {}}"#, after: first))
        #expect(
            try !isKnown(
                #"{"model": "User", "operation": "findFirst", "args": {"take": -1}}"#,
                after: #"{"model": "User", "operation": "findFirst", "args": {"take": 1}}"#))
    }

    @Test("findFirst with take 1 is not found for take 2, which is refused")
    func structuralValues() throws {
        let index = ShapeIndex()
        let one = try read(#"{"model": "User", "operation": "findFirst", "args": {"take": 1}}"#, index)
        #expect(one.values == ["1"])
        #expect(try failure { try read(#"{"model": "User", "operation": "findFirst", "args": {"take": 2}}"#, index) }.place == "P2019 args.take")
    }

    @Test("Values inside Json and tagged values are read from where they stand")
    func containers() throws {
        let index = ShapeIndex()
        _ = try read(user(#"{"where": {"settings": {"path": ["a"], "equals": {"k": [1, {"x": "y"}]}}, "id": {"lt": 3}}}"#), index)
        let second = try read(user(#"{"where": {"settings": {"path": ["b", "c"], "equals": {"k": [2, {"x": "z"}]}}, "id": {"lt": 9}}}"#), index)
        #expect(second.values == ["9", #"{"b","c"}"#, #"{"k":[2,{"x":"z"}]}"#])
        let tagged = try read(user(#"{"where": {"seen": {"$type": "DateTime", "value": "2020-01-01T00:00:00Z"}}}"#), index)
        #expect(!tagged.isKnown && tagged.values == ["2020-01-01 00:00:00.000000+00"])
        #expect(try read(user(#"{"where": {"seen": {"$type": "DateTime", "value": "2021-01-01T00:00:00Z"}}}"#), index).isKnown)
    }

    @Test("Which null of Json is meant is part of the shape, and a word that is none of them is data")
    func nulls() throws {
        func equals(_ word: String) -> String { user(##"{"where": {"settings": {"equals": {"$type": "Enum", "value": "\##(word)"}}}}"##) }
        for (first, second) in [("x", "DbNull"), ("DbNull", "x"), ("JsonNull", "DbNull"), ("AnyNull", "JsonNull")] {
            let index = ShapeIndex()
            _ = try read(equals(first), index)
            let found = try read(equals(second), index)
            let alone = try read(equals(second), ShapeIndex())
            #expect(found.shape.request?.canonicalText(blog) == alone.shape.request?.canonicalText(blog), "\(second) after \(first)")
            #expect(found.values == alone.values)
        }
    }

    @Test("An endless number of shapes takes bounded room, and those in use stay")
    func bounded() throws {
        // Shapes that differ in a literal share a bucket; a take up to 100 is one.
        let index = ShapeIndex()
        let favourite = user(#"{"take": 1}"#)
        _ = try read(favourite, index)
        for take in 2...100 {
            #expect(try !read(user(#"{"take": \#(take)}"#), index).isKnown)
            #expect(try read(favourite, index).isKnown, "after \(take)")
        }
        #expect(index.count == QueryLimit.shapesPerBucket)
    }

    @Test("A request that is too large is not remembered")
    func large() throws {
        let index = ShapeIndex()
        let filters = (0..<2000).map { #"{"id": \#($0)}"# }.joined(separator: ",")
        let text = user(#"{"where": {"OR": [\#(filters)]}}"#)
        #expect(try read(text, index).values.count == 2000)
        #expect(try !read(text, index).isKnown)
        #expect(index.count == 0)
    }
}
