import Foundation
import Testing
import Text

@testable import Postgres

/// Replies that are larger than any answer may be are not read to their end.
@Suite struct ReceiveMeterTests {
    /// Over TLS and over a Unix socket.
    private func withPools(_ body: (_ database: TestDatabase) throws -> Void) throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let server = try TestServer(certificate: certificate)
        for url in [server.tcpURL("sslmode=require&connection_limit=1"), server.url("&connection_limit=1")] {
            var settings = try ConnectionSettings(url: url)
            settings.answerBytes = 1 << 20
            let pool = Pool(settings)
            defer { pool.close() }
            try body(TestDatabase(pool))
        }
    }

    private func message(_ database: TestDatabase, _ sql: String) -> String {
        do {
            return try database.raw(sql, milliseconds: 60_000)
        } catch {
            return (error as? Failure).map { $0.code + " " + $0.message } ?? "\(error)"
        }
    }

    /// Kilobytes that the process has in memory at most, since that was last reset.
    private static func peak() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }

    private static func resetPeak() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }

    @Test func `a reply of a gigabyte does not take as much`() throws {
        try withPools { database in
            for (row, count) in [(100, 10_000_000), (10_000, 100_000), (20_000_000, 50)] {
                ReceiveMeterTests.resetPeak()
                let before = ReceiveMeterTests.peak()
                let outcome = message(database, "SELECT repeat('x', \(row)) AS x FROM generate_series(1, \(count))")
                #expect(outcome.hasPrefix("P6009"), "\(row): \(outcome.prefix(200))")
                #expect(outcome.contains("many times"), "\(row): \(outcome.prefix(200))")
                let grown = ReceiveMeterTests.peak() - before
                // Why so much: other tests of this process grow meanwhile.
                #expect(grown < 600_000, "\(grown) kB for rows of \(row)")
            }
            let next = try database.raw("SELECT 1 AS a")
            #expect(next == #"[{"a":1}]"#)
        }
    }

    @Test func `what is only too large for an answer is read, and measured`() throws {
        try withPools { database in
            let outcome = message(database, "SELECT repeat('x', 1000) AS x FROM generate_series(1, 8000)")
            #expect(outcome.hasPrefix("P6009") && !outcome.contains("many times"), "\(outcome.prefix(200))")
        }
    }
}
