import Concurrency

/// Submitted requests of interactive transactions: in sequence within one transaction, in parallel across transactions. Any thread may use it.
///
/// Why threads of their own: requests that wait for a connection may occupy all others, and these requests give connections back.
final class PerTransactionQueue: Sendable {
    /// The waiting requests of each transaction that has any. One job stands for each transaction.
    private let waiting = Lock<[[UInt8]: [Submissions.Request]]>([:])
    private let queue = LateInit<ThreadPool<[UInt8]>>()
    private let capacity: Int
    private let isQueued: @Sendable (Submissions.Request) -> Bool
    private let run: @Sendable (Submissions.Request) -> Void

    /// Requests for which `isQueued` is false, since they were cancelled, are dropped where a transaction has more than `capacity`.
    init(
        threads: Int, capacity: Int, isQueued: @escaping @Sendable (Submissions.Request) -> Bool,
        run: @escaping @Sendable (Submissions.Request) -> Void
    ) {
        self.capacity = capacity
        self.isQueued = isQueued
        self.run = run
        // Why unowned: the queue ends in `close`, before its owner does.
        queue.set(ThreadPool(threads: threads, capacity: .max) { [unowned self] in runOne(of: $0) })
    }

    /// Returns false if the client is closing, or if the system has no thread.
    func add(_ request: Submissions.Request, to lane: [UInt8]) -> Bool {
        waiting.withLock { waiting in
            if let requests = waiting[lane], requests.count >= capacity {
                // Why the first one stays: it is the one that runs.
                waiting[lane] = [requests[0]] + requests.dropFirst().filter(isQueued)
            }
            waiting[lane, default: []].append(request)
            // Why under the lock: no request may join a lane that no thread is going to work on.
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
