import CLinux
import Concurrency

/// Writes a snapshot into a file beside its place, and renames it when it is whole. One thread uses it.
///
/// Two that write to one path do not mix: the later one gives up.
package final class SnapshotWriter {
    private let path: String
    private let part: String
    private let descriptor: Int32
    private var header: SnapshotHeader
    private var block: UnsafeMutableRawPointer
    private var room = SnapshotBlock.usualBytes + 65_536
    private var used = SnapshotBlock.headerBytes
    private var kind = SnapshotBlock.tags
    private var count: UInt32 = 0
    private var place = UInt64(SnapshotHeader.bytes)
    private var isWhole = false
    private let sealing: (any SnapshotSealing)?
    /// Where a sealed block is made.
    private var sealed: UnsafeMutableRawPointer?
    private var sealedRoom = 0
    private let isTooLate: () -> Bool

    /// - Parameters:
    ///   - sealing: nil where the blocks are written as they are.
    ///   - isTooLate: asked before each block. Then the file is given up.
    package init(
        _ path: String, _ header: SnapshotHeader, _ sealing: (any SnapshotSealing)? = nil, isTooLate: @escaping () -> Bool = { false }
    ) throws(SnapshotFault) {
        self.path = path
        part = path + ".part"
        self.header = header
        self.header.isSealed = sealing != nil
        (self.sealing, self.isTooLate) = (sealing, isTooLate)
        getrandom(&self.header.number, 8, 0)
        descriptor = try SnapshotWriter.open(part)
        guard let block = malloc(room) else { fatalError("out of memory") }
        self.block = block
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, off_t(SnapshotHeader.bytes), SEEK_SET) >= 0 else { throw SnapshotWriter.fault() }
    }

    deinit {
        free(block)
        free(sealed)
        if !isWhole { unlink(part) }
        close(descriptor)
    }

    /// The file, which no one else has. What an ended process left of one is taken over.
    private static func open(_ part: String) throws(SnapshotFault) -> Int32 {
        for _ in 0..<3 {
            let descriptor = linux_open_to_write(part)
            guard descriptor >= 0 else { throw fault() }
            var (own, named) = (stat(), stat())
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw SnapshotFault("another process is writing it", isBusy: true)
            }
            // Why: the one that had the lock may have renamed the file that was opened here.
            if fstat(descriptor, &own) == 0, lstat(part, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev, fchmod(descriptor, 0o600) == 0 {
                return descriptor
            }
            close(descriptor)
        }
        throw SnapshotFault("another process is writing it", isBusy: true)
    }

    static func fault(_ number: Int32 = linux_errno()) -> SnapshotFault {
        var words = [CChar](repeating: 0, count: 128)
        guard let text = linux_error_words(number, &words, words.count) else { return SnapshotFault("the file cannot be written") }
        return SnapshotFault(String(cString: text))
    }

    package func append(_ tag: SnapshotTag) throws(SnapshotFault) {
        try makeRoom(MemoryLayout<SnapshotTag>.size, SnapshotBlock.tags)
        withUnsafeBytes(of: tag) { add($0) }
        count += 1
    }

    /// - Parameters:
    ///   - maxAge: the entry's, in seconds, which was read under the store's lock.
    ///   - age: nanoseconds since it was read.
    func append(_ entry: EntryPointer, maxAge: UInt32, age: UInt64) throws(SnapshotFault) {
        let (text, key, answer, tags) = (entry.text, entry.key, entry.answer, entry.tags)
        let windows = entry.pointee.lookupHeader.windows
        let record = SnapshotRecord(
            keyBytes: UInt32(key.count), textBytes: UInt32(text.count), answerBytes: UInt32(answer.count), tags: UInt32(tags.count), ttl: windows.ttl,
            swr: windows.swr, maxAge: maxAge, age: age, lastModified: entry.pointee.lastModified,
            signature: (entry.pointee.signature.high, entry.pointee.signature.low))
        try makeRoom(SnapshotRecord.bytes + tags.count * 8 + key.count + text.count + answer.count, SnapshotBlock.entries)
        withUnsafeBytes(of: record) { add($0) }
        tags.withUnsafeBytes { add($0) }
        for part in [key, text, answer] { add(part) }
        count += 1
        header.entries += 1
    }

    private func add(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress { memcpy(block + used, base, bytes.count) }
        used += bytes.count
    }

    private func makeRoom(_ bytes: Int, _ kind: UInt32) throws(SnapshotFault) {
        if count > 0, self.kind != kind || used + bytes > SnapshotBlock.usualBytes { try endBlock() }
        self.kind = kind
        guard used + bytes > room else { return }
        guard let block = realloc(block, used + bytes) else { throw SnapshotFault("there is no memory") }
        (self.block, room) = (block, used + bytes)
    }

    private func endBlock() throws(SnapshotFault) {
        if count == 0 { return }
        if isTooLate() { throw SnapshotFault("it takes too long") }
        let text = UnsafeRawBufferPointer(start: block + SnapshotBlock.headerBytes, count: used - SnapshotBlock.headerBytes)
        let (start, size) = try seal(text) ?? (block, used)
        let bytes = UnsafeRawBufferPointer(start: start + SnapshotBlock.headerBytes, count: size - SnapshotBlock.headerBytes)
        let checksum = SnapshotBlock.checksum(bytes, number: header.number, place: place)
        SnapshotBlock(kind: kind, count: count, bytes: UInt64(bytes.count), checksum: checksum).write(to: start, number: header.number, place: place)
        try SnapshotWriter.write(descriptor, UnsafeRawBufferPointer(start: start, count: size))
        place += UInt64(size)
        (used, count) = (SnapshotBlock.headerBytes, 0)
    }

    /// A sealed block with room for its header, and the bytes of both. Nil where nothing is sealed.
    private func seal(_ text: UnsafeRawBufferPointer) throws(SnapshotFault) -> (UnsafeMutableRawPointer, Int)? {
        guard let sealing else { return nil }
        let size = SnapshotBlock.headerBytes + text.count + sealing.overheadBytes
        if size > sealedRoom {
            guard let larger = realloc(sealed, size) else { throw SnapshotFault("there is no memory") }
            (sealed, sealedRoom) = (larger, size)
        }
        guard let sealed else { return nil }
        sealing.seal(text, bound: header.bound(place: place, kind: kind, count: count), into: sealed + SnapshotBlock.headerBytes)
        return (sealed, size)
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SnapshotFault) {
        var written = 0
        while written < bytes.count {
            // Why outside: a disk may be slow, and fork() would wait for it.
            let (count, number) = ForkGate.outside { (CLinux.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written), linux_errno()) }
            if count < 0 && number == EINTR { continue }
            guard count > 0 else { throw fault(number) }
            written += count
        }
    }

    /// Puts the file into its place. Gives how many entries it has, and its bytes.
    package func finish() throws(SnapshotFault) -> (entries: UInt64, bytes: UInt64) {
        try endBlock()
        header.fileBytes = place
        let encoded = header.encoded
        guard encoded.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == encoded.count else { throw SnapshotWriter.fault() }
        guard rename(part, path) == 0 else { throw SnapshotWriter.fault() }
        isWhole = true
        return (header.entries, place)
    }
}
