import CLinux
package import Text

/// Why there is no connection, as a Prisma error code with details.
package struct ConnectFailure: Error, Sendable, Equatable {
    /// P1000 login refused, P1001 not reached, P1002 reached but silent, P1003 no such database, P1010 access denied, P1011 TLS,
    /// P1013 a setting of the URL refused, P1017 closed, P2037 too many connections.
    package var code: String
    /// True if the server has no room for another connection (SQLSTATE 53300).
    package var isFull = false
    package var sqlState: String?
    /// True if this process has no free file descriptor.
    var lacksDescriptor = false
    /// An explanation beyond that of the code.
    var detail: String?
    var place: Place?

    package init(code: String, isFull: Bool = false, sqlState: String? = nil) {
        self.code = code
        self.isFull = isFull
        self.sqlState = sqlState
    }

    /// The failure that the caller gets: P6008 with the cause in `meta`.
    package var failure: Failure {
        let isDenied = code == "P1000" || code == "P1010"
        var meta: [(key: String, value: Failure.Fact)] = [("cause", .text(code))]
        if let place {
            if !place.isSocket { meta.append(("database_host", .text(place.host))) }
            meta.append(("database_port", .text(place.port)))
        }
        return Failure(
            isDenied ? .denied : .unavailable, code: "P6008", "No connection to the database\(place?.phrase ?? ""): \(reason).",
            meta: meta, sqlState: sqlState, isRetryable: !isDenied && !["P1003", "P1011", "P1013"].contains(code))
    }

    var reason: String {
        if lacksDescriptor { return "this process has no file descriptor left" }
        if let detail { return detail }
        return switch code {
        case "P1000": "it refused the login; user name or password are not valid"
        case "P1002": "its server was reached, but did not answer in time"
        case "P1003": "the database does not exist"
        case "P1010": "it denied access to this user"
        case "P1011": "the encrypted (TLS) connection could not be set up"
        case "P1017": "its server closed the connection"
        case "P2037": "its server has too many connections open"
        default: "its server cannot be reached"
        }
    }
}

extension ConnectFailure {
    /// Reads libpq's message and how far the connect had come.
    /// - Parameter message: with a verbosity of SQLSTATE, so that it holds the code and no text of the server.
    init(message: String, stage: Session.Stage) {
        let state = ConnectFailure.sqlState(in: message)
        let answer = WireAnswer(message)
        let code =
            switch state ?? "" {
            case "28P01": "P1000"
            case "28000", "42501": "P1010"
            case "3D000": "P1003"
            case "53300": "P2037"
            case let state where ConnectFailure.refusesSetting(state): "P1013"
            case "" where answer == .closed: "P1017"
            case "" where answer == .foreign: "P1001"
            case "": stage == .encrypting ? "P1011" : stage == .authenticating ? "P1017" : "P1001"
            default: "P1001"
            }
        self.init(code: ConnectFailure.isMissingPassword(message) ? "P1000" : code, isFull: state == "53300", sqlState: state)
        lacksDescriptor = state == nil && (stage == .unreached || stage == .broken) && ConnectFailure.hasNoDescriptor
        guard !lacksDescriptor else { return }
        detail = state.flatMap { ConnectFailure.refusal($0) } ?? (state == nil ? answer?.detail : nil)
        if detail == nil, self.code == "P1001", let cause = ConnectFailure.systemCause(in: message) { detail = "its server cannot be reached, \(cause)" }
    }

    /// True if the process cannot open another descriptor.
    /// Why by trying: libpq reports errors of the system in words alone, in any language.
    private static var hasNoDescriptor: Bool {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        if descriptor >= 0 { close(descriptor) }
        return descriptor < 0
    }

    /// True if the URL has no password and the server asks for one. libpq does not translate the end of this message.
    private static func isMissingPassword(_ message: String) -> Bool { message.hasSuffix("no password supplied\n") }

    /// Returns the SQLSTATE at the end of a line, after a colon and two blanks: `FATAL:  28P01`.
    private static func sqlState(in message: String) -> String? {
        for line in message.split(separator: "\n") {
            let word = line.suffix(5)
            let isState = word.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z"))
            }
            if word.count == 5, isState, line.dropLast(5).hasSuffix(":  ") { return String(word) }
        }
        return nil
    }
}

// MARK: - Where, and why

extension ConnectFailure {
    /// Hosts and ports as the URL lists them.
    struct Place: Sendable, Equatable {
        let host: String
        let port: String

        /// Returns nil if an unencoded password may have been split in the wrong place, because the message would then show a part of it.
        init?(host: String, port: String, _ url: ConnectionURL) {
            let isSure = !url.isAmbiguous && !url.database.utf8.contains(UInt8(ascii: "@")) && !host.utf8.contains(UInt8(ascii: "@"))
            let isNumber = port.utf8.allSatisfy { ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: ",") }
            guard isSure, isNumber else { return nil }
            self.host = host
            self.port = port
        }

        /// True if the host is a Unix socket. Its directory is not shown.
        var isSocket: Bool { host.utf8.first == UInt8(ascii: "/") || host.utf8.first == UInt8(ascii: "@") }

        var phrase: String { isSocket ? " at its Unix socket, port \(port)" : " at `\(host)`, port \(port)" }
    }

    /// All servers were reached, and none of them is what `target_session_attrs` requires.
    static func unmet(_ attributes: String) -> ConnectFailure {
        var failure = ConnectFailure(code: "P1001")
        failure.detail = "no server is `\(attributes)`, as `target_session_attrs` asks"
        return failure
    }

    /// Translates the system's error to a fixed text. The system words errors in its own language, so they are compared with its words.
    private static func systemCause(in message: String) -> String? {
        for (number, words) in systemCauses where message.contains(systemWords(number)) { return words }
        var index: Int32 = 0
        var isUnknown = false
        while let words = linux_lookup_words(index) {
            isUnknown = isUnknown || message.contains(String(cString: words))
            index += 1
        }
        return isUnknown ? "its name is not known" : nil
    }

    private static let systemCauses: [(Int32, String)] = [
        (ECONNREFUSED, "it refused the connection"), (ENOENT, "there is no such socket"), (EACCES, "this user may not use its socket"),
        (EHOSTUNREACH, "there is no route to its host"), (ENETUNREACH, "there is no route to its network"), (ETIMEDOUT, "it did not answer"),
        (ECONNRESET, "it closed the connection"),
    ]

    private static func systemWords(_ number: Int32) -> String {
        var words = [CChar](repeating: 0, count: 256)
        return linux_error_words(number, &words, words.count).map { String(cString: $0) } ?? "\n"
    }
}

extension String {
    func contains(_ part: String) -> Bool {
        let bytes = Array(utf8)
        let wanted = Array(part.utf8)
        return !wanted.isEmpty && bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
}
