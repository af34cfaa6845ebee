import Text

/// How long an answer may be reused: `{"ttl": 60, "swr": 60, "tags": ["emails_with_alice"], "staleIfError": 3600}`.
package struct CacheStrategy: Sendable, Equatable {
    /// How many seconds an answer is fresh.
    package var ttl: UInt32?
    /// How many seconds after `ttl` it is still served, while it is read again.
    package var swr: UInt32?
    /// How many seconds after `swr` it is served instead of an error.
    package var staleIfError: UInt32?
    /// The tags without duplicates, in the order of the text.
    package var tags: [[UInt8]]
    /// True if writes drop the answer by themselves. Nil leaves it to the configuration.
    package var auto: Bool?

    package init(ttl: UInt32? = nil, swr: UInt32? = nil, tags: [[UInt8]] = [], auto: Bool? = nil, staleIfError: UInt32? = nil) {
        self.ttl = ttl
        self.swr = swr
        self.tags = tags
        self.auto = auto
        self.staleIfError = staleIfError
    }

    /// True if an answer may be served again, be it instead of an error alone.
    package var letsAnswersLive: Bool { ttl != nil || swr != nil || staleIfError != nil }

    static let keys = ["ttl", "swr", "tags", "auto", "staleIfError"]

    /// Reads the value of `cacheStrategy`. Null and `{}` are no strategy, so nothing is cached.
    static func decode(_ value: JSONValue, at path: String) throws(Failure) -> CacheStrategy {
        var strategy = CacheStrategy()
        if value.isNull { return strategy }
        guard value.kind == .object else { throw .parameter(.wrongType, at: path, "has to be an object with `ttl`, `swr`, `tags`, `auto` and `staleIfError`.") }
        let members = Members(value)
        // Why first and by name: the one error must not depend on the order of the members.
        if members.hasUnknown { try value.refuseUnknown(known: keys, at: path) }
        if let ttl = members.ttl { strategy.ttl = try seconds(ttl, at: path, "ttl") }
        if let swr = members.swr { strategy.swr = try seconds(swr, at: path, "swr") }
        if let auto = members.auto { strategy.auto = try truth(auto, at: path, "auto") }
        if let span = members.staleIfError { strategy.staleIfError = try seconds(span, at: path, "staleIfError") }
        if let tags = members.tags { strategy.tags = try decodeTags(tags, at: path, atMost: QueryLimit.tagsPerQuery) }
        return strategy
    }

    /// The values by their keys, found without making strings.
    private struct Members {
        var ttl: JSONValue?
        var swr: JSONValue?
        var tags: JSONValue?
        var auto: JSONValue?
        var staleIfError: JSONValue?
        var hasUnknown = false

        init(_ object: JSONValue) {
            for member in object.members {
                let key = member.key.bytes
                if key.equals("ttl") {
                    ttl = member.value
                } else if key.equals("swr") {
                    swr = member.value
                } else if key.equals("tags") {
                    tags = member.value
                } else if key.equals("auto") {
                    auto = member.value
                } else if key.equals("staleIfError") {
                    staleIfError = member.value
                } else {
                    hasUnknown = true
                }
            }
        }
    }

    private static func seconds(_ value: JSONValue, at path: String, _ name: String) throws(Failure) -> UInt32? {
        if value.isNull { return nil }
        guard let seconds = value.integer, seconds >= 0, seconds <= QueryLimit.cacheSeconds else {
            throw .parameter(at: "\(path).\(name)", "has to be a whole number of seconds from 0 to \(QueryLimit.cacheSeconds).")
        }
        return UInt32(truncatingIfNeeded: seconds)
    }

    private static func truth(_ value: JSONValue, at path: String, _ name: String) throws(Failure) -> Bool? {
        switch value.kind {
        case .null: return nil
        case .true: return true
        case .false: return false
        default: throw .parameter(.wrongType, at: "\(path).\(name)", "has to be true or false.")
        }
    }

    /// A list of tags without duplicates.
    static func decodeTags(_ value: JSONValue, at path: String, atMost limit: Int) throws(Failure) -> [[UInt8]] {
        if value.isNull { return [] }
        guard value.kind == .array else { throw .parameter(.wrongType, at: "\(path).tags", "has to be a list of strings.") }
        guard value.count <= limit else {
            throw .parameter(.overLimit, at: "\(path).tags", "has \(value.count) tags; the limit is \(limit).")
        }
        var tags: [[UInt8]] = []
        for (position, element) in value.elements.enumerated() {
            guard element.kind == .string, isTag(element.bytes) else {
                throw .parameter(
                    at: "\(path).tags[\(position)]",
                    "has to be a string of 1 to \(QueryLimit.tagBytes) letters (a-z, A-Z), digits and underscores.")
            }
            let tag = Array(element.bytes)
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }

    private static func isTag(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 1, text.count <= QueryLimit.tagBytes else { return false }
        for byte in text {
            let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
            guard isLetter || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_") else { return false }
        }
        return true
    }
}

extension JSONValue.Member {
    /// True if the key is `name`. Allocates nothing.
    func isKey(_ name: String) -> Bool { key.bytes.elementsEqual(name.utf8) }
}
