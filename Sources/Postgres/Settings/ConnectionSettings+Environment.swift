import CLinux

/// A setting of libpq, and what it uses if it gets no value.
struct InheritedSetting {
    let keyword: String
    /// The default that is built into libpq.
    let builtin: String?
    /// True if the environment, or a service file that it names, sets another value.
    let isForeign: Bool
}

/// Keeps out everything that the URL does not say: the environment, service files and the user's home directory.
///
/// libpq consults all of them for a keyword without a value, and takes an empty value as none. These cannot be kept out:
///
/// - `PGREQUIREPEER`, which can only refuse a server.
/// - `PGSERVICE` with a name that no file has, which makes libpq refuse every connection.
/// - `PGTZ`, `PGDATESTYLE` and `PGGEQO`, which libpq itself sends to the server.
extension ConnectionSettings {
    /// Returns all keywords and values for libpq.
    func completed(_ inherited: [InheritedSetting]) -> [(String, String)] {
        var all = self
        if all["host"] == nil { all["host"] = all["hostaddr"] }
        // Why: OpenSSL asks on the terminal for a missing passphrase. It refuses the key if the passphrase is wrong.
        if all["sslpassword"] == nil { all["sslpassword"] = "no passphrase was given" }
        for setting in inherited where all[setting.keyword] == nil {
            if let value = all.neutral(setting) { all[setting.keyword] = value }
        }
        if all["hostaddr"] == nil, inherited.contains(where: { $0.keyword == "hostaddr" && $0.isForeign }) { all.repeatHost() }
        return all.keywords
    }

    private static let nowhere = "/nonexistent/accelerant"

    /// Returns a value with the same meaning as no value.
    private func neutral(_ setting: InheritedSetting) -> String? {
        switch setting.keyword {
        // These files are in the home directory unless a path is given.
        case "sslcert", "sslcrl": return ConnectionSettings.nowhere
        case "sslkey": return self["sslcert"] ?? ConnectionSettings.nowhere
        case "sslrootcert": return checksEncryption ? ConnectionSettings.trustedCertificates : ConnectionSettings.nowhere
        default: break
        }
        guard setting.isForeign else { return nil }
        if let builtin = setting.builtin, !builtin.isEmpty { return builtin }
        switch setting.keyword {
        case "user": return ConnectionSettings.systemUser
        case "dbname": return self["user"] ?? ConnectionSettings.systemUser
        // Sent only to a server that requires a password, which refuses it as it would refuse none.
        case "password": return "no password was given"
        case "options": return " "
        case "sslcrldir": return ConnectionSettings.nowhere
        case "ssl_max_protocol_version": return "TLSv1.3"
        case "sslcertmode": return "allow"
        case "require_auth": return "password,md5,gss,sspi,scram-sha-256,none"
        case "min_protocol_version", "max_protocol_version": return "3.0"
        case "gsslib": return "gssapi"
        case "keepalives": return "1"
        case "connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout": return "0"
        case "replication": return "false"
        default: return nil
        }
    }

    /// Sets `hostaddr` to a list of empty addresses.
    /// Why: that is the only value that means none, and such a list has at least two entries.
    private mutating func repeatHost() {
        let host = self["host"] ?? "localhost"
        let count = host.utf8.reduce(1) { $0 + ($1 == UInt8(ascii: ",") ? 1 : 0) }
        if count == 1 { self["host"] = host + "," + host }
        self["hostaddr"] = String(repeating: ",", count: max(count - 1, 1))
    }

    private var checksEncryption: Bool { self["sslmode"] == "verify-ca" || self["sslmode"] == "verify-full" }

    /// Where systems keep the publicly trusted certificates.
    private static var trustedCertificates: String {
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
            .first { access($0, R_OK) == 0 } ?? nowhere
    }

    private static var systemUser: String {
        var name = [CChar](repeating: 0, count: 256)
        linux_user_name(&name, name.count)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
