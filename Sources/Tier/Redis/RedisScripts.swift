/// Scripts that Redis runs atomically. A value of another type or form counts as none and is replaced; it never makes one fail.
///
/// The keys have the same order everywhere: the entry, its lease, the version of everything, the versions of the tags.
enum RedisScripts {
    /// ARGV: token, milliseconds of a version, of a lease, fresh since, useful since, purpose, whether the entry is damaged and to be
    /// deleted, bytes of the largest entry.
    ///
    /// Returns a state, the versions, and the entry. State 0: nothing. 1: the entry is fresh. 2: the caller has the lease. 3: it cannot write, or
    /// the entry is too large. Before it returns an entry it writes without effect, because a new replica may have missed an invalidation.
    static let fetch = """
        local got = redis.call('MGET', unpack(KEYS))
        local current = {}
        for i = 3, #KEYS do
          local version = got[i]
          if not version or #version ~= 16 then
            version = ARGV[1]
            local done = redis.pcall('SET', KEYS[i], version, 'PX', ARGV[2])
            if done.err then return {3, done.err, false} end
          end
          current[i - 2] = version
        end
        local versions = table.concat(current)
        local entry, at = got[1], ''
        if ARGV[7] == '1' then redis.pcall('DEL', KEYS[1]) end
        if entry and ARGV[7] == '0' and string.sub(entry, 1, #versions) == versions then
          at = string.sub(entry, #versions + 1, #versions + 16)
          if at < ARGV[5] then entry = false end
        else
          entry = false
        end
        if entry then
          if #entry > tonumber(ARGV[8]) then return {3, 'LARGE', false} end
          local done = redis.pcall('SET', KEYS[1], '', 'NX')
          if done and done.err and not string.find(done.err, 'OOM', 1, true) then return {3, done.err, false} end
        end
        if entry and at >= ARGV[4] then return {1, versions, entry} end
        if entry and ARGV[6] == 'read' then return {0, versions, entry} end
        if got[2] and string.sub(got[2], 17) == versions then return {0, versions, entry} end
        local done = redis.pcall('SET', KEYS[2], ARGV[1] .. versions, 'PX', ARGV[3])
        if done.err then return {3, done.err, false} end
        return {2, versions, entry}
        """

    /// ARGV: token, milliseconds of a version, of the entry, the versions from before the query, the entry. Returns 1 if it is stored, 0 if
    /// not. Why 0 where there is no memory: what the server has is still valid.
    static let store = """
        local got = redis.call('MGET', unpack(KEYS, 2))
        if got[1] and string.sub(got[1], 1, 16) == ARGV[1] then redis.call('DEL', KEYS[2]) end
        local current = {}
        for i = 2, #KEYS - 1 do current[i - 1] = got[i] or '' end
        local size = #ARGV[4]
        if table.concat(current) ~= ARGV[4] then return 0 end
        local known = redis.call('MGET', KEYS[1])[1]
        if known and string.sub(known, 1, size) == ARGV[4]
          and string.sub(known, size + 1, size + 16) > string.sub(ARGV[5], size + 1, size + 16) then return 1 end
        for i = 3, #KEYS do
          if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
        end
        local done = redis.pcall('SET', KEYS[1], ARGV[5], 'PX', ARGV[3])
        if done.err and string.find(done.err, 'OOM', 1, true) then return 0 end
        return done.err and done or 1
        """

    /// KEYS: the lease. ARGV: token.
    static let release = """
        local lease = redis.call('MGET', KEYS[1])[1]
        if lease and string.sub(lease, 1, 16) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """

    /// KEYS: versions. ARGV: the channel, a notice. Why deleted: a version that is gone never comes back, and it takes no memory, so a full server
    /// does it, too. Why in one: who has read a version later than this gets the notice before any that is published after that.
    static let invalidate = """
        for i = 1, #KEYS do redis.call('DEL', KEYS[i]) end
        return redis.call('PUBLISH', ARGV[1], ARGV[2])
        """

