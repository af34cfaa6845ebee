extension ConnectFailure {
    /// True if the server refused a session setting of the URL: an unknown name, a value that does not fit, a malformed list.
    static func refusesSetting(_ state: String) -> Bool {
        state.hasPrefix("42") || state.hasPrefix("22") || state == "55P02"
    }

    /// Explains why a server that was reached gave no session. Nil if the error code says it already.
    static func refusal(_ state: String) -> String? {
        switch state {
        case "28P01", "28000", "42501", "3D000", "53300": nil
        case "57P03": "its server takes no connections now: it is starting, stopping or recovering"
        case "57P01", "57P02": "its server is being stopped"
        case "55000": "the database takes no connections"
        case "08P01": "a pooler in front of its server refused the connection, or its server a message of the protocol (error 08P01)"
        case let state where refusesSetting(state): "its server refuses a setting of the session; look at `options` in the URL (error \(state))"
        default: "its server refused the connection (error \(state))"
        }
    }

    /// What answered instead of PostgreSQL, by libpq's own words.
    ///
    /// Why by words: libpq has no other sign. If libpq speaks another language, only the stage of the attempt counts.
    enum WireAnswer {
        /// The connection ended before encryption or login began.
        case closed
        /// Bytes of another protocol: a web server, a proxy, another database.
        case foreign
        /// PostgreSQL without TLS.
        case plain

        init?(_ message: String) {
            // Why the last line: libpq writes a line for each host and each kind of encryption that it tried.
            guard let line = message.split(separator: "\n").last(where: { $0.first != "\t" }).map(String.init) else { return nil }
            if line.contains("server closed the connection unexpectedly") {
                self = .closed
            } else if line.contains("received invalid response to SSL negotiation") || line.contains("expected authentication request from server") {
                self = .foreign
            } else if line.contains("server does not support SSL") {
                self = .plain
            } else {
                return nil
            }
        }

        var detail: String? {
            switch self {
            case .closed: nil
            case .foreign: "what answers there is not a PostgreSQL server"
            case .plain: "its server does not offer the encryption (TLS) that the URL asks for"
            }
        }
    }
}
