import CLinux
import Concurrency
import Synchronization

/// Lets many threads through until it is closed. Entering writes no line that another thread reads. Closing waits until all are out. A
/// thread is inside one gate at a time.
///
/// Why it is right: a thread that enters writes its word first and reads `isClosed` second. `close` sets `isClosed` first and reads the
/// threads' words second. A barrier that `close` makes for all threads (membarrier(2)) keeps this order, so entering costs two plain stores
/// and a load. Where the kernel has no such barrier, each thread makes its own.
struct RundownGate: @unchecked Sendable {  // Why unchecked: raw memory, of which only an atomic is ever written.
    private struct State: ~Copyable {
        let isClosed = Atomic<Bool>(false)
        /// True if the kernel can make barriers for all threads. Why a copy for each gate: a global is checked for initialization at each
        /// access.
        let hasBarrier = RundownGate.hasBarrier
    }

    private static let hasBarrier = linux_register_barrier()

    private let state: UnsafeMutablePointer<State>

    /// It is never freed: a thread may look at it at any time.
    init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    /// The words of the threads, which say who is inside.
    @inline(__always)
    private var name: UInt { UInt(bitPattern: state) }

    /// Enters. Returns the word to `leave` by, or nil when the gate is closed.
    @inline(__always)
    func enter() -> ReadIndicator.Word? {
        let word = ReadIndicator.current
        word.pointee.store(name, ordering: .relaxed)
        linux_compiler_barrier()
        if !state.pointee.hasBarrier { atomicMemoryFence(ordering: .sequentiallyConsistent) }
        if !state.pointee.isClosed.load(ordering: .acquiring) { return word }
        leave(word)
        return nil
    }

    @inline(__always)
    func leave(_ word: ReadIndicator.Word) { word.pointee.store(0, ordering: .releasing) }

    /// Closes the gate. Returns false when it was closed already.
    func close() -> Bool {
        let wasClosed = state.pointee.isClosed.exchange(true, ordering: .sequentiallyConsistent)
        if state.pointee.hasBarrier { linux_barrier() } else { atomicMemoryFence(ordering: .sequentiallyConsistent) }
        return !wasClosed
    }

    /// Waits until every thread is out. Called after `close`.
    func drain() {
        var pause = timespec(tv_sec: 0, tv_nsec: 20_000)
        while ReadIndicator.contains(name) {
            _ = ForkGate.outside { nanosleep(&pause, nil) }
            pause.tv_nsec = min(pause.tv_nsec * 2, 5_000_000)
        }
    }

    /// Opens it again. No other thread may know the gate then.
    func reopen() { state.pointee.isClosed.store(false, ordering: .sequentiallyConsistent) }
}
