import Concurrency
import Foundation
import Testing
import Text

@testable import Postgres

/// What a connection does with a real server.
@Suite struct ConnectionTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    private func database(_ parameters: String = "") throws -> TestDatabase {
        TestDatabase(Pool(try server.settings(parameters)))
    }

    @Test func `a prepared statement answers twice, and knows its parameters`() throws {
        let database = try database()
        defer { database.pool.close() }
        for _ in 0..<2 {
            let answer = try database.list(
                "SELECT $1::int4 AS a, $2::text AS b", [ValueForm(.integer), ValueForm(.string)], values: ["42", "it's \"q\""])
            #expect(answer == #"[{"0":42,"1":"it's \"q\""}]"#)
        }
        #expect(database.pool.usage == Pool.Usage(idle: 1))
    }

    @Test func `every type arrives as its form says`() throws {
        let database = try database()
        defer { database.pool.close() }
        let answer = try database.list(
            """
            SELECT true, 1::int2, 2::int4, 3::int8, 4::oid, 0.1::float4, 1e21::float8, -12.3400::numeric, 'x'::text, 'ab'::char(4),
            'n'::name, '936DA01F-9ABD-4D9D-80C7-02AF85C822A8'::uuid, '\\xfffe'::bytea, '{"b": 1}'::json, '{"a":1}'::jsonb,
            '2024-02-29 12:34:56.789012'::timestamp, '2024-02-29 12:34:56+05'::timestamptz, '2024-02-29'::date, '12:30'::time,
            '12:30+05'::timetz, ARRAY[1, NULL, 3], ARRAY['a', 'b,"c'], '{}'::int8[], NULL::int4[]
            """,
            [
                ValueForm(.boolean), ValueForm(.integer), ValueForm(.integer), ValueForm(.bigInt), ValueForm(.integer),
                ValueForm(.float), ValueForm(.float), ValueForm(.decimal), ValueForm(.string), ValueForm(.string), ValueForm(.string),
                ValueForm(.string), ValueForm(.bytes), ValueForm(.json), ValueForm(.json), ValueForm(.dateTime), ValueForm(.dateTime),
                ValueForm(.dateTime), ValueForm(.dateTime), ValueForm(.dateTime), ValueForm(.integer, isList: true),
                ValueForm(.string, isList: true), ValueForm(.bigInt, isList: true), ValueForm(.integer, isList: true),
            ])
        let expected = [
            "true", "1", "2", "\"3\"", "4", "0.1", "1e+21", "\"-12.34\"", "\"x\"", "\"ab  \"", "\"n\"",
            "\"936da01f-9abd-4d9d-80c7-02af85c822a8\"", "\"//4=\"", "{\"b\": 1}", "{\"a\": 1}", "\"2024-02-29T12:34:56.789Z\"",
            "\"2024-02-29T07:34:56.000Z\"", "\"2024-02-29T00:00:00.000Z\"", "\"1970-01-01T12:30:00.000Z\"",
            "\"1970-01-01T07:30:00.000Z\"", "[1,null,3]", #"["a","b,\"c"]"#, "[]", "[]",
        ]
        #expect(answer == "[{" + expected.enumerated().map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}]")
    }

    @Test func `several statements see one snapshot, in one read-only transaction`() throws {
        let database = try database()
        defer { database.pool.close() }
        let first = Statement(text: "SELECT txid_current_if_assigned() IS NULL, pg_sleep(0.05) IS NULL, now()::text", slots: [])
        let second = Statement(
            text: "SELECT current_setting('transaction_read_only') = 'on', current_setting('transaction_isolation') = 'repeatable read', now()::text", slots: []
        )
        for _ in 0..<2 {
            let results = try database.pool.execute(StatementBatch([first, second]), ParameterList(), until: .after(milliseconds: 5000), cancellation: nil)
            let replies = results.replies
            #expect(replies.count == 2)
            #expect(replies[1].cell(0, 0).map(Array.init) == [1] && replies[1].cell(0, 1).map(Array.init) == [1])
            #expect(replies[0].cell(0, 2).map(Array.init) == replies[1].cell(0, 2).map(Array.init))
        }
        #expect(database.pool.usage == Pool.Usage(idle: 1))
    }

    @Test func `an error in the middle of several statements ends the transaction and keeps the connection`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        let fine = Statement(text: "SELECT pg_backend_pid()", slots: [])
        let wrong = Statement(text: "SELECT 1 / $1::int4", slots: [0])
        let before = try database.raw("SELECT pg_backend_pid()")
        for batch in [[fine, wrong, fine], [wrong], [wrong, fine]] {
            #expect {
                _ = try database.pool.execute(StatementBatch(batch), try database.parameters(["0"]), until: .after(milliseconds: 5000), cancellation: nil)
            } throws: { ($0 as? Failure)?.sqlState == "22012" }
        }
        #expect(try database.raw("SELECT pg_backend_pid()") == before)
    }

    @Test func `a statement survives a change of its table`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        try database.execute("DROP TABLE IF EXISTS ddl_change")
        try database.execute("CREATE TABLE ddl_change (a int4 NOT NULL)")
        try database.execute("INSERT INTO ddl_change VALUES (7)")
        let shape = RowWriter(RowShape(.value(RowShape.Column(0, ValueForm(.integer)), result: 0)))
        let alone = StatementBatch([Statement(text: "SELECT * FROM ddl_change", slots: [])])
        let twice = StatementBatch([Statement(text: "SELECT a FROM ddl_change", slots: []), Statement(text: "SELECT * FROM ddl_change", slots: [])])
        for type in ["int4", "int8", "int2"] {
            try database.execute("ALTER TABLE ddl_change ALTER a TYPE \(type)")
            for batch in [alone, twice] { #expect(try database.answer(batch, shape) == "7") }
        }
        try database.execute("DROP TABLE ddl_change")
    }

    @Test func `statements that the server has forgotten are prepared anew`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        for _ in 0..<2 {
            #expect(try database.list("SELECT 5", [ValueForm(.integer)]) == #"[{"0":5}]"#)
            try database.execute("DEALLOCATE ALL")
        }
        let batch = StatementBatch([Statement(text: "SELECT 1", slots: []), Statement(text: "SELECT 2", slots: [])])
        let shape = RowWriter(RowShape(.value(RowShape.Column(0, ValueForm(.integer)), result: 1)))
        for _ in 0..<2 {
            #expect(try database.answer(batch, shape) == "2")
            try database.execute("DEALLOCATE ALL")
        }
    }

    @Test func `a connection keeps no more statements than it may`() throws {
        let database = try database("&connection_limit=1&statement_cache_size=5")
        defer { database.pool.close() }
        for number in 0..<40 {
            let batch = StatementBatch((0..<3).map { Statement(text: "SELECT \(number) + \($0)", slots: []) })
            let shape = RowWriter(RowShape(.value(RowShape.Column(0, ValueForm(.integer)), result: 2)))
            for _ in 0..<2 { #expect(try database.answer(batch, shape) == "\(number + 2)") }
        }
        let kept = try database.raw("SELECT count(*)::int4 AS n FROM pg_prepared_statements")
        let count = Int(kept.filter(\.isNumber)) ?? .max
        #expect(count <= 5 + PostgresLimit.pendingDeallocations, "\(kept)")
    }

    @Test(arguments: ["&pgbouncer=true", "&statement_cache_size=0"])
    func `without names nothing stays on the server`(parameters: String) throws {
        let database = try database("&connection_limit=1" + parameters)
        defer { database.pool.close() }
        let batch = StatementBatch([Statement(text: "SELECT $1::int4", slots: [0]), Statement(text: "SELECT $1::int8 + 1", slots: [0])])
        let shape = RowWriter(RowShape(.value(RowShape.Column(0, ValueForm(.integer)), result: 1)))
        #expect(try database.answer(batch, shape, values: ["4"]) == "5")
        #expect(try database.list("SELECT $1::int4", [ValueForm(.integer)], values: ["9"]) == #"[{"0":9}]"#)
        #expect(try database.raw("SELECT count(*)::int4 AS n FROM pg_prepared_statements") == #"[{"n":0}]"#)
    }

    @Test func `large parameters and large rows do not block each other`() throws {
        let database = try database()
        defer { database.pool.close() }
        let large = String(repeating: "x", count: 3 << 20)
        let statements = (0..<4).map { _ in Statement(text: "SELECT $1::text", slots: [0]) }
        let results = try database.pool.execute(
            StatementBatch(statements), try database.parameters([large]), until: .after(milliseconds: 30_000), cancellation: nil)
        #expect(results.replies.map { $0.cell(0, 0)?.count } == [3 << 20, 3 << 20, 3 << 20, 3 << 20])
    }

    @Test func `more parameters than the protocol can count are an error, and the connection stays`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        let many = Statement(text: "SELECT 1", slots: Array(repeating: 0, count: 70_000))
        #expect(throws: Failure.self) {
            _ = try database.answer(StatementBatch([many]), RowWriter(RowShape(.value(.init(0, ValueForm(.integer)), result: 0))))
        }
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
        #expect(database.pool.usage == Pool.Usage(idle: 1))
    }

    @Test func `the schema of the URL is the search path, however it is called`() throws {
        let database = try database()
        defer { database.pool.close() }
        try database.execute("CREATE SCHEMA IF NOT EXISTS \"odd \\ \"\"name\"")
        let odd = try self.database("&schema=odd%20%5C%20%22name")
        defer { odd.pool.close() }
        #expect(try odd.raw("SELECT current_schema() AS s") == #"[{"s":"odd \\ \"name"}]"#)
    }
}
