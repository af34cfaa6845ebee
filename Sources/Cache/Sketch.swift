/// About how often keys that are not in the cache were used: counters of four bits, four for each key, the lowest of which is taken.
///
/// A key is counted when it is inserted; when it leaves, its counters are raised to what it had reached. All are
/// halved from time to time. Eight bytes for each entry of the cache.
struct Sketch {
    private var words: [UInt64]
    private var additions = 0

    /// Room for about `entries` keys.
    init(entries: Int) {
        var size = 16
        while size < entries { size *= 2 }
        words = [UInt64](repeating: 0, count: size)
    }

    var capacity: Int { words.count }
    var size: Int { words.count * 8 }

    func count(of hash: UInt64) -> Int {
        var least = 15
        for lane in 0..<4 {
            let (word, shift) = position(hash, lane)
            least = min(least, Int(words[word] >> shift & 15))
        }
        return least
    }

    /// Counts one use. `entries` is what the cache holds now: after ten times as many uses, all counts are halved.
    mutating func add(_ hash: UInt64, entries: Int) {
        var isCounted = false
        for lane in 0..<4 {
            let (word, shift) = position(hash, lane)
            if words[word] >> shift & 15 < 15 {
                words[word] += 1 << shift
                isCounted = true
            }
        }
        if isCounted { additions += 1 }
        if additions >= 10 * max(entries, 128) { halve() }
    }

    /// Remembers a count that was reached elsewhere.
    mutating func raise(_ hash: UInt64, to count: Float) {
        let count = UInt64(min(max(count, 0) + 0.5, 15))
        for lane in 0..<4 {
            let (word, shift) = position(hash, lane)
            let known = words[word] >> shift & 15
            if known < count { words[word] += (count - known) << shift }
        }
    }

    private mutating func halve() {
        var odd = 0
        for index in words.indices {
            odd += (words[index] & 0x1111_1111_1111_1111).nonzeroBitCount
            words[index] = words[index] >> 1 & 0x7777_7777_7777_7777
        }
        additions = max(additions - odd / 4, 0) / 2
    }

    /// The counter of a key in one of the four lanes: all within the eight words of one cache line.
    private func position(_ hash: UInt64, _ lane: Int) -> (word: Int, shift: UInt64) {
        let hash = Hash.mix(hash)
        let line = Int(truncatingIfNeeded: hash) & (words.count / 8 - 1) * 8
        let bits = Int(truncatingIfNeeded: hash >> UInt64(32 + lane * 8))
        return (line + bits & 1 + 2 * lane, UInt64(bits >> 1 & 15) * 4)
    }
}
