import CLinux
import Synchronization

/// One cached answer and its metadata, in one block of the arena:
///
///     0     what the writer needs, and sometimes a reply
///     36    what a hit reads; from here to the end of the text all is contiguous
///     80    the text of the request | the key | the tags, 8 bytes each | the answer | NUL
///
/// An answer of more than `CacheLimit.insideBytes` bytes stays in the block that it came in. The entry then has the block's address instead.
///
/// A published entry changes only in its atomics and its `var`s, which belong to the holder of the store's lock. A refresh makes a new entry.
/// The last of its `references` frees it; see `BlockHeader`.
struct Entry: ~Copyable {
    let references: Atomic<UInt32>
    /// The name of its `EntryExtension`; 0 for most entries.
    let extensionBlock: Atomic<UInt32>
    /// In seconds of the clock: no caller has to refresh it earlier.
    let refresh: Atomic<UInt32>
    /// Its place in the eviction policy.
    var place: UInt32
    let signature: Cache.Signature
    private let modifiedLow: UInt32

    private let counts: PackedCounts
    let answerSize: UInt32
    let lookupHeader: LookupHeader
    /// When its last use was counted, and how often it was used; see `AccessRecord`.
    let accessRecord: Atomic<UInt32>
    /// The last invalidation that is known to leave it valid, as the distance from `readVersion`.
    let checked: Atomic<UInt32>
    /// `modified, its upper bits (16) | readVersion (48)`
    private let readVersionWord: UInt64
    private let loadedAtLow: UInt32
    private let loadedAtHigh: UInt16
    /// Number of refreshes that failed in a row.
    var failures: UInt8
    var isPublished: Bool

    static let headerSize = MemoryLayout<Entry>.size
    /// Most bytes of a text or of a key.
    static let longestPart = PackedCounts.mostKeyBytes
    private static let readVersionMask: UInt64 = 1 << 48 - 1
    /// A unit of `loadedAt` is 2^16 nanoseconds.
    private static let loadedAtShift: UInt64 = 16

    fileprivate init(
        _ layout: Layout, isDetached: Bool, _ answer: Cache.Answer, windows: Windows, loadedAt: UInt64, readVersion: UInt64
    ) {
        references = Atomic(1)
        extensionBlock = Atomic(0)
        refresh = Atomic(0)
        place = 0
        signature = answer.signature
        modifiedLow = UInt32(truncatingIfNeeded: answer.lastModified)
        counts = PackedCounts(keySize: layout.key, tagCount: layout.tags, isAnswerOutside: layout.isAnswerOutside, isDetached: isDetached)
        answerSize = UInt32(truncatingIfNeeded: layout.answer)
        lookupHeader = LookupHeader(textSize: layout.text, windows: windows)
        accessRecord = Atomic(0)
        checked = Atomic(0)
        readVersionWord = readVersion & Entry.readVersionMask | UInt64(truncatingIfNeeded: answer.lastModified >> 32) << 48
        let units = Entry.rounded(loadedAt) >> Entry.loadedAtShift
        loadedAtLow = UInt32(truncatingIfNeeded: units)
        loadedAtHigh = UInt16(truncatingIfNeeded: units >> 32)
        failures = 0
        isPublished = false
    }

    var keySize: Int { counts.keySize }
    var tagCount: Int { counts.tagCount }
    var isAnswerOutside: Bool { counts.isAnswerOutside }
    /// True if the block is from `malloc`, because the arena had none. Such an entry is never published.
    var isDetached: Bool { counts.isDetached }
    /// Wall clock, milliseconds since 1970. 48 bits suffice for the years from -2490 to 6429.
    var lastModified: Int64 { (Int64(bitPattern: readVersionWord) >> 48) << 32 | Int64(modifiedLow) }
    /// The invalidation number that was current before its query began.
    @inline(__always)
    var readVersion: UInt64 { readVersionWord & Entry.readVersionMask }
    /// When its query began, in monotonic nanoseconds, `rounded`.
    @inline(__always)
    var loadedAt: UInt64 { (UInt64(loadedAtHigh) << 32 | UInt64(loadedAtLow)) << Entry.loadedAtShift }

