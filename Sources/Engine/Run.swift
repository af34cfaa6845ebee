import Cache
import Postgres
import SQL
import Telemetry
import Text

// Running a bound plan: the part of the walk that goes to the database.

extension Client {
    /// Sends the statements, writes the rows as JSON and gives the answer, not stored anywhere yet.
    ///
    /// - Parameter isKept: the cache will have it.
    func run(_ bound: borrowing BoundPlan, until deadline: Deadline, isKept: Bool) throws(Failure) -> Cache.Answer {
        let start = Clock.monotonic
        telemetry.active.increment()
        defer {
            telemetry.active.decrement()
            telemetry.duration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000)
        }
        // Why first: what the answer shows was true at this moment or later.
        let lastModified = clock.lastModified
        let answer = try write(bound, until: deadline)
        let (bytes, size) = answer.take(isKept: isKept)
        // Why not always: what is in no cache is signed when its reply is asked for it.
        let signature = isKept ? bound.signature : Cache.Signature(high: 0, low: 0)
        return Cache.Answer(bytes: bytes, size: size, lastModified: lastModified, signature: signature)
    }

    private func write(_ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> ByteBuffer {
        do throws(Failure) {
            let sent = Clock.monotonic
            telemetry.databaseQueries.add(UInt64(bound.plan.plan.statements.count))
            let results = try pool.run(bound.plan.batch, bound.parameters, until: deadline, for: bound.trace)
            telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- sent) / 1_000_000)
            var answer = ByteBuffer(capacity: bound.plan.writer.expectedSize)
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
            let answer = try client.run(bound, until: deadline, isKept: true)
            return complete(answer, now: client.clock.now).pin
        } catch {
            fail(error, now: client.clock.now)
            throw error
        }
    }
}
