import CLinux
import Concurrency
import Text

/// The connection that a listener has: questions one at a time, their answers in between notifications. Belongs to the listener's thread.
final class ListenerSession {
    /// What has arrived. The taker of a reply clears it.
    enum Arrival {
        case notification(Notification)
        /// The answer to the question that was asked.
        case reply(ResultHandle)
    }

    private let connection: Connection
    /// Bytes wait for the socket to take them.
    private var isFlushing = false
    /// A question is open.
    private var isAsking = false
    /// Its answer, whose end has not arrived yet.
    private var answer: ResultHandle?
    /// The server reported an error that answers no question.
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

    /// Sends one statement; the one before has been answered.
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

    /// Waits for something to read, at most until `deadline`.
    func wait(until deadline: Deadline) throws(Connection.ConnectionError) {
        while true {
            let ready = try Connection.wait(
                for: connection.session.descriptor, toWrite: isFlushing, toRead: true, interrupt: connection.interrupt, deadline)
            if isFlushing { try flush() }
            if ready.canRead { return }
        }
    }

    /// Reads what has arrived, in its order, without waiting. Hands each over as it comes, and throws afterwards what is wrong.
    func read(_ take: (Arrival) -> Void) throws(Connection.ConnectionError) {
        let isAlive = connection.session.consumeInput()
        takeNotifications(take)
        while isAsking, !connection.session.isBusy {
            // Why to its end: what the server had to say while it answered stands between the answer and its end.
            if let reply = connection.session.takeReply() {
                answer?.clear()
                answer = reply
                continue
            }
            isAsking = false
            takeNotifications(take)
            guard let answer else { throw .lost }
            self.answer = nil
            take(.reply(answer))
        }
        takeNotifications(take)
        // Why an error counts: a notification that the server cannot put into our encoding is an error, and lost.
        if !isAlive || hasErred.pointee || !connection.session.isEstablished { throw .lost }
    }

    private func takeNotifications(_ take: (Arrival) -> Void) {
        while let notification = connection.session.takeNotification() { take(.notification(notification)) }
    }
}
