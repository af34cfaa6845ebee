import CLinux
import Synchronization

/// A hash table of addresses that is read without a lock while one thread changes it.
///
/// A bucket is a cache line: seven words of `hash (16 bits) | address (48 bits)`, and the number of words that had to go on to
/// later buckets. A word that matches is only a candidate: the reader has to pin the block, look whether the word still
/// stands, and compare the bytes. A reader may miss a word that is just being moved, and then falls back on the
/// store's lock, where nothing moves.
///
/// This is the side of the writer, for the holder of the store's lock; readers have `IndexView`.
///
/// It doubles when it is three quarters full, and moves over a few buckets at each insertion, so that no insertion is long.
/// A table that has been left keeps its addresses, with no memory behind them (it reads as empty), until `deallocate`.
/// Why: then a reader that is late needs no protection.
struct Index<Content: IndexContent> {
    /// What readers need of it; stays valid until `deallocate`.
    let view: IndexView
    /// Every table that there has ever been, by log2(buckets), as `IndexView` writes them.
    private var all: [UInt]
    private var count = 0
    /// Buckets of the previous table that are done with.
    private var moved = 0
    private let content: Content

    private static var smallestLog: UInt { 4 }
    private static var largestLog: UInt { 40 }

    init(_ content: Content) {
        self.content = content
        view = IndexView()
        all = [UInt](repeating: 0, count: Int(Self.largestLog) + 1)
        guard let first = table(Self.smallestLog) else { fatalError("out of memory") }
        view.setCurrent(first)
    }

    func deallocate() {
        for table in all where table != 0 {
            munmap(UnsafeMutableRawPointer(bitPattern: table & ~IndexView.logMask), IndexView.size(of: table))
        }
        view.deallocate()
    }

    /// Bytes of memory in use.
    var size: Int { IndexView.size(of: view.current) + IndexView.size(of: view.previous) }
}

/// What an index points to.
protocol IndexContent {
    /// The hash under which the block at an address was inserted.
    func hash(of address: UInt) -> UInt64
}

extension Index {
    /// Inserts an address; false when there is no room, because the system gives no memory.
    mutating func insert(_ address: UInt, hash: UInt64) -> Bool {
        move(buckets: 2)
        growIfNeeded()
        guard put(view.current, address, hash) else { return false }
        count += 1
        return true
    }

    /// Takes an address out. Readers that find it afterwards see that it no longer stands.
    mutating func remove(_ address: UInt, hash: UInt64) {
        for table in [view.current, view.previous] where table != 0 && take(table, address, hash) {
            count -= 1
            return
        }
    }

    private func put(_ table: UInt, _ address: UInt, _ hash: UInt64) -> Bool {
        var number = UInt(truncatingIfNeeded: hash)
        for _ in 0..<(1 << Int(table & IndexView.logMask)) {
            let bucket = IndexView.bucket(number, of: table)
            for way in 0..<IndexView.ways where (bucket + way).pointee.load(ordering: .relaxed) == 0 {
                (bucket + way).pointee.store(UInt(hash >> 48) << 48 | address, ordering: .releasing)
                return true
            }
            (bucket + IndexView.ways).pointee.wrappingAdd(1, ordering: .relaxed)
            number &+= 1
        }
        return false
    }

    private func take(_ table: UInt, _ address: UInt, _ hash: UInt64) -> Bool {
        let wanted = UInt(hash >> 48) << 48 | address
        var number = UInt(truncatingIfNeeded: hash)
        for distance in 0..<(1 << Int(table & IndexView.logMask)) {
            let bucket = IndexView.bucket(number, of: table)
            for way in 0..<IndexView.ways where (bucket + way).pointee.load(ordering: .relaxed) == wanted {
                // Sequentially consistent: see `Reclaimer`.
                (bucket + way).pointee.store(0, ordering: .sequentiallyConsistent)
                for back in 0..<distance {
                    let passed = IndexView.bucket(number &- UInt(back) &- 1, of: table)
                    (passed + IndexView.ways).pointee.wrappingSubtract(1, ordering: .relaxed)
                }
                return true
            }
            if (bucket + IndexView.ways).pointee.load(ordering: .relaxed) == 0 { return false }
            number &+= 1
        }
        return false
    }

    // MARK: Growing

    private mutating func growIfNeeded() {
        let current = view.current
        let log = current & IndexView.logMask
        guard view.previous == 0, log < Self.largestLog,
            count * 4 >= IndexView.ways << Int(log) * 3, let larger = table(log + 1)
        else { return }
        moved = 0
        view.setPrevious(current)
        view.setCurrent(larger)
    }

    /// Moves the words of some buckets from the table that is being left.
    private mutating func move(buckets: Int) {
        let previous = view.previous
        guard previous != 0 else { return }
        let current = view.current
        for _ in 0..<buckets {
            let bucket = IndexView.bucket(UInt(moved), of: previous)
            for way in 0..<IndexView.ways {
                let word = (bucket + way).pointee.load(ordering: .relaxed)
                if word == 0 { continue }
                let address = IndexView.address(word)
                guard put(current, address, content.hash(of: address)) else { return }
                (bucket + way).pointee.store(0, ordering: .sequentiallyConsistent)
            }
            moved += 1
            if moved == 1 << Int(previous & IndexView.logMask) {
                view.setPrevious(0)
                madvise(
                    UnsafeMutableRawPointer(bitPattern: previous & ~IndexView.logMask), IndexView.size(of: previous),
                    MADV_DONTNEED)
                return
            }
        }
    }

    /// An empty table of 2^log buckets, or nil when the system has no memory.
    private mutating func table(_ log: UInt) -> UInt? {
        if all[Int(log)] != 0 { return all[Int(log)] }
        guard let base = Self.map(64 << Int(log)) else { return nil }
        all[Int(log)] = UInt(bitPattern: base) | log
        return all[Int(log)]
    }

    /// Zeroed memory; large ones begin on a huge page's boundary, so that huge pages back them.
    private static func map(_ size: Int) -> UnsafeMutableRawPointer? {
        let huge = 2 << 20
        let slack = size >= huge ? huge : 0
        guard let base = mmap(nil, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            UInt(bitPattern: base) != UInt.max
        else { return nil }
        if slack == 0 { return base }
        let before = (huge - Int(bitPattern: base) & (huge - 1)) & (huge - 1)
        if before > 0 { munmap(base, before) }
        if slack > before { munmap(base + before + size, slack - before) }
        madvise(base + before, size, MADV_HUGEPAGE)
        return base + before
    }
}
