import CLinux
import Synchronization

/// One cached answer, and everything that has to be known of it, in one block of memory:
///
///     0     what the writer needs, and replies at times
///     64    what a hit reads; from here to the end of the text all lies together
///     128   the text of the request | the key | padding to 8 | the tags, 8 bytes each
///
/// The answer is a block of its own, taken over as it came from the writer of the answer.
///
/// An entry does not change once it is published, but for the atomics and for the `var`s, which belong to the holder of the
/// store's lock. A refresh makes a new entry. It is freed when the last of its `references` goes; see `Block`.
struct Entry: ~Copyable {
    let lastModified: Int64
    let signature: Cache.Signature
    /// The sequence number that was current when its query began.
    let stamp: UInt64
    /// Tags that later requests brought: the newest `MoreTags`, or 0.
    let moreTags: Atomic<UInt>
    /// Other texts that lead here.
    var aliases: UnsafeMutablePointer<Alias>?
    /// Seconds for which it is kept: the longest that any request asked for.
    var life: UInt32
    /// Where its population keeps it.
    var place: UInt32
    /// What it takes with its answer and the tags that were added, in units of 16 bytes.
    private var costUnits: UInt32
    let tagCount: UInt16
    /// Refreshes that failed in a row.
    var failures: UInt8
    var isPublished: Bool

    let way: Way
    let answer: UnsafeMutableRawPointer
    let answerSize: UInt32
    let keySize: UInt32
    /// When its query began: monotonic nanoseconds.
    let born: UInt64
    /// The invalidations up to this sequence number are known to leave it alive.
    let checked: Atomic<UInt64>
    /// When it was last counted as used, and how often; see `Touch`.
    let touch: Atomic<UInt64>
    /// The time before which nobody has to refresh it.
    let refresh: Atomic<UInt64>

    static let wayOffset = 64
    static let headerSize = MemoryLayout<Entry>.size

    /// Bytes, rounded up.
    var cost: Int {
        get { Int(costUnits) * 16 }
        set { costUnits = UInt32(clamping: (newValue + 15) / 16) }
    }
}

/// A further text that leads to an entry, with the windows that it asks for. The text follows.
struct Alias: ~Copyable {
    let way: Way
    /// The entry, 0 when it is gone.
    let entry: Atomic<UInt>
    /// The entry's next alias. Belongs to the holder of the store's lock.
    var next: UnsafeMutablePointer<Alias>?

    static let headerSize = MemoryLayout<Alias>.size
    /// Set in the addresses of aliases wherever they stand beside those of entries.
    static let mark: UInt = 2
}

/// Tags that were added to an entry after it was published; a list that only grows at its head.
struct MoreTags: ~Copyable {
    let next: UInt
    let count: Int

    static let headerSize = MemoryLayout<MoreTags>.size
}

/// What an answer is when it comes from the database.
extension Cache {
    package struct Answer: @unchecked Sendable {
        // Sendable because whoever has it owns the bytes.
        /// From `malloc`; holds `size` bytes and a NUL. Less than 4 GiB.
        package let bytes: UnsafeMutableRawPointer
        package let size: Int
        /// Wall clock, milliseconds since 1970.
        package let lastModified: Int64
        package let signature: Signature

        package init(bytes: UnsafeMutableRawPointer, size: Int, lastModified: Int64, signature: Signature) {
            self.bytes = bytes
            self.size = size
            self.lastModified = lastModified
            self.signature = signature
        }
    }

    /// The 128 bits that identify an operation.
    package struct Signature: Sendable, Equatable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }
}

typealias EntryPointer = UnsafeMutablePointer<Entry>
typealias AliasPointer = UnsafeMutablePointer<Alias>

