import Cache
import Concurrency
import Postgres
import Synchronization

/// Stale answers that wait for their refresh, each as the text of a request for it.
final class RefreshQueue: Sendable {
    struct StaleText: Sendable {
        let text: [UInt8]
        var attempt = ReadAttempt.first
    }

    private let queue = LateInit<ThreadPool<StaleText>>()
    private let threads: Int

    /// Makes as many threads as there may be connections. A slow query then delays no other key while a connection is free.
    init(threads: Int) { self.threads = threads }

    func start(_ refresh: @escaping @Sendable (UnsafeRawBufferPointer, ReadAttempt) -> Void) {
        queue.set(
            ThreadPool(threads: threads, capacity: Limits.refreshQueue) { stale in stale.text.withUnsafeBytes { refresh($0, stale.attempt) } })
    }

    /// Queues a request. Returns false if too many wait.
    func add(_ text: UnsafeRawBufferPointer) -> Bool { queue.value?.add(StaleText(text: Array(text))) ?? false }

    /// The same for one that was sent before: it is the next, however many wait.
    func addAgain(_ text: [UInt8], _ attempt: ReadAttempt) { _ = queue.value?.add(StaleText(text: text, attempt: attempt), inFront: true) }

    /// How many wait, in the mean, for each thread that runs some, at most.
    func share(most: Int) -> Int { queue.value.map { min(most, ($0.count + threads - 1) / threads) } ?? 0 }

    /// The first that wait, for a caller that reads them or puts them back.
    func take(most: Int) -> [StaleText] { queue.value?.take(most: most) ?? [] }
    func putBack(_ texts: [StaleText]) { queue.value?.putBack(texts) }

    func close() { queue.value?.close() }
}
