import Concurrency
import Foundation
import Synchronization
import Testing
import Text

@testable import Postgres

/// Many callers, few connections, and a server that misbehaves.
@Suite struct PoolTests {
    let server: TestServer

    init() throws { server = try TestServer.shared.get() }

    private func database(_ parameters: String = "") throws -> TestDatabase { TestDatabase(Pool(try server.settings(parameters))) }

    private func elapsed(_ body: () throws -> Void) rethrows -> Double {
        let start = Deadline.now
        try body()
        return Double(Deadline.now.nanoseconds - start.nanoseconds) / 1e6
    }

    private func failure(_ body: () throws -> Void) -> Failure? {
        do {
            try body()
            return nil
        } catch {
            return error as? Failure
        }
    }

    @Test func `64 threads share four connections, and each gets its own answer`() throws {
        let database = try database("&connection_limit=4")
        defer { database.pool.close() }
        let wrong = Atomic<Int>(0)
        let threads = (0..<64).map { number in
            Foundation.Thread {
                for round in 0..<20 {
                    let nonce = "\(number)-\(round)"
                    let answer = try? database.list("SELECT $1::text", [ValueForm(.string)], values: [nonce])
                    if answer != #"[{"0":"\#(nonce)"}]"# { wrong.add(1, ordering: .relaxed) }
                }
            }
        }
        run(threads) {}
        #expect(wrong.load(ordering: .relaxed) == 0)
        #expect(database.pool.usage.idle <= 4 && database.pool.usage.idle >= 1)
    }

    @Test func `a query over its time is P6004 at once, cancelled on the server, and its connection replaced`() throws {
        let database = try database("&connection_limit=1&application_name=deadline")
        let other = try self.database()
        defer {
            database.pool.close()
            other.pool.close()
        }
        _ = try database.raw("SELECT 1")
        var error: Failure?
        let time = elapsed { error = failure { _ = try database.raw("SELECT pg_sleep(60)", milliseconds: 100) } }
        #expect(error?.code == "P6004" && error?.status == .timeout)
        #expect(time >= 99 && time < 9_000, "\(time) ms")
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
        let sleeping = try other.raw(
            "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE application_name = 'deadline' AND query LIKE '%pg_sleep%' AND state = 'active'")
        #expect(sleeping == #"[{"n":0}]"#)
    }

    @Test func `waiting for a connection ends with P2024 by the pool's time, with P6004 by the request's`() throws {
        let database = try database("&connection_limit=1&pool_timeout=1")
        defer { database.pool.close() }
        let connection = try database.pool.lease(until: .never, cancellation: nil)
        let exhausted = failure { _ = try database.pool.lease(until: .after(milliseconds: 5_000), cancellation: nil) }
        #expect(exhausted?.code == "P2024" && exhausted?.status == .unavailable)
        let late = failure { _ = try database.pool.lease(until: .after(milliseconds: 50), cancellation: nil) }
        #expect(late?.code == "P6004")
        database.pool.release(connection)
        #expect(database.pool.usage == Pool.Usage(idle: 1))
    }

    @Test func `a connection that the server has ended is replaced, and a read is sent again`() throws {
        let database = try database("&connection_limit=1")
        let killer = try self.database()
        defer {
            database.pool.close()
            killer.pool.close()
        }
        let batch = StatementBatch([Statement(text: "SELECT pg_backend_pid()", slots: [])])
        let shape = RowWriter(RowShape(.value(RowShape.Column(0, ValueForm(.integer)), result: 0)))
        let before = try database.answer(batch, shape)
        _ = try killer.raw("SELECT pg_terminate_backend($1::int4)", [before])
        usleep(20_000)
        let after = try database.answer(batch, shape)
        #expect(after != before)
    }

    @Test func `when all sessions have ended a read finds the way to a living one`() throws {
        let database = try database("&connection_limit=6&application_name=all_ended")
        let killer = try self.database()
        defer {
            database.pool.close()
            killer.pool.close()
        }
        let held = try (0..<6).map { _ in try database.pool.lease(until: .after(milliseconds: 5_000), cancellation: nil) }
        for connection in held {
            _ = try connection.execute(StatementBatch([Statement(text: "SELECT 1", slots: [])]), ParameterList(), until: .never)
        }
        _ = try killer.raw("SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity WHERE application_name = 'all_ended'")
        for connection in held { database.pool.release(connection) }
        #expect(try database.list("SELECT 5", [ValueForm(.integer)]) == #"[{"0":5}]"#)
    }

    @Test func `a server that never stops sending does not outlast the deadline`() throws {
        let database = try database("&connection_limit=1")
        defer { database.pool.close() }
        var error: Failure?
        let time = elapsed {
            error = failure { _ = try database.raw("SELECT repeat('x', 1000) FROM generate_series(1, 100000000)", milliseconds: 200) }
        }
        #expect(error?.code == "P6004")
        #expect(time < 9_000, "\(time) ms")
    }

