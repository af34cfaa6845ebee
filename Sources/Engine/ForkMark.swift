import CLinux
import Synchronization

/// Tells the process that opened a client from a child that `fork()` made of it, at the price of one load.
///
/// The mark lies in a page that the kernel hands to a child as zeros (MADV_WIPEONFORK). Each process that opens a client
/// writes a mark of its own there; a client remembers the one it was opened under.
enum ForkMark {
    private static let page: UnsafeMutablePointer<Atomic<UInt64>> = {
        let size = sysconf(Int32(_SC_PAGESIZE))
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            // Without a page no child can be told apart; the mark then stays as it is.
            let fallback = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: 1)
            fallback.initialize(to: Atomic(0))
            return fallback
        }
        madvise(memory, size, 18)  // MADV_WIPEONFORK; glibc has no name for it in every version
        return memory.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
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
