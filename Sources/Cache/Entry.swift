import CLinux
import Synchronization

/// One cached answer, and everything that has to be known of it, in one block of memory. An entry's address is that of its header:
///
///           the answer | NUL | padding to 8
///     → 0   what the writer needs, and replies at times
///     56    what a hit reads; from here to the end of the text all lies together
///     96    the text of the request | the key | padding to 8 | the tags, 8 bytes each
///
/// Why the answer in front: it comes in a block of its own, which only has to grow.
///
/// An entry does not change once it is published, but for the atomics and for the `var`s, which belong to the holder of the
/// store's lock. A refresh makes a new entry. It is freed when the last of its `references` goes; see `Block`.
struct Entry: ~Copyable {
    let lastModified: Int64
    let signature: Cache.Signature
    /// The sequence number that was current when its query began.
    let stamp: UInt64
    /// What few entries have: their `Extras`, or 0.
    let extras: Atomic<UInt>
    /// The second of the clock before which nobody has to refresh it.
    let refresh: Atomic<UInt32>
    let keySize: UInt32
    /// Where its population keeps it.
    var place: UInt32
    let tagCount: UInt16
    /// Refreshes that failed in a row.
    var failures: UInt8
    var isPublished: Bool

    let way: Way
    /// When its query began: monotonic nanoseconds.
    let born: UInt64
    /// The invalidations up to this sequence number are known to leave it alive.
    let checked: Atomic<UInt64>
    /// When it was last counted as used, and how often; see `Touch`.
    let touch: Atomic<UInt32>
    let answerSize: UInt32

    static let wayOffset = 56
    static let headerSize = MemoryLayout<Entry>.size
    /// What the sizes in its header can say of an answer, a text and a key.
    static let longestPart = Int(UInt32.max)
}

typealias EntryPointer = UnsafeMutablePointer<Entry>

extension Entry {
    /// A new entry with one reference, which the caller owns. Takes over the answer's bytes. A key or a text that is longer than
    /// `longestPart` is left out, and such an entry must not be published.
    static func make(
        answer: Cache.Answer, text: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, windows: Windows, tags: [Cache.Tag],
        born: UInt64, stamp: UInt64
    ) -> EntryPointer {
        let textSize = text.count <= longestPart ? text.count : 0
        let keySize = key.count <= longestPart ? key.count : 0
        let tagCount = min(tags.count, Int(UInt16.max))
        let shape = Shape(answer: answer.size, text: textSize, key: keySize, tags: tagCount)
        // Why no error: an allocation that fails ends any program, and an answer that has grown this far was within its limit.
        guard let block = realloc(answer.bytes, shape.blockSize) else { fatalError("out of memory") }
        let header = block + shape.header
        let entry = header.assumingMemoryBound(to: Entry.self)
        entry.initialize(
            to: Entry(
                lastModified: answer.lastModified, signature: answer.signature, stamp: stamp, extras: Atomic(0), refresh: Atomic(0),
                keySize: UInt32(keySize), place: 0, tagCount: UInt16(tagCount), failures: 0, isPublished: false,
                way: Way(references: Atomic(1), textSize: UInt32(textSize), windows: windows), born: born, checked: Atomic(0),
                touch: Atomic(0), answerSize: UInt32(answer.size)))
        if let base = text.baseAddress { memcpy(header + headerSize, base, textSize) }
        if let base = key.baseAddress { memcpy(header + headerSize + textSize, base, keySize) }
        for index in 0..<tagCount {
            block.storeBytes(of: tags[index].hash, toByteOffset: shape.tags + index * 8, as: UInt64.self)
        }
        return entry
    }

    /// What identifies a key for the eviction policy, also after its entry has gone.
    static func history(of key: UnsafeRawBufferPointer) -> UInt64 { Hash.of(key, seed: 0) }

    /// Frees the entry, its answer and its extras. Nobody may have it any more.
    static func free(_ entry: EntryPointer) {
        if let extras = entry.extras { Extras.free(extras) }
        CLinux.free(entry.raw - entry.shape.header)
    }

    /// Where the parts of an entry lie in its block.
    struct Shape {
        let header: Int
        let tags: Int
        let blockSize: Int

        @inline(__always)
        init(answer: Int, text: Int, key: Int, tags count: Int) {
            header = (answer + 1 + 7) & ~7
            tags = (header + Entry.headerSize + text + key + 7) & ~7
            blockSize = tags + count * 8
        }
    }
}

extension UnsafeMutablePointer where Pointee == Entry {
    var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }

    var shape: Entry.Shape {
        Entry.Shape(
            answer: Int(pointee.answerSize), text: Int(pointee.way.textSize), key: Int(pointee.keySize), tags: Int(pointee.tagCount))
    }

    @inline(__always)
    var answer: UnsafeRawBufferPointer {
        let size = Int(pointee.answerSize)
        return UnsafeRawBufferPointer(start: raw - ((size + 1 + 7) & ~7), count: size)
    }

    @inline(__always)
    var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: raw + Entry.headerSize, count: Int(pointee.way.textSize))
    }

    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: raw + Entry.headerSize + Int(pointee.way.textSize), count: Int(pointee.keySize))
    }

    /// The tags it was stored with.
    var ownTags: UnsafeBufferPointer<Cache.Tag> {
        let shape = shape
        return UnsafeBufferPointer(
            start: (raw + (shape.tags - shape.header)).assumingMemoryBound(to: Cache.Tag.self), count: Int(pointee.tagCount))
    }

    /// Bytes that it takes with its answer and its extras.
    var cost: Int { Memory.cost(of: shape.blockSize) + (extras?.cost ?? 0) }

    /// Whether `condition` holds for one of its tags, added ones included.
    func hasTag(where condition: (Cache.Tag) -> Bool) -> Bool {
        for tag in ownTags where condition(tag) { return true }
        return extras?.hasTag(where: condition) ?? false
    }

    /// All its tags.
    var tags: [Cache.Tag] {
        var all: [Cache.Tag] = []
        _ = hasTag { tag in
            all.append(tag)
            return false
        }
        return all
    }

    /// True for one caller: the one who has to refresh it now.
    func claimRefresh(_ now: UInt64) -> Bool {
        let due = pointee.refresh.load(ordering: .relaxed)
        return now / Clock.second >= due
            && pointee.refresh.compareExchange(
                expected: due, desired: Clock.roundedUp(now &+ Store.refreshLease), ordering: .relaxed
            ).exchanged
    }

    /// Nobody has to refresh it before `time`.
    func postponeRefresh(to time: UInt64) { pointee.refresh.store(Clock.roundedUp(time), ordering: .relaxed) }

    /// What identifies it for the eviction policy, also after it has gone.
    var history: UInt64 { Entry.history(of: key) }
}
