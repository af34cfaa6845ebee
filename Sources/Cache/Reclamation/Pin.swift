import CLinux
import Synchronization

/// Holds the bytes of one answer in place until it is released, whatever happens to the cache meanwhile.
///
/// A pin is a cell of 128 bytes that never goes back to the system: all but the first 16 belong to the caller that took
/// the pin (a reply lives there, so that a hit allocates nothing). Taken and released on any thread; used by one at a time.
/// It is trivial: copies mean the same cell, and exactly one of them is released, once.
///
/// What it holds stands in a word of its own, next to the words of neighbouring cells, where `Reclaimer` reads them:
///
///     0               nothing
///     address         borrowed: a reader found the entry and announces that it is in use; no reference counts it
///     address | 1     counted: one of the entry's `references` belongs to this pin
///
/// Why public: what a reply does with its cell has to be inlined where the reply is, and Swift does so with public code alone.
public struct Pin: @unchecked Sendable {
    // Sendable because a cell is written only by the one who holds it, and its word is atomic.
    public let address: UnsafeMutableRawPointer

    /// The pin at an address that `address` gave.
    @inlinable @inline(__always)
    public init(at address: UnsafeMutableRawPointer) { self.address = address }

    /// A pin that holds no answer: a cell for a reply that is an error.
    package static func empty() -> Pin { PinCache.current.take() }

    /// The caller's own bytes, 16-byte aligned: zero in a new cell, and as their last owner left them in one that is used again.
    @inlinable @inline(__always)
    public var payload: UnsafeMutableRawPointer { address + 16 }

    package static let payloadSize = PinSlab.cellSize - 16

    @inline(__always)
    var word: UnsafeMutablePointer<Atomic<UInt>> { PinSlab.word(of: address) }

    /// The next cell of a list of free ones.
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

    /// The answer; one NUL byte follows it. Empty for a pin that holds none.
    @inline(__always)
    package var data: UnsafeRawBufferPointer {
        guard let entry else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return entry.answer
    }

    /// When the data was read: wall clock, milliseconds since 1970.
    package var lastModified: Int64 { entry?.pointee.lastModified ?? 0 }

    package var signature: Cache.Signature { entry?.pointee.signature ?? Cache.Signature(high: 0, low: 0) }

    // MARK: Beginning and end

    /// Says that a block is in use. The reader that found its address has to look for it once more *after* this: see `Reclaimer`.
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

    /// Lets go of the answer and gives the cell back.
    @inline(__always)
    package func release() {
        unpin()
        PinCache.current.give(self)
    }

    @inline(__always)
    func unpin() {
        // Why an exchange: the reclaimer may turn `borrowed` into `counted` at any moment, and one of us has to know.
        let held = word.pointee.exchange(0, ordering: .acquiringAndReleasing)
        if held & 1 != 0 { BlockHeader.release(held & ~1) }
    }
}
