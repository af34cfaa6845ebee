import Concurrency
import Postgres
import Query
import SQL
import Schema
import Telemetry
import Text
import Writes

// `$transaction`: reads and writes on one connection, in order, that happen together or not at all. None of them uses the cache.

extension Client {
    /// Runs a list of requests in one transaction. Returns the list of their answers.
    func runTransaction(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let list = try OperationArguments.transaction(envelope, document)
        let isolation = try isolation(list.isolation)
        telemetry.active.increment()
        defer { telemetry.active.decrement() }
        let connection = try leaseForTransaction(list.maxWaitMilliseconds, context)
        connection.trace = context.trace
        defer { pool.release(connection) }
        let start = Deadline.now
        let limit = list.timeoutMilliseconds.map { Deadline.after(milliseconds: $0, from: start) }
        do throws(Failure) {
            return try runList(list.requests, envelope, isolation, on: connection, until: min(context.deadline, limit ?? context.deadline))
        } catch {
            guard let limit, let timeout = list.timeoutMilliseconds, error.status == .timeout, limit < context.deadline, Deadline.now >= limit
            else { throw error }
            let failure = Failure.transactionEnded(
                .expired, "query", timeoutMilliseconds: timeout,
                passedMilliseconds: UInt64(clamping: (Deadline.now.nanoseconds &- start.nanoseconds) / 1_000_000)
            ).at(request: error)
            throw failure.ending(error.outcome ?? .undone)
        }
    }

    private func runList(
        _ requests: [JSONDocument], _ envelope: Envelope, _ isolation: Connection.Isolation?, on connection: Connection, until deadline: Deadline
    ) throws(Failure) -> Reply {
        // The requests whose invalidations an earlier attempt has charged to the quota.
        var charged: Set<Int> = []
        return try repreparing(on: connection) { () throws(Failure) in
            let transaction = WriteTransaction(connection, plans.texts, isolation: isolation, scope: .list, until: deadline)
            defer { telemetry.databaseQueries.add(UInt64(transaction.statementCount)) }
            do throws(Failure) {
                return try runRequests(requests, envelope, in: transaction, on: connection, &charged)
            } catch {
                transaction.rollBack()
                throw error
            }
        }
    }

    private func runRequests(
        _ requests: [JSONDocument], _ list: Envelope, in transaction: WriteTransaction, on connection: Connection, _ charged: inout Set<Int>
    ) throws(Failure) -> Reply {
        var answer = ByteBuffer(capacity: 1024)
        var changes = InvalidationSet()
        let comment = connection.trace.comment
        answer.append(UInt8(ascii: "["))
        try answer.append(list: requests.enumerated()) { (answer, part) throws(Failure) in
            let (position, request) = part
            let start = Clock.monotonic
            defer { telemetry.duration.record(milliseconds: Double(Clock.monotonic &- start) / 1_000_000) }
            do throws(Failure) {
                let envelope = try partEnvelope(request, list)
                connection.trace.comment = envelope.trace.comment ?? comment
                let part = try perform(envelope, request, in: transaction, &changes, isCharged: charged.contains(position))
                if envelope.operation.isInvalidation { charged.insert(position) }
                answer.append(part.bytes)
            } catch {
                throw error.at(request: position)
            }
            guard answer.count <= limits.responseBytes else { throw .answerIsTooLarge(limit: limits.responseBytes) }
        }
        connection.trace.comment = comment
        answer.append(UInt8(ascii: "]"))
        try broadcastOnCommit(changes, in: transaction)
        do throws(Failure) {
            try transaction.end()
        } catch {
            if connection.mayHaveCommitted { applyInvalidations(changes) }
            throw error
        }
        applyInvalidations(changes)
        return .plain(answer)
    }

    /// Decodes the envelope of a request in a list.
    private func partEnvelope(_ request: JSONDocument, _ list: Envelope) throws(Failure) -> Envelope {
        var envelope = try Envelope.decode(request)
        guard envelope.transaction == nil else { throw .validation(.notAllowed, at: "transaction", "is not allowed on a request in a list.") }
        guard envelope.trace.parent == nil else {
            throw .validation(.notAllowed, at: "traceparent", "is not allowed on a request in a list: give it to the list.")
        }
        if envelope.isPrecise == nil { envelope.isPrecise = list.isPrecise }
        return envelope
    }

    func isolation(_ name: String?) throws(Failure) -> Connection.Isolation? {
        guard let name else { return nil }
        if let isolation = Connection.Isolation(rawValue: name) { return isolation }
        let names = Connection.Isolation.allCases.map(\.rawValue)
        throw Failure(
            .invalidRequest, code: "P2023",
            "Inconsistent column data: Conversion failed: `args.isolationLevel` has to be one of \(names.joined(separator: ", ")).",
            meta: [
                ("path", .text("args.isolationLevel")), ("kind", .text(Failure.Fault.unknownValue.rawValue)), ("expected", .texts(names)),
            ])
    }
}

// MARK: - One request of a transaction

extension Client {
    /// Carries out a request in a transaction of either kind. Returns its answer. What it changes is added to `changes`, to take effect at
    /// the commit. An invalidation that `isCharged` costs no quota.
    func perform(
        _ envelope: Envelope, _ document: JSONDocument, in transaction: WriteTransaction, _ changes: inout InvalidationSet,
        isCharged: Bool = false
    ) throws(Failure) -> ByteBuffer {
        var answer = ByteBuffer(capacity: 512)
        switch envelope.operation {
        case .read:
            let bound = try plans.bind(envelope, document)
            telemetry.otherQueries.add()
            try read(bound, in: transaction, into: &answer)
        case .write:
            let bound = try plans.bindWrite(envelope, document)
            telemetry.otherQueries.add()
            let model = schema.models[bound.write.request.model].name
            do throws(Failure) {
                try executeWrite(bound, in: transaction, &changes, into: &answer)
            } catch {
                throw error.about(model: model).withFieldNames(schema)
            }
        case .queryRaw, .executeRaw: try runRaw(envelope, document, in: transaction, &changes, into: &answer)
        case .invalidate, .invalidateAll:
            changes.formUnion(try askedChanges(envelope, document, isCharged: isCharged))
            answer = requestID()
        default:
            throw .validation(
                .notAllowed, at: "operation", "cannot run in a transaction, which may contain only reads, writes, raw queries and invalidations.")
        }
        return answer
    }

    /// Reads in a transaction.
    func read(_ bound: borrowing BoundPlan, in transaction: WriteTransaction, into answer: inout ByteBuffer) throws(Failure) {
        let plan = bound.plan
        do throws(Failure) {
            let results = try transaction.execute(reading: plan.batch, bound.parameters)
            try plan.writer.write(results, into: &answer, limit: limits.responseBytes, until: transaction.deadline)
        } catch {
            throw error.about(model: plan.modelName)
        }
    }
}
