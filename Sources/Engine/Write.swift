import CLinux
import Postgres
import Query
import SQL
import Schema
import Telemetry
import Text
import Writes

// Carrying out a write: on one connection, in one transaction where it takes more than one statement.

extension Client {
    /// Writes and answers. The cache takes no part.
    func runWrite(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        let bound = try plans.bindWrite(envelope, document)
        let model = schema.models[bound.request.model].name
        telemetry.active.increment()
        defer { telemetry.active.decrement() }
        let start = Clock.monotonic
        defer { telemetry.duration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000) }
        do throws(Failure) {
            return .plain(try carryOut(bound, until: deadline))
        } catch {
            throw error.about(model: model)
        }
    }

    private func carryOut(_ bound: consuming BoundWrite, until deadline: Deadline) throws(Failure) -> ByteBuffer {
        let write = bound.request
        let connection = try pool.lease(until: deadline)
        defer { pool.release(connection) }
        telemetry.databaseQueries.add()
        let walk = WriteWalk(
            schema: schema, settings: plans.settings, statements: plans.texts, connection: connection, bound.parameters,
            moment: clock.lastModified &* 1000 &- Client.year2000, limit: limits.responseBytes, until: deadline)
        let sent = Clock.monotonic
        defer { telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- sent) / 1_000_000) }
        var answer = ByteBuffer(capacity: 512)
        do throws(Failure) {
            try walk.carryOut(write, into: &answer)
        } catch {
            connection.rollBack(until: deadline)
            throw error
        }
        wrote(walk.tables)
        return answer
    }

    /// Called after the commit and before the reply is visible, with the tables that were written or looked at.
    private func wrote(_ tables: [String]) {}

    /// 2000-01-01T00:00:00Z in microseconds since 1970.
    private static let year2000: Int64 = 946_684_800_000_000
}
