import CLinux
import Cache
import Locking
import Postgres
import Text

/// Requests that were submitted, until their replies are taken: those that wait, run or follow a flight, and those that are done.
///
/// Each is completed exactly once: by whoever takes it out of `outstanding`. The descriptor is readable while `take` has
/// something. Any thread may call anything. `Submissions+Parking.swift` has what waits without a thread,
/// `Submissions+Cancelling.swift` what ends early.
final class Submissions: Sendable {
    /// A request that waits for a thread. The number tells apart requests that were given the same token.
    struct Request: Sendable {
        let number: UInt64
        let text: [UInt8]
        /// When it was submitted: its time runs from then on.
        let arrival: Deadline
        /// Its turn has to come by then.
        var latestStart: Deadline
    }

    /// What is known of a request that is not done.
    struct Outstanding {
        let token: UInt64
        let request: Request
        /// What ends its waits, once it runs.
        var stop: Stop?
        /// The flight that it runs for others, too.
        var lead: Cache.FlightLeader?
        var isCancelled = false
    }

    /// A request that is done, with its reply.
    struct Completion: @unchecked Sendable {  // Why unchecked: a reply is passed on, never shared.
        let token: UInt64
        let reply: Reply
    }

    struct State {
        var outstanding: [UInt64: Outstanding] = [:]
        /// The numbers of each token.
        var numbers: [UInt64: Set<UInt64>] = [:]
        /// Those of the running ones that follow a flight.
        var followers: [UInt64: Follower] = [:]
        /// When the turns of those that wait for a thread have passed, and the time of those that follow a flight.
        var deadlines = DeadlineHeap()
        var completions: [Completion] = []
        /// Where the next completion to take stands.
        var next = 0
        var lastNumber: UInt64 = 0
        var isClosed = false
    }

    /// Readable while there is something to take; -1 when the system had no descriptor left.
    let descriptor: Int32
    let state = Lock(State())
    /// Has `expire` called.
    let wake = LateInit<@Sendable () -> Void>()
    let onExpired = LateInit<@Sendable (Request) -> Reply>()
    private let queue = LateInit<ThreadPool<Request>>()
    /// Those of interactive transactions.
    private let transactionQueues = LateInit<PerTransactionQueue>()
    private let limit: Int
    private let threads: Int

