import Text

/// The settings of a session that answers depend on. They travel in the start-up packet and so cost no round trip, and a `RESET` keeps them.
///
/// A pooler may refuse them there, as PgBouncer does: then a session gets them by a statement of its own. Where `pgbouncer=true` says
/// that a session is lent for a transaction at a time it has but the time zone, which poolers carry from one server session to the next:
/// table names carry their schema, and what comes in binary format depends on no setting.
///
/// `array_nulls` is on: else a NULL in an array that is sent would be the text NULL.
///
/// JIT is off. Why: it compiles each of the many conditions that a request may have, for minutes, and cannot be cancelled. The URL's `options` may turn
/// it on again.
///
/// The time zone is UTC: a column's own default `now()` and the client's shall be the same moment in a `timestamp` column, which keeps
/// no zone.
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

    /// libpq's `options`: `-c name=value …`, the URL's own ones last.
    func startupOptions(after urls: String?) -> String? {
        // Why not behind PgBouncer: older ones refuse options, and each connection would be made twice.
        if isPgBouncer { return urls }
        var words = own.map { "-c \($0.name)=" + ConnectionSettings.escaped($0.value) }
        if let urls { words.append(urls) }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    /// Whether `failure` may come from the options, which the session can do without: none of them is the URL's.
    func canDoWithoutOptions(after failure: ConnectFailure) -> Bool {
        failure.sqlState == "08P01" && hasNoOptionsOfURL && !isPgBouncer
    }

    /// Whether a session that a pooler lends has another time zone than it should. What the URL asks for is left alone.
    func mustSetTimeZone(reported zone: String?) -> Bool {
        guard isPgBouncer, hasNoOptionsOfURL else { return false }
        return zone.map { !["UTC", "Etc/UTC", "GMT"].contains($0) } ?? true
    }

    var withoutOptions: ConnectionSettings {
        var settings = self
        settings["options"] = nil
        return settings
    }

    /// The statement that sets the same.
    var settingStatement: String {
        let calls = own.map { setting in
            // Why E: then a backslash means the same whatever the server's settings are.
            let value = setting.value.replacing("\\", with: "\\\\").replacing("'", with: "''")
            return "set_config('\(setting.name)', E'\(value)', false)"
        }
        return "SELECT " + calls.joined(separator: ", ")
    }

    /// Text for libpq's `options`, in which blanks separate and backslashes quote.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            if character == "\\" || character.properties.isWhitespace { result += "\\" }
            result.unicodeScalars.append(character)
        }
        return result
    }
}
