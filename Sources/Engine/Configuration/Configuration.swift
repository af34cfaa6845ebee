import Schema
package import Telemetry
package import Text

/// The checked configuration of `accelerant_open`: see docs/reference/configuration.md.
package struct Configuration: Sendable {
    package enum SchemaSource: Sendable, Equatable {
        case text(String)
        case path(String)
    }
    /// What is done if the schema and the database differ.
    package enum CheckMode: String, Sendable, CaseIterable { case warn, error }
    package enum ClockSource: String, Sendable, CaseIterable { case system, manual }

    /// Nil for a client that runs only raw SQL and the schema tools.
    package var schema: SchemaSource?
    package var datasourceURL: String?
    /// Bypasses a pooler, for connections that need a session of their own.
    package var directURL: String?
    package var region = "unspecified"
    package var limits = Limits()
    package var clock = ClockSource.system
    /// True if every `cacheStrategy` that does not say otherwise is automatic.
    package var isAutomatic = false
    /// Clients of this process with the same name share a cache.
    package var cacheName: String?
    /// True if the client receives what others change.
    package var isListening = false
    /// True if moments have microseconds in answers where a request does not say.
    package var isPrecise = false
    /// True if errors contain the server's own words, which may quote values of the data.
    package var showsServerMessages = false
    /// Nil if schema and database are not compared on the first request.
    package var check: CheckMode?
    /// Nil if there is no second tier.
    var tier: Tier?
    /// Nil where the cache is not kept in a file.
    var snapshot: Snapshot?
    /// Nil if nothing is logged.
    package var log: Log.Settings?

    /// Reads a configuration document. An unknown key is an error that suggests the nearest known one.
    package init(_ document: JSONDocument) throws(Failure) {
        let root = try Section(document.root, path: "")
        try root.refuseUnknown([
            "schema", "schemaPath", "datasourceUrl", "directUrl", "region", "cache", "limits", "clock", "log", "dateTime",
            "errors", "check",
        ])
        switch (try root.text("schema"), try root.text("schemaPath")) {
        case (let text?, nil): schema = .text(text)
        case (nil, let path?): schema = .path(path)
        case (nil, nil): schema = nil
        default: throw Configuration.failure("`schema` and `schemaPath` are both given; give one of them.", path: "schemaPath")
        }
        datasourceURL = try root.text("datasourceUrl")
        directURL = try root.text("directUrl")
        if let region = try root.text("region") { self.region = region }
        if let name = try root.text("clock") {
            guard let source = ClockSource(rawValue: name) else {
                throw Configuration.failure("`clock` has to be \"system\" or \"manual\".", path: "clock")
            }
            clock = source
        }
        if let name = try root.text("dateTime") {
            guard name == "milliseconds" || name == "microseconds" else {
                throw Configuration.failure("`dateTime` has to be \"milliseconds\" or \"microseconds\".", path: "dateTime")
            }
            isPrecise = name == "microseconds"
        }
        if let name = try root.text("check") {
            guard let mode = CheckMode(rawValue: name) else { throw Configuration.failure("`check` has to be \"warn\" or \"error\".", path: "check") }
            guard schema != nil else { throw Configuration.failure("`check` needs `schema` or `schemaPath`.", path: "check") }
            check = mode
        }
        log = try Configuration.readLog(document.root["log"])
        if let cache = try root.section("cache") { try readCache(cache) }
        if let errors = try root.section("errors") {
            try errors.refuseUnknown(["serverMessages"])
            showsServerMessages = try errors.truth("serverMessages") ?? false
        }
        if let limits = try root.section("limits") { try readLimits(limits) }
    }

    private mutating func readCache(_ section: Section) throws(Failure) {
        try section.refuseUnknown([
            "name", "maxBytes", "maxEntryBytes", "auto", "listen", "listenTimeoutMs", "tier", "snapshot", "snapshotMinutes", "snapshotTrust",
        ])
        if let tier = try section.section("tier") { self.tier = try Tier(tier) }
        snapshot = try Snapshot(section, tier: tier)
        if let name = try section.text("name") {
            guard Limits.cacheNameBytes.contains(name.utf8.count) else {
                throw Configuration.failure("`cache.name` has to have 1 to \(Limits.cacheNameBytes.upperBound) bytes.", path: "cache.name")
            }
            cacheName = name
        }
        isListening = try section.truth("listen") ?? false
        if let value = try section.whole("listenTimeoutMs", Limits.listenTimeouts) { limits.listenTimeoutMilliseconds = value }
        isAutomatic = try section.truth("auto") ?? false
        if let bytes = try section.whole("maxBytes", 0...Int.max / 4) { limits.cacheBytes = bytes }
        limits.cacheEntryBytes = try section.whole("maxEntryBytes", 0...Int.max / 4)
    }

    private mutating func readLimits(_ section: Section) throws(Failure) {
        try section.refuseUnknown([
            "queryTimeoutMs", "responseBytes", "requestBytes", "queueLength", "invalidatedTagsPerDay", "invalidateAllPerHour",
            "logEvents", "logBytes",
        ])
        if let value = try section.whole("queryTimeoutMs", 1...Limits.longestMilliseconds) { limits.queryTimeoutMilliseconds = value }
        if let value = try section.whole("responseBytes", 1...Int(Int32.max)) { limits.responseBytes = value }
        if let value = try section.whole("requestBytes", 1...TextLimit.jsonBytes) { limits.requestBytes = value }
        if let value = try section.whole("queueLength", 1...1_000_000) { limits.queueLength = value }
        if let value = try section.whole("logEvents", 0...10_000_000) { limits.logEvents = value }
        if let value = try section.whole("logBytes", 0...Int.max / 4) { limits.logBytes = value }
        limits.invalidatedTagsPerDay = try section.whole("invalidatedTagsPerDay", 0...Int.max)
        limits.invalidateAllPerHour = try section.whole("invalidateAllPerHour", 0...Int.max)
    }

    /// P6001: the configuration cannot be used.
    package static func failure(_ message: String, path: String) -> Failure {
        Failure(
            .invalidConfiguration, code: "P6001", "The configuration cannot be used: \(message)",
            meta: [("path", .text(path))])
    }
}

