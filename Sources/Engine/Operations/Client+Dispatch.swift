import Cache
import Concurrency
import Postgres
import Query
import Telemetry
import Text

// Operations that are not reads. They neither use nor fill the cache.

extension Client {
    /// Runs such an operation and returns its answer.
    func operate(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        guard envelope.transaction == nil || envelope.operation.isStep else { return try runInside(envelope, document, context) }
        if envelope.operation.reliesOnSchema { try passFirstCheck(before: envelope.operation, context) }
        switch envelope.operation {
        case .read: throw .noModelOperation
        case .write: return try sayingOutcome { () throws(Failure) in try runWrite(envelope, document, context) }
        case .invalidate, .invalidateAll: return try invalidate(envelope, document, context)
        case .installTriggers, .removeTriggers: return try changeTriggers(envelope, document, context)
        case .queryRaw, .executeRaw: return try runRaw(envelope, document, context)
        case .transaction: return try sayingOutcome { () throws(Failure) in try runTransaction(envelope, document, context) }
        case .transactionStep(let step): return try runStep(step, envelope, document, context)
        case .metrics: return try showMetrics(envelope, document)
        case .connect: return try connect(envelope, document, context)
        case .advanceClock: return try advanceClock(envelope, document)
        case .takeLog: return try takeLog(envelope, document)
        case .schema: return try describeSchema(envelope, document)
        case .schemaTool(let tool): return try runSchemaTool(tool, envelope, document, context)
        }
    }

    /// Calls `body`, which writes in one transaction or statement. If it times out or is cancelled, the failure says what is known of the outcome.
    ///
    /// Why here: what may be committed is said where it is known. All else is rolled back, or was never sent.
    private func sayingOutcome<Outcome>(_ body: () throws(Failure) -> Outcome) throws(Failure) -> Outcome {
        do throws(Failure) { return try body() } catch { throw error.undoneUnlessSaid }
    }

    /// Waits for the comparison with the database that `"check"` asks for. Nothing has been written before.
    private func passFirstCheck(before operation: Operation, _ context: RequestContext) throws(Failure) {
        guard let firstCheck else { return }
        switch operation {
        case .write, .transaction:
            try sayingOutcome { () throws(Failure) in try firstCheck.pass(self, context) }
        default: try firstCheck.pass(self, context)
        }
    }

    /// `$accelerate.invalidate`: `{"tags": [...]}` → `{"requestId": ...}`
    private func invalidate(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let changes = try askedChanges(envelope, document)
        let isConfirmed = applyInvalidations(changes, until: context.deadline, cancellation: context.cancellation)
        try broadcast(changes, context)
        if !isConfirmed { throw .unconfirmed }
        return .plain(requestID())
    }

    /// Returns what an invalidation asks for. Throws if the configured quota is used up, unless it `isCharged` already.
    func askedChanges(_ envelope: Envelope, _ document: JSONDocument, isCharged: Bool = false) throws(Failure) -> InvalidationSet {
        var changes = InvalidationSet()
        if envelope.operation == .invalidateAll {
            try OperationArguments.none(envelope, document)
            if !isCharged { try core.quota.takeAll(now: clock.now) }
            changes.isEverything = true
        } else {
            let tags = try OperationArguments.tags(envelope, document)
            if !isCharged { try core.quota.takeTags(tags.count, now: clock.now) }
            for tag in tags { changes.add(tag: tag) }
        }
        return changes
    }

    func requestID() -> ByteBuffer {
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

    /// `$connect`: makes a connection now, so that a wrong URL is reported before the first query.
    private func connect(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        try OperationArguments.none(envelope, document)
        pool.release(try pool.lease(until: context.deadline, cancellation: context.cancellation))
        try changeFeed?.awaitCaughtUp(context)
        try awaitTier(context)
        return .plain(null())
    }

    /// `$clock.advance`: moves a manual clock, then runs housekeeping and ends transactions. What has expired is gone when it returns.
    private func advanceClock(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Reply {
        let milliseconds = try OperationArguments.clockMilliseconds(envelope, document)
        guard clock.advance(milliseconds: UInt64(milliseconds)) else {
            throw .parameter(.notAllowed, at: "operation", "is `$clock.advance`, which needs a client opened with `\"clock\": \"manual\"`.")
        }
        while cache.sweep(now: clock.now) {}
        core.snapshot?.tick()
        expireTransactions()
        return .plain(null())
    }

    func null() -> ByteBuffer {
        var answer = ByteBuffer(capacity: 8)
        answer.append("null")
        return answer
    }
}
