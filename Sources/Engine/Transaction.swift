import Postgres
import Query
import SQL
import Schema
import Telemetry
import Text
import Writes

// `$transaction`: reads and writes on one connection, in their order, that happen together or not at all. None of them uses the cache.

extension Client {
    /// Answers a list of the requests' answers.
    func runTransaction(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        let (requests, name) = try OperationArguments.transaction(envelope, document)
        let isolation = try isolation(name)
        telemetry.active.increment()
        defer { telemetry.active.decrement() }
        let connection = try pool.lease(until: deadline)
        defer { pool.release(connection) }
        let transaction = WriteTransaction(connection, plans.texts, isolation: isolation, isShared: true, until: deadline)
        do throws(Failure) {
            var answer = ByteBuffer(capacity: 1024)
            var changes = Changes()
            answer.append(UInt8(ascii: "["))
            for (position, request) in requests.enumerated() {
                if position > 0 { answer.append(UInt8(ascii: ",")) }
                try run(request, in: transaction, &changes, into: &answer)
                guard answer.count <= limits.responseBytes else { throw .answerIsTooLarge(limit: limits.responseBytes) }
            }
            answer.append(UInt8(ascii: "]"))
            try transaction.end()
            makeKnown(changes)
            return .plain(answer)
        } catch {
            if connection.mayHaveCommitted { makeKnown(.everythingAutomatic) }
            transaction.rollBack()
            throw error
        }
    }

    private func isolation(_ name: String?) throws(Failure) -> Connection.Isolation? {
        guard let name else { return nil }
        if let isolation = Connection.Isolation(rawValue: name) { return isolation }
        let names = Connection.Isolation.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(
            .invalidRequest, code: "P2009", "Invalid request: `args.isolationLevel` has to be one of \(names).",
            meta: [("path", .text("args.isolationLevel"))])
    }

    /// One request of a transaction.
    private func run(
        _ document: JSONDocument, in transaction: WriteTransaction, _ changes: inout Changes, into answer: inout ByteBuffer
    ) throws(Failure) {
        let envelope = try Envelope.decode(document)
        // Why of its own: an answer is written into an empty buffer.
        var part = ByteBuffer(capacity: 512)
        telemetry.databaseQueries.add()
        switch envelope.operation {
        case .read:
            let bound = try plans.bind(envelope, document)
            let plan = bound.plan
            do throws(Failure) {
                let results = try transaction.run(plan.plan.statements, bound.parameters)
                try plan.writer.write(results, into: &part, limit: limits.responseBytes)
            } catch {
                throw error.about(model: plan.modelName)
            }
        case .write:
            let bound = try plans.bindWrite(envelope, document)
            let model = schema.models[bound.write.request.model].name
            do throws(Failure) {
                changes.formUnion(try carryOut(bound, in: transaction, into: &part))
            } catch {
                throw error.about(model: model)
            }
        default:
            throw Failure(
                .invalidRequest, code: "P2009", "Invalid request: `args.requests` may hold reads and writes of models alone.",
                meta: [("path", .text("args.requests"))])
        }
        answer.append(part.bytes)
    }
}
