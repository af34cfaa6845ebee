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
        var bound = try plans.bindWrite(envelope, document)
        telemetry.otherQueries.add()
        // Why one connection for all attempts: on another one the same statement may be outdated.
        let connection = try pool.lease(until: context.deadline)
        connection.trace = context.trace
        defer { pool.release(connection) }
        for _ in 1..<Limits.preparations {
            var mustReprepare = false
            do throws(Failure) {
                return try writeOnce(bound, on: connection, until: context.deadline, &mustReprepare)
            } catch {
                if !mustReprepare { throw error }
            }
            bound = try plans.bindWrite(envelope, document)
        }
        var isLast = false
        return try writeOnce(bound, on: connection, until: context.deadline, &isLast)
    }

    /// - Parameter mustReprepare: set if tables had changed under prepared statements. Nothing was written then.
    private func writeOnce(
        _ bound: consuming BoundWrite, on connection: Connection, until deadline: Deadline, _ mustReprepare: inout Bool
    ) throws(Failure) -> Reply {
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
            if connection.mayHaveCommitted { applyInvalidations(changes) }
            transaction.rollBack()
            mustReprepare = connection.takeStaleStatements()
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
    private var moment: Int64 { clock.lastModified &* 1000 &- Client.year2000 }

    /// 2000-01-01T00:00:00Z in microseconds since 1970.
    private static let year2000: Int64 = 946_684_800_000_000
}