    @Test func `a statement that may write is never sent twice: a lost connection leaves its outcome unknown`() throws {
        let database = try database("&connection_limit=1&application_name=unknown_outcome")
        let killer = try self.database()
        defer {
            database.pool.close()
            killer.pool.close()
        }
        let thread = Foundation.Thread {
            for _ in 0..<200 {
                let ended = try? killer.raw(
                    "SELECT count(pg_terminate_backend(pid))::int4 AS n FROM pg_stat_activity WHERE application_name = 'unknown_outcome' AND wait_event = 'PgSleep'"
                )
                if ended == #"[{"n":1}]"# { return }
                usleep(10_000)
            }
        }
        var error: Failure?
        run([thread]) { error = failure { _ = try database.raw("SELECT pg_notify('a', 'b'), pg_sleep(30)") } }
        #expect(error?.status == .outcomeUnknown)
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
    }

    @Test func `closing ends those who wait and those who run with P6010`() throws {
        let database = try database("&connection_limit=1&application_name=closing")
        let other = try self.database()
        defer { other.pool.close() }
        let codes = Lock<[String]>([])
        let threads = (0..<3).map { _ in
            Foundation.Thread {
                let error = failure { _ = try database.raw("SELECT pg_sleep(60)", milliseconds: 60_000) }
                codes.withLock { $0.append(error?.code ?? "none") }
            }
        }
        let time = try elapsed {
            try run(threads) {
                defer { database.pool.close() }
                try eventually("two wait") { database.pool.usage.waiting == 2 }
                let active = "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE application_name = 'closing' AND state = 'active'"
                try eventually("one runs") { try other.raw(active) == #"[{"n":1}]"# }
            }
        }
        #expect(codes.withLock { $0 } == ["P6010", "P6010", "P6010"])
        #expect(time < 30_000, "\(time) ms")
        #expect(database.pool.usage == Pool.Usage())
        #expect(failure { _ = try database.raw("SELECT 1") }?.code == "P6010")
        usleep(100_000)
        #expect(try other.raw("SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE application_name = 'closing'") == #"[{"n":0}]"#)
    }

    @Test func `what stands between us and the database has its cause in P6008`() throws {
        func cause(_ url: String) throws -> Failure? {
            let pool = Pool(try ConnectionSettings(url: url))
            defer { pool.close() }
            return failure { _ = try TestDatabase(pool).raw("SELECT 1") }
        }
        let cases = [
            (server.url(database: "nowhere"), "P1003"), (server.url(user: "nobody"), "P1010"),
            ("postgresql://u:c4n4ry@127.0.0.1:1/d", "P1001"), ("postgresql://u:c4n4ry@localhost/d?host=/nowhere", "P1001"),
        ]
        for (url, code) in cases {
            let error = try cause(url)
            #expect(error?.code == "P6008", "\(code)")
            #expect(error?.meta.first?.value == .text(code), "\(String(describing: error))")
            #expect(error?.words.contains("c4n4ry") == false)
        }
    }

    @Test func `a password that is wrong or missing is P1000`() throws {
        let guarded = try TestServer(hostRules: "local all tester scram-sha-256\n", password: "right")
        func attempt(_ userInfo: String) throws -> Failure? {
            let pool = Pool(try ConnectionSettings(url: "postgresql://\(userInfo)@localhost/postgres?host=\(guarded.directory.path)"))
            defer { pool.close() }
            return failure { _ = try TestDatabase(pool).raw("SELECT 1") }
        }
        #expect(try attempt("tester:right") == nil)
        for userInfo in ["tester:wrong", "tester"] {
            let error = try attempt(userInfo)
            #expect(error?.code == "P6008" && error?.status == .denied && error?.meta.first?.value == .text("P1000"), "\(String(describing: error))")
        }
    }

    @Test func `when the server is full the pool makes do with fewer`() throws {
        let small = try TestServer(settings: ["max_connections=4", "superuser_reserved_connections=0"])
        let database = TestDatabase(
            Pool(try ConnectionSettings(url: "postgresql://tester@localhost/postgres?host=\(small.directory.path)&connection_limit=10")))
        defer { database.pool.close() }
        let failures = Atomic<Int>(0)
        let threads = (0..<10).map { _ in
            Foundation.Thread {
                for _ in 0..<5 where failure({ _ = try database.raw("SELECT pg_sleep(0.01)") }) != nil {
                    failures.add(1, ordering: .relaxed)
                }
            }
        }
        run(threads) {}
        #expect(failures.load(ordering: .relaxed) == 0)
        #expect(database.pool.usage.idle >= 1 && database.pool.usage.idle <= 4)
    }

    /// Starts the threads, does `body`, and waits until all are over.
    private func run(_ threads: [Foundation.Thread], _ body: () throws -> Void) rethrows {
        for thread in threads { thread.start() }
        defer { while threads.contains(where: { !$0.isFinished }) { usleep(500) } }
        try body()
    }
}
