import CLinux
import Synchronization

/// The side of an index that is read: two tables, the one in use and the one that is being left. Any thread, no lock.
struct IndexView: @unchecked Sendable {
    // Sendable because all that it points to is atomic, and lives until the owner deallocates it.
    typealias Word = UnsafeMutablePointer<Atomic<UInt>>

    /// Addresses in a bucket; its last word counts those that went on to later buckets.
    static let ways = 7
    /// A table is `address | log2(buckets)`; 0 is no table.
    static let logMask: UInt = 63

    private struct Tables: ~Copyable {
        let current: Atomic<UInt>
        let previous: Atomic<UInt>
    }

    private let tables: UnsafeMutablePointer<Tables>

    init() {
        tables = .allocate(capacity: 1)
        tables.initialize(to: Tables(current: Atomic(0), previous: Atomic(0)))
    }

    func deallocate() { tables.deallocate() }

    var current: UInt { tables.pointee.current.load(ordering: .relaxed) }
    var previous: UInt { tables.pointee.previous.load(ordering: .relaxed) }
    func setCurrent(_ table: UInt) { tables.pointee.current.store(table, ordering: .releasing) }
    func setPrevious(_ table: UInt) { tables.pointee.previous.store(table, ordering: .releasing) }

    static func size(of table: UInt) -> Int { table == 0 ? 0 : 64 << Int(table & logMask) }

    /// Calls `found` with each word that may be meant by `hash`, until it returns true.
    @inline(__always)
    func search(_ hash: UInt64, _ found: (Word, UInt) -> Bool) {
        if Self.search(tables.pointee.current.load(ordering: .acquiring), hash, found) { return }
        _ = Self.search(tables.pointee.previous.load(ordering: .acquiring), hash, found)
    }

    @inline(__always)
    private static func search(_ table: UInt, _ hash: UInt64, _ found: (Word, UInt) -> Bool) -> Bool {
        guard table != 0 else { return false }
        let tag = UInt(hash >> 48)
        var number = UInt(truncatingIfNeeded: hash)
        // At most once around; almost always one bucket.
        for _ in 0..<(1 &<< (table & logMask)) {
            let bucket = bucket(number, of: table)
            for way in 0..<ways {
                let word = (bucket + way).pointee.load(ordering: .acquiring)
                if word >> 48 == tag, word != 0, found(bucket + way, word) { return true }
            }
            if (bucket + ways).pointee.load(ordering: .relaxed) == 0 { return false }
            number &+= 1
        }
        return false
    }

    @inline(__always)
    static func address(_ word: UInt) -> UInt { word & (1 << 48 - 1) }

    @inline(__always)
    static func bucket(_ number: UInt, of table: UInt) -> Word {
        let offset = (number & (1 &<< (table & logMask) &- 1)) &* 64
        return Word(bitPattern: (table & ~logMask) &+ offset).unsafelyUnwrapped
    }
}
