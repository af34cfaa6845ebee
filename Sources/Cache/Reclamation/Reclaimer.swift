import CLinux
import Synchronization

/// How readers and the reclaimer order what they write and read: see `Reclaimer`.
struct Barrier {
    /// The reclaimer can make a barrier for all threads, so that readers need none.
    let isOneSided: Bool

    /// Why copies of it are kept: a global costs a check at each access.
    static let shared = Barrier(isOneSided: linux_register_barrier())

    /// After this, what any thread wrote before its own part of the barrier can be seen.
    func cross() {
        if isOneSided { linux_barrier() } else { atomicMemoryFence(ordering: .sequentiallyConsistent) }
    }
}

/// Blocks that no one can find any more, but that a reader may still be looking at.
///
/// A reader writes a block into its pin and *then* looks whether the block can still be found. The writer takes the block out of the index,
/// makes a barrier for all threads, and *then* reads the pins. A reader that still found the block looked before the barrier reached its
/// thread. So its pin, written earlier, is seen here and becomes an owned one, whose release frees the block. All other readers give up.
/// docs/internals/reclamation.md has the proof.
///
/// For the holder of the store's lock.
struct Reclaimer {
    private let barrier = Barrier.shared
    /// The addresses of the blocks.
    private var blocks = MappedArray<UInt>()
    /// Those that no pin holds; empty between two calls.
    private var gone = MappedArray<UnsafeMutableRawPointer>()
    /// Bytes of the blocks that wait.
    private(set) var bytes = 0
    /// Why batches: each pass makes a barrier and reads every pin's word. Why small ones: who completes a batch waits for all of it.
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

    /// Reclaims all blocks. Those that no pin holds are freed; their last pin frees the others.
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

    /// Turns a protected pin into an owned one, unless it has just been released.
    private func takeOwnership(_ word: UnsafeMutablePointer<Atomic<UInt>>, _ held: UInt) {
        BlockHeader.retain(held)
        let (exchanged, _) = word.pointee.compareExchange(
            expected: held, desired: held | 1, ordering: .acquiringAndReleasing)
        // Never the last one: the store's own reference is dropped after all pins have been seen.
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
