import CLinux
import Cache
import Concurrency
import Postgres
import SQL
import Telemetry
import Text

// Running a bound plan: the part of the walk that goes to the database.

extension Client {
    /// Sends the statements, writes the rows as JSON and gives the answer, which is in no cache.
    func run(_ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> UncachedAnswer {
        let room = bound.plan.writer.expectedSize &+ UncachedAnswer.tailSize(bound)
        var answer = BufferPool.buffer(capacity: room)
        let lastModified = try run(bound, until: deadline, into: &answer)
        return UncachedAnswer(answer, lastModified: lastModified, bound)
    }

    /// The same with an answer for the cache, not stored yet.
    fileprivate func runForCache(_ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> Cache.Answer {
        var buffer = ByteBuffer(capacity: bound.plan.writer.expectedSize)
        let lastModified = try run(bound, until: deadline, into: &buffer)
        let (bytes, size) = buffer.take(isFitted: false)
        guard let answer = Cache.Answer(bytes: bytes, size: size, lastModified: lastModified, signature: bound.signature) else {
            free(bytes)
            throw .answerIsTooLarge(limit: Cache.Answer.longest)
        }
        return answer
    }

    /// Gives when the answer was read.
    private func run(
        _ bound: borrowing BoundPlan, until deadline: Deadline, into answer: inout ByteBuffer
    ) throws(Failure) -> Int64 {
        try firstCheck?.pass(self, until: deadline)
        let start = Clock.monotonic
        telemetry.active.increment()
        defer {
            telemetry.active.decrement()
            telemetry.duration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000)
        }
        // Why first: what the answer shows was true at this moment or later.
        let lastModified = clock.lastModified
        do throws(Failure) {
            telemetry.databaseQueries.add(UInt64(bound.plan.plan.statements.count))
            let results = try pool.run(bound.plan.batch, bound.parameters, until: deadline, for: bound.trace)
            telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000)
            try bound.plan.writer.write(results, into: &answer, limit: limits.responseBytes)
        } catch {
            throw error.about(model: bound.plan.modelName)
        }
        return lastModified
    }
}

extension Cache.FlightLeader {
    /// Runs the query for everybody who waits, and ends the flight either way.
    func run(_ client: Client, _ bound: borrowing BoundPlan, until deadline: Deadline) throws(Failure) -> Pin {
        do {
            let answer = try client.runForCache(bound, until: deadline)
            return complete(answer, now: client.clock.now).pin
        } catch {
            fail(error, now: client.clock.now)
            throw error
        }
    }
}
