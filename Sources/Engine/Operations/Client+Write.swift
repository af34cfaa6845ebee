import CLinux
import Concurrency
import Postgres
import Query
import SQL
import Schema
import Telemetry
import Text
import Writes

// Runs a write: on one connection, and in a transaction if it takes more than one statement.

extension Client {
    /// Runs a write. The cache is not involved.
    func runWrite(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let start = telemetry.begin()
        defer { telemetry.end(since: start) }
        var first: BoundWrite? = try plans.bindWrite(envelope, document)
        telemetry.otherQueries.add()
        // Why one connection for all attempts: on another one the same statement may be outdated.
        let connection = try pool.lease(until: context.deadline, cancellation: context.cancellation)
        connection.trace = context.trace
        defer { pool.release(connection) }
        return try repreparing(on: connection) { () throws(Failure) in
            if let bound = first.take() { return try writeOnce(bound, on: connection, until: context.deadline) }
            return try writeOnce(try plans.bindWrite(envelope, document), on: connection, until: context.deadline)
        }
    }

    /// Calls `body`. Calls it again if it failed because tables had changed under prepared statements, and everything was rolled back.
    func repreparing(on connection: Connection, _ body: () throws(Failure) -> Reply) throws(Failure) -> Reply {
        var attempts = 0
        while true {
            do throws(Failure) {
                return try body()
            } catch {
                attempts += 1
                guard connection.takeStaleStatements(), attempts < Limits.preparations else { throw error }
            }
        }
    }

    private func writeOnce(_ bound: consuming BoundWrite, on connection: Connection, until deadline: Deadline) throws(Failure) -> Reply {
        let model = schema.models[bound.write.request.model].name
        let sent = Clock.monotonic
        defer { telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- sent) / 1_000_000) }
        let transaction = WriteTransaction(connection, plans.texts, until: deadline)
        defer { telemetry.databaseQueries.add(UInt64(transaction.statementCount)) }
        var answer = ByteBuffer(capacity: 512)
        var changes = InvalidationSet()
        do throws(Failure) {
            try executeWrite(bound, in: transaction, &changes, into: &answer)
        } catch {
            if connection.mayHaveCommitted || error.isAfterCommit { applyInvalidations(changes) }
            // Why: a question after the commit may have found an outdated statement, and the write must not run again.
            if error.isAfterCommit { _ = connection.takeStaleStatements() }
            transaction.rollBack()
            throw error.about(model: model).withFieldNames(schema)
        }
        applyInvalidations(changes)
        return .plain(answer)
    }

    /// Runs a write in a transaction. Adds what it changes, or may have changed if it fails, to `changes`.
    func executeWrite(
        _ bound: consuming BoundWrite, in transaction: WriteTransaction, _ changes: inout InvalidationSet, into answer: inout ByteBuffer
    ) throws(Failure) {
        let write = bound.write
        let rowKeys = automaticInvalidation.isOn ? automaticInvalidation.rowKeys : nil
        if let single = write.complete(namesRows: rowKeys != nil) {
            var writeSet = WriteSet()
            defer { changes.add(writeSet) }
            return try single.execute(in: transaction, bound.parameters, limit: limits.responseBytes, &writeSet, into: &answer)
        }
        let executor = WriteExecutor(
            write, bound.parameters, in: transaction, schema, plans.settings, moment: moment, limit: limits.responseBytes,
            naming: rowKeys)
        defer { changes.add(executor.writeSet) }
        try executor.execute(into: &answer)
    }

    /// The present moment in microseconds since 2000-01-01.
    private var moment: Int64 { clock.lastModified &* 1000 &- Year2000.microseconds }
}
