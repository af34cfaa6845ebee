import CLinux
import Concurrency
import Text

/// A listener's connection: one query at a time, with notifications between the answers. Belongs to the listener's thread.
final class ListenerSession {
    /// What has arrived. The receiver of a reply clears it.
    enum Arrival {
        case notification(Notification)
        /// The answer to the open query.
        case reply(ResultHandle)
    }

    private let connection: Connection
    /// True while bytes wait until the socket takes them.
    private var isFlushing = false
    /// True while a query is open.
    private var isAsking = false
    /// Its answer, whose end has not arrived yet.
    private var answer: ResultHandle?
    /// True once the server has reported an error that belongs to no query.
    private let hasErred: UnsafeMutablePointer<Bool>

    init(_ connection: Connection) {
        self.connection = connection
        hasErred = .allocate(capacity: 1)
        hasErred.initialize(to: false)
        connection.session.noteErrors(in: hasErred)
    }

    deinit {
        answer?.clear()
        connection.close()
        hasErred.deallocate()
    }

    /// Sends one statement. The previous one must have been answered.
    func ask(_ statement: String) throws(Connection.ConnectionError) {
        try connection.check(connection.session.sendQuery(text: statement, values: nil, count: 0, binary: false))
        isAsking = true
        try flush()
    }

    private func flush() throws(Connection.ConnectionError) {
        switch connection.session.flush() {
        case .complete: isFlushing = false
        case .pending: isFlushing = true
        case .failed: throw .lost
        }
    }

    /// Waits for data, until `deadline` at most.
    func wait(until deadline: Deadline) throws(Connection.ConnectionError) {
        while true {
            let ready = try Connection.wait(
                for: connection.session.descriptor, toWrite: isFlushing, toRead: true, interrupt: connection.interrupt, deadline)
            if isFlushing { try flush() }
            if ready.canRead { return }
        }
    }

    /// Reads what has arrived, in order and without waiting. Passes each arrival to `take`, and throws afterwards if something is wrong.
    func read(_ take: (Arrival) -> Void) throws(Connection.ConnectionError) {
        let isAlive = connection.session.consumeInput()
        takeNotifications(take)
        while isAsking, !connection.session.isBusy {
            // Why to the end: notifications that the server sent meanwhile stand between the answer and its end.
            if let reply = connection.session.takeReply() {
                answer?.clear()
                answer = reply
                // Why: libpq says again and again that COPY waits for data.
                if reply.kind == .unexpected { throw .lost }
                continue
            }
            isAsking = false
            takeNotifications(take)
            guard let answer else { throw .lost }
            self.answer = nil
            take(.reply(answer))
        }
        takeNotifications(take)
        // Why an error counts: a notification that cannot be converted to the client encoding arrives as an error and is lost.
        if !isAlive || hasErred.pointee || !connection.session.isEstablished { throw .lost }
    }

    private func takeNotifications(_ take: (Arrival) -> Void) {
        while let notification = connection.session.takeNotification() { take(.notification(notification)) }
    }
}
