import CLinux
import Synchronization

/// Tells the process that opened a client from a child that `fork()` made of it, at the price of one load.
///
/// The mark lies in a page that the kernel hands to a child as zeros (MADV_WIPEONFORK). Each process that opens a client
/// writes a mark of its own there; a client remembers the one it was opened under.
enum ForkMark {
    // Safe without isolation: it is set once and points to an atomic.
    private nonisolated(unsafe) static let page: UnsafeMutablePointer<Atomic<UInt64>> = {
        if let memory = linux_map_wiped_on_fork(sysconf(Int32(_SC_PAGESIZE))) {
            return memory.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
        }
        // Without such a page no child can be told apart.
        let fallback = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: 1)
        fallback.initialize(to: Atomic(0))
        return fallback
    }()

    /// Of the process tree: inherited by children, so that a child's mark differs from its parent's.
    private static let generation = Atomic<UInt64>(0)

    /// The address of the mark, for who looks often.
    static var address: UnsafeMutablePointer<Atomic<UInt64>> { page }

    /// This process's mark; made when there is none.
    static func current() -> UInt64 {
        let mark = page.pointee.load(ordering: .acquiring)
        if mark != 0 { return mark }
        let fresh = generation.wrappingAdd(1, ordering: .relaxed).newValue
        let result = page.pointee.compareExchange(expected: 0, desired: fresh, ordering: .acquiringAndReleasing)
        return result.exchanged ? fresh : result.original
    }
}
