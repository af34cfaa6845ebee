import Concurrency

/// Submitted requests of interactive transactions: those of one transaction one after the other, those of several at once. Any thread.
///
/// Why threads of their own: requests that wait for a connection may occupy all the others, and it is these that give connections back.
final class PerTransactionQueue: Sendable {
    /// Of each transaction that has any: those that wait. One job stands for each.
    private let waiting = Lock<[[UInt8]: [Submissions.Request]]>([:])
    private let queue = LateInit<ThreadPool<[UInt8]>>()
    private let run: @Sendable (Submissions.Request) -> Void

    init(threads: Int, run: @escaping @Sendable (Submissions.Request) -> Void) {
        self.run = run
        // Why unowned: the queue ends in `close`, before its owner does.
        queue.set(ThreadPool(threads: threads, capacity: .max) { [unowned self] in runOne(of: $0) })
    }

    /// False when the client is closing, or the system gives no thread.
    func add(_ request: Submissions.Request, to lane: [UInt8]) -> Bool {
        waiting.withLock { waiting in
            waiting[lane, default: []].append(request)
            // Why under the lock: no one may join a lane that no thread is going to work on.
            if waiting[lane]?.count != 1 || queue.value?.add(lane) == true { return true }
            waiting[lane] = nil
            return false
        }
    }

    private func runOne(of lane: [UInt8]) {
        guard let request = waiting.withLock({ $0[lane]?.first }) else { return }
        run(request)
        let hasMore = waiting.withLock { waiting in
            waiting[lane]?.removeFirst()
            if waiting[lane]?.isEmpty == false { return true }
            waiting[lane] = nil
            return false
        }
        if hasMore { _ = queue.value?.add(lane) }
    }

    func close() { queue.value?.close() }
}
