import Testing
import Text

@testable import Query

@Suite("Raw queries")
struct RawQueryTests {
    func raw(_ args: String) throws -> (text: String, parameters: [String], touches: [String]?) {
        let document = try JSONDocument(scanning: #"{"operation": "$queryRaw", "args": \#(args)}"#)
        let query = try RawQuery.decode(Envelope.decode(document), document)
        let parameters = (0..<query.parameters.count).map { query.parameters.pointer($0).map { String(cString: $0) } ?? "NULL" }
        return (query.text, parameters, query.touches)
    }

    @Test("Parameters are written by their kinds and tags")
    func parameters() throws {
        let query = try raw(
            #"{"query": "SELECT $1", "parameters": ["x", 1.50, true, null, [1, null, "a\"b"], {"k": [1]}, {"$type": "DateTime", "value": "2024-01-01T00:00:00Z"}, {"$type": "Bytes", "value": "AA=="}, {"$type": "BigInt", "value": "9007199254740993"}, [{"a": 1}]]}"#)
        #expect(query.text == "SELECT $1")
        #expect(
            query.parameters == [
                "x", "1.5", "t", "NULL", #"{"1",NULL,"a\"b"}"#, #"{"k":[1]}"#, "2024-01-01 00:00:00.000000+00", "\\x00", "9007199254740993",
                #"[{"a":1}]"#,
            ])
        #expect(query.touches == nil)
    }

    @Test("touches names tables")
    func touches() throws {
        #expect(try raw(#"{"query": "x", "touches": ["users", "posts"]}"#).touches == ["users", "posts"])
        #expect(try raw(#"{"query": "x", "touches": []}"#).touches == [])
        #expect(try failure { try raw(#"{"query": "x", "touches": "users"}"#) }.place == "P2009 args.touches")
    }

    @Test("What is missing or wrong is named")
    func faults() throws {
        #expect(try failure { try raw("{}") }.place == "P2012 args.query")
        #expect(try failure { try raw("null") }.place == "P2012 args.query")
        #expect(try failure { try raw(#"{"query": 1}"#) }.place == "P2009 args.query")
        #expect(try failure { try raw(#"{"query": "a\u0000"}"#) }.place == "P2009 args.query")
        #expect(try failure { try raw(#"{"query": "a", "values": []}"#) }.place == "P2009 args.values")
        #expect(try failure { try raw(#"{"query": "a", "parameters": 1}"#) }.place == "P2009 args.parameters")
        #expect(try failure { try raw(#"{"query": "a", "parameters": ["a\u0000"]}"#) }.place == "P2009 args.parameters[0]")
        #expect(try failure { try raw(#"{"query": "a", "parameters": [{"$type": "DateTime", "value": "soon"}]}"#) }.place == "P2009 args.parameters[0]")
    }
}
