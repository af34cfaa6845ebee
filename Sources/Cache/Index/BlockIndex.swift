import CLinux
import Synchronization

/// A hash table of blocks' names that is read without a lock while one thread changes it.
///
/// A bucket is a cache line (`Bucket`). What matches is only a candidate: the reader has to pin the block, look whether its name still
/// stands, and compare the bytes. A reader may miss a name that is just being moved, and then falls back on the
/// store's lock, where nothing moves.
///
/// This is the side of the writer, for the holder of the store's lock; readers have `IndexView`.
///
/// It grows by a half or a third when it is seven eighths full, shrinks when it is a fifth full, and moves over a few buckets at
/// each change, so that no change is long. A table that has been left keeps its addresses, with no memory behind them (it
/// reads as empty), until `deallocate`, or until it is used again. Why: then a reader that is late needs no protection.
struct BlockIndex<Content: BlockIndexContent> {
    /// What readers need of it; stays valid until `deallocate`.
    let view: IndexView
    /// Every table that there has ever been, by its size, as `IndexView` writes them.
    private var all: [UInt]
    private var count = 0
    /// Buckets of the previous table that are done with, and those of them whose memory has gone back.
    private var moved = 0
    private var returned = 0
    private let content: Content
    private let pages: Pages
    private let chunks = Arena.table
    /// Bytes of memory in use.
    private(set) var size = 0
    /// How many names there are when it grows, and below which it shrinks.
    private var most = Int.max
    private var fewest = 0

    private static var smallest: UInt { 6 }
    private static var largest: UInt { 63 }
    /// Buckets of a table that is left, at least so many of which go back to the system at once.
    private static var portion: Int { 32_768 }
    /// Buckets in a page.
    private var pageBuckets: Int { pages.size / Bucket.size }
    /// Buckets that are moved at each change. One would be enough for the next table to be in time.
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
    /// The hash under which the block of that name was inserted.
    func hash(of id: BlockID) -> UInt64
}

extension BlockIndex {
    /// Inserts a name; false when there is no room, because the system gives no memory.
    mutating func insert(_ id: BlockID, hash: UInt64) -> Bool {
        move()
        growIfNeeded()
        guard put(view.current, id, hash) else { return false }
        count += 1
        return true
    }

    /// Takes a name out. Readers that find it afterwards see that it no longer stands.
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

    /// To half the size.
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

    /// Works out what is asked for at each change and follows from the tables alone. While one of them is left, none of them is.
    private mutating func measure() {
        let (current, previous) = (view.current, view.previous)
        size = IndexView.size(of: current) + IndexView.size(of: previous)
        let slots = Bucket.slots * IndexView.buckets(of: current)
        let number = current & IndexView.sizeMask
        most = previous == 0 && number < Self.largest ? (slots * 7 + 7) / 8 : Int.max
        fewest = previous == 0 && number >= Self.smallest + 2 ? (slots + 4) / 5 : 0
    }

    /// Moves the names of some buckets from the table that is being left.
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
            // Why only here: where names went on to buckets that have not been moved, they are found by way of this one.
            if moved - returned >= Self.portion, bucket.passed == 0 { giveBack(previous, upTo: moved / pageBuckets * pageBuckets) }
        }
        // Why: a hash is made of what lies far apart, and these are the next to be moved.
        for number in moved..<min(moved + Self.step, total) {
            let bucket = IndexView.bucket(number, of: previous)
            for slot in 0..<Bucket.slots { BlockHeader.prefetch(chunks.anyAddress(bucket.slot(slot).pointee.load(ordering: .relaxed))) }
        }
    }

    /// Returns the memory of the buckets that have been left since the last time. They read as empty.
    private mutating func giveBack(_ table: UInt, upTo end: Int) {
        guard let base = UnsafeMutableRawPointer(bitPattern: table & ~IndexView.sizeMask) else { return }
        if !pages.giveBack(base + returned * Bucket.size, (end - returned) * Bucket.size) {
            for number in returned..<end { IndexView.bucket(number, of: table).clear() }
        }
        returned = end
    }

    /// An empty table of that size, or nil when the system has no memory.
    private mutating func table(_ size: UInt) -> UInt? {
        if all[Int(size)] != 0 { return all[Int(size)] }
        guard let base = pages.map(IndexView.size(of: size)) else { return nil }
        all[Int(size)] = UInt(bitPattern: base) | size
        return all[Int(size)]
    }
}
