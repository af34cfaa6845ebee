import CLinux

/// A counting semaphore: each signal ends one wait, now or later. For a queue with several waiting threads, one of which is to continue.
package final class Semaphore: @unchecked Sendable {  // Why unchecked: POSIX semaphores may be used from any thread.
    private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func signal() { sem_post(semaphore) }

    package func wait() { ForkGate.outside { while sem_wait(semaphore) != 0 {} } }

    /// Takes a signal that is there. False where none is.
    package func take() -> Bool { sem_trywait(semaphore) == 0 }

    /// Waits for a signal, at most until `end` in nanoseconds of CLOCK_MONOTONIC.
    package func wait(until end: UInt64) {
        var deadline = timespec(tv_sec: Int(clamping: end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        ForkGate.outside {
            while sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline) != 0 && linux_errno() == EINTR {}
        }
    }
}
