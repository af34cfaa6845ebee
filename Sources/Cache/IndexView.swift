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

    /// The slots whose names may be meant by `hash`, one after the other.
    @inline(__always)
    func probe(_ hash: UInt64) -> Probe {
        Probe(
            hash: hash, table: tables.pointee.current.load(ordering: .acquiring),
            next: tables.pointee.previous.load(ordering: .acquiring))
    }

    /// Starts to load the bucket of a hash.
    @inline(__always)
    func prefetch(_ hash: UInt64) {
        let table = current
        Memory.prefetch(Self.bucket(Self.home(hash, Self.buckets(of: table)), of: table).start)
    }

    struct Probe {
        private let hash: UInt64
        private var table: UInt
        /// The table to look into after this one.
        private var nextTable: UInt
        private var number: Int
        private var bucket: Bucket
        private var matches: Bucket.Matches

        @inline(__always)
        fileprivate init(hash: UInt64, table: UInt, next: UInt) {
            self.hash = hash
            self.table = table
            nextTable = next
            number = IndexView.home(hash, IndexView.buckets(of: table))
            bucket = IndexView.bucket(number, of: table)
            matches = bucket.matches(hash)
        }

        @inline(__always)
        mutating func next() -> Bucket.Slot? {
            while matches.isEmpty {
                guard !isLast, let next = following() else { return nil }
                self = next
            }
            return bucket.slot(matches.popFirst())
        }

        /// Whether there is nowhere to go on to: nearly always.
        @inline(__always)
        private var isLast: Bool { nextTable == 0 && bucket.passed == 0 }

        /// Goes on to the bucket that took over, or to the next table; nil at the end. Why not in place: then a probe lives in registers.
        @inline(never)
        private func following() -> Probe? {
            var probe = self
            // At most once around a table; almost always one bucket.
            let buckets = IndexView.buckets(of: table)
            let next = IndexView.next(number, buckets)
            if next != IndexView.home(hash, buckets), bucket.passed != 0 {
                probe.number = next
            } else if nextTable != 0 {
                probe.table = nextTable
                probe.nextTable = 0
                probe.number = IndexView.home(hash, IndexView.buckets(of: nextTable))
            } else {
                return nil
            }
            probe.bucket = IndexView.bucket(probe.number, of: probe.table)
            probe.matches = probe.bucket.matches(hash)
            return probe
        }
    }

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
