import CLinux

/// Approximate use counts of keys that are not in the cache. Each key has four counters of four bits, of which the lowest counts.
///
/// A key is counted when it is inserted. When its item leaves, the counters are raised to the item's count. All counters are halved from time
/// to time, a few lines at each addition, so that no addition takes long. Belongs to one thread at a time.
struct Sketch {
    private let words: UnsafeMutablePointer<UInt64>
    private let lines: Int
    /// Number of keys that it has room for.
    let capacity: Int
    private var additions = 0
    /// Lines before this one still have to be halved.
    private var halving = 0
    private var odd = 0

    /// Counted uses per cached entry after which all counts are halved.
    private static let uses = 10
    private static let lineWords = 8
    /// Number of lines that an addition halves.
    private static let step = 8

    /// Has room for about `entries` keys.
    init(entries: Int) {
        lines = max((entries + Self.lineWords - 1) / Self.lineWords, 2)
        capacity = lines * Self.lineWords
        if lines * 64 < Self.mappedFrom {
            words = .allocate(capacity: lines * Self.lineWords)
            words.initialize(repeating: 0, count: lines * Self.lineWords)
        } else {
            guard let memory = Pages.system.map(lines * 64) else { fatalError("out of memory") }
            words = memory.assumingMemoryBound(to: UInt64.self)
        }
    }

    private static let mappedFrom = 64 << 10

    func deallocate() {
        if lines * 64 < Self.mappedFrom { words.deallocate() } else { Pages.system.unmap(words, size) }
    }

    /// Size in bytes.
    var size: Int { lines * 64 < Self.mappedFrom ? lines * 64 : Pages.system.whole(lines * 64) }

    /// Starts to load the counters of a key.
    func prefetch(_ hash: UInt64) { Memory.prefetch(words + line(Hash.mix(hash))) }

    func count(of hash: UInt64) -> Int {
        var least = 15
        forEachCounter(hash) { word, shift in least = min(least, Int(words[word] >> shift & 15)) }
        return least
    }

    /// Counts one use. `entries` is the present number of cached entries.
    mutating func add(_ hash: UInt64, entries: Int) {
        var isCounted = false
        forEachCounter(hash) { word, shift in
            if words[word] >> shift & 15 < 15 {
                words[word] += 1 << shift
                isCounted = true
            }
        }
        if isCounted { additions += 1 }
        if halving > 0 {
            halve()
        } else if additions >= Self.uses * max(entries, 128) {
            halving = lines
            odd = 0
            halve()
        }
    }

    /// Raises the counters of a key to a count that was reached elsewhere.
    func raise(_ hash: UInt64, to count: Float) {
        let count = UInt64(min(max(count, 0) + 0.5, 15))
        forEachCounter(hash) { word, shift in
            let known = words[word] >> shift & 15
            if known < count { words[word] += (count - known) << shift }
        }
    }

    private mutating func halve() {
        let end = max(halving - Self.step, 0)
        for index in end * Self.lineWords..<halving * Self.lineWords {
            odd += (words[index] & 0x1111_1111_1111_1111).nonzeroBitCount
            words[index] = words[index] >> 1 & 0x7777_7777_7777_7777
        }
        halving = end
        if end == 0 { additions = max(additions - odd / 4, 0) / 2 }
    }

    private func line(_ mixed: UInt64) -> Int { Int(((mixed & 0xFFFF_FFFF) &* UInt64(lines)) >> 32) * Self.lineWords }

    /// Visits the counter of a key in each of the four lanes. All are within the eight words of one cache line.
    @inline(__always)
    private func forEachCounter(_ hash: UInt64, _ visit: (_ word: Int, _ shift: UInt64) -> Void) {
        let mixed = Hash.mix(hash)
        let line = line(mixed)
        for lane in 0..<4 {
            let bits = Int(truncatingIfNeeded: mixed >> UInt64(32 + lane * 8))
            visit(line + bits & 1 + 2 * lane, UInt64(bits >> 1 & 15) * 4)
        }
    }
}
