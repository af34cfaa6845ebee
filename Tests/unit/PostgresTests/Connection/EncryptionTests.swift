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

    @Test func `a certificate counts that one who is trusted has signed`() throws {
        let authority = try TestCertificate()
        defer { authority.remove() }
        let other = try TestCertificate()
        defer { other.remove() }
        let certificate = try TestCertificate(issuer: authority)
        defer { certificate.remove() }
        let server = try TestServer(certificate: certificate)
        for mode in ["verify-ca", "verify-full"] {
            #expect(try outcome(server.tcpURL("sslmode=\(mode)&sslrootcert=\(authority.certificate)")) == encrypted)
            #expect(try outcome(server.tcpURL("sslmode=\(mode)&sslrootcert=\(other.certificate)")) == "P6008 P1011")
        }
    }

    @Test func `an expired certificate is refused where certificates are checked`() throws {
        let certificate = try TestCertificate(isExpired: true)
        defer { certificate.remove() }
        let server = try TestServer(certificate: certificate)
        #expect(try outcome(server.tcpURL("sslmode=require")) == encrypted)
        #expect(try outcome(server.tcpURL("sslmode=verify-full&sslrootcert=\(certificate.certificate)")) == "P6008 P1011")
        #expect(try outcome(server.tcpURL("sslmode=verify-ca&sslrootcert=\(certificate.certificate)")) == "P6008 P1011")
    }

    @Test func `modes that choose, and a server that insists`() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let insists = try TestServer(hostRules: "local all all trust\nhostssl all all all trust\n", certificate: certificate)
        let refuses = try TestServer(hostRules: "local all all trust\nhostnossl all all all trust\n", certificate: certificate)
        let takesBoth = try TestServer(certificate: certificate)
        func url(_ server: TestServer, _ mode: String) -> String { "postgresql://tester@127.0.0.1:\(server.port)/postgres?\(mode)" }
        #expect(try outcome(url(takesBoth, "sslmode=allow")) == plain)
        #expect(try outcome(url(insists, "sslmode=allow")) == encrypted)
        #expect(try outcome(url(insists, "sslmode=disable")) == "P6008 P1010")
        #expect(try outcome(url(insists, "")) == encrypted)
        #expect(try outcome(url(refuses, "sslmode=prefer")) == plain)
        #expect(try outcome(url(refuses, "sslmode=require")) == "P6008 P1010")
        // Without a certificate to trust there are the system's, and this one is none of them.
        #expect(try outcome(url(takesBoth, "sslmode=verify-full")) == "P6008 P1011")
        #expect(try outcome(url(takesBoth, "sslmode=verify-ca")) == "P6008 P1011")
        #expect(try outcome(url(takesBoth, "sslaccept=strict")) == "P6008 P1011")
        #expect(try outcome(url(takesBoth, "sslaccept=accept_invalid_certs")) == encrypted)
    }

    @Test func `a server without TLS is no downgrade`() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let server = try TestServer(settings: ["ssl=off"], certificate: certificate)
        for mode in ["require", "verify-ca", "verify-full"] {
            #expect(try outcome(server.tcpURL("sslmode=\(mode)")) == "P6008 P1011")
        }
        #expect(try outcome(server.tcpURL("sslmode=prefer")) == plain)
    }
}
