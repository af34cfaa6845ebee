import Concurrency
import Telemetry
import Testing
import Text

@testable import Postgres

/// What the log is told of statements, on a real server.
@Suite struct StatementTracerTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    /// An event, as far as it is the same each time.
    struct Told: Equatable, CustomStringConvertible {
        var level: String
        var text: String
        var params: String?
        var rows: Int64?
        var error: String?

        init(_ level: String, _ text: String, params: String? = nil, rows: Int64? = nil, error: String? = nil) {
            (self.level, self.text, self.params, self.rows, self.error) = (level, text, params, rows, error)
        }

        init(_ event: [UInt8]) throws {
            let root = try JSONDocument(scanning: String(decoding: event, as: UTF8.self)).root
            level = root["level"]?.string ?? ""
            text = root["query"]?.string ?? root["message"]?.string ?? ""
            params = root["params"]?.string
            rows = root["rows"]?.integer
            error = root["error"]?.string
            #expect(root["timestamp"]?.string?.count == 24)
            if level == "query" { #expect(root["duration"]?.kind == .number) }
        }

        var description: String { "\(level) \(text) \(params ?? "") \(rows.map { "\($0)" } ?? "") \(error ?? "")" }
    }

    private func log(_ levels: Log.Levels, params: Bool = false, slowNanoseconds: Int64 = .max) -> Log {
        var settings = Log.Settings()
        settings.levels = levels
        settings.showsParameters = params
        settings.slowNanoseconds = slowNanoseconds
        return Log(settings, Log.Bounds(events: 1000, bytes: 1 << 20, textBytes: 1000))
    }

    private func told(_ log: Log) throws -> [Told] { try log.take(atMost: .max, bytes: .max).events.map { try Told($0) } }

    private func database(_ log: Log, _ parameters: String = "") throws -> TestDatabase {
        TestDatabase(Pool(try server.settings("&connection_limit=1" + parameters), log: log))
    }

    private func batch(_ texts: String...) -> StatementBatch { StatementBatch(texts.map { Statement(text: $0, slots: $0.contains("$1") ? [0] : []) }) }

    private func trace(_ flags: String) -> Trace {
        var trace = Trace()
        var text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\(flags)"
        trace.parent = text.withUTF8 { TraceParent(UnsafeRawBufferPointer($0)) }
        return trace
    }

    @Test(arguments: ["", "&pgbouncer=true"])
    func `one statement is one event, prepared or not, with its rows`(parameters: String) throws {
        let log = log(.query)
        let database = try database(log, parameters)
        defer { database.pool.close() }
        let one = batch("SELECT generate_series(1, $1::int4)")
        for _ in 0..<2 { _ = try database.pool.execute(one, database.parameters(["3"]), until: .after(milliseconds: 10_000), cancellation: nil) }
        #expect(
            try told(log) == [Told("query", "SELECT generate_series(1, $1::int4)", rows: 3), Told("query", "SELECT generate_series(1, $1::int4)", rows: 3)])
    }

    @Test func `several statements are told in their order, with the transaction around them`() throws {
        let log = log(.query, params: true)
        let database = try database(log)
        defer { database.pool.close() }
        let two = batch("SELECT 1", "SELECT $1::text")
        for _ in 0..<2 {
            _ = try database.pool.execute(two, database.parameters(["a\"b"]), until: .after(milliseconds: 10_000), cancellation: nil)
            #expect(
                try told(log) == [
                    Told("query", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", params: "[]"), Told("query", "SELECT 1", params: "[]", rows: 1),
                    Told("query", "SELECT $1::text", params: #"["a\"b"]"#, rows: 1), Told("query", "COMMIT", params: "[]"),
                ])
        }
    }

    @Test func `the one that fails says so, what was skipped is not told, and a rollback is`() throws {
        let log = log([.query, .warn])
        let database = try database(log)
        defer { database.pool.close() }
        let three = batch("SELECT 1", "SELECT 1 / $1::int4", "SELECT 3")
        #expect(throws: Failure.self) {
            _ = try database.pool.execute(three, database.parameters(["0"]), until: .after(milliseconds: 10_000), cancellation: nil)
        }
        #expect(
            try told(log) == [
                Told("query", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), Told("query", "SELECT 1", rows: 1),
                Told("query", "SELECT 1 / $1::int4", error: "22012"), Told("query", "ROLLBACK"), Told("warn", "A transaction was rolled back."),
            ])
    }

    @Test func `a raw statement is told with its text, its rows or its error`() throws {
        let log = log(.query)
        let database = try database(log)
        defer { database.pool.close() }
        _ = try database.raw("SELECT $1::int4 AS a", ["7"])
        #expect(throws: Failure.self) { try database.execute("SELEC 1") }
        #expect(throws: Failure.self) { try database.raw("SELECT pg_sleep(60)", milliseconds: 50) }
        #expect(
            try told(log) == [
                Told("query", "SELECT $1::int4 AS a", rows: 1), Told("query", "SELEC 1", error: "42601"),
                Told("query", "SELECT pg_sleep(60)", error: "timeout"),
            ])
    }

    @Test func `durations of one round trip add up, and each is its own statement's`() throws {
        let log = log(.query)
        let database = try database(log)
        defer { database.pool.close() }
        let slowSecond = batch("SELECT 1", "SELECT pg_sleep(0.2)::text", "SELECT 3")
        _ = try database.pool.execute(slowSecond, database.parameters([]), until: .after(milliseconds: 10_000), cancellation: nil)
        var durations: [String: Double] = [:]
        for event in log.take(atMost: .max, bytes: .max).events {
            let root = try JSONDocument(scanning: String(decoding: event, as: UTF8.self)).root
            let duration = try #require(root["duration"])
            durations[root["query"]?.string ?? ""] = Double(String(decoding: duration.bytes, as: UTF8.self)) ?? .nan
        }
        let slow = try #require(durations["SELECT pg_sleep(0.2)::text"])
        // Why not all of it: what this thread notices late of the statement before counts to that one.
        #expect(slow >= 50)
        #expect(durations.count == 5 && durations["SELECT 3"] ?? .infinity < slow)
    }

    @Test func `a slow statement is warned of with its text, unless that is the caller's own`() throws {
        let log = log(.warn, slowNanoseconds: 0)
        let database = try database(log)
        defer { database.pool.close() }
        _ = try database.pool.execute(batch("SELECT 1"), database.parameters([]), until: .after(milliseconds: 10_000), cancellation: nil)
        _ = try database.raw("SELECT 'value'")
        let texts = log.take(atMost: .max, bytes: .max).events.map { String(decoding: $0, as: UTF8.self) }
        #expect(texts.count == 2 && texts[0].contains("A statement was slow.") && texts[0].contains("SELECT 1"))
        #expect(texts[1].contains("A statement was slow.") && !texts[1].contains("value"))
    }

    @Test func `connections that open, fail to open and close are told`() throws {
        let log = log([.info, .warn])
        let database = try database(log)
        _ = try database.raw("SELECT 1")
        database.pool.close()
        #expect(try told(log) == [Told("info", "A connection was opened."), Told("info", "A connection was closed.")])
        let wrong = TestDatabase(Pool(try ConnectionSettings(url: "postgresql://tester@localhost/nowhere?host=/nowhere"), log: log))
        #expect(throws: Failure.self) { _ = try wrong.raw("SELECT 1") }
        wrong.pool.close()
        let events = try told(log)
        #expect(events.count == 1 && events[0].level == "warn" && events[0].text.hasPrefix("A connection could not be opened:"))
        #expect(events[0].text.contains("P1001"))
    }

    @Test func `tables that change under a prepared statement are warned of`() throws {
        let log = log(.warn)
        let database = try database(log)
        defer { database.pool.close() }
        try database.execute("DROP TABLE IF EXISTS watched")
        try database.execute("CREATE TABLE watched AS SELECT 1 AS a")
        let all = batch("SELECT * FROM watched")
        _ = try database.pool.execute(all, database.parameters([]), until: .after(milliseconds: 10_000), cancellation: nil)
        try database.execute("ALTER TABLE watched ADD COLUMN b int4")
        _ = try database.pool.execute(all, database.parameters([]), until: .after(milliseconds: 10_000), cancellation: nil)
        #expect(try told(log) == [Told("warn", "A prepared statement no longer fits the database, and is prepared again.")])
    }

    // MARK: Traces

    /// What the server sees as the statement that runs.
    private let seen = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()"

    @Test(arguments: ["", "&pgbouncer=true"])
    func `a sampled trace reaches the server as a comment; another one does not`(parameters: String) throws {
        let database = try database(log(.query), parameters)
        defer { database.pool.close() }
        let writer = RowWriter(
            RowShape(.list(RowShape.Record([RowShape.Member("q", .column(RowShape.Column(0, ValueForm(.string))))]), result: 0, isReversed: false)))
        let statement = batch(seen)
        func answer(_ trace: Trace) throws -> String {
            let results = try database.pool.execute(statement, database.parameters([]), until: .after(milliseconds: 10_000), cancellation: nil, for: trace)
            var buffer = ByteBuffer()
            try writer.write(results, into: &buffer, limit: 1 << 20)
            return buffer.string()
        }
        let comment = " /*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/"
        for _ in 0..<2 {
            #expect(try answer(Trace()) == "[{\"q\":\"\(seen)\"}]")
            #expect(try answer(trace("01")) == "[{\"q\":\"\(seen)\(comment)\"}]")
            #expect(try answer(trace("00")) == "[{\"q\":\"\(seen)\"}]")
        }
    }

    @Test(arguments: ["", " -- to the end of the line", ";", " /* a */", "\n"])
    func `the comment reaches the server with raw statements of any end`(end: String) throws {
        let database = try database(log(.query))
        defer { database.pool.close() }
        func ask(_ text: String, _ trace: Trace) throws -> String {
            var buffer = ByteBuffer()
            try database.pool.runRaw(
                text, database.parameters(["5"]), returnsRows: true, limit: 1 << 20, until: .after(milliseconds: 10_000),
                cancellation: nil, for: trace, into: &buffer)
            return buffer.string()
        }
        let text =
            "SELECT $1::int4 AS n, query LIKE '%traceparent=%' AS traced, query LIKE '%*/' AS ended FROM pg_stat_activity WHERE pid = pg_backend_pid()" + end
        #expect(try ask(text, trace("01")).hasPrefix(#"[{"n":5,"traced":true"#))
        #expect(try ask("SELECT $1::int4 AS n, 1.5::numeric AS d, 3::int8 AS b", trace("01")) == #"[{"n":5,"d":"1.5","b":"3"}]"#)
    }

    @Test(arguments: ["SELECT 'open", "SELECT /* open", "SELECT $$open", "SELECT \"open", "SELECT E'open\\"])
    func `a statement that ends within something stays the error that it is`(text: String) throws {
        let database = try database(log(.query))
        defer { database.pool.close() }
        func code(_ trace: Trace) throws -> String {
            var buffer = ByteBuffer()
            do throws(Failure) {
                try database.pool.runRaw(
                    text, ParameterList(), returnsRows: true, limit: 1 << 20, until: .after(milliseconds: 10_000),
                    cancellation: nil, for: trace, into: &buffer)
                return "none"
            } catch {
                return error.sqlState ?? ""
            }
        }
        #expect(try code(trace("01")) == "42601")
        #expect(try code(Trace()) == "42601")
    }

    @Test func `a connection that comes back knows nothing of the trace`() throws {
        let database = try database(log(.query))
        defer { database.pool.close() }
        let connection = try database.pool.lease(until: .after(milliseconds: 10_000), cancellation: nil)
        connection.trace = trace("01")
        database.pool.release(connection)
        #expect(try database.raw("SELECT query LIKE '%*' || '/%' AS traced FROM pg_stat_activity WHERE pid = pg_backend_pid()") == #"[{"traced":false}]"#)
    }
}
