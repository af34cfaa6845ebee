import Cache
import Concurrency
import Synchronization

/// Stale answers that wait to be read again, each as the text of a request that asked for it.
final class RefreshQueue: Sendable {
    private let queue = LateInit<ThreadPool<[UInt8]>>()
    private let threads: Int

    /// As many threads as there may be connections: a slow query keeps no other key waiting while one is free.
    init(threads: Int) { self.threads = threads }

    func start(_ refresh: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
        queue.set(
            ThreadPool(threads: threads, capacity: Limits.refreshQueue) { text in text.withUnsafeBytes { refresh($0) } })
    }

    /// Hands a request over; false when too many wait.
    func add(_ text: UnsafeRawBufferPointer) -> Bool { queue.value?.add(Array(text)) ?? false }

    func close() { queue.value?.close() }
}
