import CLinux
import Cache
import Concurrency
import Synchronization
package import Text

/// The target of an `accelerant_client *`: a cell that exists as long as a caller may use it.
///
/// A cell outlives its client by at least `Limits.closedHandles` other closings. So a call that races with `accelerant_close` finds a closed gate,
/// not freed memory.
public struct ClientHandle: @unchecked Sendable {  // Why unchecked: see `Cell`.
    private struct Cell {
        let gate: RundownGate
        /// The fork mark of the process that opened the client. `presentMark` is where this process's mark is.
        var mark: UInt64
        let presentMark = ForkMark.address
        /// The client with one retain; nil once it is closed. Changed only while no thread is inside the gate.
        var client: Unmanaged<Client>?
    }

    /// The cells of closed clients that are not reused yet.
    private static let closed = Lock<[ClientHandle]>([], forTheProcess: true)

    public let pointer: OpaquePointer

    private var cell: UnsafeMutablePointer<Cell> { UnsafeMutablePointer(pointer) }

    /// Makes the handle of a new client, which it keeps alive.
    package init(_ client: Client) {
        _ = ClientHandle.ofNoProcess
        let old = ClientHandle.closed.withLock { $0.count > Limits.closedHandles ? $0.removeFirst() : nil }
        let fresh = Cell(gate: old?.cell.pointee.gate ?? RundownGate(), mark: ForkMark.current(), client: Unmanaged.passRetained(client))
        if let old {
            pointer = old.pointer
            cell.pointee = fresh
            cell.pointee.gate.reopen()
        } else {
            let cell = UnsafeMutablePointer<Cell>.allocate(capacity: 1)
            cell.initialize(to: fresh)
            pointer = OpaquePointer(cell)
        }
    }

    /// The handle that `pointer` returned. Why public: it is inlined into the functions that C calls.
    @inlinable @inline(__always)
    public init(_ pointer: OpaquePointer) { self.pointer = pointer }

    /// Calls once, before any fork, every function that a child of `fork()` may call with a client or reply of its parent.
    ///
    /// Why: the Swift runtime builds its data about types at their first use. Calls on replies are not inside the `ForkGate`, so a fork could
    /// otherwise find the runtime at work.
    private static let ofNoProcess: ClientHandle = {
        let cell = UnsafeMutablePointer<Cell>.allocate(capacity: 1)
        // No process has the mark 0.
        cell.initialize(to: Cell(gate: RundownGate(), mark: 0, client: nil))
        let handle = ClientHandle(OpaquePointer(cell))
        let text = UnsafeRawBufferPointer(start: nil, count: 0)
        let reply = handle.query(text)
        _ = (reply.status, reply.data, reply.error, reply.info, reply.statusOfCache)
        reply.free()
        let answer = Reply.cached(.empty(), .ttl, region: nil)
        _ = (answer.data, answer.info)
        answer.free()
        handle.request(text, token: 0)?.free()
        handle.lookup(text)?.free()
        _ = (handle.submit(text, token: 0), handle.descriptor)
        _ = try? handle.take()
        _ = try? handle.cancel(0)
        handle.close()
        return handle
    }()

    /// Runs a request. See `accelerant_query`.
    @inline(__always)
    package func query(_ text: UnsafeRawBufferPointer) -> Reply {
        do {
            return try inside { $0.execute(text) }
        } catch {
            return .failed(error)
        }
    }

    /// Answers a request at once, or starts it and gives nil. See `accelerant_request`.
    @inline(__always)
    package func request(_ text: UnsafeRawBufferPointer, token: UInt64) -> Reply? {
        do {
            return try inside { $0.request(text, token: token) }
        } catch {
            return .failed(error)
        }
    }

    /// Answers a request from the cache, or gives nil. See `accelerant_lookup`.
    @inline(__always)
    package func lookup(_ text: UnsafeRawBufferPointer) -> Reply? {
        do {
            return try inside { $0.lookup(text) }
        } catch {
            return .failed(error)
        }
    }

    /// Starts a request. See `accelerant_submit`.
    package func submit(_ text: UnsafeRawBufferPointer, token: UInt64) -> Failure? {
        Stack.with(Stack.base) { () -> Failure? in
            do throws(Failure) {
                return try inside { $0.submit(text, token: token) }
            } catch {
                return error
            }
        } ?? .withoutStack
    }

    /// See `accelerant_take`.
    package func take() throws(Failure) -> (token: UInt64, reply: Reply)? { try inside { $0.submissions.take() } }

    /// See `accelerant_cancel`. Returns true if such a request is outstanding.
    package func cancel(_ token: UInt64) throws(Failure) -> Bool {
        try inside { client in Stack.with(Stack.base) { client.submissions.cancel(token) } } ?? false
    }

    /// See `accelerant_descriptor`.
    package var descriptor: Int32? { try? inside { $0.submissions.descriptor } }

    /// Calls `body` with the client, which is not closed before it returns.
    @inline(__always)
    private func inside<Result>(_ body: (Client) -> Result) throws(Failure) -> Result {
        guard let word = cell.pointee.gate.enter() else { throw .closed }
        defer { cell.pointee.gate.leave(word) }
        guard cell.pointee.mark == cell.pointee.presentMark.pointee.load(ordering: .relaxed) else { throw .forked }
        guard let client = cell.pointee.client else { throw .closed }
        return client._withUnsafeGuaranteedRef { body($0) }
    }

    /// Ends the client. See `accelerant_close`. In a child of `fork()` it does nothing: all of it is the parent's.
    package func close() {
        guard cell.pointee.mark == cell.pointee.presentMark.pointee.load(ordering: .relaxed) else { return }
        guard cell.pointee.gate.close(), let client = cell.pointee.client else { return }
        // Why again without a stack check: the client would otherwise never be closed.
        if Stack.with(Stack.base, { end(client) }) == nil { end(client) }
    }

    private func end(_ client: Unmanaged<Client>) {
        client._withUnsafeGuaranteedRef { $0.interrupt() }
        cell.pointee.gate.drain()
        client._withUnsafeGuaranteedRef { $0.close() }
        cell.pointee.client = nil
        client.release()
        ClientHandle.closed.withLock { $0.append(self) }
    }
}

extension Failure {
    static let closed = Failure(.closed, code: "P6010", "The client is closed.")
    static let cancelled = Failure(.cancelled, code: "P6000", "The request was cancelled.")
    static let queueIsFull = Failure(
        .overloaded, code: "P5011", "Too many requests are outstanding: the limit is `limits.queueLength`. Take finished replies first, or raise the limit.",
        isRetryable: true)
    static let withoutStack = Failure(
        .overloaded, code: "P5011", "The calling thread has too little stack left for this request, and the system could not start a thread for it.",
        isRetryable: true)
    static let forked = Failure(
        .forked, code: "P6010",
        "This client belongs to the process that opened it; after fork() the child has to open one of its own.")
}
