import CLinux
import Synchronization

/// A hash table of block names that is read without a lock while one thread changes it.
///
/// A bucket is a cache line (`Bucket`). A match is only a candidate: the reader pins the block, checks that its name is still in the table, and
/// compares the bytes. A reader may miss a name that is being moved. It then falls back on the store's lock, under which nothing moves.
///
/// This is the writer's side, for the holder of the store's lock. Readers use `IndexView`.
///
/// It grows by a half or a third when it is seven eighths full, and shrinks when it is a fifth full. Each change moves a few buckets, so no
/// change takes long. A table that has been replaced keeps its addresses without memory, and reads as empty, until `deallocate` or reuse.
/// Why: a late reader then needs no protection.
struct BlockIndex<Content: BlockIndexContent> {
    /// What readers need of it. Stays valid until `deallocate`.
    let view: IndexView
    /// All tables that were ever used, by size, in the form of `IndexView`.
    private var all: [UInt]
    private var count = 0
    /// Number of buckets of the previous table that have been moved, and of those whose memory has been given back.
    private var moved = 0
    private var returned = 0
    private let content: Content
    private let pages: Pages
    private let chunks = Arena.table
    /// Bytes of memory in use.
    private(set) var size = 0
    /// The number of names at which it grows, and the number below which it shrinks.
    private var most = Int.max
    private var fewest = 0

    private static var smallest: UInt { 6 }
    private static var largest: UInt { 63 }
    /// Least number of buckets of a replaced table that go back to the system at once.
    private static var portion: Int { 32_768 }
    /// Number of buckets in a page.
    private var pageBuckets: Int { pages.size / Bucket.size }
    /// Number of buckets that each change moves. One would be enough to finish before the next table.
    private static var step: Int { 2 }

    init(_ content: Content, _ pages: Pages = .system) {
        self.content = content
        self.pages = pages
        view = IndexView()
        all = [UInt](repeating: 0, count: Int(Self.largest) + 1)
        guard let first = table(Self.smallest) else { fatalError("out of memory") }
        view.setCurrent(first)
        measure()
    }

    func deallocate() {
        for table in all where table != 0 {
            if let base = UnsafeMutableRawPointer(bitPattern: table & ~IndexView.sizeMask) { pages.unmap(base, IndexView.size(of: table)) }
        }
        view.deallocate()
    }
}

/// The items that an index points to.
protocol BlockIndexContent {
    /// Returns the hash under which the block with that name was inserted.
    func hash(of id: BlockID) -> UInt64
}

extension BlockIndex {
    /// Inserts a name. Returns false if the system has no memory for it.
    mutating func insert(_ id: BlockID, hash: UInt64) -> Bool {
        move()
        growIfNeeded()
        guard put(view.current, id, hash) else { return false }
        count += 1
        return true
    }

    /// Removes a name. A reader that found it earlier notices that.
    mutating func remove(_ id: BlockID, hash: UInt64) {
        let previous = view.previous
        if take(view.current, id, hash) || previous != 0 && take(previous, id, hash) { count -= 1 }
        move()
        shrinkIfPossible()
    }

    private func put(_ table: UInt, _ id: BlockID, _ hash: UInt64) -> Bool {
        let buckets = IndexView.buckets(of: table)
        var number = IndexView.home(hash, buckets)
        for _ in 0..<buckets {
            let bucket = IndexView.bucket(number, of: table)
            if bucket.put(id, hash) { return true }
            bucket.pass(1)
            number = IndexView.next(number, buckets)
        }
        return false
    }

    private func take(_ table: UInt, _ id: BlockID, _ hash: UInt64) -> Bool {
        let buckets = IndexView.buckets(of: table)
        let home = IndexView.home(hash, buckets)
        var number = home
        for _ in 0..<buckets {
            let bucket = IndexView.bucket(number, of: table)
            if bucket.take(id, hash) {
                var passed = home
                while passed != number {
                    IndexView.bucket(passed, of: table).pass(-1)
                    passed = IndexView.next(passed, buckets)
                }
                return true
            }
            if bucket.passed == 0 { return false }
            number = IndexView.next(number, buckets)
        }
        return false
    }

    // MARK: Growing and shrinking

    private mutating func growIfNeeded() {
        if count < most { return }
        let current = view.current
        if let larger = table(current & IndexView.sizeMask + 1) { leave(current, for: larger) }
    }

    /// Shrinks to half the size.
    private mutating func shrinkIfPossible() {
        if count >= fewest { return }
        let current = view.current
        if let smaller = table(current & IndexView.sizeMask - 2) { leave(current, for: smaller) }
    }

    private mutating func leave(_ current: UInt, for other: UInt) {
        moved = 0
        returned = 0
        view.setPrevious(current)
        view.setCurrent(other)
        measure()
    }

    /// Computes the values that each change compares and that depend only on the tables. While one table is being left, none is replaced.
    private mutating func measure() {
        let (current, previous) = (view.current, view.previous)
        size = IndexView.size(of: current) + IndexView.size(of: previous)
        let slots = Bucket.slots * IndexView.buckets(of: current)
        let number = current & IndexView.sizeMask
        most = previous == 0 && number < Self.largest ? (slots * 7 + 7) / 8 : Int.max
        fewest = previous == 0 && number >= Self.smallest + 2 ? (slots + 4) / 5 : 0
    }

    /// Moves the names of some buckets out of the previous table.
    private mutating func move() {
        let previous = view.previous
        guard previous != 0 else { return }
        let current = view.current
        let total = IndexView.buckets(of: previous)
        for _ in 0..<Self.step {
            let bucket = IndexView.bucket(moved, of: previous)
            for number in 0..<Bucket.slots {
                let slot = bucket.slot(number)
                let id = slot.pointee.load(ordering: .relaxed)
                if id == 0 { continue }
                guard put(current, id, content.hash(of: id)) else { return }
                slot.pointee.store(0, ordering: .releasing)
            }
            moved += 1
            if moved == total {
                giveBack(previous, upTo: total)
                view.setPrevious(0)
                return measure()
            }
            // Why only here: names that went on to buckets that have not been moved are found by way of this bucket.
            if moved - returned >= Self.portion, bucket.passed == 0 { giveBack(previous, upTo: moved / pageBuckets * pageBuckets) }
        }
        // Why: a hash is computed from distant memory, and these names are the next to move.
        for number in moved..<min(moved + Self.step, total) {
            let bucket = IndexView.bucket(number, of: previous)
            for slot in 0..<Bucket.slots { BlockHeader.prefetch(chunks.anyAddress(bucket.slot(slot).pointee.load(ordering: .relaxed))) }
        }
    }

    /// Gives the memory of the buckets back that were left since the last call. They read as empty.
    private mutating func giveBack(_ table: UInt, upTo end: Int) {
        guard let base = UnsafeMutableRawPointer(bitPattern: table & ~IndexView.sizeMask) else { return }
        if !pages.giveBack(base + returned * Bucket.size, (end - returned) * Bucket.size) {
            for number in returned..<end { IndexView.bucket(number, of: table).clear() }
        }
        returned = end
    }

    /// Returns an empty table of that size. Nil if the system has no memory.
    private mutating func table(_ size: UInt) -> UInt? {
        if all[Int(size)] != 0 { return all[Int(size)] }
        guard let base = pages.map(IndexView.size(of: size)) else { return nil }
        all[Int(size)] = UInt(bitPattern: base) | size
        return all[Int(size)]
    }
}
