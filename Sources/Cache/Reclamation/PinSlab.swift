import CLinux
import Concurrency
import Synchronization

/// 64 KiB of pins: the words in front, dense so that they are quick to read through, the cells behind them.
///
///     0      480 words of 8 bytes
///     3840   the address of the next slab
///     4096   480 cells of 128 bytes
///
/// Slabs are aligned to their size, so that a cell's address gives its word. They stay for the life of the process.
/// Why: a pin may be released after its cache is gone, and the reader of the words must never meet unmapped memory.
struct PinSlab {
    static let size = 65_536
    static let cellSize = 128
    static let cellCount = 480
    private static let nextOffset = 3840
    private static let cellsOffset = 4096

    let base: UnsafeMutableRawPointer

    /// Nil when the system has no memory left.
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
    /// The newest slab's address; 0 when there is none. Slabs are only ever added, so it is read without the lock.
    private let newest = Atomic<UInt>(0)

    /// A run of free cells, linked by `next`: neighbours of one slab where possible, so that their words share lines with
    /// each other and not with another thread's.
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

    /// Calls `visit` with the word of every pin there is, held or not. About a nanosecond a pin.
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
    // Sendable because only the holder of the pool's lock touches it.
    private var head: UnsafeMutableRawPointer?

    mutating func push(_ pin: Pin) {
        pin.next = head
        head = pin.address
    }

    /// The first `count` cells (fewer if there are fewer), or nil.
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
