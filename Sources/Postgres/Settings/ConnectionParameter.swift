import Text

/// A known parameter of a connection URL, and the checks of its value.
struct ConnectionParameter {
    enum Meaning {
        case schema, connectionLimit, poolTimeout, connectTimeout, socketTimeout, statementCacheSize, multiplexingLimit, pgBouncer
        case idleLifetime, connectionLifetime
        /// Prisma's `sslaccept`.
        case certificateChecks
        /// Passed to libpq under a keyword. The value must be one of `values`, unless that list is empty.
        case libpq(String, values: [String])
    }

    let name: String
    let meaning: Meaning

    /// Finds the parameter. Throws P6001 if the name is unknown.
    /// - Parameter isCertain: true if the name cannot be a part of the password. Only then the error shows it.
    init(name: String, isCertain: Bool) throws(Failure) {
        guard let meaning = ConnectionParameter.meaning(of: name) else {
            throw isCertain
                ? ConnectionParameter.unknown(name)
                : ConnectionURL.failure("has a parameter that is not known; write `?` and `&` in a password as `%3F` and `%26`")
        }
        self.name = name
        self.meaning = meaning
    }

    private static func meaning(of name: String) -> Meaning? {
        switch name {
        case "schema": .schema
        case "connection_limit": .connectionLimit
        case "pool_timeout": .poolTimeout
        case "connect_timeout": .connectTimeout
        case "socket_timeout": .socketTimeout
        case "statement_cache_size": .statementCacheSize
        case "multiplexing_limit": .multiplexingLimit
        case "pgbouncer": .pgBouncer
        case "max_idle_connection_lifetime": .idleLifetime
        case "max_connection_lifetime": .connectionLifetime
        case "sslaccept": .certificateChecks
        case "sslmode": .libpq(name, values: ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])
        case "channel_binding", "gssencmode": .libpq(name, values: ["disable", "prefer", "require"])
        case "target_session_attrs":
            .libpq(name, values: ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"])
        case "ssl_min_protocol_version", "ssl_max_protocol_version":
            .libpq(name, values: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"])
        case "keepalives", "sslsni", "sslcompression": .libpq(name, values: ["0", "1"])
        case "host", "hostaddr", "port", "user", "password", "dbname", "options", "application_name",
            "fallback_application_name", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslcrldir",
            "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "requirepeer", "krbsrvname":
            .libpq(name, values: [])
        default: nil
        }
    }

    /// All names, for suggestions.
    private static let names = [
        "schema", "connection_limit", "pool_timeout", "connect_timeout", "socket_timeout", "statement_cache_size",
        "multiplexing_limit", "pgbouncer", "max_idle_connection_lifetime", "max_connection_lifetime", "sslaccept", "sslmode", "channel_binding",
        "gssencmode", "target_session_attrs", "ssl_min_protocol_version", "ssl_max_protocol_version", "keepalives", "sslsni",
        "sslcompression", "host", "hostaddr", "port", "user", "password", "dbname", "options", "application_name",
        "fallback_application_name", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslcrldir",
        "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "requirepeer", "krbsrvname",
    ]

    private static func unknown(_ name: String) -> Failure {
        if name == "sslidentity" {
            return ConnectionURL.failure(
                "has the parameter `sslidentity`: PKCS#12 files are not read here; "
                    + "give the certificate and its key as `sslcert` and `sslkey`")
        }
        var failure = ConnectionURL.failure("has a parameter that is not known: `\(name.prefix(64))`")
        if let nearest = NameSuggestion.nearest(to: name, among: names) {
            failure.message += " Did you mean `\(nearest)`?"
            failure.meta.append(("suggestion", .text(nearest)))
        }
        return failure
    }
}

// MARK: - Values

extension ConnectionParameter {
    func failure(_ expected: String) -> Failure {
        var failure = ConnectionURL.failure("needs \(expected) for the parameter `\(name)`")
        failure.meta.append(("parameter", .text(name)))
        return failure
    }

    func number(_ value: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw failure("a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Parses a number of seconds and returns milliseconds.
    func seconds(_ value: String) throws(Failure) -> Int { try number(value, in: 0...31_536_000) * 1000 }

    func boolean(_ value: String) throws(Failure) -> Bool { try choice(value, of: ["true", "false"]) == "true" }

    func choice(_ value: String, of values: [String]) throws(Failure) -> String {
        guard values.contains(value) else {
            throw failure("one of " + values.map { "`\($0)`" }.joined(separator: ", "))
        }
        return value
    }
}
