import CLinux
import Concurrency

/// Cancels what a connection runs, on a thread of its own, and then has the pool close the connection.
///
/// Why not libpq's `PQcancel`: it waits without bound where the server is frozen or the network swallows what is sent. The
/// connection is not used again, so a late cancel can hit nothing of anybody else. Like libpq before version 17 it is not
/// encrypted: who sees the request sees the secret of a session that ends.
struct Cancellation: Sendable {
    let connection: Connection
    private let address: linux_address
    private let message: [UInt8]

    private enum Limits {
        /// From the beginning to the last look for an effect.
        static let milliseconds = 1_000
        /// How long an effect is waited for after the first request; twice as long after each further one.
        static let patienceMilliseconds = 20
        /// When the server has no room in its queue just now.
        static let retryMicroseconds: UInt32 = 5_000
    }

    /// nil when there is nothing to cancel, or no one to ask for it.
    init?(of connection: Connection) {
        guard connection.machine.isRunning, connection.session.isEstablished, let key = connection.key,
            let address = connection.address
        else { return nil }
        self.connection = connection
        self.address = address
        message = key.request
    }

    /// Asks until there is an effect: the server has something to say on the connection.
    ///
    /// Why again: a server, or a pooler before it, that has not begun with the query yet forgets a cancel.
    func askUntilHeard() {
        let deadline = Deadline.after(milliseconds: Limits.milliseconds)
        var patience = Limits.patienceMilliseconds
        while Deadline.now < deadline {
            ask(until: deadline)
            if isReady(connection.session.descriptor, POLLIN, min(deadline, .after(milliseconds: patience))) { return }
            patience *= 2
        }
    }

    /// Asks once, and waits until the server has closed the connection of the request: then the query's process has been told.
    func ask(until deadline: Deadline) {
        guard let socket = connect(until: deadline) else { return }
        defer { close(socket) }
        guard isReady(socket, POLLOUT, deadline), message.withUnsafeBytes({ linux_send(socket, $0.baseAddress, $0.count) }) == message.count
        else { return }
        var byte: UInt8 = 0
        while isReady(socket, POLLIN, deadline), linux_receive(socket, &byte, 1) > 0 {}
    }

    private func connect(until deadline: Deadline) -> Int32? {
        var address = address
        while Deadline.now < deadline {
            let socket = linux_begin_connect(&address)
            if socket >= 0 { return socket }
            guard linux_errno() == EAGAIN || linux_errno() == EINTR else { return nil }
            _ = ForkGate.outside { usleep(Limits.retryMicroseconds) }
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
