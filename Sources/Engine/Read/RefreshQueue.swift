import Cache
import Concurrency
import Synchronization

/// Stale answers that wait for their refresh, each as the text of a request for it.
final class RefreshQueue: Sendable {
    private let queue = LateInit<ThreadPool<[UInt8]>>()
    private let threads: Int

    /// Makes as many threads as there may be connections. A slow query then delays no other key while a connection is free.
    init(threads: Int) { self.threads = threads }

    func start(_ refresh: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
        queue.set(
            ThreadPool(threads: threads, capacity: Limits.refreshQueue) { text in text.withUnsafeBytes { refresh($0) } })
    }

    /// Queues a request. Returns false if too many wait.
    func add(_ text: UnsafeRawBufferPointer) -> Bool { queue.value?.add(Array(text)) ?? false }

    func close() { queue.value?.close() }
}
