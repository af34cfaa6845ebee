import Text

/// `postgresql://user:password@host:port,host:port/database?name=value&…`, split and percent-decoded.
///
/// Knows only the syntax; `ConnectionSettings` gives the parts their meaning. Errors never quote the URL.
struct ConnectionURL {
    var user = ""
    var password = ""
    /// Host names and ports, separated by commas as libpq expects. IPv6 addresses have no brackets.
    var hosts = ""
    var ports = ""
    var database = ""
    var parameters: [(name: String, value: String)] = []
    /// True if a parameter contains an `@`. The password may then contain a `?`, and apparent names may be parts of it.
    var isAmbiguous: Bool { parameters.contains { $0.name.utf8.contains(64) || $0.value.utf8.contains(64) } }

    init(_ whole: String) throws(Failure) {
        // Why trimmed: a URL in a file or a secret ends with a line feed. A blank inside a part can be percent-encoded.
        let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
        let bytes = whole.utf8.drop(while: isBlank)
        let text = String(Substring(bytes.prefix(bytes.count - bytes.reversed().prefix(while: isBlank).count)))
        guard text.utf8.count <= PostgresLimit.urlBytes else { throw ConnectionURL.failure("has more than \(PostgresLimit.urlBytes) bytes") }
        guard let start = ["postgresql://", "postgres://"].first(where: { text.hasPrefix($0) }) else {
            if text.isEmpty { throw ConnectionURL.failure("is empty") }
            throw ConnectionURL.failure("must start with the protocol `postgresql://` or `postgres://`")
        }
        var rest = Array(text.utf8.dropFirst(start.utf8.count))[...]
        if let question = rest.firstIndex(of: UInt8(ascii: "?")) {
            try readParameters(rest[(question + 1)...])
            rest = rest[..<question]
        }
        if let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
            database = try ConnectionURL.decode(rest[(slash + 1)...], in: "database name")
            rest = rest[..<slash]
        }
        // Why the last one: an unescaped @ in a password is a common mistake, and harmless that way.
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            try readCredentials(rest[..<at])
            rest = rest[(at + 1)...]
        }
        try readHosts(rest)
    }

    private mutating func readCredentials(_ text: ArraySlice<UInt8>) throws(Failure) {
        if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            user = try ConnectionURL.decode(text[..<colon], in: "user name")
            password = try ConnectionURL.decode(text[(colon + 1)...], in: "password")
        } else {
            user = try ConnectionURL.decode(text, in: "user name")
        }
    }

    private mutating func readHosts(_ text: ArraySlice<UInt8>) throws(Failure) {
        if text.isEmpty { return }
        var hosts: [String] = []
        var ports: [String] = []
        for part in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let (host, port) = try ConnectionURL.splitPort(part)
            hosts.append(try ConnectionURL.decode(host, in: "host name"))
            let digits = String(decoding: port, as: UTF8.self)
            if !digits.isEmpty {
                guard let number = Int(digits), (1...65_535).contains(number) else {
                    throw ConnectionURL.failure("has a port that is not a number from 1 to 65535")
                }
            }
            ports.append(digits.isEmpty ? "5432" : digits)
        }
        self.hosts = hosts.joined(separator: ",")
        self.ports = ports.joined(separator: ",")
    }

    /// Splits `host`, `host:port`, `[::1]` or `[::1]:port`.
    private static func splitPort(
        _ text: ArraySlice<UInt8>
    ) throws(Failure) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>) {
        var host = text
        var port = text[text.endIndex...]
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else {
                throw failure("has an IPv6 address without its closing bracket")
            }
            host = text[(text.startIndex + 1)..<close]
            let rest = text[(close + 1)...]
            guard rest.isEmpty || rest.first == UInt8(ascii: ":") else {
                throw failure("has something other than a port after an IPv6 address")
            }
            port = rest.dropFirst()
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
            host = text[..<colon]
            port = text[(colon + 1)...]
        }
        return (host, port)
    }

    private mutating func readParameters(_ text: ArraySlice<UInt8>) throws(Failure) {
        for pair in text.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = try ConnectionURL.decode(pair[..<equals], in: "parameter name")
            guard equals < pair.endIndex, !name.isEmpty else {
                throw ConnectionURL.failure("has a parameter that is not written `name=value`")
            }
            let value = try ConnectionURL.decode(pair[(equals + 1)...], in: "value of a parameter")
            parameters.append((name, value))
        }
    }

    /// Decodes percent-encoding. The result is valid UTF-8 without NUL.
    private static func decode(_ text: ArraySlice<UInt8>, in part: String) throws(Failure) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue else {
                throw failure("has a `%` that is not followed by two hexadecimal digits, in its \(part); write `%25` for `%`")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw failure("is not UTF-8 without NUL, in its \(part)")
        }
        return decoded
    }

    static func failure(_ what: String) -> Failure {
        Failure(.invalidConfiguration, code: "P6001", "The connection URL cannot be used: it \(what).")
    }
}
