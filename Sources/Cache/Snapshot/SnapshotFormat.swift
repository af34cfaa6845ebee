/// A snapshot's file: what a cache has, for a process that starts later.
///
///     header    128 bytes, see `SnapshotHeader`; written last
///     blocks    kind (4) | how many (4) | bytes (8) | checksum of the bytes (8) | checksum of the four (8) | bytes
///
/// The blocks of tags come first, those of entries follow. Numbers have the machine's order of bytes. The file is renamed into its place when it is
/// whole. A checksum covers each block, and begins with a number of the file and the place in it: what was cut, or mixed of two files, is found.
///
/// The bytes of a block may be sealed. The seal covers the header, without what is known only at the end, and the block's place, kind and number. So a
/// block is of no use in another file, at another place or with another age.
package struct SnapshotHeader: Equatable {
    /// What the snapshot was made for, 32 bytes. One with another scope is not read.
    package var scope: [UInt8]
    package var stamp = SnapshotStamp()
    var fileBytes: UInt64 = 0
    /// The same in no two files.
    var number: UInt64 = 0
    package var entries: UInt64 = 0
    /// What was known of the database's catalog; 0 is nothing. The cache does not look into it.
    package var catalog: UInt64 = 0
    /// Whether its blocks are sealed.
    package var isSealed = false
    /// What the sessions were that the answers come from. The cache does not look into it.
    package var identity: UInt64 = 0

    static let bytes = 128
    private static let mark: UInt64 = 0x3230_5041_4E53_4341  // "ACSNAP02"
    private static let sealedMark: UInt64 = 0x3230_5341_4E53_4341  // "ACSNAS02"
    private static let seed: UInt64 = 0x736E_6170_7368_6F74
    private static let scopeBytes = 32

    package init(scope: [UInt8]) { self.scope = scope }

    var encoded: [UInt8] {
        let mark = isSealed ? SnapshotHeader.sealedMark : SnapshotHeader.mark
        var words = [mark, fileBytes, number, entries, stamp.wall, stamp.boot, stamp.machine, stamp.tier, stamp.epoch, catalog, identity]
        words += [UInt64](repeating: 0, count: (SnapshotHeader.bytes - SnapshotHeader.scopeBytes) / 8 - 1 - words.count)
        var bytes = words.withUnsafeBytes { Array($0) } + scope
        withUnsafeBytes(of: bytes.withUnsafeBytes { Hash.of($0, seed: SnapshotHeader.seed) }) { bytes += $0 }
        return bytes
    }

    /// What the seal of a block covers beside its bytes.
    func bound(place: UInt64, kind: UInt32, count: UInt32) -> [UInt8] {
        var header = self
        (header.fileBytes, header.entries) = (0, 0)
        return withUnsafeBytes(of: (place, kind, count)) { Array("snapshot".utf8) + header.encoded + Array($0) }
    }

    /// Nil where the bytes are no header.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let wordBytes = SnapshotHeader.bytes - SnapshotHeader.scopeBytes - 8
        guard bytes.count == SnapshotHeader.bytes else { return nil }
        func word(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self) }
        let checksum = Hash.of(UnsafeRawBufferPointer(rebasing: bytes.dropLast(8)), seed: SnapshotHeader.seed)
        guard [SnapshotHeader.mark, SnapshotHeader.sealedMark].contains(word(0)), word(SnapshotHeader.bytes / 8 - 1) == checksum else { return nil }
        scope = Array(bytes[wordBytes..<(SnapshotHeader.bytes - 8)])
        (fileBytes, number, entries) = (word(1), word(2), word(3))
        (catalog, identity) = (word(9), word(10))
        isSealed = word(0) == SnapshotHeader.sealedMark
        stamp = SnapshotStamp(wall: word(4), boot: word(5), machine: word(6), tier: word(7), epoch: word(8))
    }
}

/// When a snapshot was made, by each clock that may tell later how long that was ago. The cache does not look into it.
package struct SnapshotStamp: Equatable, Sendable {
    /// Milliseconds since 1970.
    package var wall: UInt64 = 0
    /// Nanoseconds since the machine was started, and which start that was.
    package var boot: UInt64 = 0
    package var machine: UInt64 = 0
    /// Microseconds of the tier's clock, and its epoch; 0 without one.
    package var tier: UInt64 = 0
    package var epoch: UInt64 = 0

    package init(wall: UInt64 = 0, boot: UInt64 = 0, machine: UInt64 = 0, tier: UInt64 = 0, epoch: UInt64 = 0) {
        (self.wall, self.boot, self.machine, self.tier, self.epoch) = (wall, boot, machine, tier, epoch)
    }
}

