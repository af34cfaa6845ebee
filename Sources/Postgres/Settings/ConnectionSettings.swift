import Concurrency
package import Text

/// The database's address and how it is used: a parsed and checked connection URL.
///
/// It holds the password. It has no description, and no error shows any of its values.
package struct ConnectionSettings: Sendable {
    /// The keywords and values for libpq.
    private(set) var keywords: [(String, String)] = []
    private var checksCertificates = false
    /// True if the URL has no `options`.
    private(set) var hasNoOptionsOfURL = true
    /// The URL's `schema`, which contains unqualified tables. Nil leaves it to the server's search path.
    package var schema: String?
    /// The most connections.
    package var connectionLimit = 10
    /// How long a request waits for a connection. 0: as long as its deadline allows.
    package var poolTimeoutMilliseconds = 10_000
    /// How long one attempt to connect may take. 0: until the request's deadline.
    package var connectTimeoutMilliseconds = 5_000
    /// How long one round trip may take. 0: until the request's deadline.
    package var socketTimeoutMilliseconds = 0
    /// How many statements a connection keeps prepared. 0 prepares none.
    package var statementCacheSize = 100
    /// How many callers' reads one connection carries at once while all are busy. 1 turns that off.
    package var multiplexingLimit = 32
    /// True behind PgBouncer in transaction mode: no prepared statements by name, no session settings.
    package var isPgBouncer = false
    /// A connection that is idle longer is closed. 0 keeps it.
    package var idleLifetimeMilliseconds = 300_000
    /// An older connection is replaced. 0 keeps it.
    package var connectionLifetimeMilliseconds = 0

    /// The most bytes of an answer's JSON. The server's rows may be several times that.
    package var answerBytes = Int.max
    /// The most bytes of a server's replies in one round trip.
    var receiveLimit: Int {
        let (size, overflow) = answerBytes.multipliedReportingOverflow(by: PostgresLimit.receivedFactor)
        return overflow ? .max : max(size, PostgresLimit.leastReceivedBytes)
    }

    /// What errors say about the address. Nil if that might be a part of the password.
    private(set) var place: ConnectFailure.Place?

    /// Identifies database, role and search path: host, port, database, user, schema and options, without the password.
    package private(set) var identity = ""

    /// When an attempt that begins at `start` ends.
    func connectDeadline(from start: Deadline) -> Deadline {
        connectTimeoutMilliseconds > 0 ? .after(milliseconds: connectTimeoutMilliseconds, from: start) : .never
    }

    /// True if a pool with these settings is equal to one with the others, the password included.
    package func asksForTheSame(as other: ConnectionSettings) -> Bool {
        let numbers = { (settings: ConnectionSettings) in
            [
                settings.connectionLimit, settings.poolTimeoutMilliseconds, settings.connectTimeoutMilliseconds, settings.socketTimeoutMilliseconds,
                settings.statementCacheSize, settings.multiplexingLimit, settings.isPgBouncer ? 1 : 0, settings.idleLifetimeMilliseconds,
                settings.connectionLifetimeMilliseconds, settings.answerBytes,
            ]
        }
        return numbers(self) == numbers(other) && identity.utf8.elementsEqual(other.identity.utf8)
            && keywords.elementsEqual(other.keywords) { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1.utf8.elementsEqual($1.1.utf8) }
    }

    /// Parses `postgresql://user:password@host:port/database?parameters`. Throws P6001; no error quotes the URL.
    package init(url: String) throws(Failure) {
        let url = try ConnectionURL(url)
        try apply(url)
        finish(url)
    }

    /// Stores the URL's parameters in their fields, or passes them to libpq.
    private mutating func apply(_ url: ConnectionURL) throws(Failure) {
        var seen: [String] = []
        for (name, value) in url.parameters {
            if seen.contains(name) {
                throw ConnectionURL.failure("gives a parameter twice")
            }
            seen.append(name)
            try apply(ConnectionParameter(name: name, isCertain: !url.isAmbiguous), value)
        }
    }

    private mutating func apply(_ parameter: ConnectionParameter, _ value: String) throws(Failure) {
        switch parameter.meaning {
        case .schema:
            guard !value.isEmpty else { throw parameter.failure("the name of a schema") }
            schema = value
        case .connectionLimit: connectionLimit = try parameter.number(value, in: 1...10_000)
        case .poolTimeout: poolTimeoutMilliseconds = try parameter.seconds(value)
        case .connectTimeout: connectTimeoutMilliseconds = try parameter.seconds(value)
        case .socketTimeout: socketTimeoutMilliseconds = try parameter.seconds(value)
        case .statementCacheSize: statementCacheSize = try parameter.number(value, in: 0...100_000)
        case .multiplexingLimit: multiplexingLimit = try parameter.number(value, in: 1...64)
        case .pgBouncer: isPgBouncer = try parameter.boolean(value)
        case .idleLifetime: idleLifetimeMilliseconds = try parameter.seconds(value)
        case .connectionLifetime: connectionLifetimeMilliseconds = try parameter.seconds(value)
        case .certificateChecks:
            checksCertificates = try parameter.choice(value, of: ["strict", "accept_invalid_certs"]) == "strict"
        case .libpq(let keyword, let values):
            guard !value.utf8.contains(0) else { throw parameter.failure("text without NUL") }
            self[keyword] = values.isEmpty ? value : try parameter.choice(value, of: values)
        }
    }

    /// The value of one of libpq's keywords; nil if it has none.
    subscript(keyword: String) -> String? {
        get { keywords.first { $0.0 == keyword }?.1 }
        set {
            keywords.removeAll { $0.0 == keyword }
            if let newValue { keywords.append((keyword, newValue)) }
        }
    }

    /// Adds what the URL leaves open and libpq must not decide.
    private mutating func finish(_ url: ConnectionURL) {
        // Why also beside an address: it is the host whose certificate is verified.
        if self["host"] == nil, !url.hosts.isEmpty || self["hostaddr"] == nil { self["host"] = url.hosts.isEmpty ? "localhost" : url.hosts }
        if self["port"] == nil { self["port"] = url.ports.isEmpty ? "5432" : url.ports }
        if self["user"] == nil, !url.user.isEmpty { self["user"] = url.user }
        if self["password"] == nil, !url.password.isEmpty { self["password"] = url.password }
        if self["dbname"] == nil, !url.database.isEmpty { self["dbname"] = url.database }
        // Why: Prisma's `strict` means libpq's verify-full. Its other value changes nothing.
        if checksCertificates, self["sslmode"] != "disable" { self["sslmode"] = "verify-full" }
        let ownOptions = self["options"]
        hasNoOptionsOfURL = ownOptions == nil
        self["options"] = startupOptions(after: ownOptions)
        let defaults = [
            ("application_name", "accelerant"), ("sslmode", "prefer"), ("channel_binding", "prefer"),
            ("gssencmode", "disable"), ("target_session_attrs", "any"), ("ssl_min_protocol_version", "TLSv1.2"),
            // Why: libpq would read ~/.pgpass, and complain about its permissions on standard error.
            ("passfile", "/nonexistent/pgpass"), ("client_encoding", "UTF8"),
        ]
        for (keyword, value) in defaults where self[keyword] == nil { self[keyword] = value }
        place = ConnectFailure.Place(host: self["host"] ?? self["hostaddr"] ?? "", port: self["port"] ?? "", url)
        identity = [
            [self["host"], self["hostaddr"]].compactMap { $0 }.joined(separator: "@"), self["port"] ?? "", self["dbname"] ?? "", self["user"] ?? "",
            schema ?? "", ownOptions ?? "",
        ].map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
    }
}
