import CLinux

/// Holds the locks of the whole process while fork() copies it, and lets go of them on both sides.
///
/// Locks of a client need none of this: in a child its client is not used.
enum ForkGuard {
    /// What is to be held: a lock by itself, of which no other one may be held.
    private static let list = Lock<[UnsafeMutablePointer<pthread_mutex_t>]>([])

    /// The handlers stay for the life of the process, and so does the library (`-z nodelete`).
    private static let isInstalled = pthread_atfork({ ForkGuard.hold() }, { ForkGuard.letGo() }, { ForkGuard.letGo() }) == 0

    static func add(_ mutex: UnsafeMutablePointer<pthread_mutex_t>) {
        list.withLock { $0.append(mutex) }
        _ = isInstalled
    }

    private static func hold() {
        pthread_mutex_lock(list.mutex)
        for mutex in list.value.pointee { pthread_mutex_lock(mutex) }
    }

    private static func letGo() {
        for mutex in list.value.pointee { pthread_mutex_unlock(mutex) }
        pthread_mutex_unlock(list.mutex)
    }
}
