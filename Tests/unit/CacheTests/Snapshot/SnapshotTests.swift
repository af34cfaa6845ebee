import CLinux
import Foundation
import Testing

@testable import Cache

/// What a cache writes into a snapshot, and another one takes from it.
@Suite struct SnapshotTests {
    private static let scope = [UInt8](repeating: 9, count: 32)
    private let path = NSTemporaryDirectory() + "accelerant-\(UUID().uuidString).snapshot"

    private func write(_ shop: TestCache, without suspended: Set<Cache.Tag> = []) throws -> (entries: UInt64, bytes: UInt64) {
        var header = SnapshotHeader(scope: SnapshotTests.scope)
        header.stamp = SnapshotStamp(wall: 1, boot: 2, machine: 3, tier: 4, epoch: 5)
        let writer = try SnapshotWriter(path, header)
        for number in 0..<3 { try writer.append(SnapshotTag(number: UInt64(number), version: (7, UInt64(number)))) }
        try shop.cache.write(to: writer, now: shop.now, without: suspended)
        return try writer.finish()
    }

    /// How many were kept.
    private func restore(into shop: TestCache, elapsed seconds: UInt64 = 0, number: UInt64? = nil) throws -> Int {
        let reader = try #require(try SnapshotReader(path))
        defer { unlink(path) }
        let number = number ?? shop.cache.invalidationNumber
        var count = 0
        try reader.readTags { _ in }
        while try reader.readEntries({ if shop.cache.restore($0, key: $0.key, elapsed: seconds * 1_000_000_000, number: number, now: shop.now) { count += 1 } })
        {}
        return count
    }

    @Test func `a snapshot has the header, the tags and every entry`() throws {
        let shop = TestCache(maxBytes: 64 << 20)
        for number in 0..<3000 { shop.ask("q\(number)", ttl: 60, tags: ["t\(number % 7)"], answer: String(repeating: "x", count: number)) }
        let (entries, bytes) = try write(shop)
        #expect(entries == 3000)
        let reader = try #require(try SnapshotReader(path))
        #expect(reader.header.scope == SnapshotTests.scope && reader.header.entries == 3000 && reader.header.fileBytes == bytes)
        #expect(reader.header.stamp == SnapshotStamp(wall: 1, boot: 2, machine: 3, tier: 4, epoch: 5))
        var tags: [SnapshotTag] = []
        try reader.readTags { tags.append($0) }
        #expect(tags == (0..<3).map { SnapshotTag(number: $0, version: (7, $0)) })
        let later = TestCache(maxBytes: 64 << 20)
        #expect(try restore(into: later) == 3000)
        for number in 0..<3000 {
            #expect(later.ask("q\(number)", ttl: 60, tags: ["t\(number % 7)"]) == Seen(.fresh, String(repeating: "x", count: number)))
        }
        later.cache.invalidate(tags: [Cache.Tag("t3")])
        #expect(later.ask("q3", ttl: 60, tags: ["t3"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func `an answer outside its block comes back whole`() throws {
        let shop = TestCache(maxBytes: 64 << 20)
        let long = String(repeating: "long ", count: 600_000)
        shop.ask("q", ttl: 60, answer: long)
        _ = try write(shop)
        let later = TestCache(maxBytes: 64 << 20)
        #expect(try restore(into: later) == 1)
        #expect(later.ask("q", ttl: 60) == Seen(.fresh, long))
    }

    @Test func `an answer outside its block ends in a NUL`() throws {
        let shop = TestCache(maxBytes: 64 << 20)
        shop.ask("q", ttl: 60, answer: String(repeating: "long ", count: 600_000))
        _ = try write(shop)
        // M_PERTURB: fresh memory is not zero.
        mallopt(-6, 0x55)
        defer { mallopt(-6, 0) }
        let later = TestCache(maxBytes: 64 << 20)
        #expect(try restore(into: later) == 1)
        guard case .hit(let hit) = later.lookup("q", ttl: 60) else {
            Issue.record("it is not found")
            return
        }
        let data = hit.pin.data
        #expect(data.baseAddress?.load(fromByteOffset: data.count, as: UInt8.self) == 0)
        hit.pin.release()
    }

