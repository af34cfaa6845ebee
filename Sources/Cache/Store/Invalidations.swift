import CLinux
import Synchronization

/// What was invalidated, and when: a sequence number that each invalidation raises, and for each tag the last one that hit it.
///
/// An entry remembers the number that was current before its query began; it is dead when one of its tags, or everything, was
/// invalidated later. So an invalidation costs the same for one entry and for a million.
///
/// Tags stand in buckets of one cache line: seven words of `tag (16 bits) | number (48 bits)` and the bucket's floor. An eighth tag
/// replaces the word with the oldest number. That number becomes the floor, which counts for every tag that is not in the bucket. So memory
/// is bounded for any number of tags. What is forgotten errs to the safe side: entries older than the floor die, and none lives that must
/// not.
///
/// Read by any thread without a lock; written by the holder of the store's lock.
struct Invalidations {
    private static let ways = 7
    private static let numberMask: UInt64 = (1 << 48) - 1

    private let publishedState: PublishedState
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let bucketMask: UInt64
    let size: Int

    /// `size` is a power of two, at least 64.
    init(size: Int, publishedState: PublishedState) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        memset(memory, 0, size)
        words = memory.bindMemory(to: Atomic<UInt64>.self, capacity: size / 8)
        bucketMask = UInt64(size / 64 - 1)
        self.size = size
        self.publishedState = publishedState
    }

    func deallocate() { words.deallocate() }

    /// The number of the last invalidation. Read it before a query begins.
    @inline(__always)
    var currentVersion: UInt64 { publishedState.invalidationVersion }

    /// Whether nothing has been invalidated after `readVersion` that concerns the entry.
    @inline(__always)
    func isValid(_ entry: EntryPointer) -> Bool {
        let now = currentVersion
        return entry.pointee.readVersion &+ UInt64(entry.pointee.checked.load(ordering: .relaxed)) == now || check(entry, now)
    }

    @inline(never)
    private func check(_ entry: EntryPointer, _ now: UInt64) -> Bool {
        let readVersion = entry.pointee.readVersion
        if publishedState.all > readVersion || entry.hasTag(where: { last(of: $0) > readVersion }) { return false }
        // Why not kept where it does not fit: such an entry is looked at again each time, which is right, and never happens.
        if let distance = UInt32(exactly: now &- readVersion) { entry.pointee.checked.store(distance, ordering: .relaxed) }
        return true
    }

    /// Whether one of `tags`, or everything, was invalidated after `readVersion`.
    func areInvalidated(_ tags: [Cache.Tag], after readVersion: UInt64) -> Bool {
        readVersion != currentVersion && (publishedState.all > readVersion || tags.contains { last(of: $0) > readVersion })
    }

    /// The number of the last invalidation that hit the tag, or a later one that takes its place.
    private func last(of tag: Cache.Tag) -> UInt64 {
        let bucket = bucket(of: tag)
        for way in 0..<Self.ways {
            let word = bucket[way].load(ordering: .acquiring)
            if word >> 48 == tag.hash >> 48, word != 0 { return word & Self.numberMask }
        }
        // Why last: a word that makes room raises the floor before it goes, so one of the two is always seen.
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
        // Why last: a reader of the new number must see what it stands for. Otherwise it would take an entry as checked too early.
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
