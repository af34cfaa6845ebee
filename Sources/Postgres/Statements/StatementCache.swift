import CLinux

/// What one connection has prepared: at most `capacity` statements; the least recently used ones give way.
///
/// A value without I/O: names that the server shall forget collect in `pendingDeallocations`. Looking up costs one dictionary access,
/// making room a walk over all entries.
struct StatementCache: ~Copyable {
    /// A statement on the server, under a name that no connection ever used before.
    final class Entry {
        let name: UnsafePointer<CChar>
        /// Why: evicting goes by it, and so must not cost a lookup of its own.
        fileprivate var lastUse: UInt64 = 0
        /// Of a raw statement: whether every column has a binary decoder. Known once it was described.
        var hasBinaryColumns = true
        /// Of a raw statement: the types that its parameters got.
        var parameterTypes: [UInt32] = []
        /// Of a raw statement: it is sent with its text each time, so that its parameters get the types that the columns have then.
        var isSentAsText = false
        /// Parameters beyond the statement's own.
        let checkCount: Int

        fileprivate init(name text: String, checkCount: Int) {
            self.checkCount = checkCount
            guard let copy = strdup(text) else { preconditionFailure("out of memory") }
            name = UnsafePointer(copy)
        }

        deinit { free(UnsafeMutablePointer(mutating: name)) }
    }

    let capacity: Int
    /// What all names begin with.
    ///
    /// Why random: behind a pooler that lends sessions to others without our being told, a name of theirs must never be one of ours. Then
    /// a statement is not found, which is an error; else it would be another's, and its rows a wrong answer.
    private let family = "a\(String(UInt64.random(in: .min ... .max), radix: 36))_"
    private var entries: [UInt64: Entry] = [:]
    /// Those of the pipeline that is being sent.
    private var inFlight: [UInt64: Entry] = [:]
    private var uses: UInt64 = 0
    private var lastSerial: UInt64 = 0
    /// Left on the server, and to be deallocated.
    private(set) var pendingDeallocations: [Entry] = []

    init(capacity: Int) { self.capacity = max(capacity, 0) }

    var count: Int { entries.count }
    /// No names at all: every statement is sent with its text.
    var isOff: Bool { capacity == 0 }

    /// The prepared form of a statement; nil when there is none yet.
    mutating func find(_ number: UInt64) -> Entry? {
        guard let entry = entries[number] else { return nil }
        uses &+= 1
        entry.lastUse = uses
        return entry
    }

    /// A fresh name. It counts as prepared only once it was `insert`ed.
    mutating func makeEntry(checkCount: Int = 0) -> Entry {
        lastSerial &+= 1
        return Entry(name: family + String(lastSerial), checkCount: checkCount)
    }

    /// A fresh name in a pipeline, whose further uses of the statement shall `findInFlight` it.
    mutating func makeEntry(inFlight number: UInt64, checkCount: Int = 0) -> Entry {
        let entry = makeEntry(checkCount: checkCount)
        inFlight[number] = entry
        return entry
    }

    func findInFlight(_ number: UInt64) -> Entry? { inFlight.isEmpty ? nil : inFlight[number] }

    /// A pipeline begins. What the last one did not prepare is not there.
    mutating func beginFlight() {
        if !inFlight.isEmpty { inFlight.removeAll() }
    }

    /// The server has prepared it.
    mutating func insert(_ entry: Entry, for number: UInt64) {
        uses &+= 1
        entry.lastUse = uses
        if let former = entries.updateValue(entry, forKey: number) { pendingDeallocations.append(former) }
        while entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            pendingDeallocations.append(oldest.value)
        }
    }

    /// Forgets a statement whose prepared form no longer fits.
    mutating func remove(_ number: UInt64) {
        if let entry = entries.removeValue(forKey: number) { pendingDeallocations.append(entry) }
    }

    /// Forgets all statements but some: they may no longer fit.
    mutating func retireAll(but kept: [UInt64] = []) {
        for (number, entry) in entries where !kept.contains(number) {
            entries[number] = nil
            pendingDeallocations.append(entry)
        }
    }

    /// The server has forgotten everything: so does the cache.
    mutating func removeAll() {
        entries.removeAll()
        pendingDeallocations.removeAll()
    }

    /// What the server shall forget now; the caller sends it.
    mutating func takePendingDeallocations() -> [Entry] {
        defer { pendingDeallocations.removeAll() }
        return pendingDeallocations
    }
}
