import CLinux
import Concurrency

/// Cancels what a connection runs, on a thread of its own. The pool then closes the connection.
///
/// Why not libpq's `PQcancel`: it waits without a limit if the server is frozen or the network drops packets. A late cancel is harmless, because
/// the connection is never used again. Like libpq before version 17, the request is not encrypted. It reveals the secret of a session that is
/// ending.
struct Cancellation: Sendable {
    let connection: Connection
    private let address: linux_address
    private let message: [UInt8]

    /// Returns nil if nothing runs, or if the server's address or key is unknown.
    init?(of connection: Connection) {
        guard connection.machine.isRunning, connection.session.isEstablished, let key = connection.key,
            let address = connection.address
        else { return nil }
        self.connection = connection
        self.address = address
        message = key.request
    }

    /// Sends cancel requests until the server sends something on the connection. Blocks up to `PostgresLimit.cancelMilliseconds`.
    ///
    /// Why more than one: a server or pooler that has not started the query yet drops the request.
    func askUntilHeard() {
        let deadline = Deadline.after(milliseconds: PostgresLimit.cancelMilliseconds)
        var patience = PostgresLimit.cancelEffectMilliseconds
        while Deadline.now < deadline {
            ask(until: deadline)
            if isReady(connection.session.descriptor, POLLIN, min(deadline, .after(milliseconds: patience))) { return }
            patience *= 2
        }
    }

    /// Sends one request and waits until the server closes the request's connection: the query's process has been signalled by then.
    func ask(until deadline: Deadline) {
        guard let socket = connect(until: deadline) else { return }
        defer { close(socket) }
        guard isReady(socket, POLLOUT, deadline), message.withUnsafeBytes({ linux_send(socket, $0.baseAddress, $0.count) }) else { return }
        var byte: UInt8 = 0
        while isReady(socket, POLLIN, deadline), linux_receive(socket, &byte, 1) > 0 {}
    }

    private func connect(until deadline: Deadline) -> Int32? {
        var address = address
        while Deadline.now < deadline {
            let socket = linux_begin_connect(&address)
            if socket >= 0 { return socket }
            guard linux_errno() == EAGAIN || linux_errno() == EINTR else { return nil }
            _ = ForkGate.outside { usleep(PostgresLimit.cancelRetryMicroseconds) }
        }
        return nil
    }

    private func isReady(_ socket: Int32, _ events: Int32, _ deadline: Deadline) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(events), revents: 0)
        while true {
            let timeout = deadline.pollMilliseconds
            let (count, problem) = ForkGate.outside { (poll(&descriptor, 1, timeout), linux_errno()) }
            if count > 0 { return true }
            if timeout == 0 || (count < 0 && problem != EINTR) { return false }
        }
    }
}
