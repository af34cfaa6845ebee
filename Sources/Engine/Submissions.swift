import CLinux
import Synchronization

/// Requests that were submitted, until their replies are taken: those that wait, those that run and those that are done.
///
/// Each is completed exactly once. The descriptor is readable while `take` has something. Any thread may call anything.
final class Submissions: Sendable {
    /// A request that waits or runs.
    private struct Request: Sendable {
        let token: UInt64
        let text: [UInt8]
        /// Tells apart requests that were given the same token.
        let number: UInt64
    }

    /// A request that is done, with its reply.
    private struct Completion: @unchecked Sendable {  // Why unchecked: a reply is passed on, never shared.
        let token: UInt64
        let reply: Reply
    }

    private struct State {
        /// Tokens of the requests that wait or run, by number.
        var outstanding: [UInt64: UInt64] = [:]
        /// Numbers of those that wait and are to end as cancelled.
        var cancelled: Set<UInt64> = []
        var completions: [Completion] = []
        /// Where the next completion to take stands.
        var next = 0
        var lastNumber: UInt64 = 0
        var isClosed = false
    }

    /// Readable while there is something to take; -1 when the system had no descriptor left.
    let descriptor: Int32
    private let state = Mutex(State())
    private let queue = Once<WorkQueue<Request>>()
    private let limit: Int
    private let threads: Int

    /// At most `limit` requests are outstanding, finished ones that were not taken included; `threads` run at once.
    init(limit: Int, threads: Int) {
        self.limit = limit
        self.threads = threads
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit { if descriptor >= 0 { CLinux.close(descriptor) } }

    /// Begins the work: `execute` answers a request, whatever comes of it.
    func start(_ execute: @escaping @Sendable (UnsafeRawBufferPointer) -> Reply) {
        queue.set(
            WorkQueue(threads: threads, capacity: limit) { [unowned self] request in
                let reply = wasCancelled(request) ? Reply.failed(.cancelled) : request.text.withUnsafeBytes { execute($0) }
                complete(request.token, reply, number: request.number)
            })
    }

    /// Takes a request over; false when too many are outstanding.
    func add(_ text: UnsafeRawBufferPointer, token: UInt64) -> Bool {
        let number: UInt64? = state.withLock { state in
            guard !state.isClosed, isBelowLimit(state) else { return nil }
            state.lastNumber += 1
            state.outstanding[state.lastNumber] = token
            return state.lastNumber
        }
        guard let number else { return false }
        if queue.value?.add(Request(token: token, text: Array(text), number: number)) == true { return true }
        _ = state.withLock { $0.outstanding.removeValue(forKey: number) }
        return false
    }

    /// Adds a reply that was there at once, as a cache hit is; false when too many are outstanding.
    func addFinished(_ reply: Reply, token: UInt64) -> Bool {
        state.withLock { state in
            guard !state.isClosed, isBelowLimit(state) else { return false }
            push(Completion(token: token, reply: reply), to: &state)
            return true
        }
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
                var count: UInt64 = 0
                _ = read(descriptor, &count, 8)
            }
            return (completion.token, completion.reply)
        }
    }

    /// Ends requests of that token as cancelled if they still wait; those that run end as they end. Whether there is one.
    func cancel(_ token: UInt64) -> Bool {
        state.withLock { state in
            let numbers = state.outstanding.filter { $0.value == token }.keys
            state.cancelled.formUnion(numbers)
            return !numbers.isEmpty
        }
    }

    /// Ends the work and drops what nobody took. The client's pool is closed, so what runs ends soon.
    func close() {
        state.withLock { $0.isClosed = true }
        queue.value?.close()
        let left = state.withLock { state in
            defer { state = State(isClosed: true) }
            return state.completions[state.next...]
        }
        for completion in left { completion.reply.free() }
    }

    private func isBelowLimit(_ state: borrowing State) -> Bool {
        state.outstanding.count + state.completions.count - state.next < limit
    }

    private func wasCancelled(_ request: Request) -> Bool {
        state.withLock { $0.cancelled.contains(request.number) }
    }

    private func complete(_ token: UInt64, _ reply: Reply, number: UInt64) {
        state.withLock { state in
            state.outstanding[number] = nil
            state.cancelled.remove(number)
            push(Completion(token: token, reply: reply), to: &state)
        }
    }

    /// Why under the lock: the descriptor is readable exactly while there is something to take.
    private func push(_ completion: Completion, to state: inout State) {
        state.completions.append(completion)
        guard state.completions.count - state.next == 1 else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }
}
