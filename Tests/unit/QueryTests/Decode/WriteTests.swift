import Schema
import Testing
import Text

@testable import Query

@Suite struct WriteTests {
    /// What a write on a model decodes to.
    private func write(_ model: String, _ operation: String, _ args: String) throws -> WriteRequest {
        let document = try JSONDocument(scanning: #"{"model": "\#(model)", "operation": "\#(operation)", "args": \#(args)}"#)
        let envelope = try Envelope.decode(document)
        var decoder = RequestDecoder(document, blog, ShapeFingerprint(document, envelope))
        return try decoder.decodeWrite(envelope)
    }

    private func place(_ model: String, _ operation: String, _ args: String) throws -> String {
        try failure { try write(model, operation, args) }.place
    }

    @Test func `data becomes slots, columns and nulls`() throws {
        let request = try write("User", "create", #"{"data": {"id": 1, "email": "a", "name": null, "settings": {"$type": "JsonNull"}, "tags": ["x"]}}"#)
        guard case .create(let data, let selection) = request.body else { return #expect(Bool(false)) }
        #expect(data.scalars.map { blog.models[request.model].fields[$0.field].name } == ["id", "email", "name", "settings", "tags"])
        #expect(data.scalars.map(\.change) == [.set(0), .set(1), .null, .jsonNull, .set(2)])
        #expect(request.slots.map(\.form) == [.value, .value, .list])
        #expect(!selection.scalars.isEmpty)
    }

    @Test(arguments: [
        (#"{"age": {"increment": 1}}"#, WriteData.Change.increment(1)), (#"{"score": {"divide": 2}}"#, .divide(1)),
        (#"{"tags": {"push": "a"}}"#, .push(1)), (#"{"tags": {"push": ["a", "b"]}}"#, .pushAll(1)), (#"{"tags": {"set": []}}"#, .set(1)),
        (#"{"name": {"set": null}}"#, .null), (#"{"settings": {"set": 1}}"#, .set(1)),
    ])
    func `operations on a field`(_ data: String, _ expected: WriteData.Change) throws {
        guard case .update(_, let data, _) = try write("User", "update", #"{"where": {"id": 1}, "data": \#(data)}"#).body else {
            return #expect(Bool(false))
        }
        #expect(data.scalars.map(\.change) == [expected])
    }

    @Test(arguments: [
        ("create", #"{"data": {"id": 1}}"#, "P2012 args.data.email"),
        ("create", #"{}"#, "P2012 args.data.id"),
        ("create", #"{"data": {"id": 1, "email": null}}"#, "P2012 args.data.email"),
        ("create", #"{"data": {"id": 1, "email": "a", "nme": "x"}}"#, "P2009 args.data.nme"),
        ("create", #"{"data": {"id": 1, "email": "a", "settings": null}}"#, "P2009 args.data.settings"),
        ("create", #"{"data": {"id": 1, "email": {"set": "a"}}}"#, "P2009 args.data.email"),
        ("create", #"{"data": {"id": 1, "email": "a", "mentorId": 2, "mentor": {"connect": {"id": 2}}}}"#, "P2009 args.data.mentorId"),
        ("create", #"{"data": {"id": 1, "email": "a", "posts": {"create": {"id": 1, "title": "t", "authorId": 1}}}}"#, "P2009 args.data.posts.create.authorId"),
        ("create", #"{"data": {"id": 1, "email": "a", "posts": {"disconnect": {"id": 1}}}}"#, "P2009 args.data.posts.disconnect"),
        ("createMany", #"{"data": [{"id": 1, "email": "a", "posts": {}}]}"#, "P2009 args.data[0].posts"),
        ("update", #"{"where": {"id": 1}, "data": {"name": {"increment": 1}}}"#, "P2009 args.data.name.increment"),
        ("update", #"{"where": {"id": 1}, "data": {"age": {"increment": 1, "set": 2}}}"#, "P2009 args.data.age"),
        ("update", #"{"where": {"name": "a"}, "data": {}}"#, "P2009 args.where"),
        ("delete", #"{}"#, "P2012 args.where"),
        ("deleteMany", #"{"limit": -1}"#, "P2019 args.limit"),
    ])
    func `what does not fit is refused where it stands`(_ operation: String, _ args: String, _ expected: String) throws {
        #expect(try place("User", operation, args) == expected)
    }

    @Test func `a required key may be left out only with its relation`() throws {
        #expect(try place("Post", "create", #"{"data": {"id": 1, "title": "t"}}"#) == "P2012 args.data.author")
        _ = try write("Post", "create", #"{"data": {"id": 1, "title": "t", "author": {"connect": {"id": 1}}}}"#)
        _ = try write("Post", "create", #"{"data": {"id": 1, "title": "t", "authorId": 1}}"#)
    }

    @Test func `nested steps keep the order of the text`() throws {
        let request = try write(
            "User", "update",
            #"{"where": {"id": 1}, "data": {"posts": {"set": [], "connect": [{"id": 1}, {"id": 2}], "create": [{"id": 3, "title": "t"}], "deleteMany": {}}}}"#)
        guard case .update(_, let data, _) = request.body, let steps = data.relations.first?.steps, steps.count == 4 else {
            return #expect(Bool(false))
        }
        guard case .set(let none) = steps[0], case .connect(let two) = steps[1], case .create = steps[2], case .deleteMany = steps[3] else {
            return #expect(Bool(false), "\(steps)")
        }
        #expect(none.isEmpty && two.count == 2)
    }

    @Test func `what is undefined is not there`() throws {
        guard
            case .update(_, let data, _) = try write(
                "User", "update", #"{"where": {"id": 1}, "data": {"name": {"$type": "undefined"}, "age": 2}}"#
            ).body
        else { return #expect(Bool(false)) }
        #expect(data.scalars.map(\.change) == [.set(1)])
    }

    @Test func `writes that differ in values alone have one shape`() throws {
        func shape(_ text: String) throws -> RequestShape {
            let document = try JSONDocument(scanning: text)
            let envelope = try Envelope.decode(document)
            return try RequestShape(decoding: document, envelope, ShapeFingerprint(document, envelope), blog)
        }
        func fits(_ shape: RequestShape, _ text: String) throws -> Bool {
            let document = try JSONDocument(scanning: text)
            let envelope = try Envelope.decode(document)
            return shape.matches(document, ShapeFingerprint(document, envelope))
        }
        let one = try shape(#"{"model": "Post", "operation": "create", "args": {"data": {"id": 1, "title": "a", "authorId": 1}}}"#)
        #expect(try fits(one, #"{"model": "Post", "operation": "create", "args": {"data": {"id": 2, "title": "b", "authorId": 3}}}"#))
        #expect(try !fits(one, #"{"model": "Post", "operation": "create", "args": {"data": {"id": 2, "title": null, "authorId": 3}}}"#))
        #expect(try !fits(one, #"{"model": "Post", "operation": "createMany", "args": {"data": {"id": 2, "title": "b", "authorId": 3}}}"#))
    }
}
