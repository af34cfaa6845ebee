import Testing
import Text

@testable import Postgres

/// What a connection does with a real server.
@Suite struct ConnectionTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    private func pool(_ parameters: String = "") throws -> Pool { Pool(try server.settings(parameters)) }

    /// The answer to a list of records with the columns given.
    private func list(
        _ pool: Pool, _ sql: String, _ columns: [(String, ValueForm)], values: [String?] = []
    ) throws -> String {
        let members = columns.enumerated().map { index, column in
            AnswerShape.Member(column.0, .column(AnswerShape.Column(index, column.1)))
        }
        let batch = StatementBatch([Statement(text: sql, slots: Array(values.indices))])
        let results = try pool.run(batch, parameters(values), until: .after(milliseconds: 5000))
        var buffer = ByteBuffer()
        try AnswerWriter(AnswerShape(.list(AnswerShape.Record(members), result: 0, isReversed: false))).write(
            results, into: &buffer, limit: 1 << 20)
        return buffer.string()
    }

    private func parameters(_ values: [String?]) -> ParameterList {
        var list = ParameterList()
        for value in values {
            if let value { try? list.append { $0.append(value) } } else { list.appendNull() }
        }
        return list
    }

    private func raw(_ pool: Pool, _ sql: String, _ values: [String?] = []) throws -> String {
        var buffer = ByteBuffer()
        try pool.runRaw(sql, parameters(values), returnsRows: true, limit: 1 << 20, until: .after(milliseconds: 5000), into: &buffer)
        return buffer.string()
    }

    @Test func `a prepared statement answers twice, and knows its parameters`() throws {
        let pool = try pool()
        defer { pool.close() }
        for _ in 0..<2 {
            let answer = try list(
                pool, "SELECT $1::int4 AS a, $2::text AS b", [("a", ValueForm(.integer)), ("b", ValueForm(.string))],
                values: ["42", "it's \"q\""])
            #expect(answer == #"[{"a":42,"b":"it's \"q\""}]"#)
        }
        #expect(pool.occupation == Pool.Occupation(idle: 1))
    }

    @Test func `raw rows come as their types suggest`() throws {
        let pool = try pool()
        defer { pool.close() }
        #expect(try raw(pool, "SELECT 1 + 1") == #"[{"?column?":2}]"#)
        #expect(try raw(pool, "SELECT '10.0.0.5'::inet AS i, ARRAY['1', NULL]::bit(1)[] AS b, '{\"a\": 1}'::jsonb AS j, 12345678901::int8 AS n")
            == #"[{"i":"10.0.0.5","b":["1",null],"j":{"a": 1},"n":"12345678901"}]"#)
    }
}