    /// Returns a time as an entry stores it: never later, and less than 66 microseconds earlier.
    static func rounded(_ time: UInt64) -> UInt64 { (time >> loadedAtShift) << loadedAtShift }

    /// `answer outside (1 bit) | detached (1) | tags (12) | bytes of the key (18)`
    private struct PackedCounts {
        static let mostKeyBytes = 1 << 18 - 1
        static let mostTags = 1 << 12 - 1
        private let word: UInt32

        init(keySize: Int, tagCount: Int, isAnswerOutside: Bool, isDetached: Bool) {
            word =
                UInt32(truncatingIfNeeded: keySize) | UInt32(truncatingIfNeeded: tagCount) << 18 | (isDetached ? 1 << 30 : 0)
                | (isAnswerOutside ? 1 << 31 : 0)
        }

        var keySize: Int { Int(word) & PackedCounts.mostKeyBytes }
        var tagCount: Int { Int(word >> 18) & PackedCounts.mostTags }
        var isDetached: Bool { word & (1 << 30) != 0 }
        var isAnswerOutside: Bool { word >> 31 != 0 }
    }

    /// Most tags of an entry.
    static let mostTags = PackedCounts.mostTags
}

typealias EntryPointer = UnsafeMutablePointer<Entry>

extension Entry {
    /// Makes an entry with everything except the answer, which `fill` adds. The caller owns its single reference.
    ///
    /// A key or a text that is longer than `longestPart` is left out. Such an entry must not be published, nor must a detached one.
    static func make(
        answer: Cache.Answer, text: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, windows: Windows, tags: [Cache.Tag],
        loadedAt: UInt64, readVersion: UInt64
    ) -> EntryPointer {
        let layout = Layout(
            answer: answer.size, text: text.count <= longestPart ? text.count : 0, key: key.count <= longestPart ? key.count : 0,
            tags: min(tags.count, mostTags))
        let own = Arena.allocate(layout.blockSize)
        // Why no error: a failed allocation ends any program.
        guard let block = own ?? malloc(layout.blockSize) else { fatalError("out of memory") }
        let entry = block.assumingMemoryBound(to: Entry.self)
        entry.initialize(to: Entry(layout, isDetached: own == nil, answer, windows: windows, loadedAt: loadedAt, readVersion: readVersion))
        assert(headerSize == BlockHeader.size && BlockHeader.lookupHeader(UInt(bitPattern: block)).textSize == layout.text, "the layouts agree")
        if let base = text.baseAddress { memcpy(block + headerSize, base, layout.text) }
        if let base = key.baseAddress { memcpy(block + layout.keyOffset, base, layout.key) }
        tags.withUnsafeBytes { if let base = $0.baseAddress { memcpy(block + layout.tagOffset, base, layout.tags * 8) } }
        if !layout.isAnswerOutside { Memory.prefetch(block + layout.answerOffset, min(layout.answer, longestPrefetch)) }
        return entry
    }

    /// Number of bytes of the answer's place that are loaded before it is written.
    private static let longestPrefetch = 2048

    /// Frees the entry's parts outside its block: its extension, and an outside answer. No one may use them any more.
    static func freeParts(_ entry: EntryPointer) {
        if let extensionBlock = entry.extensionBlock { EntryExtension.free(extensionBlock) }
        if entry.pointee.isAnswerOutside { CLinux.free(UnsafeMutableRawPointer(mutating: entry.answer.baseAddress)) }
    }

    /// Where the parts of an entry are in its block. Why unchecked sums: none of them comes near 2^34.
    struct Layout {
        /// Bytes; for `tags` the number of tags.
        let answer, text, key, tags: Int

