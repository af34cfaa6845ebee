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
            #"{"query": "SELECT $1", "parameters": ["x", 1.50, true, null, [1, null, "a\"b"], {"k": [1]}, {"$type": "DateTime", "value": "2024-01-01T00:00:00Z"}, {"$type": "Bytes", "value": "AA=="}, {"$type": "BigInt", "value": "9007199254740993"}, [{"a": 1}]]}"#
        )
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

    @Test(
        "Texts of several statements are cut where PostgreSQL cuts them",
        arguments: [
            ("SELECT 1", 1), ("SELECT 1;", 1), ("SELECT 1; SELECT 2", 2), (";; SELECT 1 ;-- a; b\n SELECT 2 ;", 2), ("", 0), (" ; /* ; */", 0),
            ("SELECT ';'; SELECT \";\"", 2), ("SELECT 'a''; b'", 1), ("SELECT 'a\\'; SELECT 2", 2), ("SELECT E'a\\'; b'", 1), ("SELECT e'\\\\'; SELECT 2", 2),
            ("DO $$ a; b $$; SELECT 1", 2), ("DO $x$ a; $$ b; $y$ $x$", 1), ("SELECT a$b; SELECT $1", 2), ("SELECT $1; SELECT 2$", 2), ("SELECT $é$;$é$", 1),
            ("/* ; /* ; */ ; */ SELECT 1", 1), ("-- ;\rSELECT 1; SELECT 2", 2), ("SELECT '; /* ", 1), ("/* ; SELECT 1", 0), ("DO $x$ ; SELECT 1", 1),
            ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3", 2), ("BEGIN; SELECT 1; END", 3),
        ])
    func scripts(text: String, count: Int) { #expect((text.utf8.contains(UInt8(ascii: ";")) || count > 0 ? RawScript.statements(of: text).count : 0) == count) }

    @Test("Parameters have the types of their values")
    func types() throws {
        let document = try JSONDocument(
            scanning:
                #"{"operation": "$queryRaw", "args": {"query": "SELECT $17", "parameters": [1, 2147483648, 9223372036854775808, 1.5, 1e400, true, "a", null, {"a": 1}, {"$type": "BigInt", "value": "1"}, {"$type": "DateTime", "value": "2024-01-01T00:00:00Z"}, [1, null, 2147483648], [1, 0.5], ["a", 1], [], [[1]], [{"$type": "Bytes", "value": "AA=="}]]}}"#
        )
        let query = try RawQuery.decode(Envelope.decode(document), document)
        #expect(query.parameterTypes == [23, 20, 1700, 701, 1700, 16, 0, 0, 3802, 20, 1184, 1016, 1022, 0, 0, 3802, 1001])
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
