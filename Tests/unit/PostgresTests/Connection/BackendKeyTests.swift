import Concurrency
import Foundation
import Testing
import Text

@testable import Postgres

/// The key that cancels, read from libpq's account of a connect.
@Suite struct BackendKeyTests {
    private func key(_ handshakeTrace: String) -> BackendKey? {
        let bytes = Array(handshakeTrace.utf8)
        return bytes.withUnsafeBytes { BackendKey(handshakeTrace: $0) }
    }

    private let before = "F\t43\tUnknown message: length is 43\nB\t25\tParameterStatus\t \"client_encoding\" \"UTF8\"\n"

    @Test func `a number, as libpq writes it up to version 17`() {
        let found = key(before + "B\t12\tBackendKeyData\t 4711 -2\nB\t5\tReadyForQuery\t I\n")
        #expect(found == BackendKey(process: 4711, secret: [255, 255, 255, 254]))
        #expect(found?.request == [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 18, 103, 255, 255, 255, 254])
    }

    @Test func `quoted bytes, as libpq writes them from version 18 on`() {
        let start = before + "B\t12\tBackendKeyData\t 4711 "
        #expect(key(start + "'a\\x00\\xff '\n") == BackendKey(process: 4711, secret: [97, 0, 255, 32]))
        #expect(key(start + "'\\'\\x0a!'\n")?.secret == [92, 39, 10, 33])
    }

    @Test func `of several hosts the key of the last counts, whose session is kept`() {
        let standby = before + "B\t12\tBackendKeyData\t 4711 -2\nB\t5\tReadyForQuery\t I\nF\t4\tTerminate\n"
        #expect(key(standby + before + "B\t12\tBackendKeyData\t 4712 7\n") == BackendKey(process: 4712, secret: [0, 0, 0, 7]))
    }

    @Test func `what is no key is none`() {
        for handshakeTrace in [
            "", before, "B\t12\tBackendKeyData\n", "B\t12\tBackendKeyData\t 1\n", "B\t12\tBackendKeyData\t x 2\n", "B\t12\tBackendKeyData\t 1 '12345'\n",
            "F\t12\tBackendKeyData\t 1 2\n", "B\t12\tBackendKeyData\t 1 99999999999\n", "B\t12\tBackendKeyData\t 1 'abc\n",
        ] {
            #expect(key(handshakeTrace) == nil, "\(handshakeTrace)")
        }
    }

    @Test func `a real server's key is found, over a socket and with TLS and a password`() throws {
        let plain = try TestServer.shared.get()
        let open = Pool(try plain.settings())
        defer { open.close() }
        let connection = try open.lease(until: .never, cancellation: nil)
        defer { open.release(connection) }
        #expect(connection.key?.process == connection.backendIdentifier)
        #expect(connection.key?.secret.count == 4)
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let guarded = try TestServer(hostRules: "hostssl all tester all password\n", password: "right", certificate: certificate)
        let settings = try ConnectionSettings(url: "postgresql://tester:right@127.0.0.1:\(guarded.port)/postgres?sslmode=require")
        let pool = Pool(settings)
        defer { pool.close() }
        let encrypted = try pool.lease(until: .never, cancellation: nil)
        #expect(encrypted.key?.process == encrypted.backendIdentifier)
        pool.release(encrypted)
        // And it works: the one connection comes back only when its query has been cancelled.
        let database = TestDatabase(pool)
        #expect(throws: Failure.self) { try database.raw("SELECT pg_sleep(60)", milliseconds: 50) }
        let asleep = "SELECT count(*)::int4 AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
        try eventually("the query is cancelled") { try database.raw(asleep) == #"[{"n":0}]"# }
    }
}

/// Connects that take longer than those have time who want them.
@Suite struct ConnectionAttemptTests {
    @Test func `a caller without time leaves the connection that he wanted to the next`() throws {
        let server = try TestServer(hostRules: "local all tester scram-sha-256\n", password: "right")
        let url = "postgresql://tester:right@localhost/postgres?host=\(server.directory.path)&connection_limit=1"
        let pool = Pool(try ConnectionSettings(url: url))
        defer { pool.close() }
        // A login with a password takes longer than that.
        #expect(throws: Failure.self) { try pool.lease(until: .after(milliseconds: 1), cancellation: nil) }
        #expect(pool.usage.connecting == 1)
        try eventually("the connect ends") { pool.usage.connecting == 0 }
        #expect(pool.usage == Pool.Usage(idle: 1))
        pool.release(try pool.lease(until: .after(milliseconds: 1_000), cancellation: nil))
        #expect(pool.turnover.opened == 1)
    }
}
