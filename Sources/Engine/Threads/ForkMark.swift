import Concurrency
import Synchronization

/// Tells the process that opened a client from a child that `fork()` made of it, at the price of one load.
///
/// The mark is 0 in a child (see `fork_mark.h`). Each process that opens a client writes a mark of its own; a client remembers the one it
/// was opened under.
enum ForkMark {
    /// Of the process tree: inherited by children, so that a child's mark differs from its parent's.
    private static let generation = Atomic<UInt64>(0)

    /// The address of the mark, for who looks often.
    static var address: UnsafeMutablePointer<Atomic<UInt64>> { ForkGate.mark }

    /// This process's mark; made when there is none.
    static func current() -> UInt64 {
        let mark = address.pointee.load(ordering: .acquiring)
        if mark != 0 { return mark }
        let fresh = generation.wrappingAdd(1, ordering: .relaxed).newValue
        let result = address.pointee.compareExchange(expected: 0, desired: fresh, ordering: .acquiringAndReleasing)
        return result.exchanged ? fresh : result.original
    }
}
