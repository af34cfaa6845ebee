import CLinux
import Synchronization

/// The readers' side of an index: two tables, the present one and the one that is being replaced. Any thread may use it without a lock.
struct IndexView: @unchecked Sendable {
    // Sendable because everything that it points to is atomic and lives until the owner deallocates it.

    /// A table is `address | size`. The sizes 6, 7, 8, 9, … mean 16, 24, 32, 48, … buckets; 0 is no table.
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

    /// Size in bytes.
    static func size(of table: UInt) -> Int { table == 0 ? 0 : Bucket.size * buckets(of: table) }

    /// Calls `visit` for the slots whose names may belong to `hash`. Returns its first result that is not nil.
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

    /// Returns the bucket of a hash. The name is elsewhere if the bucket was full or is being moved.
    @inline(__always)
    func home(of hash: UInt64) -> Bucket {
        let table = tables.pointee.current.load(ordering: .acquiring)
        return Self.bucket(Self.home(hash, Self.buckets(of: table)), of: table)
    }

    /// Starts to load the bucket of a hash.
    @inline(__always)
    func prefetch(_ hash: UInt64) { Memory.prefetch(home(of: hash).start) }

    /// Returns the number of the bucket where the search for a hash begins.
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
