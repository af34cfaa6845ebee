import CLinux
import Concurrency
import Synchronization

/// 64 KiB of pins. The words are at the front, dense so that they can be read quickly; the cells follow.
///
///     0      480 words of 8 bytes
///     3840   the address of the next slab
///     4096   480 cells of 128 bytes
///
/// A slab is aligned to its size, so that a cell's address gives its word. Slabs live as long as the process.
/// Why: a pin may be released after its cache is gone, and the reader of the words must never meet unmapped memory.
struct PinSlab {
    static let size = 65_536
    static let cellSize = 128
    static let cellCount = 480
    private static let nextOffset = 3840
    private static let cellsOffset = 4096

    let base: UnsafeMutableRawPointer

    /// Returns nil if the system has no memory.
    static func allocate(next: UInt) -> PinSlab? {
        var base: UnsafeMutableRawPointer?
        guard posix_memalign(&base, size, size) == 0, let base else { return nil }
        memset(base, 0, size)
        base.storeBytes(of: next, toByteOffset: nextOffset, as: UInt.self)
        return PinSlab(base: base)
    }

    init(base: UnsafeMutableRawPointer) { self.base = base }

    var next: UInt { base.load(fromByteOffset: Self.nextOffset, as: UInt.self) }

    var words: UnsafeMutablePointer<Atomic<UInt>> { base.assumingMemoryBound(to: Atomic<UInt>.self) }

    func cell(_ index: Int) -> Pin { Pin(at: base + Self.cellsOffset + index * Self.cellSize) }

    @inline(__always)
    static func word(of cell: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Atomic<UInt>> {
        let offset = UInt(bitPattern: cell) & UInt(size &- 1)
        let index = (offset &- UInt(cellsOffset)) / UInt(cellSize)
        return (cell - Int(bitPattern: offset)).assumingMemoryBound(to: Atomic<UInt>.self) + Int(bitPattern: index)
    }
}

/// All pins of the process: the slabs, and the cells that no thread has at hand.
final class PinPool: Sendable {
    static let shared = PinPool()

    private let free = Lock(FreeCells(), forTheProcess: true)
    /// The address of the newest slab; 0 if there is none. Slabs are only added, so it is read without the lock.
    private let newest = Atomic<UInt>(0)

    /// Returns a list of free cells, linked by `next`. They are neighbours in one slab where possible.
    /// Why: their words then share cache lines with each other, and not with another thread's.
    func take(_ count: Int) -> UnsafeMutableRawPointer {
        free.withLock { free in
            if let head = free.cut(count) { return head.address }
            let slab = PinSlab.allocate(next: newest.load(ordering: .relaxed))
            guard let slab else { fatalError("out of memory") }
            newest.store(UInt(bitPattern: slab.base), ordering: .releasing)
            for index in (0..<PinSlab.cellCount).reversed() { free.push(slab.cell(index)) }
            return free.cut(count)!.address
        }
    }

    /// Takes back a list of cells.
    func give(_ list: UnsafeMutableRawPointer) {
        free.withLock { free in
            var rest: UnsafeMutableRawPointer? = list
            while let cell = rest {
                rest = Pin(at: cell).next
                free.push(Pin(at: cell))
            }
        }
    }

    /// Calls `visit` with the word of every pin, held or not. Takes about a nanosecond a pin.
    @inline(__always)
    func forEachWord(_ visit: (UnsafeMutablePointer<Atomic<UInt>>) -> Void) {
        var address = newest.load(ordering: .acquiring)
        while let base = UnsafeMutableRawPointer(bitPattern: address) {
            let slab = PinSlab(base: base)
            for index in 0..<PinSlab.cellCount { visit(slab.words + index) }
            address = slab.next
        }
    }
}

/// A list of free cells. Guarded by the pool's lock.
private struct FreeCells: @unchecked Sendable {
    // Sendable because only the holder of the pool's lock uses it.
    private var head: UnsafeMutableRawPointer?

    mutating func push(_ pin: Pin) {
        pin.next = head
        head = pin.address
    }

    /// Removes and returns the first `count` cells, or as many as there are. Nil if there are none.
    mutating func cut(_ count: Int) -> Pin? {
        guard let first = head else { return nil }
        var last = Pin(at: first)
        for _ in 1..<count {
            guard let next = last.next else { break }
            last = Pin(at: next)
        }
        head = last.next
        last.next = nil
        return Pin(at: first)
    }
}
