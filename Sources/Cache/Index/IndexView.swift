import CLinux
import Synchronization

/// The side of an index that is read: two tables, the one in use and the one that is being left. Any thread, no lock.
struct IndexView: @unchecked Sendable {
    // Sendable because all that it points to is atomic, and lives until the owner deallocates it.

    /// A table is `address | size`, where the sizes 6, 7, 8, 9, … stand for 16, 24, 32, 48, … buckets; 0 is no table.
    static let sizeMask: UInt = 63

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

    @inline(__always)
    static func buckets(of table: UInt) -> Int { Int(2 | table & 1) &<< Int((table & sizeMask) >> 1) }

    /// Bytes.
    static func size(of table: UInt) -> Int { table == 0 ? 0 : Bucket.size * buckets(of: table) }

    /// What `visit` makes of the slots whose names may be meant by `hash`: the first that is not nil.
    @inline(__always)
    func first<Result>(_ hash: UInt64, _ visit: (Bucket.Slot) -> Result?) -> Result? {
        var table = tables.pointee.current.load(ordering: .acquiring)
        var next = tables.pointee.previous.load(ordering: .acquiring)
        while table != 0 {
            let buckets = Self.buckets(of: table)
            let home = Self.home(hash, buckets)
            var number = home
            repeat {
                let bucket = Self.bucket(number, of: table)
                var matches = bucket.matches(hash)
                while !matches.isEmpty { if let result = visit(bucket.slot(matches.popFirst())) { return result } }
                if bucket.passed == 0 { break }
                number = Self.next(number, buckets)
            } while number != home
            (table, next) = (next, 0)
        }
        return nil
    }

    /// The bucket where a hash is found, unless it was full or is being moved.
    @inline(__always)
    func home(of hash: UInt64) -> Bucket {
        let table = tables.pointee.current.load(ordering: .acquiring)
        return Self.bucket(Self.home(hash, Self.buckets(of: table)), of: table)
    }

    /// Starts to load the bucket of a hash.
    @inline(__always)
    func prefetch(_ hash: UInt64) { Memory.prefetch(home(of: hash).start) }

    /// The bucket where the names of a hash begin.
    @inline(__always)
    static func home(_ hash: UInt64, _ buckets: Int) -> Int {
        Int(truncatingIfNeeded: ((hash & 0xFFFF_FFFF) &* UInt64(truncatingIfNeeded: buckets)) &>> 32)
    }

    @inline(__always)
    static func next(_ number: Int, _ buckets: Int) -> Int { number &+ 1 == buckets ? 0 : number &+ 1 }

    @inline(__always)
    static func bucket(_ number: Int, of table: UInt) -> Bucket {
        Bucket(at: UnsafeMutableRawPointer(bitPattern: (table & ~sizeMask) &+ UInt(bitPattern: number) &* 64).unsafelyUnwrapped)
    }
}
