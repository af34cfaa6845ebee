import CLinux

/// What one connection has prepared: at most `capacity` statements. The least recently used ones are evicted.
///
/// A value without I/O. Names that the server shall drop collect in `pendingDeallocations`. A lookup costs one dictionary access;
/// an eviction walks over all entries.
struct StatementCache: ~Copyable {
    /// A statement on the server, under a name that no connection has used before.
    final class Entry {
        let name: UnsafePointer<CChar>
        /// Why here: eviction compares it, and must not cost a lookup.
        fileprivate var lastUse: UInt64 = 0
        /// For a raw statement: true if every column has a binary decoder. Known after a description.
        var hasBinaryColumns = true
        /// For a raw statement: the parameter types that the server chose.
        var parameterTypes: [UInt32] = []
        /// For a raw statement: true if it is sent as text each time, so that the parameter types follow the columns' present types.
        var isSentAsText = false
        /// Number of parameters beyond the statement's own.
        let checkCount: Int

        fileprivate init(name text: String, checkCount: Int) {
            self.checkCount = checkCount
            guard let copy = strdup(text) else { preconditionFailure("out of memory") }
            name = UnsafePointer(copy)
        }

        deinit { free(UnsafeMutablePointer(mutating: name)) }
    }

    let capacity: Int
    /// The prefix of all names.
    ///
    /// Why random: a pooler may share sessions with other clients without a sign. A name of theirs must never equal one of ours. An unknown
    /// name is an error, but another client's statement would return wrong rows.
    private let family = "a\(String(UInt64.random(in: .min ... .max), radix: 36))_"
    private var entries: [UInt64: Entry] = [:]
    /// The entries of the pipeline that is being sent.
    private var inFlight: [UInt64: Entry] = [:]
    private var uses: UInt64 = 0
    private var lastSerial: UInt64 = 0
    /// Statements that are still on the server and have to be deallocated.
    private(set) var pendingDeallocations: [Entry] = []

    init(capacity: Int) { self.capacity = max(capacity, 0) }

    var count: Int { entries.count }
    /// True if nothing is prepared: every statement is sent as text.
    var isOff: Bool { capacity == 0 }

    /// Returns the prepared form of a statement. Nil if there is none yet.
    mutating func find(_ number: UInt64) -> Entry? {
        guard let entry = entries[number] else { return nil }
        uses &+= 1
        entry.lastUse = uses
        return entry
    }

    /// Makes an entry with a fresh name. It counts as prepared only after `insert`.
    mutating func makeEntry(checkCount: Int = 0) -> Entry {
        lastSerial &+= 1
        return Entry(name: family + String(lastSerial), checkCount: checkCount)
    }

    /// Makes an entry with a fresh name in a pipeline. Later uses in the pipeline find it by `findInFlight`.
    mutating func makeEntry(inFlight number: UInt64, checkCount: Int = 0) -> Entry {
        let entry = makeEntry(checkCount: checkCount)
        inFlight[number] = entry
        return entry
    }

    func findInFlight(_ number: UInt64) -> Entry? { inFlight.isEmpty ? nil : inFlight[number] }

    /// A pipeline begins. What the last one failed to prepare is dropped.
    mutating func beginFlight() {
        if !inFlight.isEmpty { inFlight.removeAll() }
    }

    /// The server has prepared the statement.
    mutating func insert(_ entry: Entry, for number: UInt64) {
        uses &+= 1
        entry.lastUse = uses
        if let former = entries.updateValue(entry, forKey: number) { pendingDeallocations.append(former) }
        while entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            pendingDeallocations.append(oldest.value)
        }
    }

    /// Drops a statement whose prepared form no longer fits.
    mutating func remove(_ number: UInt64) {
        if let entry = entries.removeValue(forKey: number) { pendingDeallocations.append(entry) }
    }

    /// Drops all statements except `kept`, because they may no longer fit.
    mutating func retireAll(but kept: [UInt64] = []) {
        for (number, entry) in entries where !kept.contains(number) {
            entries[number] = nil
            pendingDeallocations.append(entry)
        }
    }

    /// The server has forgotten everything, and so does the cache.
    mutating func removeAll() {
        entries.removeAll()
        pendingDeallocations.removeAll()
    }

    /// Returns the statements that the server shall drop now. The caller sends the DEALLOCATE.
    mutating func takePendingDeallocations() -> [Entry] {
        defer { pendingDeallocations.removeAll() }
        return pendingDeallocations
    }
}
