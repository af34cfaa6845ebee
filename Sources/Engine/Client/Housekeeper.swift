import Concurrency
import Synchronization

/// A thread that runs a few times a second. It frees invalid and expired entries of the cache and closes idle connections. It also
/// ends requests in time that wait without a thread of their own.
final class Housekeeper: Sendable {
    private let wakeUp = Semaphore()
    private let isEnding = Atomic<Bool>(false)
    private let thread = LateInit<Thread>()

    /// Calls `tidy` and `expire` until `close`. Times are nanoseconds of CLOCK_MONOTONIC.
    ///
    /// `tidy` returns true if there is more to do at once. `expire` gets the time and returns when it wants to be called again.
    func start(tidy: @escaping @Sendable () -> Bool, expire: @escaping @Sendable (UInt64) -> UInt64) {
        thread.set(
            Thread { [self] in
                var nextTidying = Clock.monotonic &+ Limits.idleTidyingNanoseconds
                while true {
                    wakeUp.wait(until: min(nextTidying, expire(Clock.monotonic)))
                    if isEnding.load(ordering: .acquiring) { return }
                    guard Clock.monotonic >= nextTidying else { continue }
                    let pause = tidy() ? Limits.busyTidyingNanoseconds : Limits.idleTidyingNanoseconds
                    nextTidying = Clock.monotonic &+ pause
                }
            })
    }

    /// Makes the thread call `expire` now.
    func wake() { wakeUp.signal() }

    func close() {
        isEnding.store(true, ordering: .releasing)
        wakeUp.signal()
        thread.value?.join()
    }
}
