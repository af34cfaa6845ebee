import Concurrency
import Testing

@testable import Tier

struct TierEntryTests {
    private let versions = TagVersions([UInt8](repeating: 7, count: 48), tags: 2)

    private func encoded(_ text: String, kind: TierEntry.Kind = .answer) throws -> [UInt8] {
        let payload = Array(text.utf8).withUnsafeBytes { TierEntry.Payload(copying: $0) }
        let entry = TierEntry(kind: kind, readAt: 1_234_567, lastModified: -5, payload: payload)
        return EntryForm().encoded(entry, try #require(versions), at: [])
    }

    private func decode(_ value: [UInt8], limit: Int = .max) throws -> TierEntry? {
        let versions = try #require(versions)
        return value.withUnsafeBytes { EntryForm().entry($0, versions, at: [], limit: limit) }
    }

    @Test(arguments: ["", "[]", "{\"name\":\"Åsa\",\"n\":12345678901234567890}"]) func `an answer that is written is read back`(_ text: String) throws {
        let entry = try #require(try decode(try encoded(text)))
        #expect(entry.payload.bytes.elementsEqual(text.utf8))
        #expect(entry.readAt == 1_234_567)
        #expect(entry.lastModified == -5)
        #expect(entry.kind == .answer)
        let (bytes, size) = try #require(entry.payload.take())
        #expect(size == text.utf8.count)
        #expect(bytes.load(fromByteOffset: size, as: UInt8.self) == 0)
        bytes.deallocate()
        #expect(entry.payload.take() == nil)
    }

    @Test func `no cut and no change is taken for an answer`() throws {
        let value = try encoded("{\"id\":1}")
        for count in 0..<value.count { #expect(try decode(Array(value.prefix(count))) == nil, "cut to \(count)") }
        #expect(try decode(value + [0]) == nil)
        // The three zeros behind the kind, and the moment of the change, are not what an answer is; all else is.
        let free = Set(53...55).union(48..<64).union(72..<80).union(69..<72)
        for place in value.indices where !free.contains(place) {
            var changed = value
            changed[place] ^= 0x10
            #expect(try decode(changed) == nil, "byte \(place)")
        }
    }

    @Test func `an answer longer than the limit is not read`() throws {
        #expect(try decode(try encoded("12345678"), limit: 7) == nil)
        #expect(try decode(try encoded("12345678"), limit: 8) != nil)
    }

    @Test func `digits compare as the numbers do`() {
        let times: [Int64] = [-5, 0, 1, 9, 10, 1_700_000_000_000_000, 9_999_999_999_999_999, .max]
        for time in times { #expect(TierEntry.time(TierEntry.digits(time)) == min(max(time, 0), 9_999_999_999_999_999)) }
        for (earlier, later) in zip(times, times.dropFirst()) {
            #expect(!TierEntry.digits(later).lexicographicallyPrecedes(TierEntry.digits(earlier)))
        }
        #expect(TierEntry.time(Array("00000000000000x1".utf8)) == nil)
        #expect(TierEntry.time(Array("1".utf8)) == nil)
    }

    @Test func `versions of another number of tags are refused`() {
        #expect(TagVersions([UInt8](repeating: 1, count: 32), tags: 2) == nil)
        #expect(TagVersions([UInt8](repeating: 1, count: 32), tags: 1) != nil)
    }
}

struct RedisFormTests {
    @Test(arguments: [TierChange.everything, .tags([1]), .tags([.max, 0, 77])]) func `notices are read back`(_ change: TierChange) {
        let notice = TierNotice(origin: 0xABCD, change: change)
        #expect(RedisNotice.text(notice).withUnsafeBytes { RedisNotice.read($0) } == notice)
    }

    @Test(arguments: ["", "x", "000000000000abcd", "000000000000abcd ", "000000000000abcd 1", "000000000000abcd 0000000000000001,", "zzz0000000000000 *"])
    func `a text that is no notice invalidates everything`(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { RedisNotice.read($0) } == TierNotice(origin: 0, change: .everything))
    }

    @Test func `keys have one hash tag and tell epochs apart`() {
        let keys = RedisKeys(prefix: "shop")
        let name = [UInt8](repeating: 255, count: 32)
        let all = keys.all(name, ServerEpoch(1), tags: [2])
        #expect(all.map { String(decoding: $0, as: UTF8.self) }.allSatisfy { $0.hasPrefix("{shop}:1:") })
        #expect(all.count == 4)
        #expect(keys.entry(name, ServerEpoch(1)) != keys.entry(name, ServerEpoch(2)))
        #expect(String(decoding: RedisKeys.text([0, 255, 16, 131]), as: UTF8.self) == "AP8Qgw")
    }
}

struct RedisAddressTests {
    @Test func `the parts of an address are read and decoded`() throws {
        let address = try RedisAddress("redis://app:p%40ss%3A@one:6380,two,[::1]:7000/3")
        #expect(address.hosts.map(\.name) == ["one", "two", "::1"])
        #expect(address.hosts.map(\.port) == [6380, 6379, 7000])
        #expect(address.user == "app")
        #expect(address.password == "p@ss:")
        #expect(address.database == 3)
        #expect(!address.isEncrypted)
        let encrypted = try RedisAddress("rediss://h/1?sslrootcert=/a%20b&sslcert=/c&sslkey=/k")
        #expect(encrypted.isEncrypted && encrypted.database == 1 && encrypted.rootCertificate == "/a b" && encrypted.certificate == "/c")
        #expect(encrypted.privateKey == "/k")
        let socket = try RedisAddress("unix://:secret@/run/redis.sock?db=2")
        #expect(socket.socket == "/run/redis.sock")
        #expect(socket.password == "secret")
        #expect(socket.user == nil)
        #expect(socket.database == 2)
        let sentinels = try RedisAddress("rediss-sentinel://app:inner@one,two:7000/3?master=the%20main&sentinelUser=u&sentinelPassword=outer")
        #expect(sentinels.hosts.map(\.port) == [26379, 7000] && sentinels.isEncrypted && sentinels.database == 3)
        #expect(sentinels.master == "the main" && sentinels.sentinelUser == "u" && sentinels.sentinelPassword == "outer" && sentinels.password == "inner")
    }

    @Test(arguments: [
        "", "redis", "http://h", "redis://", "redis://h:0", "redis://h:x", "redis://h:70000", "redis://h/x", "redis://user@h", "redis://h?x=1",
        "redis://h,", "redis://%zz@h", "redis://u:%4@h", "unix://relative", "redis://h/-1", "redis://h?sslrootcert=/a",
        "rediss://h?sslcert=/c", "rediss://h?sslrootcert=", "redis://u:%00@h", "redis-sentinel://h", "redis-sentinel://h?master=", "redis://h?master=m",
        "redis-sentinel://h?master=m&sentinelUser=u", "unix-sentinel:///s?master=m", "redis-sentinel:///0?master=m",
    ]) func mistakesAreTold(_ url: String) {
        #expect(throws: RedisAddress.Mistake.self) { try RedisAddress(url) }
    }

    @Test func `no mistake quotes a password`() {
        do {
            _ = try RedisAddress("redis://u:hush%zz@h")
        } catch {
            #expect(!error.reason.split(separator: " ").contains { $0.hasPrefix("hush") })
        }
    }
}
