import CLinux

/// A value that one thread at a time may touch.
///
/// Why not the library's `Mutex`: ThreadSanitizer does not see it and reports races where there are none. This one is as fast
/// when nobody else is there.
struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // Why unchecked: `value` is touched under `mutex` alone.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    init(_ initial: consuming Value) {
        pthread_mutex_init(mutex, nil)
        value.initialize(to: initial)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Not to be entered again from within.
    @inline(__always)
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }
}
