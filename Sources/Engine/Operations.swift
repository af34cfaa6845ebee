import Cache
import Postgres
import Query
import Telemetry
import Text

// The operations that are no reads: they neither use nor fill the cache.

extension Client {
    /// Carries out one of them and gives its answer.
    func operate(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        switch envelope.operation {
        case .read: throw .noModelOperation
        case .write: return try runWrite(envelope, document, deadline)
        case .invalidate: return try invalidate(envelope, document, deadline)
        case .invalidateAll: return try invalidateAll(envelope, document, deadline)
        case .installTriggers, .removeTriggers: return try changeTriggers(envelope, document, deadline)
        case .queryRaw, .executeRaw: return try runRaw(envelope, document, deadline)
        case .transaction: return try runTransaction(envelope, document, deadline)
        case .metrics: return try showMetrics(envelope, document)
        case .connect: return try connect(envelope, document, deadline)
        case .advanceClock: return try advanceClock(envelope, document)
        case .schema: return try describeSchema(envelope, document)
        }
    }

    /// `$accelerate.invalidate`: `{"tags": [...]}` → `{"requestId": ...}`
    private func invalidate(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        let tags = try OperationArguments.tags(envelope, document)
        try quota.takeTags(tags.count, now: clock.now)
        cache.invalidate(tags: tags.map { tag in tag.withUnsafeBytes { Cache.Tag($0) } })
        try tellOthers(until: deadline) { .tags(tags, origin: $0) }
        return .plain(requestID())
    }

    private func invalidateAll(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        try OperationArguments.none(envelope, document)
        try quota.takeAll(now: clock.now)
        cache.invalidateAll()
        try tellOthers(until: deadline) { .everything(origin: $0) }
        return .plain(requestID())
    }

    /// Has an invalidation reach the other processes, where this client takes part in that.
    private func tellOthers(until deadline: Deadline, _ notice: (ChangeNotice.Origin) -> ChangeNotice) throws(Failure) {
        guard let listening else { return }
        do throws(Failure) {
            try listening.say(notice(listening.origin), until: deadline)
        } catch {
            var failure = error
            failure.message = "The cache of this process is invalidated, but other processes may not have been told: \(error.message)"
            failure.isRetryable = true
            throw failure
        }
    }

    private func requestID() -> ByteBuffer {
        var answer = ByteBuffer(capacity: 64)
        answer.append("{\"requestId\":\"")
        answer.append(RequestID.fresh())
        answer.append("\"}")
        return answer
    }

    /// `$metrics`: Prisma's JSON document, or Prometheus text as a JSON string.
    private func showMetrics(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Reply {
        var answer = ByteBuffer(capacity: 4096)
        switch try OperationArguments.metricsFormat(envelope, document) {
        case .json: answer.append(Exposition.json(metrics()))
        case .prometheus: answer.append(jsonString: Exposition.prometheus(metrics()))
        }
        return .plain(answer)
    }

    /// `$connect`: makes a connection now, so that a wrong URL shows before the first query.
    private func connect(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        try OperationArguments.none(envelope, document)
        pool.release(try pool.lease(until: deadline))
        try listening?.awaitTrust(until: deadline)
        return .plain(null())
    }

    /// `$clock.advance`: moves a manual clock and tidies the cache, so that what has expired is gone when it returns.
    private func advanceClock(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Reply {
        let milliseconds = try OperationArguments.clockMilliseconds(envelope, document)
        guard clock.advance(milliseconds: UInt64(milliseconds)) else {
            throw Failure(
                .invalidRequest, code: "P6005",
                "An invalid parameter was provided. `$clock.advance` needs a client opened with `\"clock\": \"manual\"`.",
                meta: [("path", .text("operation"))])
        }
        while cache.sweep(now: clock.now) {}
        return .plain(null())
    }

    private func null() -> ByteBuffer {
        var answer = ByteBuffer(capacity: 8)
        answer.append("null")
        return answer
    }
}
