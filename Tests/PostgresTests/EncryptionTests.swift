import Testing
import Text

@testable import Postgres

/// `sslmode` against servers with a right, a wrong and an expired certificate, and one without TLS.
@Suite struct EncryptionTests {
    /// Whether the connection is encrypted; the code of the cause when there is none.
    private func outcome(_ url: String) throws -> String {
        let pool = Pool(try ConnectionSettings(url: url))
        defer { pool.close() }
        do {
            return try TestDatabase(pool).raw("SELECT ssl, repeat('x', 100000) = '' AS e FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        } catch {
            guard let failure = error as? Failure, case .text(let cause) = failure.meta.first?.value else { return "\(error)" }
            return failure.code + " " + cause
        }
    }

    private let encrypted = #"[{"ssl":true,"e":false}]"#
    private let plain = #"[{"ssl":false,"e":false}]"#

    @Test func `each mode of a server with a certificate`() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let other = try TestCertificate()
        defer { other.remove() }
        let server = try TestServer(certificate: certificate)
        let root = "&sslrootcert=\(certificate.certificate)"
        #expect(try outcome(server.tcpURL("sslmode=disable")) == plain)
        #expect(try outcome(server.tcpURL("sslmode=prefer")) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=require")) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=verify-ca" + root)) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=verify-full" + root)) == encrypted)
        #expect(try outcome(server.tcpURL("sslaccept=strict" + root)) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=verify-full&sslrootcert=\(other.certificate)")) == "P6008 P1011")
        #expect(try outcome(server.tcpURL("sslmode=verify-ca&sslrootcert=\(other.certificate)")) == "P6008 P1011")
        #expect(try outcome(server.tcpURL("sslmode=verify-full&sslrootcert=/nowhere.pem")) == "P6008 P1011")
    }

    @Test func `a certificate for another address fails verify-full alone`() throws {
        let certificate = try TestCertificate(address: "127.0.0.2")
        defer { certificate.remove() }
        let server = try TestServer(certificate: certificate)
        let root = "&sslrootcert=\(certificate.certificate)"
        #expect(try outcome(server.tcpURL("sslmode=verify-ca" + root)) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=verify-full" + root)) == "P6008 P1011")
    }

    @Test func `an expired certificate is refused where certificates are checked`() throws {
        let certificate = try TestCertificate(isExpired: true)
        defer { certificate.remove() }
        let server = try TestServer(certificate: certificate)
        #expect(try outcome(server.tcpURL("sslmode=require")) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=verify-full&sslrootcert=\(certificate.certificate)")) == "P6008 P1011")
    }

    @Test func `a server without TLS is no downgrade`() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let server = try TestServer(settings: ["ssl=off"], certificate: certificate)
        #expect(try outcome(server.tcpURL("sslmode=require")) == "P6008 P1011")
        #expect(try outcome(server.tcpURL("sslmode=prefer")) == plain)
    }
}
