import CLinux
import Synchronization

/// What was invalidated and when: a number that each invalidation raises, and for each tag the number of its last invalidation.
///
/// An entry remembers the number that was current before its query began. It is invalid if one of its tags, or everything, was invalidated
/// later. So an invalidation costs the same for one entry and for a million.
///
/// Tags are in buckets of one cache line: seven words of `tag (16 bits) | number (48 bits)` and the bucket's floor. An eighth tag replaces the
/// word with the oldest number. That number becomes the floor, which counts for every tag that is not in the bucket. So memory is bounded for
/// any number of tags. Forgetting errs on the safe side: entries older than the floor are dropped, and no invalid entry is kept.
///
/// Any thread reads it without a lock; the holder of the store's lock writes it.
struct Invalidations {
    private static let ways = 7
    private static let numberMask: UInt64 = (1 << 48) - 1

    private let publishedState: PublishedState
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let bucketMask: UInt64
    let size: Int

    /// - Parameter size: bytes, a power of two and at least 64.
    init(size: Int, publishedState: PublishedState) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        memset(memory, 0, size)
        words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: size / 8)
        bucketMask = UInt64(size / 64 - 1)
        self.size = size
        self.publishedState = publishedState
    }

    func deallocate() { words.deallocate() }

    /// The number of the last invalidation. It has to be read before a query begins.
    @inline(__always)
    var currentVersion: UInt64 { publishedState.invalidationVersion }

    /// Returns true if nothing that concerns the entry was invalidated after its `readVersion`.
    @inline(__always)
    func isValid(_ entry: EntryPointer) -> Bool {
        let now = currentVersion
        return entry.pointee.readVersion &+ UInt64(entry.pointee.checked.load(ordering: .relaxed)) == now || check(entry, now)
    }

    @inline(never)
    private func check(_ entry: EntryPointer, _ now: UInt64) -> Bool {
        let readVersion = entry.pointee.readVersion
        if publishedState.all > readVersion || entry.hasTag(where: { last(of: $0) > readVersion }) { return false }
        // Why nothing is stored if it does not fit: such an entry is checked each time, which is correct and does not occur in practice.
        if let distance = UInt32(exactly: now &- readVersion) { entry.pointee.checked.store(distance, ordering: .relaxed) }
        return true
    }

    /// Returns true if one of `tags`, or everything, was invalidated after `readVersion`.
    func areInvalidated(_ tags: [Cache.Tag], after readVersion: UInt64) -> Bool {
        readVersion != currentVersion && (publishedState.all > readVersion || tags.contains { last(of: $0) > readVersion })
    }

    /// Returns the number of the tag's last invalidation, or a later number that stands for it.
    private func last(of tag: Cache.Tag) -> UInt64 {
        let bucket = bucket(of: tag)
        for way in 0..<Self.ways {
            let word = bucket[way].load(ordering: .acquiring)
            if word >> 48 == tag.hash >> 48, word != 0 { return word & Self.numberMask }
        }
        // Why last: a word that is replaced raises the floor first, so a reader always sees one of the two.
        return bucket[Self.ways].load(ordering: .acquiring)
    }

    private func bucket(of tag: Cache.Tag) -> UnsafeMutablePointer<Atomic<UInt64>> {
        words + Int(tag.hash & bucketMask) * 8
    }

    // MARK: Writing

    /// Marks the tags as invalidated now.
    func record(_ tags: [Cache.Tag]) {
        let number = currentVersion + 1
        for tag in tags { set(tag, number) }
        // Why last: a reader of the new number must see its tags. It would otherwise record a check of the entry too early.
        publishedState.invalidationVersion = number
    }

    /// Marks everything as invalidated now.
    func recordAll() {
        let number = currentVersion + 1
        publishedState.all = number
        publishedState.invalidationVersion = number
    }

    private func set(_ tag: Cache.Tag, _ number: UInt64) {
        let bucket = bucket(of: tag)
        var oldest = 0
        var oldestNumber = UInt64.max
        for way in 0..<Self.ways {
            let word = bucket[way].load(ordering: .relaxed)
            if word == 0 || word >> 48 == tag.hash >> 48 {
                oldest = way
                oldestNumber = 0
                break
            }
            if word & Self.numberMask < oldestNumber { (oldest, oldestNumber) = (way, word & Self.numberMask) }
        }
        if oldestNumber > bucket[Self.ways].load(ordering: .relaxed) {
            bucket[Self.ways].store(oldestNumber, ordering: .releasing)
        }
        bucket[oldest].store(tag.hash & ~Self.numberMask | number, ordering: .releasing)
    }
}
