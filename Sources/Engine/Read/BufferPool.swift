import CLinux
import Synchronization
import Text

/// A few large blocks for answers, which are reused.
///
/// Why: memory at the end of the heap goes back to the system when it is freed. It returns page by page, at a microsecond each, which is a fifth
/// of
/// the cost of a large answer. Any thread may use it; taking or returning a block is a few atomic exchanges. It belongs to the whole process,
/// because replies outlive clients.
enum BufferPool {
    /// Addresses; 0 is an empty slot.
    // Why unsafe: the pointer never changes, and its target is atomic.
    nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Atomic<UInt>> = {
        let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: Limits.keptBuffers)
        for index in 0..<Limits.keptBuffers { (slots + index).initialize(to: Atomic(0)) }
        return slots
    }()

    /// Returns an empty buffer with room for `capacity` bytes or more.
    static func buffer(capacity: Int) -> ByteBuffer {
        guard capacity >= Limits.smallestBufferBytes, capacity <= Limits.largestBufferBytes else { return ByteBuffer(capacity: capacity) }
        for index in 0..<Limits.keptBuffers {
            guard let block = UnsafeMutablePointer<UInt8>(bitPattern: slots[index].exchange(0, ordering: .acquiring)) else { continue }
            let size = malloc_usable_size(block)
            if size >= capacity { return ByteBuffer(block: block, capacity: size) }
            CLinux.free(block)
        }
        return ByteBuffer(capacity: capacity)
    }

    /// Frees the block of an answer of that size, or keeps it.
    @inline(never)
    static func free(_ block: UnsafeMutablePointer<UInt8>, answerSize: Int) {
        let address = UInt(bitPattern: block)
        if answerSize >= Limits.smallestBufferBytes, malloc_usable_size(block) <= Limits.largestBufferBytes {
            for index in 0..<Limits.keptBuffers {
                if slots[index].compareExchange(expected: 0, desired: address, ordering: .releasing).exchanged { return }
            }
        }
        CLinux.free(block)
    }
}
