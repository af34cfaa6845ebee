import CLinux
import Synchronization

/// Holds the bytes of one answer in place until it is released, whatever happens to the cache meanwhile (a hazard pointer).
///
/// A pin is a cell of 128 bytes that never goes back to the system. All bytes except the first 16 belong to the caller that took the pin. A
/// reply
/// is stored there, so a hit allocates nothing. A pin may be taken and released on any thread, and is used by one thread at a time.
/// It is trivial: copies mean the same cell, and exactly one of them is released, once.
///
/// What it holds is in a word of its own, next to the words of neighbouring cells, where `Reclaimer` reads them:
///
///     0               nothing
///     address         borrowed: a reader found the entry and announces that it is in use; no reference counts it
///     address | 1     counted: one of the entry's `references` belongs to this pin
///
/// Why public: a reply's use of its cell has to be inlined into the reply's module, and Swift does that with public code alone.
public struct Pin: @unchecked Sendable {
    // Sendable because only its holder writes a cell, and its word is atomic.
    public let address: UnsafeMutableRawPointer

    /// The pin at an address that `address` returned.
    @inlinable @inline(__always)
    public init(at address: UnsafeMutableRawPointer) { self.address = address }

    /// Returns a pin that holds no answer: a cell for a reply that is an error.
    package static func empty() -> Pin { PinCache.current.take() }

    /// The caller's own bytes, 16-byte aligned. They are zero in a new cell, and unchanged since the last owner in a reused one.
    @inlinable @inline(__always)
    public var payload: UnsafeMutableRawPointer { address + 16 }

    package static let payloadSize = PinSlab.cellSize - 16

    @inline(__always)
    var word: UnsafeMutablePointer<Atomic<UInt>> { PinSlab.word(of: address) }

    /// The next cell in a list of free ones.
    @inline(__always)
    var next: UnsafeMutableRawPointer? {
        get { address.load(as: UnsafeMutableRawPointer?.self) }
        nonmutating set { address.storeBytes(of: newValue, as: UnsafeMutableRawPointer?.self) }
    }

    @inline(__always)
    var entry: UnsafeMutablePointer<Entry>? {
        UnsafeMutablePointer(bitPattern: word.pointee.load(ordering: .relaxed) & ~1)
    }

    // MARK: What is held

    package var holdsAnswer: Bool { entry != nil }

    /// The answer, followed by one NUL byte. Empty for a pin that holds none. Valid until the pin is released.
    @inline(__always)
    package var data: UnsafeRawBufferPointer {
        guard let entry else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return entry.answer
    }

    /// When the data was read: wall clock, milliseconds since 1970.
    package var lastModified: Int64 { entry?.pointee.lastModified ?? 0 }

    package var signature: Cache.Signature { entry?.pointee.signature ?? Cache.Signature(high: 0, low: 0) }

    // MARK: Beginning and end

    /// Announces that a block is in use. The reader must check *after* this that the block can still be found: see `Reclaimer`.
    @inline(__always)
    func protect(_ block: UInt, _ barrier: Barrier) {
        if barrier.isOneSided {
            // Why this is enough: the reclaimer makes a barrier for all threads before it reads the words.
            word.pointee.store(block, ordering: .relaxed)
            linux_compiler_barrier()
        } else {
            word.pointee.store(block, ordering: .relaxed)
            atomicMemoryFence(ordering: .sequentiallyConsistent)
        }
    }

    /// Releases the answer and returns the cell.
    @inline(__always)
    package func release() {
        unpin()
        PinCache.current.give(self)
    }

    @inline(__always)
    func unpin() {
        // Why an exchange: the reclaimer may turn `borrowed` into `counted` at any moment, and one of the two has to know.
        let held = word.pointee.exchange(0, ordering: .acquiringAndReleasing)
        if held & 1 != 0 { BlockHeader.release(held & ~1) }
    }
}