extension Entry {
    /// A new entry with one reference, which the caller owns. Takes over the answer's bytes.
    static func make(
        answer: Cache.Answer, text: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, windows: Windows, tags: [Cache.Tag],
        born: UInt64, stamp: UInt64, life: UInt32
    ) -> EntryPointer {
        // Why no error: what cannot be kept has been refused before, and an allocation this small that fails ends any program.
        let tagsOffset = (headerSize + text.count + key.count + 7) & ~7
        let tagCount = min(tags.count, Int(UInt16.max))
        guard let block = malloc(tagsOffset + tagCount * 8) else { fatalError("out of memory") }
        let entry = block.assumingMemoryBound(to: Entry.self)
        entry.initialize(
            to: Entry(
                lastModified: answer.lastModified, signature: answer.signature, stamp: stamp, moreTags: Atomic(0),
                aliases: nil, life: life, place: 0, costUnits: 0, tagCount: UInt16(tagCount), failures: 0,
                isPublished: false, way: Way(references: Atomic(1), textSize: UInt32(text.count), windows: windows),
                answer: answer.bytes, answerSize: UInt32(answer.size), keySize: UInt32(key.count), born: born,
                checked: Atomic(0), touch: Atomic(0), refresh: Atomic(0)))
        if let base = text.baseAddress { memcpy(block + headerSize, base, text.count) }
        if let base = key.baseAddress { memcpy(block + headerSize + text.count, base, key.count) }
        for index in 0..<tagCount {
            block.storeBytes(of: tags[index].hash, toByteOffset: tagsOffset + index * 8, as: UInt64.self)
        }
        entry.pointee.cost = cost(of: block) + cost(of: answer.bytes)
        return entry
    }

    /// Frees the entry, its answer and its added tags. Nobody may have it any more.
    static func free(_ entry: EntryPointer) {
        CLinux.free(entry.pointee.answer)
        var more = entry.pointee.moreTags.load(ordering: .relaxed)
        while let tags = UnsafeMutablePointer<MoreTags>(bitPattern: more) {
            more = tags.pointee.next
            CLinux.free(tags)
        }
        CLinux.free(entry)
    }
}

extension UnsafeMutablePointer where Pointee == Entry {
    var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }

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
        let offset = (Entry.headerSize + Int(pointee.way.textSize) + Int(pointee.keySize) + 7) & ~7
        return UnsafeBufferPointer(
            start: (raw + offset).assumingMemoryBound(to: Cache.Tag.self), count: Int(pointee.tagCount))
    }

    /// Whether `condition` holds for one of its tags, added ones included.
    func hasTag(where condition: (Cache.Tag) -> Bool) -> Bool {
        for tag in ownTags where condition(tag) { return true }
        var more = pointee.moreTags.load(ordering: .acquiring)
        while let block = UnsafeMutablePointer<MoreTags>(bitPattern: more) {
            let tags = UnsafeMutableRawPointer(block) + MoreTags.headerSize
            for index in 0..<block.pointee.count
            where condition(tags.load(fromByteOffset: index * 8, as: Cache.Tag.self)) { return true }
            more = block.pointee.next
        }
        return false
    }

    /// Adds tags that it does not have yet. Under the store's lock. Returns the bytes that this took.
    func add(tags added: [Cache.Tag]) -> Int {
        guard let block = malloc(MoreTags.headerSize + added.count * 8) else { fatalError("out of memory") }
        let more = block.assumingMemoryBound(to: MoreTags.self)
        more.initialize(to: MoreTags(next: pointee.moreTags.load(ordering: .relaxed), count: added.count))
        for (index, tag) in added.enumerated() {
            block.storeBytes(of: tag.hash, toByteOffset: MoreTags.headerSize + index * 8, as: UInt64.self)
        }
        pointee.moreTags.store(UInt(bitPattern: more), ordering: .releasing)
        return Entry.cost(of: block)
    }

    var aliasCount: Int {
        var count = 0
        var alias = pointee.aliases
        while let known = alias {
            count += 1
            alias = known.pointee.next
        }
        return count
    }

    /// True for one caller: the one who has to refresh it now.
    func claimRefresh(_ now: UInt64) -> Bool {
        let due = pointee.refresh.load(ordering: .relaxed)
        return now >= due
            && pointee.refresh.compareExchange(
                expected: due, desired: now &+ Store.refreshLease, ordering: .relaxed
            ).exchanged
    }

    /// What identifies it for the eviction policy, also after it has gone.
    var history: UInt64 { Hash.of(pointee.way.textSize > 0 ? text : key, seed: 0) }

    /// All its tags.
    var tags: [Cache.Tag] {
        var all: [Cache.Tag] = []
        _ = hasTag { tag in
            all.append(tag)
            return false
        }
        return all
    }
}

extension Entry {
    /// What a block from `malloc` takes, its bookkeeping included.
    static func cost(of block: UnsafeMutableRawPointer) -> Int { malloc_usable_size(block) + 8 }
}
