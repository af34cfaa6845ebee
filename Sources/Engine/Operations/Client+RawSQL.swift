import Concurrency
import Postgres
import Query
import Telemetry
import Text
import Writes

extension Client {
    /// Runs `$queryRaw`, which returns rows as a list of objects, or `$executeRaw`, which returns the number of changed rows.
    ///
    /// Neither uses nor fills the cache.
    func runRaw(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let raw = try RawQuery.decode(envelope, document)
        if raw.copiesThroughClient { throw .copyThroughClient }
        telemetry.otherQueries.add()
        let sent = telemetry.begin()
        defer { telemetry.end(since: sent) }
        telemetry.databaseQueries.add()
        var answer = ByteBuffer(capacity: 1024)
        do throws(Failure) {
            try pool.runRaw(
                raw.text, raw.parameters, types: raw.parameterTypes, isScript: raw.script != nil, raw.answer(envelope),
                limit: limits.responseBytes, until: context.deadline, cancellation: context.cancellation, for: context.trace, into: &answer)
        } catch {
            if automaticInvalidation.isOn, error.mayHaveChanged(raw) { applyInvalidations(changes(of: raw, envelope.operation)) }
            throw error
        }
        telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- sent) / 1_000_000)
        if automaticInvalidation.isOn { applyInvalidations(changes(of: raw, envelope.operation)) }
        return .plain(answer)
    }

    /// Runs a raw statement in a transaction, which its text must not end.
    func runRaw(
        _ envelope: Envelope, _ document: JSONDocument, in transaction: WriteTransaction, _ changes: inout InvalidationSet,
        into answer: inout ByteBuffer
    ) throws(Failure) {
        let raw = try RawQuery.decode(envelope, document)
        if raw.controlsTransaction { throw .transactionControl }
        if raw.copiesThroughClient { throw .copyThroughClient }
        telemetry.otherQueries.add()
        changes.formUnion(self.changes(of: raw, envelope.operation))
        let form = raw.answer(envelope)
        var written = ByteBuffer(capacity: 512)
        do throws(Failure) {
            try transaction.withConnection { (connection) throws(Failure) in
                try pool.runRaw(
                    raw.text, raw.parameters, types: raw.parameterTypes, isScript: raw.script != nil, form, on: connection,
                    limit: limits.responseBytes, until: transaction.deadline, into: &written)
            }
        } catch {
            // Why: the server has carried it out, and its caller hears that it failed.
            if error.sqlState == nil, raw.effect != .none { transaction.noteChange() }
            throw error
        }
        answer = written
    }
}

extension Failure {
    /// Returns true if the failed raw statement may still have changed something. That is false only if the server refused all of it.
    fileprivate func mayHaveChanged(_ raw: borrowing RawQuery) -> Bool {
        guard let sqlState else { return true }
        if raw.script != nil, raw.controlsTransaction { return true }
        switch raw.effect {
        case .none, .writes: return false
        // Why 42601: a statement with a syntax error has not begun.
        case .defines: return sqlState != "42601"
        case .calls: return true
        }
    }
}

extension Failure {
    /// Why before it is sent: `COPY (INSERT … RETURNING …) TO STDOUT` commits, whether or not its rows are received.
    fileprivate static var copyThroughClient: Failure {
        let text = "COPY to or from the client is not supported: nothing was sent; copy a file of the server, or use rows"
        var failure = Failure(
            .database, code: "P2010", "Raw query failed. Code: `0A000`. Message: `\(text)`", meta: [("code", .text("0A000")), ("message", .text(text))])
        failure.sqlState = "0A000"
        return failure
    }
}

extension RawQuery {
    /// True if a statement is `COPY … TO STDOUT` or `COPY … FROM STDIN`. The server accepts either word in both.
    fileprivate var copiesThroughClient: Bool {
        (script ?? [text]).contains { statement in
            var words = SQLWords(statement)
            guard words.next() == "COPY" else { return false }
            var before = ""
            while let word = words.next() {
                if before == "TO" || before == "FROM", word == "STDOUT" || word == "STDIN" { return true }
                before = word
            }
            return false
        }
    }

    fileprivate func answer(_ envelope: Envelope) -> RawAnswer {
        RawAnswer(envelope.operation == .executeRaw ? .count : namesTypes ? .table : .objects, isPrecise: envelope.isPrecise == true)
    }

    /// The strongest effect of its statements.
    var effect: RawEffect {
        guard let script else { return RawEffect(of: text) }
        let effects = script.map { RawEffect(of: $0) }
        return [.calls, .defines, .writes].first(where: effects.contains) ?? .none
    }
}
