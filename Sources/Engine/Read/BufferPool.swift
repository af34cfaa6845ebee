import CLinux
import Synchronization
import Text

/// A few large blocks that answers were written in, kept for the next ones.
///
/// Why: what is freed at the end of the heap goes back to the system, and comes again page by page, each for a microsecond: a fifth of
/// what a large answer costs. Any thread; a take or a give is a few atomic exchanges. For the whole process, since replies outlive clients.
enum BufferPool {
    enum Limits {
        static let count = 4
        /// Smaller ones are in good hands with `malloc`.
        static let smallestBytes = 65_536
        static let largestBytes = 1 << 20
    }

    /// Addresses; 0 is free.
    // Why unsafe: the pointer never changes, and what it points to is atomic.
    nonisolated(unsafe) private static let slots: UnsafeMutablePointer<Atomic<UInt>> = {
        let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: Limits.count)
        for index in 0..<Limits.count { (slots + index).initialize(to: Atomic(0)) }
        return slots
    }()

    /// An empty buffer with that much room, or more.
    static func buffer(capacity: Int) -> ByteBuffer {
        guard capacity >= Limits.smallestBytes, capacity <= Limits.largestBytes else { return ByteBuffer(capacity: capacity) }
        for index in 0..<Limits.count {
            guard let block = UnsafeMutablePointer<UInt8>(bitPattern: slots[index].exchange(0, ordering: .acquiring)) else { continue }
            let size = malloc_usable_size(block)
            if size >= capacity { return ByteBuffer(block: block, capacity: size) }
            CLinux.free(block)
        }
        return ByteBuffer(capacity: capacity)
    }

    /// Frees a block of an answer of that size, or keeps it.
    @inline(never)
    static func free(_ block: UnsafeMutablePointer<UInt8>, answerSize: Int) {
        let address = UInt(bitPattern: block)
        if answerSize >= Limits.smallestBytes, malloc_usable_size(block) <= Limits.largestBytes {
            for index in 0..<Limits.count {
                if slots[index].compareExchange(expected: 0, desired: address, ordering: .releasing).exchanged { return }
            }
        }
        CLinux.free(block)
    }
}
