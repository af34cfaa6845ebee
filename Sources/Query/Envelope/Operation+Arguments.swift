package import Text

/// The `args` of the library's own operations. Each refuses what it does not know.
package enum OperationArguments {
    /// `$accelerate.invalidate`: one to five tags, without duplicates.
    package static func tags(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> [[UInt8]] {
        let args = envelope.arguments(in: document)
        if let args { try args.refuseUnknown(known: ["tags"], at: "args") }
        let tags = try args?["tags"].map { (value) throws(Failure) in
            try CacheStrategy.decodeTags(value, at: "args", atMost: QueryLimit.tagsPerInvalidation)
        }
        guard let tags, !tags.isEmpty else { throw .parameter(.missing, at: "args.tags", "has to name at least one tag.") }
        return tags
    }

    /// `$accelerate.invalidateAll`, `$connect`, `$schema`: nothing.
    package static func none(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) {
        guard let args = envelope.arguments(in: document), args.count > 0 else { return }
        throw .parameter(.notAllowed, at: "args", "has to be empty: this operation takes nothing.")
    }

    /// `$accelerate.installTriggers`, `$accelerate.removeTriggers`: `{"tables": ["User", "public.posts"], "execute": true}`. The tables are
    /// nil when not given.
    package static func triggers(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> (tables: [String]?, executes: Bool) {
        guard let args = envelope.arguments(in: document) else { return (nil, false) }
        try args.refuseUnknown(known: ["tables", "execute"], at: "args")
        var tables: [String]?
        if let value = args["tables"], !value.isNull {
            let names = value.elements.compactMap(\.string)
            guard value.kind == .array, names.count == value.count, !names.isEmpty else {
                throw .parameter(.wrongType, at: "args.tables", "has to be a list of names of models or tables.")
            }
            tables = names
        }
        guard let execute = args["execute"], !execute.isNull else { return (tables, false) }
        guard execute.kind == .true || execute.kind == .false else { throw .parameter(.wrongType, at: "args.execute", "has to be true or false.") }
        return (tables, execute.kind == .true)
    }

    /// `$schema.pull`: `{"schemas": ["app", "audit"]}`; nil when not given.
    package static func schemas(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> [String]? {
        guard let args = envelope.arguments(in: document) else { return nil }
        try args.refuseUnknown(known: ["schemas"], at: "args")
        guard let value = args["schemas"], !value.isNull else { return nil }
        let names = value.elements.compactMap(\.string)
        guard value.kind == .array, names.count == value.count, !names.isEmpty, names.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(0) }) else {
            throw .parameter(.wrongType, at: "args.schemas", "has to be a list of names of schemas.")
        }
        return names
    }

    package enum MetricsFormat: Sendable { case json, prometheus }

    /// `$metrics`: `{"format": "json" | "prometheus"}`.
    package static func metricsFormat(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> MetricsFormat {
        guard let args = envelope.arguments(in: document) else { return .json }
        try args.refuseUnknown(known: ["format"], at: "args")
        guard let format = args["format"], !format.isNull else { return .json }
        if format.kind == .string, format.bytes.equals("json") { return .json }
        if format.kind == .string, format.bytes.equals("prometheus") { return .prometheus }
        throw .parameter(.unknownValue, at: "args.format", "has to be \"json\" or \"prometheus\".")
    }

    /// `$log.take`: `{"limit": 100}`; nil for all.
    package static func logLimit(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Int? {
        guard let args = envelope.arguments(in: document) else { return nil }
        try args.refuseUnknown(known: ["limit"], at: "args")
        guard let limit = args["limit"], !limit.isNull else { return nil }
        guard let number = limit.integer.flatMap({ Int(exactly: $0) }), number > 0 else {
            throw .parameter(at: "args.limit", "has to be a whole number above 0.")
        }
        return number
    }

    /// `$clock.advance`: `{"milliseconds": 60000}`.
    package static func clockMilliseconds(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Int64 {
        let args = envelope.arguments(in: document)
        if let args { try args.refuseUnknown(known: ["milliseconds"], at: "args") }
        guard let value = args?["milliseconds"]?.integer, value >= 0, value <= QueryLimit.clockMilliseconds else {
            throw .parameter(at: "args.milliseconds", "has to be a whole number from 0 to \(QueryLimit.clockMilliseconds).")
        }
        return value
    }
}

extension Envelope {
    /// The value of `args`; nil when not given.
    package func arguments(in document: JSONDocument) -> JSONValue? {
        args.map { JSONValue(document: document, index: $0) }
    }
}