    /// KEYS: the latest time that was read, the era. ARGV: a new era. A clock that was set back by more than 0.1 s begins an era.
    static let clock = """
        local time = redis.call('TIME')
        local now = string.format('%010d%06d', tonumber(time[1]), tonumber(time[2]))
        local got = redis.call('MGET', KEYS[1], KEYS[2])
        local last, era = tonumber(got[1] or ''), got[2]
        local refusal = ''
        local isBack = last and tonumber(now) + 100000 < last
        if isBack or not era or #era ~= 16 then
          era = ARGV[1]
          local done = redis.pcall('SET', KEYS[2], era)
          if done.err then return {now, '', done.err} end
        end
        if isBack or not last or tonumber(now) > last then
          local done = redis.pcall('SET', KEYS[1], now)
          if done.err then refusal = done.err end
        end
        return {now, era, refusal}
        """
}

/// The names of the keys in Redis. All have one hash tag, so a cluster keeps them on one node.
struct RedisKeys: Sendable {
    private let start: [UInt8]

    /// Changes with the stored format, so that versions of the library do not read each other's entries.
    private static let format = "1"

    init(prefix: String) { start = Array("{\(prefix)}:\(RedisKeys.format):".utf8) }

    var channel: [UInt8] { start + Array("changes".utf8) }
    var clock: [UInt8] { start + Array("clock".utf8) }
    var era: [UInt8] { start + Array("era".utf8) }
    /// No value is ever there.
    var nothing: [UInt8] { start + Array("none".utf8) }
    /// The version of everything.
    var everything: [UInt8] { start + Array("v:*".utf8) }

    func version(_ tag: UInt64) -> [UInt8] { start + Array("v:".utf8) + RedisKeys.digits(tag) }

    func entry(_ name: [UInt8], _ epoch: ServerEpoch) -> [UInt8] {
        start + Array("e:".utf8) + RedisKeys.digits(epoch.number) + [0x3A] + RedisKeys.text(name)
    }

    func lease(_ name: [UInt8], _ epoch: ServerEpoch) -> [UInt8] {
        start + Array("l:".utf8) + RedisKeys.digits(epoch.number) + [0x3A] + RedisKeys.text(name)
    }

    /// Returns the keys of a fetch or a store, in the order of the scripts.
    func all(_ name: [UInt8], _ epoch: ServerEpoch, tags: [UInt64]) -> [[UInt8]] {
        [entry(name, epoch), lease(name, epoch), everything] + tags.map(version)
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    static func digits(_ number: UInt64) -> [UInt8] {
        (0..<16).map { hexadecimal[Int(number >> UInt64(60 - 4 * $0) & 15)] }
    }

    static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard digits.count == 16 else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard let value = hexadecimal.firstIndex(of: digit) else { return nil }
            number = number << 4 | UInt64(value)
        }
        return number
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Returns Base64 for file names and URLs, without padding.
    static func text(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
        return text
    }
}

/// The published form of an invalidation: `<origin, 16 digits> *` or `<origin> <tag, 16 digits>,…`.
enum RedisNotice {
    static func text(_ notice: TierNotice) -> [UInt8] {
        var text = RedisKeys.digits(notice.origin) + [0x20]
        switch notice.change {
        case .everything: text.append(0x2A)
        case .tags(let tags):
            for (place, tag) in tags.enumerated() {
                if place > 0 { text.append(0x2C) }
                text += RedisKeys.digits(tag)
            }
        }
        return text
    }

    /// Decodes a notice. Any other form counts as an invalidation of everything.
    static func read(_ text: UnsafeRawBufferPointer) -> TierNotice {
        let unknown = TierNotice(origin: 0, change: .everything)
        guard text.count > 17, text[16] == 0x20, let origin = RedisKeys.number(text.prefix(16)) else { return unknown }
        let body = text.dropFirst(17)
        if body.elementsEqual([0x2A]) { return TierNotice(origin: origin, change: .everything) }
        var tags: [UInt64] = []
        for digits in body.split(separator: 0x2C, omittingEmptySubsequences: false) {
            guard let tag = RedisKeys.number(digits) else { return unknown }
            tags.append(tag)
        }
        return TierNotice(origin: origin, change: .tags(tags))
    }
}
