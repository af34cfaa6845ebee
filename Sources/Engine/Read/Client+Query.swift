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
        let reading = try runQuery(bound, context, into: &answer)
        return UncachedAnswer(answer, lastModified: reading.lastModified, bound)
    }

    /// Like `runQuery`, with an answer for the cache that is not stored yet.
    func queryAnswer(_ bound: borrowing BoundPlan, _ context: borrowing RequestContext) throws(Failure) -> Cache.Answer {
        var buffer = ByteBuffer(capacity: bound.plan.writer.expectedSize)
        let reading = try runQuery(bound, context, into: &buffer)
        return try Cache.Answer(buffer, lastModified: reading.lastModified, bound, isKept: reading.isKept)
    }

    /// When an answer was read, and whether its session was one whose answers may be kept.
    private struct Reading {
        let lastModified: Int64
        let isKept: Bool
    }

    private func runQuery(
        _ bound: borrowing BoundPlan, _ context: borrowing RequestContext, into answer: inout ByteBuffer
    ) throws(Failure) -> Reading {
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
            // Why now: if another generation begins later, the cache drops the answer.
            let isKept = results.generation == pool.identities.generation
            try bound.plan.writer.write(results, into: &answer, limit: limits.responseBytes, until: context.deadline)
            return Reading(lastModified: lastModified, isKept: isKept)
        } catch {
            throw error.about(model: bound.plan.modelName)
        }
    }
}

extension Cache.Answer {
    /// Takes over the buffer's block.
    init(_ buffer: consuming ByteBuffer, lastModified: Int64, _ bound: borrowing BoundPlan, isKept: Bool) throws(Failure) {
        let (bytes, size) = buffer.take(isFitted: false)
        guard var answer = Cache.Answer(bytes: bytes, size: size, lastModified: lastModified, signature: bound.signature) else {
            free(bytes)
            throw .answerIsTooLarge(limit: CacheLimit.answerBytes)
        }
        answer.isKept = isKept
        self = answer
    }
}