/// Why a snapshot is not written, or not read; in words.
package struct SnapshotFault: Error, Equatable {
    package let reason: String
    /// Whether another one is writing the file just now.
    package let isBusy: Bool

    package init(_ reason: String, isBusy: Bool = false) { (self.reason, self.isBusy) = (reason, isBusy) }
}

/// What stands before the bytes of a block.
struct SnapshotBlock {
    var kind: UInt32
    var count: UInt32
    var bytes: UInt64
    /// Of the bytes.
    var checksum: UInt64

    static let headerBytes = 32
    static let tags: UInt32 = 1
    static let entries: UInt32 = 2
    /// Bytes after which a block ends; one entry may be larger.
    static let usualBytes = 1 << 20

    /// - Parameter place: where the block begins in the file.
    static func checksum(_ bytes: UnsafeRawBufferPointer, number: UInt64, place: UInt64) -> UInt64 {
        Hash.of(bytes, seed: number ^ place &* 0x9E37_79B9_7F4A_7C15)
    }

    func write(to start: UnsafeMutableRawPointer, number: UInt64, place: UInt64) {
        start.storeBytes(of: kind, as: UInt32.self)
        start.storeBytes(of: count, toByteOffset: 4, as: UInt32.self)
        start.storeBytes(of: bytes, toByteOffset: 8, as: UInt64.self)
        start.storeBytes(of: checksum, toByteOffset: 16, as: UInt64.self)
        let head = UnsafeRawBufferPointer(start: start, count: 24)
        start.storeBytes(of: SnapshotBlock.checksum(head, number: number, place: place), toByteOffset: 24, as: UInt64.self)
    }
}

extension SnapshotBlock {
    /// Nil where the bytes are none that stand at that place of that file. Why a checksum of its own: room is made for what it says.
    init?(_ head: UnsafeRawBufferPointer, number: UInt64, place: UInt64) {
        guard head.count == SnapshotBlock.headerBytes else { return nil }
        let checksum = SnapshotBlock.checksum(UnsafeRawBufferPointer(rebasing: head[..<24]), number: number, place: place)
        guard head.loadUnaligned(fromByteOffset: 24, as: UInt64.self) == checksum else { return nil }
        (kind, count) = (head.loadUnaligned(as: UInt32.self), head.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        (bytes, self.checksum) = (head.loadUnaligned(fromByteOffset: 8, as: UInt64.self), head.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }
}

/// A tag, and what was known of it when the snapshot was made: 24 bytes.
package struct SnapshotTag: BitwiseCopyable, Equatable, Sendable {
    package let number: UInt64
    package let version: (UInt64, UInt64)

    package init(number: UInt64, version: (UInt64, UInt64)) { (self.number, self.version) = (number, version) }

    package static func == (left: SnapshotTag, right: SnapshotTag) -> Bool { left.number == right.number && left.version == right.version }
}

/// An entry's fixed part in a snapshot: 64 bytes. Its tags, 8 bytes each, its key, its text and its answer follow.
struct SnapshotRecord: BitwiseCopyable {
    var keyBytes: UInt32
    var textBytes: UInt32
    var answerBytes: UInt32
    var tags: UInt32
    /// Seconds: the windows of the text, and the longest life that anybody asked for.
    var ttl: UInt32
    var swr: UInt32
    var maxAge: UInt32
    var unused: UInt32 = 0
    /// Nanoseconds since it was read from the database, when the snapshot was made.
    var age: UInt64
    var lastModified: Int64
    var signature: (UInt64, UInt64)

    static let bytes = 64
}

/// An entry of a snapshot. It lasts as long as the call that it is given to.
package struct SnapshotEntry {
    package let key: UnsafeRawBufferPointer
    package let text: UnsafeRawBufferPointer
    package let answer: UnsafeRawBufferPointer
    let tagBytes: UnsafeRawBufferPointer
    let record: SnapshotRecord

    package var signature: Cache.Signature { Cache.Signature(high: record.signature.0, low: record.signature.1) }

    package func forEachTag(_ visit: (Cache.Tag) -> Void) {
        for place in stride(from: 0, to: tagBytes.count, by: 8) { visit(Cache.Tag(number: tagBytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))) }
    }

    package var tags: [Cache.Tag] {
        var tags: [Cache.Tag] = []
        tags.reserveCapacity(tagBytes.count / 8)
        forEachTag { tags.append($0) }
        return tags
    }
}
