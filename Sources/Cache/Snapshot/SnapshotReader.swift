import CLinux
import Concurrency

/// Reads a snapshot. One thread uses it.
///
/// Nothing of a file is believed before its checksum is right. A file of somebody else, or one that others may write, is refused.
package final class SnapshotReader {
    private let descriptor: Int32
    package let header: SnapshotHeader
    private var place = UInt64(SnapshotHeader.bytes)
    private var block = SnapshotRoom()
    /// Where the text of a sealed block is.
    private var text = SnapshotRoom()
    private let sealing: (any SnapshotSealing)?

    /// Nil where there is no file.
    /// - Parameter sealing: with it the file has to be sealed, and without it must not be.
    package init?(_ path: String, _ sealing: (any SnapshotSealing)? = nil) throws(SnapshotFault) {
        let descriptor = linux_open_to_read(path)
        guard descriptor >= 0 else {
            if linux_errno() == ENOENT { return nil }
            throw SnapshotWriter.fault()
        }
        do throws(SnapshotFault) {
            header = try SnapshotReader.readHeader(descriptor)
            guard header.isSealed == (sealing != nil) else {
                throw SnapshotFault(header.isSealed ? "it is sealed, and there is no `cache.tier.key`" : "it is not sealed, and there is a `cache.tier.key`")
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.sealing = sealing
    }

    deinit { close(descriptor) }

    private static func readHeader(_ descriptor: Int32) throws(SnapshotFault) -> SnapshotHeader {
        var status = stat()
        guard fstat(descriptor, &status) == 0, linux_is_regular_file(&status) else { throw SnapshotFault("it is no regular file") }
        guard status.st_uid == geteuid() else { throw SnapshotFault("it belongs to another user") }
        guard status.st_mode & 0o022 == 0 else { throw SnapshotFault("other users may write it") }
        var bytes = [UInt8](repeating: 0, count: SnapshotHeader.bytes)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, 0, $0) }
        guard count == bytes.count, let header = bytes.withUnsafeBytes({ SnapshotHeader($0) }) else {
            throw SnapshotFault("it is no snapshot of this version of Accelerant")
        }
        guard UInt64(clamping: status.st_size) == header.fileBytes else { throw SnapshotFault("it is not whole") }
        return header
    }

    /// How many bytes there were.
    private static func read(_ descriptor: Int32, _ place: UInt64, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < bytes.count {
            // Why outside: a disk may be slow, and fork() would wait for it.
            let (count, number) = ForkGate.outside {
                (pread(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled, off_t(place) + off_t(filled)), linux_errno())
            }
            if count < 0 && number == EINTR { continue }
            if count <= 0 { break }
            filled += count
        }
        return filled
    }

    /// Gives all tags, which come before the entries. `body` may be called for none.
    package func readTags(_ body: (SnapshotTag) -> Void) throws(SnapshotFault) {
        while true {
            let before = place
            guard let (kind, _, bytes) = try nextBlock() else { return }
            guard kind == SnapshotBlock.tags else {
                place = before
                return
            }
            for place in stride(from: 0, through: bytes.count - MemoryLayout<SnapshotTag>.size, by: MemoryLayout<SnapshotTag>.size) {
                body(bytes.loadUnaligned(fromByteOffset: place, as: SnapshotTag.self))
            }
        }
    }

    /// Gives the entries of the next block. False at the end.
    package func readEntries(_ body: (SnapshotEntry) -> Void) throws(SnapshotFault) -> Bool {
        guard let (kind, count, bytes) = try nextBlock() else { return false }
        guard kind == SnapshotBlock.entries else { return true }
        var rest = bytes
        for _ in 0..<count {
            guard let entry = SnapshotReader.takeEntry(&rest) else { throw SnapshotFault("an entry is not whole") }
            body(entry)
        }
        return true
    }

    private static func takeEntry(_ rest: inout UnsafeRawBufferPointer) -> SnapshotEntry? {
        guard rest.count >= SnapshotRecord.bytes else { return nil }
        let record = rest.loadUnaligned(as: SnapshotRecord.self)
        // Why no overflow: each is below 2^35.
        let (tags, key, text, answer) = (Int(record.tags) * 8, Int(record.keyBytes), Int(record.textBytes), Int(record.answerBytes))
        guard rest.count - SnapshotRecord.bytes >= tags + key + text + answer else { return nil }
        var place = SnapshotRecord.bytes
        func take(_ count: Int) -> UnsafeRawBufferPointer {
            defer { place += count }
            return UnsafeRawBufferPointer(rebasing: rest[place..<(place + count)])
        }
        let (tagBytes, keyBytes, textBytes, answerBytes) = (take(tags), take(key), take(text), take(answer))
        rest = UnsafeRawBufferPointer(rebasing: rest[place...])
        return SnapshotEntry(key: keyBytes, text: textBytes, answer: answerBytes, tagBytes: tagBytes, record: record)
    }

    /// The bytes last until the next call.
    private func nextBlock() throws(SnapshotFault) -> (kind: UInt32, count: UInt32, bytes: UnsafeRawBufferPointer)? {
        if place == header.fileBytes { return nil }
        var head = [UInt8](repeating: 0, count: SnapshotBlock.headerBytes)
        let count = head.withUnsafeMutableBytes { SnapshotReader.read(descriptor, place, $0) }
        let start = place + UInt64(SnapshotBlock.headerBytes)
        guard count == head.count, start <= header.fileBytes,
            let block = head.withUnsafeBytes({ SnapshotBlock($0, number: header.number, place: place) }), block.bytes <= header.fileBytes - start,
            let room = self.block.make(Int(block.bytes))
        else { throw SnapshotFault("it is not whole") }
        let filled = SnapshotReader.read(descriptor, start, UnsafeMutableRawBufferPointer(start: room, count: Int(block.bytes)))
        let bytes = UnsafeRawBufferPointer(start: room, count: Int(block.bytes))
        guard filled == bytes.count, block.checksum == SnapshotBlock.checksum(bytes, number: header.number, place: place) else {
            throw SnapshotFault("it is not whole")
        }
        let text = try unseal(bytes, block)
        place = start + block.bytes
        return (block.kind, block.count, text)
    }

    private func unseal(_ bytes: UnsafeRawBufferPointer, _ block: SnapshotBlock) throws(SnapshotFault) -> UnsafeRawBufferPointer {
        guard let sealing else { return bytes }
        let size = bytes.count - sealing.overheadBytes
        guard size >= 0, let room = text.make(size) else { throw SnapshotFault("it is not whole") }
        guard sealing.unseal(bytes, bound: header.bound(place: place, kind: block.kind, count: block.count), into: room) else {
            throw SnapshotFault("it was sealed with another key, or changed")
        }
        return UnsafeRawBufferPointer(start: room, count: size)
    }
}

/// Memory that grows with the largest block.
private struct SnapshotRoom: ~Copyable {
    private var start: UnsafeMutableRawPointer?
    private var bytes = 0

    /// Nil where there is no memory. What was there before is lost.
    mutating func make(_ bytes: Int) -> UnsafeMutableRawPointer? {
        if let start, bytes <= self.bytes { return start }
        guard let larger = realloc(start, max(bytes, 1)) else { return nil }
        (start, self.bytes) = (larger, bytes)
        return larger
    }

    deinit { free(start) }
}
