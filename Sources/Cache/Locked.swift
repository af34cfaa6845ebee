import CLinux

/// A value that one thread at a time gets at.
///
/// Why not `Mutex` of the standard library: ThreadSanitizer does not see it (on Linux it is built without), and this module
/// wants to be checked.
struct Locked<Value>: ~Copyable, @unchecked Sendable {
    // Sendable because `value` is touched with the mutex held, and nothing that `body` returns may be a part of it.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    init(_ initial: consuming Value) {
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }
}
