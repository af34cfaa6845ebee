import Concurrency
import Synchronization

/// Distinguishes the process that opened a client from its `fork()` children, at the cost of one load.
///
/// The mark is 0 in a child (see `fork_mark.h`). Each process that opens a client writes a mark of its own. A client remembers the mark
/// under which it was opened.
enum ForkMark {
    /// Counts the processes of the tree. Children inherit it, so a child's mark differs from its parent's.
    private static let generation = Atomic<UInt64>(0)

    /// The address of the mark, for frequent readers.
    static var address: UnsafeMutablePointer<Atomic<UInt64>> { ForkGate.mark }

    /// Returns this process's mark. Makes one if there is none.
    static func current() -> UInt64 {
        let mark = address.pointee.load(ordering: .acquiring)
        if mark != 0 { return mark }
        let fresh = generation.wrappingAdd(1, ordering: .relaxed).newValue
        let result = address.pointee.compareExchange(expected: 0, desired: fresh, ordering: .acquiringAndReleasing)
        return result.exchanged ? fresh : result.original
    }
}