    /// At most `limit` requests are outstanding, finished ones that were not taken included; `threads` run at once.
    /// - Parameter client: tells apart the clients that share a cache. Why: the numbers of all of them follow the same flights.
    init(limit: Int, threads: Int, client: UInt64) {
        self.limit = limit
        state.withLock { $0.lastNumber = client << 40 }
        self.threads = threads
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if descriptor >= 0 { ForkGate.watch(descriptor) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        ForkGate.unwatch(descriptor)
        CLinux.close(descriptor)
    }

    /// Begins the work: `execute` answers the request of a number that was submitted then, whatever comes of it, or parks it and gives nil;
    /// `onExpired` is the reply to one whose turn has not come in time.
    func start(
        wake: @escaping @Sendable () -> Void, onExpired: @escaping @Sendable (Request) -> Reply,
        _ execute: @escaping @Sendable (UnsafeRawBufferPointer, UInt64, Deadline) -> Reply?
    ) {
        self.wake.set(wake)
        self.onExpired.set(onExpired)
        let run: @Sendable (Request) -> Void = { [unowned self] request in
            guard let stop = begin(request.number) else { return }
            if Deadline.now > request.latestStart { return complete(request.number, onExpired(request)) }
            let reply = Stop.during(stop) { request.text.withUnsafeBytes { execute($0, request.number, request.arrival) } }
            guard let reply else { return }
            complete(request.number, reply)
        }
        transactionQueues.set(PerTransactionQueue(threads: threads, run: run))
        // Why twice: cancelled ones leave their places in the queue to be taken, not more of them than `add` allows.
        queue.set(ThreadPool(threads: threads, capacity: 2 * limit, run: run))
    }

    /// Takes a request over, which has to be done by `deadline`; false when too many are outstanding.
    func add(_ text: UnsafeRawBufferPointer, token: UInt64, lane: [UInt8]?, since arrival: Deadline, until deadline: Deadline) -> Bool {
        guard let queue = queue.value, let request = register(text, token, since: arrival, deadline.latestStart(since: arrival)) else { return false }
        if let lane, transactionQueues.value?.add(request, to: lane) == true { return true }
        if queue.add(request) { return true }
        queue.keep { request in state.withLock { $0.outstanding[request.number] != nil } }
        if queue.add(request) { return true }
        _ = state.withLock { $0.remove(request.number) }
        return false
    }

    private func register(_ text: UnsafeRawBufferPointer, _ token: UInt64, since arrival: Deadline, _ latestStart: Deadline) -> Request? {
        // Why twice: a copy takes a while. None is made for what is refused, nor under the lock.
        guard state.withLock({ state in isBelowLimit(state) }) else { return nil }
        let text = Array(text)
        let announced = state.withLock { state -> (Request, Bool)? in
            guard !state.isClosed, isBelowLimit(state) else { return nil }
            state.lastNumber += 1
            let request = Request(number: state.lastNumber, text: text, arrival: arrival, latestStart: latestStart)
            state.outstanding[request.number] = Outstanding(token: token, request: request)
            state.numbers[token, default: []].insert(request.number)
            return (request, state.setDeadline(for: request.number, at: UInt64(clamping: latestStart.nanoseconds)))
        }
        guard let (request, isSoonest) = announced else { return nil }
        if isSoonest { wake.value?() }
        return request
    }

    /// Has a parked request done from the beginning, since what it followed has come to nothing. False when it is done already, or nobody can
    /// do it.
    func resume(_ number: UInt64) -> Bool {
        let request = state.withLock { state -> Request? in
            guard let followers = state.followers.removeValue(forKey: number), var request = state.outstanding[number]?.request else { return nil }
            // It waits for its turn again.
            state.outstanding[number]?.stop = nil
            request.latestStart = Deadline(nanoseconds: Int64(clamping: followers.deadline)).latestStart(since: .now)
            return request
        }
        guard let request else { return false }
        return queue.value?.add(request) == true
    }

    /// Adds a reply that was there at once, as a cache hit is; the failure, and the reply freed, when too many are outstanding.
    func finish(_ reply: Reply, token: UInt64) -> Failure? {
        let isTaken = state.withLock { state in
            guard !state.isClosed, isBelowLimit(state) else { return false }
            push(Completion(token: token, reply: reply), to: &state)
            return true
        }
        if isTaken { return nil }
        reply.free()
        return .queueIsFull
    }

    /// A finished request; nil when there is none just now.
    func take() -> (token: UInt64, reply: Reply)? {
        state.withLock { state in
            guard state.next < state.completions.count else { return nil }
            let completion = state.completions[state.next]
            state.next += 1
            if state.next == state.completions.count {
                state.completions.removeAll(keepingCapacity: state.next <= 1024)
                state.next = 0
                linux_silence(descriptor)
            } else if state.next > 1024 && state.next * 2 > state.completions.count {
                // Why: with one who always has something left to take it would grow without end.
                state.completions.removeFirst(state.next)
                state.next = 0
            }
            return (completion.token, completion.reply)
        }
    }

    /// No request begins any more.
    func interrupt() { state.withLock { $0.isClosed = true } }

    /// Ends the work and drops what nobody took. What runs has been made to end soon.
    func close() {
        interrupt()
        queue.value?.close()
        transactionQueues.value?.close()
        // Why the whole state: what is parked goes outside the lock, for its flight may be freed with it.
        let left = state.withLock { state in
            defer { state = State(isClosed: true) }
            return state
        }
        for completion in left.completions[left.next...] { completion.reply.free() }
        for (number, follower) in left.followers { follower.flight.leave(number) }
    }

    private func isBelowLimit(_ state: borrowing State) -> Bool {
        state.outstanding.count + state.completions.count - state.next < limit
    }

    /// What stops a request that runs from now on; nil for one that was cancelled while it waited.
    private func begin(_ number: UInt64) -> Stop? {
        let stop = Stop()
        return state.withLock { state in
            if state.isClosed { return nil }
            state.outstanding[number]?.stop = stop
            return state.outstanding[number]?.stop
        }
    }

    /// The end of a request, unless it has come already: then the reply is dropped.
    func complete(_ number: UInt64, _ reply: Reply) {
        let isFirst = state.withLock { state in
            guard let request = state.remove(number) else { return false }
            push(Completion(token: request.token, reply: reply), to: &state)
            return true
        }
        if !isFirst { reply.free() }
    }

    /// Why under the lock: the descriptor is readable exactly while there is something to take.
    func push(_ completion: Completion, to state: inout State) {
        state.completions.append(completion)
        guard state.completions.count - state.next == 1 else { return }
        linux_ring(descriptor)
    }
}

extension Submissions.State {
    /// Has `expire` look at a request then. Whether that is sooner than it had to be called before.
    mutating func setDeadline(for number: UInt64, at time: UInt64) -> Bool {
        deadlines.compact(outstanding.count) { outstanding[$0] != nil }
        return deadlines.add(number, at: time)
    }

    /// Takes a request out of everything; nil when that was done before.
    @discardableResult
    mutating func remove(_ number: UInt64) -> Submissions.Outstanding? {
        guard let request = outstanding.removeValue(forKey: number) else { return nil }
        followers[number] = nil
        numbers[request.token]?.remove(number)
        if numbers[request.token]?.isEmpty == true { numbers[request.token] = nil }
        return request
    }
}
