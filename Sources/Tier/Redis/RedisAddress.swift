/// The address of a Redis server, and the user: from
/// `redis://user:password@host:6379,other:6379/0`, `rediss://…`, `unix:///run/redis.sock?db=0`,
/// `redis-sentinel://user:password@sentinel:26379,other:26379/0?master=main` or `rediss-sentinel://…`.
package struct RedisAddress: Sendable, Equatable {
    package struct Host: Sendable, Equatable {
        package var name: String
        package var port: Int32
    }

    /// One of them is the primary, or all are Sentinels. Empty for a socket.
    package private(set) var hosts: [Host] = []
    /// What Sentinels call the primary. Nil where `hosts` are servers.
    package private(set) var master: String?
    package private(set) var sentinelUser: String?
    package private(set) var sentinelPassword: String?
    package private(set) var socket: String?
    package private(set) var isEncrypted = false
    package private(set) var user: String?
    package private(set) var password: String?
    package private(set) var database = 0
    /// Files: certificates that are trusted instead of the system's; the client's own certificate and its key.
    package private(set) var rootCertificate: String?
    package private(set) var certificate: String?
    package private(set) var privateKey: String?

    /// What is wrong with a URL, in words without any part of it.
    package struct Mistake: Error, Equatable {
        package let reason: String
    }

    private static let standardPort: Int32 = 6379
    private static let sentinelPort: Int32 = 26379
    private static let schemes = ["redis", "rediss", "unix", "redis-sentinel", "rediss-sentinel"]
    private static let schemeMistake = Mistake(
        reason: "has to begin with redis://, rediss://, unix://, redis-sentinel:// or rediss-sentinel://")
    private static let mostHosts = 16

    package init(_ url: String) throws(Mistake) {
        guard let colon = url.range(ofSlashes: "://") else { throw RedisAddress.schemeMistake }
        let scheme = String(url[..<colon.lowerBound])
        var rest = url[colon.upperBound...]
        guard RedisAddress.schemes.contains(scheme) else { throw RedisAddress.schemeMistake }
        isEncrypted = scheme.hasPrefix("rediss")
        let hasSentinels = scheme.hasSuffix("-sentinel")
        if let mark = rest.firstIndex(of: "?") {
            try readParameters(rest[rest.index(after: mark)...], hasSentinels: hasSentinels)
            rest = rest[..<mark]
        }
        if hasSentinels, master == nil {
            throw Mistake(reason: "needs the name that the Sentinels have for the primary, as in redis-sentinel://host:26379/0?master=mymaster")
        }
        // Why the last: a password may contain the character.
        let slash = scheme == "unix" ? nil : rest.firstIndex(of: "/")
        let authority = rest[..<(slash ?? rest.endIndex)]
        var place = authority
        if let at = authority.lastIndex(of: "@") {
            try readUser(authority[..<at])
            place = authority[authority.index(after: at)...]
        }
        if scheme == "unix" {
            let path = try RedisAddress.decoded(place, "the path of its socket")
            guard path.hasPrefix("/") else { throw Mistake(reason: "needs the full path of a socket, as in unix:///run/redis.sock") }
            guard path.utf8.count < 100 else { throw Mistake(reason: "names a socket whose path is too long: 99 bytes are possible") }
            socket = path
            return
        }
        try readHosts(place)
        if let slash {
            let number = rest[rest.index(after: slash)...]
            if !number.isEmpty { database = try RedisAddress.databaseNumber(number) }
        }
    }

    private mutating func readUser(_ text: Substring) throws(Mistake) {
        let colon = text.firstIndex(of: ":")
        let name = try RedisAddress.decoded(text[..<(colon ?? text.endIndex)], "its user")
        user = name.isEmpty ? nil : name
        guard let colon else {
            throw Mistake(reason: "has a user and no password: write redis://user:password@host")
        }
        password = try RedisAddress.decoded(text[text.index(after: colon)...], "its password")
    }

    private mutating func readHosts(_ text: Substring) throws(Mistake) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var name = part
            var port = master == nil ? RedisAddress.standardPort : RedisAddress.sentinelPort
            let bracket = part.first == "[" ? part.firstIndex(of: "]") : nil
            if part.first == "[", bracket == nil { throw Mistake(reason: "has a [ without a ]") }
            let tail = bracket.map { part[part.index(after: $0)...] } ?? part
            if let colon = tail.lastIndex(of: ":") {
                guard let number = Int32(tail[tail.index(after: colon)...]), (1...65535).contains(number) else {
                    throw Mistake(reason: "has a port that is no number from 1 to 65535")
                }
                port = number
                name = part[..<colon]
            }
            if bracket != nil, let next = tail.first, next != ":" { throw Mistake(reason: "has something else than a port behind a ]") }
            if let bracket { name = part[part.index(after: part.startIndex)..<bracket] }
            let host = try RedisAddress.decoded(name, "its host")
            guard !host.isEmpty else { throw Mistake(reason: "names no host") }
            guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x23 && $0 != 0x7F }) else {
                throw Mistake(reason: "has a space, a # or a control character in its host")
            }
            hosts.append(Host(name: host, port: port))
        }
        guard hosts.count <= RedisAddress.mostHosts else { throw Mistake(reason: "names more than \(RedisAddress.mostHosts) hosts") }
    }

    private mutating func readParameters(_ text: Substring, hasSentinels: Bool) throws(Mistake) {
        for part in text.split(separator: "&") {
            let equals = part.firstIndex(of: "=") ?? part.endIndex
            let value = part[equals...].dropFirst()
            switch String(part[..<equals]) {
            case "db": database = try RedisAddress.databaseNumber(value)
            case "master" where hasSentinels: master = try RedisAddress.named(value, "`master`")
            case "sentinelUser" where hasSentinels: sentinelUser = try RedisAddress.named(value, "`sentinelUser`")
            case "sentinelPassword" where hasSentinels: sentinelPassword = try RedisAddress.named(value, "`sentinelPassword`")
            case "master", "sentinelUser", "sentinelPassword":
                throw Mistake(reason: "has a parameter that belongs to redis-sentinel://: `master`, `sentinelUser` or `sentinelPassword`")
            case "sslrootcert": rootCertificate = try file(value, "`sslrootcert`")
            case "sslcert": certificate = try file(value, "`sslcert`")
            case "sslkey": privateKey = try file(value, "`sslkey`")
            default:
                let more = hasSentinels ? "`master`, `sentinelUser`, `sentinelPassword`, " : ""
                throw Mistake(reason: "has a parameter that is not known: \(more)`db`, `sslrootcert`, `sslcert` and `sslkey` are")
            }
        }
        if sentinelUser != nil, sentinelPassword == nil { throw Mistake(reason: "has `sentinelUser` and no `sentinelPassword`") }
        guard (certificate == nil) == (privateKey == nil) else { throw Mistake(reason: "needs `sslcert` and `sslkey` together") }
    }

    private func file(_ value: Substring, _ name: String) throws(Mistake) -> String {
        guard isEncrypted else { throw Mistake(reason: "has \(name), which belongs to rediss://") }
        let path = try RedisAddress.decoded(value, name)
        guard !path.isEmpty else { throw Mistake(reason: "names no file by \(name)") }
        return path
    }

    private static func named(_ value: Substring, _ name: String) throws(Mistake) -> String {
        let text = try decoded(value, name)
        guard !text.isEmpty else { throw Mistake(reason: "has \(name) without a value") }
        return text
    }

    private static func databaseNumber(_ text: Substring) throws(Mistake) -> Int {
        guard let number = Int(text), (0...65535).contains(number) else { throw Mistake(reason: "has a database that is no number") }
        return number
    }

    /// Decodes `%41` and the like.
    private static func decoded(_ text: Substring, _ what: String) throws(Mistake) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 else {
                throw Mistake(reason: "has a % in \(what) that two hexadecimal digits do not follow; write %25 for the sign itself")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Mistake(reason: "has bytes in \(what) that are no text")
        }
        return decoded
    }
}

extension String {
    /// Returns the place of the first occurrence of an ASCII text.
    fileprivate func range(ofSlashes text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