/// An object of the configuration, whose members are read one by one.
struct Section {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, path: String) throws(Failure) {
        guard value.kind == .object else {
            throw Configuration.failure("\(path.isEmpty ? "it" : "`\(path)`") has to be an object.", path: path)
        }
        self.value = value
        self.path = path
    }

    private func name(of key: StaticString) -> String { path.isEmpty ? "\(key)" : "\(path).\(key)" }

    /// Returns a member that exists and is not null.
    private func member(_ key: StaticString) -> JSONValue? {
        guard let member = value[key], !member.isNull else { return nil }
        return member
    }

    func text(_ key: StaticString) throws(Failure) -> String? {
        guard let member = member(key) else { return nil }
        guard let text = member.string, !text.utf8.contains(0) else {
            throw Configuration.failure("`\(name(of: key))` has to be a string.", path: name(of: key))
        }
        return text
    }

    func truth(_ key: StaticString) throws(Failure) -> Bool? {
        switch member(key)?.kind {
        case nil: return nil
        case .true: return true
        case .false: return false
        default: throw Configuration.failure("`\(name(of: key))` has to be true or false.", path: name(of: key))
        }
    }

    func whole(_ key: StaticString, _ range: ClosedRange<Int>) throws(Failure) -> Int? {
        guard let member = member(key) else { return nil }
        guard let number = member.integer.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            throw Configuration.failure(
                "`\(name(of: key))` has to be a whole number from \(range.lowerBound) to \(range.upperBound).", path: name(of: key))
        }
        return number
    }

    func section(_ key: StaticString) throws(Failure) -> Section? {
        guard let member = member(key) else { return nil }
        return try Section(member, path: name(of: key))
    }

    func refuseUnknown(_ known: [String]) throws(Failure) {
        for member in value.members where !member.name.isExactlyOne(of: known) {
            let nearest = NameSuggestion.nearest(to: member.name, among: known)
            let hint = nearest.map { " Did you mean `\($0)`?" } ?? " Known are: \(known.joined(separator: ", "))."
            let full = path.isEmpty ? member.name : "\(path).\(member.name)"
            throw Configuration.failure("`\(full)` is not known.\(hint)", path: full)
        }
    }
}