    @Test func `ages and windows stay`() throws {
        let shop = TestCache()
        shop.ask("q", ttl: 60, swr: 60, answer: "one")
        shop.ask("short", ttl: 100, answer: "gone")
        shop.advance(seconds: 50)
        _ = try write(shop)
        let later = TestCache()
        #expect(try restore(into: later, elapsed: 55) == 1, "105 seconds are too old for the second")
        #expect(later.ask("q", ttl: 60, swr: 60) == Seen(.stale, "one", mustRefresh: true))
        later.advance(seconds: 16)
        #expect(later.ask("q", ttl: 60, swr: 60, answer: "two") == Seen(.miss, "two"))
    }

    @Test func `an entry that is invalidated, too old or suspended is not written`() throws {
        let shop = TestCache()
        shop.ask("valid", ttl: 60, tags: ["a"], answer: "1")
        shop.ask("old", ttl: 1, answer: "2")
        shop.ask("invalid", ttl: 60, tags: ["b"], answer: "3")
        shop.ask("suspended", ttl: 60, tags: ["c"], answer: "4")
        shop.ask("late", ttl: 60, tags: ["d"], answer: "5")
        shop.advance(seconds: 2)
        shop.cache.invalidate(tags: [Cache.Tag("b")])
        shop.cache.suspend([Cache.Tag("c")])
        #expect(try write(shop, without: [Cache.Tag("d")]).entries == 1)
        let later = TestCache()
        #expect(try restore(into: later) == 1)
        #expect(later.ask("valid", ttl: 60, tags: ["a"]) == Seen(.fresh, "1"))
    }

    @Test func `an entry that is invalidated after it was found valid is not kept`() throws {
        let shop = TestCache()
        shop.ask("q", ttl: 60, tags: ["a"], answer: "old")
        shop.ask("r", ttl: 60, tags: ["b"], answer: "same")
        _ = try write(shop)
        let later = TestCache()
        let number = later.cache.invalidationNumber
        later.cache.invalidate(tags: [Cache.Tag("a")])
        #expect(try restore(into: later, number: number) == 1)
        #expect(later.ask("q", ttl: 60, tags: ["a"], answer: "new") == Seen(.miss, "new"))
    }

    @Test func `an entry that is there already stays`() throws {
        let shop = TestCache()
        shop.ask("q", ttl: 60, answer: "old")
        _ = try write(shop)
        let later = TestCache()
        later.ask("q", ttl: 60, answer: "new")
        #expect(try restore(into: later) == 0)
        #expect(later.ask("q", ttl: 60) == Seen(.fresh, "new"))
    }

    @Test func `a small cache keeps to its budget`() throws {
        let shop = TestCache(maxBytes: 8 << 20)
        for number in 0..<2000 { shop.ask("q\(number)", ttl: 60, answer: String(repeating: "x", count: 1000)) }
        _ = try write(shop)
        let later = TestCache(maxBytes: 256 << 10)
        _ = try restore(into: later)
        later.cache.checkInvariants()
        #expect(later.cache.statistics().entries > 20)
    }

    @Test func `two writers do not mix`() throws {
        let first = try SnapshotWriter(path, SnapshotHeader(scope: SnapshotTests.scope))
        #expect(throws: SnapshotFault.self) { try SnapshotWriter(path, SnapshotHeader(scope: SnapshotTests.scope)) }
        _ = try first.finish()
        #expect(try SnapshotReader(path)?.header.entries == 0)
        unlink(path)
    }

    @Test func `a writer that gives up leaves nothing`() throws {
        _ = try SnapshotWriter(path, SnapshotHeader(scope: SnapshotTests.scope))
        #expect(access(path + ".part", F_OK) != 0 && access(path, F_OK) != 0)
        #expect(try SnapshotReader(path) == nil)
    }
}
