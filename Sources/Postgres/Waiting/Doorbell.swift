import CLinux
import Locking

/// Lets threads sleep until another one rings, or a deadline comes.
///
/// It counts its rings, so one that comes between looking and sleeping is not missed.
package final class Doorbell: @unchecked Sendable {  // Why unchecked: `rings` is touched under `mutex` alone.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var rings: UInt64 = 0

    package init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func ring() {
        pthread_mutex_lock(mutex)
        rings &+= 1
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// How often it has rung.
    package var count: UInt64 {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return rings
    }

    /// Sleeps while it has rung no more than `seen` times. Returns at `deadline` at the latest.
    func wait(after seen: UInt64, until deadline: Deadline) { ForkGate.outside { sleep(after: seen, until: deadline) } }

    private func sleep(after seen: UInt64, until deadline: Deadline) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        while rings <= seen {
            let status =
                deadline == .never ? pthread_cond_wait(condition, mutex) : pthread_cond_timedwait(condition, mutex, &time)
            if status != 0 { return }
        }
    }
}
