import CFork
public import CLinux

/// A value that one thread at a time may touch.
///
/// Why not `Mutex` of the standard library: it remembers the number of a thread, and the thread that called fork() has another number in
/// the child. The second thread that wants such a lock there ends the process. ThreadSanitizer does not see it, either. This lock is as
/// fast when it is free.
public struct Lock<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // Why unchecked: `value` is touched under `mutex` alone.
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// A lock that is `forTheProcess` lives as long as the process. fork() waits for it, so no child finds it held by a thread that the
    /// child does not have. None of these is taken while another one is held.
    package init(_ initial: consuming Value, forTheProcess isForProcess: Bool = false) {
        // Why one block: most objects that have a lock are made for a request.
        let alignment = max(MemoryLayout<pthread_mutex_t>.alignment, MemoryLayout<Value>.alignment)
        let offset = (MemoryLayout<pthread_mutex_t>.size + alignment - 1) / alignment * alignment
        let block = UnsafeMutableRawPointer.allocate(byteCount: offset + MemoryLayout<Value>.size, alignment: alignment)
        mutex = block.bindMemory(to: pthread_mutex_t.self, capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        // Why: a holder on another core is done within a microsecond, and to sleep and be woken takes several.
        pthread_mutexattr_settype(&attributes, linux_adaptive_mutex())
        pthread_mutex_init(mutex, &attributes)
        pthread_mutexattr_destroy(&attributes)
        value = (block + offset).bindMemory(to: Value.self, capacity: 1)
        value.initialize(to: initial)
        if isForProcess, !fork_gate_hold(mutex) { fatalError("out of memory") }
    }

    deinit {
        value.deinitialize(count: 1)
        pthread_mutex_destroy(mutex)
        UnsafeMutableRawPointer(mutex).deallocate()
    }

    /// Calls `body` with the value. The lock is not reentrant. The result of `body` must not be a part of the value.
    ///
    /// Why public: Swift inlines across modules only what is public, and a closure that is not inlined costs more than the lock.
    @inlinable @inline(__always)
    public func withLock<Result, Problem: Error>(_ body: (inout Value) throws(Problem) -> Result) throws(Problem) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value.pointee)
    }
}
