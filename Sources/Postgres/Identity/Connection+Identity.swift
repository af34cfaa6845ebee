import Concurrency
import Text

/// Asking a session who it is: with its first read, in the same round trip; before anything else, in one of its own.
extension Connection {
    /// Queues the question. It has a sync of its own, so a refusal harms nothing that follows.
    func queueIdentity(_ steps: inout [Step]) throws(ConnectionError) {
        mustIdentify = false
        try check(SessionIdentity.statement.withCString { session.sendQuery(text: $0, values: nil, count: 0, binary: false) })
        try check(session.queueSync())
        steps += [.identity, .sync]
    }

    /// Takes the answer. A server that refuses it tells nothing.
    func takeIdentity(_ reply: ResultHandle) throws(ConnectionError) {
        defer { reply.clear() }
        tracer?.restart()
        if reply.kind == .rows {
            identity = SessionIdentity(reply)
            return
        }
        let error = ServerError(reply)
        if !session.isEstablished || error.endsSession || error.sqlState.isEmpty { throw .lost }
        identity = .untold
    }

    /// Asks at once. Runs on the thread of the lease's holder, and waits until `deadline` at most.
    func identify(until deadline: Deadline) throws(Failure) {
        let hadAnswered = machine.hasAnswered
        do throws(ConnectionError) {
            begin()
            try check(session.enterPipeline())
            var steps: [Step] = []
            try queueIdentity(&steps)
            _ = try receive(steps, limited(deadline))
            // Why: what was answered so far is the connect's.
            if !hadAnswered { machine.start() }
        } catch {
            throw failure(error)
        }
    }
}
