import Cache
import CLinux
import Postgres
import SQL
import Telemetry
import Text

// Running a bound plan: the part of the walk that goes to the database.

extension Client {
    /// Sends the statements, writes the rows as JSON and gives the answer, not stored anywhere yet.
    func run(_ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> Cache.Answer {
        let start = Clock.monotonic
        telemetry.active.increment()
        defer {
            telemetry.active.decrement()
            telemetry.duration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000)
        }
        // Why first: what the answer shows was true at this moment or later.
        let lastModified = clock.lastModified
        let (bytes, size) = try write(bound, until: deadline).take(isFitted: false)
        guard let answer = Cache.Answer(bytes: bytes, size: size, lastModified: lastModified, signature: bound.signature) else {
            free(bytes)
            throw .answerIsTooLarge(limit: Cache.Answer.longest)
        }
        return answer
    }

    private func write(_ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> ByteBuffer {
        do throws(Failure) {
            let sent = Clock.monotonic
            telemetry.databaseQueries.add(UInt64(bound.plan.plan.statements.count))
            let results = try pool.run(bound.plan.batch, bound.parameters, until: deadline, for: bound.trace)
            telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- sent) / 1_000_000)
            var answer = ByteBuffer(capacity: bound.plan.writer.expectedSize &+ Cache.Answer.room)
            try bound.plan.writer.write(results, into: &answer, limit: limits.responseBytes)
            return answer
        } catch {
            throw error.about(model: bound.plan.modelName)
        }
    }
}

extension Cache.Lead {
    /// Runs the query for everybody who waits, and ends the flight either way.
    func run(_ client: Client, _ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> Pin {
        do {
            let answer = try client.run(bound, until: deadline)
            return complete(answer, now: client.clock.now).pin
        } catch {
            fail(error, now: client.clock.now)
            throw error
        }
    }
}
