import Postgres
import Query
import Telemetry
import Text
import Writes

extension Client {
    /// `$queryRaw` answers rows as a list of objects, `$executeRaw` the number of rows it changed. Neither uses nor fills the cache.
    func runRaw(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        let raw = try RawQuery.decode(envelope, document)
        telemetry.active.increment()
        defer { telemetry.active.decrement() }
        let sent = Clock.monotonic
        telemetry.databaseQueries.add()
        var answer = ByteBuffer(capacity: 1024)
        do throws(Failure) {
            try pool.runRaw(
                raw.text, raw.parameters, returnsRows: envelope.operation == .queryRaw, limit: limits.responseBytes, until: deadline,
                for: envelope.trace, into: &answer)
        } catch {
            if automation.isOn, error.mayHaveChanged(raw.text) { makeKnown(changes(of: raw, envelope.operation)) }
            throw error
        }
        telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- sent) / 1_000_000)
        if automation.isOn { makeKnown(changes(of: raw, envelope.operation)) }
        return .plain(answer)
    }

    /// The same in a transaction, whose end is no business of SQL text.
    func runRaw(
        _ envelope: Envelope, _ document: JSONDocument, in transaction: WriteTransaction, _ changes: inout Changes,
        into answer: inout ByteBuffer
    ) throws(Failure) {
        let raw = try RawQuery.decode(envelope, document)
        if raw.controlsTransaction { throw .transactionControl }
        changes.formUnion(self.changes(of: raw, envelope.operation))
        let returnsRows = envelope.operation == .queryRaw
        var written = ByteBuffer(capacity: 512)
        try transaction.withConnection { (connection) throws(Failure) in
            try pool.runRaw(
                raw.text, raw.parameters, returnsRows: returnsRows, on: connection, limit: limits.responseBytes, until: transaction.deadline,
                into: &written)
        }
        answer = written
    }
}

extension Failure {
    /// Whether a raw statement that failed so may have changed something all the same: unless the server refused the whole of it.
    fileprivate func mayHaveChanged(_ statement: String) -> Bool {
        sqlState == nil || RawEffect(of: statement) == .definesOrCalls
    }
}
