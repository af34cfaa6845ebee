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

    package init(_ path: String, _ header: SnapshotHeader) throws(SnapshotFault) {
        self.path = path
        part = path + ".part"
        self.header = header
        getrandom(&self.header.number, 8, 0)
        descriptor = try SnapshotWriter.open(part)
        guard let block = malloc(room) else { fatalError("out of memory") }
        self.block = block
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, off_t(SnapshotHeader.bytes), SEEK_SET) >= 0 else { throw SnapshotWriter.fault() }
    }

    deinit {
        free(block)
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
                throw SnapshotFault("another process is writing it")
            }
            // Why: the one that had the lock may have renamed the file that was opened here.
            if fstat(descriptor, &own) == 0, lstat(part, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev, fchmod(descriptor, 0o600) == 0 {
                return descriptor
            }
            close(descriptor)
        }
        throw SnapshotFault("another process is writing it")
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

    /// - Parameter age: nanoseconds since it was read.
    func append(_ entry: EntryPointer, age: UInt64) throws(SnapshotFault) {
        let (text, key, answer, tags) = (entry.text, entry.key, entry.answer, entry.tags)
        let windows = entry.pointee.lookupHeader.windows
        let record = SnapshotRecord(
            keyBytes: UInt32(key.count), textBytes: UInt32(text.count), answerBytes: UInt32(answer.count), tags: UInt32(tags.count), ttl: windows.ttl,
            swr: windows.swr, maxAge: entry.maxAge, age: age, lastModified: entry.pointee.lastModified,
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
        let bytes = UnsafeRawBufferPointer(start: block + SnapshotBlock.headerBytes, count: used - SnapshotBlock.headerBytes)
        block.storeBytes(of: kind, as: UInt32.self)
        block.storeBytes(of: count, toByteOffset: 4, as: UInt32.self)
        block.storeBytes(of: UInt64(bytes.count), toByteOffset: 8, as: UInt64.self)
        block.storeBytes(of: SnapshotBlock.checksum(bytes, number: header.number, place: place), toByteOffset: 16, as: UInt64.self)
        try SnapshotWriter.write(descriptor, UnsafeRawBufferPointer(start: block, count: used))
        place += UInt64(used)
        (used, count) = (SnapshotBlock.headerBytes, 0)
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
