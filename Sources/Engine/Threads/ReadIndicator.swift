import CLinux
import Synchronization

/// Records for each thread which gate it is inside of, in a word that only the thread writes.
///
/// A thread gets its cell when it first enters a gate and returns it when it ends. Cells are never freed; their number is the greatest number
/// of simultaneous threads. There are no locks, so a child of `fork()` finds none held.
enum ReadIndicator {
    /// A thread's word, on a cache line of its own.
    typealias Word = UnsafeMutablePointer<Atomic<UInt>>

    private static let cellSize = 64
    private static let cellsPerChunk = 63
    /// Offset of the second word of a cell, which says whether a thread owns it.
    private static let ownerOffset = 8

    /// The word of the calling thread.
    @inline(__always)
    static var current: Word {
        if let known = linux_presence_word().pointee { return known.assumingMemoryBound(to: Atomic<UInt>.self) }
        return register()
    }

    /// Returns true if the word of some thread is `value`.
    static func contains(_ value: UInt) -> Bool {
        var chunk: UnsafeMutableRawPointer? = first
        while let cells = chunk {
            for number in 0..<cellsPerChunk where word(cells, number).pointee.load(ordering: .acquiring) == value { return true }
            chunk = next(of: cells)
        }
        return false
    }

    // MARK: Cells

    /// Chunks are lists of cells. The last cell of each has the address of the next chunk.
    private nonisolated(unsafe) static let first = makeChunk()  // Set once; what it points to is atomic.

    private static func makeChunk() -> UnsafeMutableRawPointer {
        let size = cellSize * (cellsPerChunk + 1)
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: cellSize)
        memset(chunk, 0, size)
        return chunk
    }

    private static func word(_ chunk: UnsafeMutableRawPointer, _ number: Int) -> Word {
        (chunk + number * cellSize).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    private static func owner(_ chunk: UnsafeMutableRawPointer, _ number: Int) -> Word {
        (chunk + number * cellSize + ownerOffset).assumingMemoryBound(to: Atomic<UInt>.self)
    }

    private static func link(of chunk: UnsafeMutableRawPointer) -> Word { word(chunk, cellsPerChunk) }

    private static func next(of chunk: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: link(of: chunk).pointee.load(ordering: .acquiring))
    }

    @inline(never)
    private static func register() -> Word {
        let word = claim()
        linux_presence_word().pointee = UnsafeMutableRawPointer(word)
        if let key = endOfThread { pthread_setspecific(key, word) }
        return word
    }

    /// Returns a free cell. Adds a chunk if there is none.
    private static func claim() -> Word {
        var chunk = first
        while true {
            for number in 0..<cellsPerChunk {
                let owner = owner(chunk, number)
                if owner.pointee.load(ordering: .relaxed) == 0,
                    owner.pointee.compareExchange(expected: 0, desired: 1, ordering: .acquiring).exchanged
                {
                    return word(chunk, number)
                }
            }
            if next(of: chunk) == nil {
                let fresh = makeChunk()
                let address = UInt(bitPattern: fresh)
                if !link(of: chunk).pointee.compareExchange(expected: 0, desired: address, ordering: .acquiringAndReleasing).exchanged {
                    fresh.deallocate()
                }
            }
            chunk = next(of: chunk) ?? first
        }
    }

    /// The key whose destructor runs when a thread ends.
    private static let endOfThread: pthread_key_t? = {
        var key = pthread_key_t()
        let created = pthread_key_create(&key) { word in
            guard let word else { return }
            // Another destructor of the thread may still call the library: it gets a new cell.
            linux_presence_word().pointee = nil
            (word + ReadIndicator.ownerOffset).assumingMemoryBound(to: Atomic<UInt>.self).pointee.store(0, ordering: .releasing)
        }
        return created == 0 ? key : nil
    }()
}
