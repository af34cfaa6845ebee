import CLinux

/// A setting of libpq's, and what it takes where it is told nothing.
struct InheritedSetting {
    let keyword: String
    /// Built into libpq.
    let builtin: String?
    /// The environment, or a service file that the environment names, has another value for it.
    let isForeign: Bool
}

/// Nothing that the URL does not say comes from the environment, from a service file or from the user's home directory.
///
/// libpq asks all of them for every keyword that it is given no value for, and an empty value counts as none. What cannot be kept out:
/// `PGREQUIREPEER`, which can only refuse a server, and `PGSERVICE` with a name that no file has, which makes libpq refuse every
/// connection; `PGTZ`, `PGDATESTYLE` and `PGGEQO`, which libpq sends to the server itself.
extension ConnectionSettings {
    /// All that libpq is told.
    func completed(_ inherited: [InheritedSetting]) -> [(String, String)] {
        var all = self
        if all["host"] == nil { all["host"] = all["hostaddr"] }
        // Why: OpenSSL asks on the terminal for a passphrase that it is not given. With a wrong one the key is refused.
        if all["sslpassword"] == nil { all["sslpassword"] = "no passphrase was given" }
        for setting in inherited where all[setting.keyword] == nil {
            if let value = all.neutral(setting) { all[setting.keyword] = value }
        }
        if all["hostaddr"] == nil, inherited.contains(where: { $0.keyword == "hostaddr" && $0.isForeign }) { all.repeatHost() }
        return all.keywords
    }

    private static let nowhere = "/nonexistent/accelerant"

    /// A value that means the same as none.
    private func neutral(_ setting: InheritedSetting) -> String? {
        switch setting.keyword {
        // In the home directory unless told where.
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
        // Only sent to a server that asks for a password; it refuses as it would without one.
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

    /// Why: a list of addresses that are all empty is the one value of `hostaddr` that means none, and it has at least two.
    private mutating func repeatHost() {
        let host = self["host"] ?? "localhost"
        let count = host.utf8.reduce(1) { $0 + ($1 == UInt8(ascii: ",") ? 1 : 0) }
        if count == 1 { self["host"] = host + "," + host }
        self["hostaddr"] = String(repeating: ",", count: max(count - 1, 1))
    }

    private var checksEncryption: Bool { self["sslmode"] == "verify-ca" || self["sslmode"] == "verify-full" }

    /// Where systems keep the certificates of those that are trusted publicly.
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
