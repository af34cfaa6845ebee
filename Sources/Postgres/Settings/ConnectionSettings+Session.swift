import Text

/// The session settings on which answers depend. They are sent in the start-up packet, so they cost no round trip and survive `RESET`.
///
/// A pooler may refuse them there, as PgBouncer does. The session then gets them by a statement. With `pgbouncer=true` a session is shared
/// between clients, so it gets only the time zone, which poolers carry along. Table names have their schema there, and binary format
/// depends on no setting.
///
/// - `array_nulls` is on. Otherwise a NULL in an array that is sent would be the text NULL.
/// - `jit` is off. It compiles each of a request's many conditions, which can take minutes and cannot be cancelled. The URL's `options` may
///   turn it on again.
/// - The time zone is UTC. A `timestamp` column keeps no zone, so its default `now()` and the client's must be the same moment.
extension ConnectionSettings {
    private var own: [(name: String, value: String)] {
        let zone = [("TimeZone", "UTC")]
        if isPgBouncer { return zone }
        let formats =
            zone + [
                ("DateStyle", "ISO"), ("IntervalStyle", "postgres"), ("extra_float_digits", "1"), ("bytea_output", "hex"), ("array_nulls", "on"),
                ("jit", "off"),
            ]
        guard let schema else { return formats }
        return formats + [("search_path", schema.quotedIdentifier)]
    }

    /// Returns libpq's `options`: `-c name=value …`, with those of the URL last.
    func startupOptions(after urls: String?) -> String? {
        // Why not behind PgBouncer: older versions refuse options, and each connection would be made twice.
        if isPgBouncer { return urls }
        var words = own.map { "-c \($0.name)=" + ConnectionSettings.escaped($0.value) }
        if let urls { words.append(urls) }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// True if `failure` may come from the options and none of them is the URL's. The session can then do without them.
    func canDoWithoutOptions(after failure: ConnectFailure) -> Bool {
        failure.sqlState == "08P01" && hasNoOptionsOfURL && !isPgBouncer
    }

    /// True if a pooler's session has another time zone than UTC. A zone that the URL asks for is not changed.
    func mustSetTimeZone(reported zone: String?) -> Bool {
        guard isPgBouncer, hasNoOptionsOfURL else { return false }
        return zone.map { !["UTC", "Etc/UTC", "GMT"].contains($0) } ?? true
    }

    var withoutOptions: ConnectionSettings {
        var settings = self
        settings["options"] = nil
        return settings
    }

    /// The statement that applies the same settings.
    var settingStatement: String {
        let calls = own.map { setting in
            // Why E: a backslash then has the same meaning under every setting of the server.
            let value = setting.value.replacing("\\", with: "\\\\").replacing("'", with: "''")
            return "set_config('\(setting.name)', E'\(value)', false)"
        }
        return "SELECT " + calls.joined(separator: ", ")
    }

    /// Escapes text for libpq's `options`, where blanks separate and backslashes quote.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            if character == "\\" || character.properties.isWhitespace { result += "\\" }
            result.unicodeScalars.append(character)
        }
        return result
    }
}
