import Testing
import Text

@testable import Postgres

/// `$queryRaw` and `$executeRaw` on a real server.
@Suite struct RawTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    private func database(_ parameters: String = "") throws -> TestDatabase {
        TestDatabase(Pool(try server.settings("&connection_limit=2" + parameters)))
    }

    @Test(arguments: ["", "&pgbouncer=true"])
    func `rows come as their types suggest, in either format`(parameters: String) throws {
        let database = try database(parameters)
        defer { database.pool.close() }
        let plain =
            "1 + 1 AS a, 12345678901::int8 AS b, 1.50::numeric AS c, true AS d, '\\xff'::bytea AS e, '2024-02-29 12:00:00.5+02'::timestamptz AS f, ARRAY[1, NULL]::int8[] AS g, NULL AS h, 7::oid AS i"
        let json = #""a":2,"b":"12345678901","c":"1.5","d":true,"e":"/w==","f":"2024-02-29T10:00:00.500Z","g":["1",null],"h":null,"i":"7""#
        for _ in 0..<2 {
            #expect(try database.raw("SELECT \(plain)") == "[{\(json)}]")
            #expect(try database.raw("SELECT \(plain), '10.0.0.5'::inet AS z") == "[{\(json),\"z\":\"10.0.0.5\"}]")
        }
    }

    @Test func `parameters go in by their places, and types can be said`() throws {
        let database = try database()
        defer { database.pool.close() }
        #expect(try database.raw("SELECT $1::int4 + $2::int4 AS n, $3::text AS t", ["1", "2", nil]) == #"[{"n":3,"t":null}]"#)
        #expect(try database.raw("SELECT $1 AS a, $2 AS b", ["5", "x"], types: [23, 25]) == #"[{"a":5,"b":"x"}]"#)
        #expect(try database.raw("SELECT $1 AS a, $2 AS b", ["5", "x"], types: [20]) == #"[{"a":"5","b":"x"}]"#)
    }

    @Test func `executing counts the rows affected`() throws {
        let database = try database()
        defer { database.pool.close() }
        try database.execute("CREATE TABLE IF NOT EXISTS raw_count (a int4 PRIMARY KEY)")
        try database.execute("TRUNCATE raw_count")
        #expect(try database.execute("INSERT INTO raw_count SELECT generate_series(1, 5)") == 5)
        #expect(try database.execute("UPDATE raw_count SET a = a + 10 WHERE a > $1", ["3"]) == 2)
        #expect(try database.raw("DELETE FROM raw_count WHERE a > 10 RETURNING a") == #"[{"a":14},{"a":15}]"#)
        #expect(try database.raw("DELETE FROM raw_count") == "[]")
        #expect(try database.execute("") == 0)
    }

    @Test func `columns of one name are one member, the last one's value`() throws {
        let database = try database()
        defer { database.pool.close() }
        #expect(try database.raw("SELECT 1 AS a, 2 AS b, 3 AS a") == #"[{"a":3,"b":2}]"#)
        #expect(try database.raw("SELECT FROM generate_series(1, 2)") == "[{},{}]")
    }

    @Test(arguments: [
        ("SELEC 1", "42601"), ("SELECT 1; SELECT 2", "42601"), ("SELECT * FROM nowhere", "42P01"), ("SELECT 1/0", "22012"),
        ("SELECT 'c4n4ry'::int4", "22P02"), ("SELECT $1::int4", "22P02"), ("COPY (SELECT 1) TO STDOUT", "0A000"),
        ("BEGIN", "25001"), ("DO $$ BEGIN RAISE EXCEPTION 'c4n4ry'; END $$", "P0001"),
    ])
    func `what the server refuses is P2010 with its SQLSTATE, without values`(sql: String, state: String) throws {
        let database = try database()
        defer { database.pool.close() }
        let values: [String?] = sql.contains("$1") ? ["c4n4ry"] : []
        #expect {
            _ = try database.raw(sql, values)
        } throws: { error in
            guard let failure = error as? Failure else { return false }
            return failure.code == "P2010" && failure.sqlState == state && !failure.words.contains("c4n4ry")
                && failure.meta.first?.value == .text(state)
        }
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
    }

    @Test func `the owner can ask for the server's words`() throws {
        let pool = Pool(try server.settings(), showsServerMessages: true)
        defer { pool.close() }
        #expect {
            _ = try TestDatabase(pool).raw("SELECT 'seen'::int4")
        } throws: { ($0 as? Failure)?.message.contains("\"seen\"") == true }
    }

    @Test func `a response over the limit is P6009`() throws {
        let database = try database()
        defer { database.pool.close() }
        #expect {
            _ = try database.raw("SELECT repeat('x', 2000000) AS a")
        } throws: { ($0 as? Failure)?.code == "P6009" }
    }
}
