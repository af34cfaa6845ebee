import CLinux
import Synchronization

/// How readers and the reclaimer order their writes and reads: see `Reclaimer`.
struct Barrier {
    /// True if the reclaimer can make a barrier for all threads, so that readers need none (`membarrier`).
    let isOneSided: Bool

    /// Why copies of it are kept: a global costs a check at each access.
    static let shared = Barrier(isOneSided: linux_register_barrier())

    /// Afterwards, everything that another thread wrote before its part of the barrier is visible.
    func cross() {
        if isOneSided { linux_barrier() } else { atomicMemoryFence(ordering: .sequentiallyConsistent) }
    }
}

/// Blocks that can no longer be found, but that a reader may still be using.
///
/// A reader writes a block into its pin and *then* checks whether the block can still be found. The writer takes the block out of the index,
/// makes a barrier for all threads, and *then* reads the pins. A reader that still found the block checked before the barrier reached its
/// thread. So its earlier write to the pin is visible here. The pin becomes an owned one, whose release frees the block. All other readers
/// give up. docs/internals/reclamation.md has the proof.
///
/// For the holder of the store's lock.
struct Reclaimer {
    private let barrier = Barrier.shared
    /// The addresses of the blocks.
    private var blocks = MappedArray<UInt>()
    /// Blocks that no pin holds. Empty between two calls.
    private var gone = MappedArray<UnsafeMutableRawPointer>()
    /// Bytes of the waiting blocks.
    private(set) var bytes = 0
    /// Why batches: each pass makes a barrier and reads every pin's word. Why small ones: the caller that fills a batch waits for all of it.
    static let batch = 32

    func deallocate() {
        blocks.deallocate()
        gone.deallocate()
    }

    var isFull: Bool { blocks.count >= Self.batch }

    /// Takes over the store's reference to a block that is in no index any more.
    mutating func retire(_ address: UInt, cost: Int) {
        blocks.append(address)
        bytes += cost
    }

    /// Reclaims all blocks. Those that no pin holds are freed; the others are freed by their last pin.
    mutating func reclaim() {
        if blocks.count == 0 { return }
        barrier.cross()
        var isSorted = false
        PinPool.shared.forEachWord { word in
            let held = word.pointee.load(ordering: .acquiring)
            if held == 0 || held & 1 != 0 { return }
            if !isSorted {
                var addresses = blocks.values
                addresses.sort()
                isSorted = true
            }
            if contains(held) { takeOwnership(word, held) }
        }
        for address in blocks.values { if let block = BlockHeader.drop(address) { gone.append(block) } }
        Arena.free(gone.values)
        gone.removeAll()
        blocks.removeAll()
        bytes = 0
    }

    /// Turns a borrowed pin into an owned one, unless it has just been released.
    private func takeOwnership(_ word: UnsafeMutablePointer<Atomic<UInt>>, _ held: UInt) {
        BlockHeader.retain(held)
        let (exchanged, _) = word.pointee.compareExchange(
            expected: held, desired: held | 1, ordering: .acquiringAndReleasing)
        // This is never the last reference: the store's own one is dropped after all pins have been read.
        if !exchanged { BlockHeader.release(held) }
    }

    private func contains(_ address: UInt) -> Bool {
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle] < address { low = middle + 1 } else { high = middle }
        }
        return low < blocks.count && blocks[low] == address
    }
}
