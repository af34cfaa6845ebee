import Cache
import Concurrency
import Postgres
import Text

/// The requests that were submitted, until their replies are taken. They wait, run, follow a flight, or are finished.
///
/// Each is completed exactly once, by the thread that takes it out of `outstanding`. The descriptor is readable while `take` has a reply.
/// Any thread may call any method. `Submissions+State.swift` has the state machine, `Submissions+Parking.swift` the requests that wait
/// without a thread, `Submissions+Cancelling.swift` cancellation.
final class Submissions: Sendable {
    /// A request that waits for a thread. Its number distinguishes requests with equal tokens.
    struct Request: Sendable {
        let number: UInt64
        let text: [UInt8]
        /// The moment of its submission, from which its time limit runs.
        let arrival: Deadline
        /// The moment by which it has to begin.
        var latestStart: Deadline
        var attempt = ReadAttempt.first
        /// True once it has been looked up in the cache.
        var isCounted = false
    }

    /// A request that is done, with its reply.
    struct Completion: @unchecked Sendable {  // Why unchecked: a reply is passed on, never shared.
        let token: UInt64
        let reply: Reply
    }

    /// Readable while there is something to take; -1 when the system had no descriptor left.
    var descriptor: Int32 { ready.descriptor }
    private let ready = EventDescriptor(isHiddenFromForks: true)
    private let state: Lock<State>
    /// Wakes the thread that calls `expire`.
    let wake = LateInit<@Sendable () -> Void>()
    let onExpired = LateInit<@Sendable (Request) -> Reply>()
    private let queue = LateInit<ThreadPool<Request>>()
    /// The queues of interactive transactions.
    private let transactionQueues = LateInit<PerTransactionQueue>()
    private let limit: Int
    private let threads: Int

    /// At most `limit` requests are outstanding, including finished ones that were not taken. `threads` run at once.
    /// - Parameter client: identifies the client among those that share a cache. Why: the numbers of all of them follow the same flights.
    init(limit: Int, threads: Int, client: UInt64) {
        self.limit = limit
        self.threads = threads
        state = Lock(State(firstNumber: client << 40))
    }