        @inline(__always)
        init(answer: Int, text: Int, key: Int, tags: Int) {
            (self.answer, self.text, self.key, self.tags) = (answer, text, key, tags)
        }

        var isAnswerOutside: Bool { answer > CacheLimit.insideBytes }
        var keyOffset: Int { Entry.headerSize &+ text }
        var tagOffset: Int { keyOffset &+ key }
        var answerOffset: Int { tagOffset &+ tags &* 8 }
        var blockSize: Int { answerOffset &+ (isAnswerOutside ? MemoryLayout<UInt>.size : answer &+ 1) }
        /// Bytes that the entry takes, with the allocators' bookkeeping.
        var cost: Int { Arena.cost(of: blockSize) &+ (isAnswerOutside ? Memory.cost(of: answer &+ 1) : 0) }
    }
}

extension UnsafeMutablePointer where Pointee == Entry {
    var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(self) }

    /// The block's name in tables. A detached block has none.
    var id: BlockID { ChunkTable.id(of: raw) }

    private var layout: Entry.Layout {
        Entry.Layout(
            answer: Int(pointee.answerSize), text: pointee.lookupHeader.textSize, key: pointee.keySize, tags: pointee.tagCount)
    }

    @inline(__always)
    var answer: UnsafeRawBufferPointer {
        let layout = layout
        let start = raw + layout.answerOffset
        return UnsafeRawBufferPointer(
            start: layout.isAnswerOutside
                ? UnsafeRawPointer(bitPattern: start.loadUnaligned(as: UInt.self)) : UnsafeRawPointer(start),
            count: layout.answer)
    }

    /// Adds the answer that the entry was made for, and takes over its bytes. Called once, before the entry is published.
    func fill(_ answer: Cache.Answer) {
        let layout = layout
        let place = raw + layout.answerOffset
        if layout.isAnswerOutside {
            // The spare capacity is returned; the bytes usually stay where they are.
            let fitted = realloc(answer.bytes, layout.answer + 1) ?? answer.bytes
            place.storeBytes(of: UInt(bitPattern: fitted), as: UInt.self)
        } else {
            memcpy(place, answer.bytes, layout.answer)
            place.storeBytes(of: 0, toByteOffset: layout.answer, as: UInt8.self)
            CLinux.free(answer.bytes)
        }
    }

    /// Adds the store's reference. No other thread may know the entry yet, so no atomic addition is needed.
    func shareWithStore() { pointee.references.store(2, ordering: .relaxed) }

    var text: UnsafeRawBufferPointer { BlockHeader.text(UInt(bitPattern: self)) }

    var key: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: raw + layout.keyOffset, count: pointee.keySize)
    }

    /// Bytes that it takes with its answer and its extension.
    var cost: Int { layout.cost + (extensionBlock?.cost ?? 0) }

    /// Returns true if `condition` holds for one of its tags, added ones included.
    func hasTag(where condition: (Cache.Tag) -> Bool) -> Bool {
        let tags = raw + layout.tagOffset
        for index in 0..<pointee.tagCount where condition(tags.loadUnaligned(fromByteOffset: index * 8, as: Cache.Tag.self)) {
            return true
        }
        return extensionBlock?.hasTag(where: condition) ?? false
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

    /// Returns true for one caller: the one that has to refresh it now.
    func claimRefresh(_ now: UInt64) -> Bool {
        let due = pointee.refresh.load(ordering: .relaxed)
        return now / MonotonicTime.second >= due
            && pointee.refresh.compareExchange(
                expected: due, desired: MonotonicTime.roundedUp(now &+ CacheLimit.refreshLease), ordering: .relaxed
            ).exchanged
    }

    /// No caller has to refresh it before `time`.
    func postponeRefresh(to time: UInt64) { pointee.refresh.store(MonotonicTime.roundedUp(time), ordering: .relaxed) }
}
