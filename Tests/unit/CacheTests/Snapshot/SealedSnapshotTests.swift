import CLinux
import Foundation
import Testing

@testable import Cache

/// Snapshots whose blocks are sealed, and what a reader believes of a block before it makes room for it.
@Suite struct SealedSnapshotTests {
    private static let scope = [UInt8](repeating: 9, count: 32)
    private let path = NSTemporaryDirectory() + "accelerant-\(UUID().uuidString).snapshot"

    /// Tells who has the key by a sum, and hides a text as well as a test needs it.
    private struct Sealing: SnapshotSealing {
        let key: UInt8
        let overheadBytes = 8

        private func sum(_ text: UnsafeRawBufferPointer, _ bound: [UInt8]) -> UInt64 {
            var sum: UInt64 = UInt64(key) &+ 1
            for byte in bound + Array(text) { sum = sum &* 0x100_0000_01B3 ^ UInt64(byte) }
            return sum
        }

        func seal(_ text: UnsafeRawBufferPointer, bound: [UInt8], into sealed: UnsafeMutableRawPointer) {
            sealed.storeBytes(of: sum(text, bound), as: UInt64.self)
            for (place, byte) in text.enumerated() { sealed.storeBytes(of: byte ^ 0xA5, toByteOffset: 8 + place, as: UInt8.self) }
        }

        func unseal(_ sealed: UnsafeRawBufferPointer, bound: [UInt8], into text: UnsafeMutableRawPointer) -> Bool {
            let body = UnsafeRawBufferPointer(rebasing: sealed[8...])
            for (place, byte) in body.enumerated() { text.storeBytes(of: byte ^ 0xA5, toByteOffset: place, as: UInt8.self) }
            return sum(UnsafeRawBufferPointer(start: text, count: body.count), bound) == sealed.loadUnaligned(as: UInt64.self)
        }
    }

    private func write(_ shop: TestCache, key: UInt8?, stamp: SnapshotStamp = SnapshotStamp(wall: 1)) throws {
        var header = SnapshotHeader(scope: SealedSnapshotTests.scope)
        header.stamp = stamp
        let writer = try SnapshotWriter(path, header, key.map { Sealing(key: $0) })
        try writer.append(SnapshotTag(number: 7, version: (1, 2)))
        try shop.cache.write(to: writer, now: shop.now, without: [])
        _ = try writer.finish()
    }

    /// How many entries there are, read to the end.
    private func count(key: UInt8?) throws -> Int {
        guard let reader = try SnapshotReader(path, key.map { Sealing(key: $0) }) else { return 0 }
        var count = 0
        try reader.readTags { _ in }
        while try reader.readEntries({ _ in count += 1 }) {}
        return count
    }

    private var bytes: [UInt8] {
        get { Array((try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()) }
        nonmutating set {
            try? Data(newValue).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
        }
    }

    private func filled() -> TestCache {
        let shop = TestCache(maxBytes: 64 << 20)
        for number in 0..<300 { shop.ask("question \(number)", ttl: 60, tags: ["t"], answer: String(repeating: "answer", count: number * 3)) }
        return shop
    }

    @Test func `who has the key reads all, and others nothing`() throws {
        defer { unlink(path) }
        let shop = filled()
        try write(shop, key: nil)
        #expect(Data(bytes).range(of: Data("answeranswer".utf8)) != nil)
        try write(shop, key: 5)
        #expect(Data(bytes).range(of: Data("answeranswer".utf8)) == nil && Data(bytes).range(of: Data("question".utf8)) == nil)
        #expect(try count(key: 5) == 300)
        #expect(throws: SnapshotFault("it was sealed with another key, or changed")) { try count(key: 6) }
        #expect(throws: SnapshotFault("it is sealed, and there is no `cache.tier.key`")) { try count(key: nil) }
        try write(shop, key: nil)
        #expect(throws: SnapshotFault("it is not sealed, and there is a `cache.tier.key`")) { try count(key: 5) }
    }

    @Test func `a header that says another age does not go with the blocks`() throws {
        defer { unlink(path) }
        try write(filled(), key: 5)
        let whole = bytes
        var header = try #require(whole.withUnsafeBytes { SnapshotHeader(UnsafeRawBufferPointer(rebasing: $0[..<SnapshotHeader.bytes])) })
        header.stamp.wall += 1_000_000
        bytes = header.encoded + whole[SnapshotHeader.bytes...]
        #expect(throws: SnapshotFault("it was sealed with another key, or changed")) { try count(key: 5) }
        header.stamp.wall -= 1_000_000
        bytes = header.encoded + whole[SnapshotHeader.bytes...]
        #expect(try count(key: 5) == 300)
    }

    @Test func `what a block says of itself is believed only with its checksum`() {
        var head = [UInt8](repeating: 0, count: SnapshotBlock.headerBytes)
        head.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            SnapshotBlock(kind: 2, count: 3, bytes: 4, checksum: 5).write(to: start, number: 6, place: 128)
        }
        func read(_ bytes: [UInt8], number: UInt64 = 6, place: UInt64 = 128) -> SnapshotBlock? {
            bytes.withUnsafeBytes { SnapshotBlock($0, number: number, place: place) }
        }
        #expect(read(head)?.bytes == 4 && read(head)?.count == 3)
        #expect(read(head, number: 7) == nil && read(head, place: 129) == nil)
        for place in head.indices {
            var changed = head
            changed[place] ^= 0x40
            #expect(read(changed) == nil, "byte \(place)")
        }
    }

    @Test func `a file that takes too long is given up, and the former one stays`() throws {
        defer { unlink(path) }
        let shop = filled()
        try write(shop, key: nil)
        let former = bytes
        var asked = 0
        func isTooLate() -> Bool {
            asked += 1
            return asked == 2
        }
        do {
            let writer = try SnapshotWriter(path, SnapshotHeader(scope: SealedSnapshotTests.scope), isTooLate: isTooLate)
            try writer.append(SnapshotTag(number: 7, version: (1, 2)))
            try shop.cache.write(to: writer, now: shop.now, without: [])
            _ = try writer.finish()
            Issue.record("it was written")
        } catch {
            #expect(error == SnapshotFault("it takes too long"))
        }
        #expect(bytes == former && access(path + ".part", F_OK) != 0)
    }
}