    /// Changes the state under its lock. Debug builds check it after each change.
    func change<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            defer {
                assert(
                    {
                        state.checkInvariants(); return true
                    }())
            }
            return body(&state)
        }
    }

    /// Starts the threads. `execute` answers a request, or parks it and returns nil. `onExpired` makes the reply to a request that could
    /// not begin in time.
    func start(
        wake: @escaping @Sendable () -> Void, onExpired: @escaping @Sendable (Request) -> Reply,
        _ execute: @escaping @Sendable (UnsafeRawBufferPointer, Request, CancellationToken) -> Reply?
    ) {
        self.wake.set(wake)
        self.onExpired.set(onExpired)
        let run: @Sendable (Request) -> Void = { [unowned self] request in
            let cancellation = CancellationToken()
            guard change({ $0.begin(request.number, cancellation) }) else { return }
            if Deadline.now > request.latestStart { return complete(request.number, onExpired(request)) }
            let reply = request.text.withUnsafeBytes { execute($0, request, cancellation) }
            guard let reply else { return }
            complete(request.number, reply)
        }
        // Why twice the limit: cancelled requests keep their places in the queue until they are taken. There are never more of them than
        // `add` allows.
        transactionQueues.set(
            PerTransactionQueue(
                threads: threads, capacity: 2 * limit, isQueued: { [unowned self] request in state.withLock { $0.isQueued(request.number) } }, run: run))
        queue.set(ThreadPool(threads: threads, capacity: 2 * limit, run: run))
    }

    /// Adds a request that has to be done by `deadline`. Returns false when too many are outstanding.
    func add(_ text: UnsafeRawBufferPointer, token: UInt64, lane: [UInt8]?, since arrival: Deadline, until deadline: Deadline) -> Bool {
        guard let queue = queue.value, let request = register(text, token, since: arrival, deadline.latestStart(since: arrival)) else { return false }
        if let lane, transactionQueues.value?.add(request, to: lane) == true { return true }
        if queue.add(request) { return true }
        queue.keep { request in state.withLock { $0.isQueued(request.number) } }
        if queue.add(request) { return true }
        // Why: one that was cancelled meanwhile is completed, so it was accepted.
        return change { $0.remove(request.number) == nil }
    }

    private func register(_ text: UnsafeRawBufferPointer, _ token: UInt64, since arrival: Deadline, _ latestStart: Deadline) -> Request? {
        // Why checked twice: a copy takes a while. A refused request is not copied, and nothing is copied under the lock.
        guard state.withLock({ $0.count < limit }) else { return nil }
        let text = Array(text)
        let registered = change { state in
            state.isClosed || state.count >= limit ? nil : state.add(text, token: token, since: arrival, latestStart)
        }
        guard let (request, isSoonest) = registered else { return nil }
        if isSoonest { wake.value?() }
        return request
    }

    /// Returns the mean number of waiting requests per thread, at most `most`.
    func share(most: Int) -> Int { queue.value.map { min(most, ($0.count + threads - 1) / threads) } ?? 0 }

    /// The first that wait, for a caller that begins them or puts them back.
    func takeQueued(most: Int) -> [Request] { queue.value?.take(most: most) ?? [] }
    func putBack(_ requests: [Request]) { queue.value?.putBack(requests) }

    /// Begins the requests of reads, and gives those that were not cancelled meanwhile.
    func begin(_ reads: [QueuedRead]) -> [QueuedRead] {
        if reads.isEmpty { return [] }
        return change { state in reads.filter { read in read.number.map { state.begin($0, read.cancellationToken) } ?? true } }
    }

    /// Has a running request done again as the next one. False when it is cancelled, or the client is closing.
    func runAgain(_ number: UInt64, _ attempt: ReadAttempt, until deadline: Deadline) -> Bool {
        guard let (request, isSoonest) = change({ $0.queueAgain(number, attempt, until: deadline) }) else { return false }
        if isSoonest { wake.value?() }
        return queue.value?.add(request, inFront: true) == true
    }

    /// Runs a parked request from its beginning, because the flight that it followed failed. Returns false when it is finished already, or
    /// the client is closing.
    func resume(_ number: UInt64) -> Bool {
        guard let request = change({ $0.resume(number) }) else { return false }
        return queue.value?.add(request, inFront: true) == true
    }

    /// Adds a reply that was known at once, such as a cache hit. Returns the failure, and frees the reply, when too many are outstanding.
    func finish(_ reply: Reply, token: UInt64) -> Failure? {
        let isTaken = change { state in
            guard !state.isClosed, state.count < limit else { return false }
            add(Completion(token: token, reply: reply), to: &state)
            return true
        }
        if isTaken { return nil }
        reply.free()
        return .queueIsFull
    }

    /// Takes a finished request; nil when there is none now.
    func take() -> (token: UInt64, reply: Reply)? {
        change { state in
            guard let (completion, isLast) = state.takeCompletion() else { return nil }
            if isLast { ready.clear() }
            return (completion.token, completion.reply)
        }
    }

    /// Lets no further request begin.
    func interrupt() { change { $0.isClosed = true } }

    /// Ends the threads and drops the replies that were not taken. Running requests have been made to end soon.
    func close() {
        interrupt()
        queue.value?.close()
        transactionQueues.value?.close()
        // Why outside the lock: the flight of a parked request may be freed with it.
        let (followers, completions) = change { $0.removeAll() }
        completions.forEach { $0.reply.free() }
        for (number, follower) in followers { follower.flight.leave(number) }
    }

    /// Completes a request. Drops the reply if the request is completed already.
    func complete(_ number: UInt64, _ reply: Reply) {
        let isFirst = change { state in
            guard let one = state.remove(number) else { return false }
            add(Completion(token: one.token, reply: reply), to: &state)
            return true
        }
        if !isFirst { reply.free() }
    }

    /// Completes several, with one wake-up.
    func complete(_ replies: [(number: UInt64, reply: Reply)]) {
        let late = change { state in
            replies.filter { number, reply in
                guard let one = state.remove(number) else { return true }
                add(Completion(token: one.token, reply: reply), to: &state)
                return false
            }
        }
        for (_, reply) in late { reply.free() }
    }

    /// Why under the lock: the descriptor is readable exactly while there is something to take.
    func add(_ completion: Completion, to state: inout State) {
        if state.addCompletion(completion) { ready.signal() }
    }
}
