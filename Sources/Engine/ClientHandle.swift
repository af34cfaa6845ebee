import CLinux
import Synchronization
import Text

/// What an `accelerant_client *` points to: a cell that is there for as long as anybody may look at it.
///
/// A cell outlives its client by at least `quarantine` other closings, so that a call which races with `accelerant_close`
/// finds a closed gate and not freed memory.
package struct ClientHandle: @unchecked Sendable {  // Why unchecked: see `Cell`.
    private struct Cell {
        let gate: Gate
        /// The fork mark of the process that opened the client.
        var mark: UInt64
        /// The client, one retain of it; nil once it is closed. Changed while nobody is inside the gate alone.
        var client: Unmanaged<Client>?
    }

    /// Cells of closed clients that are not used again yet.
    private static let quarantine = 256
    private static let closed = Mutex<[ClientHandle]>([])

    private let cell: UnsafeMutablePointer<Cell>

    /// A handle of a new client, which it keeps alive.
    package init(_ client: Client) {
        let old = ClientHandle.closed.withLock { $0.count > ClientHandle.quarantine ? $0.removeFirst() : nil }
        let fresh = Cell(gate: old?.cell.pointee.gate ?? Gate(), mark: ForkMark.current(), client: Unmanaged.passRetained(client))
        if let old {
            cell = old.cell
            cell.pointee = fresh
            cell.pointee.gate.reopen()
        } else {
            cell = .allocate(capacity: 1)
            cell.initialize(to: fresh)
        }
    }

    package init(_ pointer: OpaquePointer) { cell = UnsafeMutablePointer(pointer) }

    package var pointer: OpaquePointer { OpaquePointer(cell) }

    /// Runs a request. See `accelerant_query`.
    @inline(__always)
    package func query(_ text: UnsafeRawBufferPointer) -> Reply {
        guard let lane = cell.pointee.gate.enter() else { return .failed(.closed) }
        defer { cell.pointee.gate.leave(lane) }
        guard cell.pointee.mark == ForkMark.address.pointee.load(ordering: .relaxed) else { return .failed(.forked) }
        guard let client = cell.pointee.client else { return .failed(.closed) }
        return client._withUnsafeGuaranteedRef { $0.execute(text) }
    }

    /// Ends the client. See `accelerant_close`. In a child of `fork()` it does nothing: all of it is the parent's.
    package func close() {
        guard cell.pointee.mark == ForkMark.address.pointee.load(ordering: .relaxed) else { return }
        guard cell.pointee.gate.close(), let client = cell.pointee.client else { return }
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
    static let forked = Failure(
        .forked, code: "P6010",
        "This client belongs to the process that opened it; after fork() the child has to open one of its own.")
}
