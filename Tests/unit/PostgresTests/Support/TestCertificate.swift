import Foundation

/// A certificate made by `openssl` for 127.0.0.1, signed by itself or by another one.
struct TestCertificate {
    let directory: URL
    var certificate: String { directory.appendingPathComponent("cert.pem").path }
    private var key: String { directory.appendingPathComponent("key.pem").path }

    /// - Parameters:
    ///   - isExpired: it ended yesterday.
    ///   - address: what it is valid for.
    ///   - issuer: who signs it.
    init(isExpired: Bool = false, address: String = "127.0.0.1", issuer: TestCertificate? = nil) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("accelerant-cert-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try TestServer.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test",
                "-addext", "subjectAltName=IP:\(address)", "-days", "2", "-keyout", key, "-out", certificate,
            ] + (issuer.map { ["-CA", $0.certificate, "-CAkey", $0.key] } ?? []))
        if isExpired {
            let valid = directory.appendingPathComponent("valid.pem").path
            try TestServer.run(["mv", certificate, valid])
            // Signed anew: the extensions stay, the time is another.
            try TestServer.run(["openssl", "x509", "-in", valid, "-signkey", key, "-days", "-1", "-out", certificate])
        }
    }

    /// Removes its files; a server keeps its own copies.
    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// Copies it to where a server reads it, and gives the server's settings for it.
    func install(in data: String, ownedByRoot: Bool) throws -> [String] {
        for (source, target) in [(certificate, "server.crt"), (key, "server.key")] {
            try TestServer.run(["cp", source, "\(data)/\(target)"])
            try TestServer.run(["chmod", "600", "\(data)/\(target)"])
            if ownedByRoot { try TestServer.run(["chown", "postgres", "\(data)/\(target)"]) }
        }
        return ["ssl_cert_file=\(data)/server.crt", "ssl_key_file=\(data)/server.key"]
    }
}
