import CLinux
import Cache
import Postgres
import SQL
import Telemetry
import Text

// Runs a bound plan: the part of the path that goes to the database.

extension Client {
    /// Sends the statements, writes the rows as JSON and returns the answer, which is in no cache.
    func runQuery(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext) throws(Failure) -> UncachedAnswer {
        let room = bound.plan.writer.expectedSize &+ UncachedAnswer.tailSize(bound)
        var answer = BufferPool.buffer(capacity: room)
        let lastModified = try runQuery(bound, context, into: &answer)
        return UncachedAnswer(answer, lastModified: lastModified, bound)
    }

    /// Like `runQuery`, with an answer for the cache that is not stored yet.
    func queryAnswer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext) throws(Failure) -> Cache.Answer {
        var buffer = ByteBuffer(capacity: bound.plan.writer.expectedSize)
        let lastModified = try runQuery(bound, context, into: &buffer)
        return try Cache.Answer(buffer, lastModified: lastModified, bound)
    }

    /// Returns when the answer was read.
    private func runQuery(
        _ bound: borrowing BoundPlan, _ context: borrowing RequestContext, into answer: inout ByteBuffer
    ) throws(Failure) -> Int64 {
        try firstCheck?.pass(self, context)
        let start = telemetry.begin()
        defer { telemetry.end(since: start) }
        // Why first: what the answer shows was true at this moment or later.
        let lastModified = clock.lastModified
        do throws(Failure) {
            telemetry.databaseQueries.add(UInt64(bound.plan.plan.statements.count))
            let results = try pool.execute(
                bound.plan.batch, bound.parameters, until: context.deadline, cancellation: context.cancellation, for: context.trace,
                with: readQueue(context), attempt: context.attempt)
            telemetry.databaseDuration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000)
            try bound.plan.writer.write(results, into: &answer, limit: limits.responseBytes)
        } catch {
            throw error.about(model: bound.plan.modelName)
        }
        return lastModified
    }
}

extension Cache.Answer {
    /// Takes over the buffer's block.
    init(_ buffer: consuming ByteBuffer, lastModified: Int64, _ bound: borrowing BoundPlan) throws(Failure) {
        let (bytes, size) = buffer.take(isFitted: false)
        guard let answer = Cache.Answer(bytes: bytes, size: size, lastModified: lastModified, signature: bound.signature) else {
            free(bytes)
            throw .answerIsTooLarge(limit: CacheLimit.answerBytes)
        }
        self = answer
    }
}
