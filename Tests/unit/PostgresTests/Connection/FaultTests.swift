import Concurrency
import Foundation
import Testing
import Text

@testable import Postgres

/// A server that freezes, dies and comes back.
@Suite struct FaultTests {
    private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = Deadline.now
        try body()
        return Double(Deadline.now.nanoseconds - start.nanoseconds) / 1e6
    }

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Failure)?.code
        }
    }

    private func database(_ server: TestServer, _ parameters: String = "") throws -> TestDatabase {
        TestDatabase(Pool(try server.settings("&connection_limit=2" + parameters)))
    }

    @Test func `a frozen server costs its callers no more than their time, and close no more than its bound`() throws {
        let server = try TestServer()
        let database = try database(server)
        _ = try database.raw("SELECT 1")
        server.freeze()
        defer { server.thaw() }
        var result: String?
        var time = milliseconds { result = code { _ = try database.raw("SELECT pg_sleep(60)", milliseconds: 100) } }
        #expect(result == "P6004")
        #expect(time < 9_000, "\(time) ms")
        time = milliseconds { result = code { _ = try database.raw("SELECT 1", milliseconds: 100) } }
        #expect(result == "P6004")
        #expect(time < 9_000, "\(time) ms")
        time = milliseconds { database.pool.close() }
        #expect(time < 9_000, "\(time) ms")
    }

    @Test func `after a freeze all is as before`() throws {
        let server = try TestServer()
        let database = try database(server)
        defer { database.pool.close() }
        server.freeze()
        #expect(code { _ = try database.raw("SELECT pg_sleep(60)", milliseconds: 50) } == "P6004")
        #expect(code { _ = try database.raw("SELECT pg_sleep(60)", milliseconds: 50) } == "P6004")
        server.thaw()
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
    }

    @Test func `a server that is killed and started again is found within two seconds`() throws {
        let server = try TestServer()
        let database = try database(server)
        defer { database.pool.close() }
        #expect(try database.raw("SELECT 1 AS a") == #"[{"a":1}]"#)
        server.killAtOnce()
        #expect(code { _ = try database.raw("SELECT 1 AS a") } != nil)
        #expect(code { _ = try database.raw("SELECT 1 AS a") } == "P6008")
        try server.restart()
        let start = Deadline.now
        while code({ _ = try database.raw("SELECT 1 AS a") }) != nil {
            try #require(Deadline.now < .after(milliseconds: 2_000, from: start))
            usleep(5_000)
        }
    }
}
