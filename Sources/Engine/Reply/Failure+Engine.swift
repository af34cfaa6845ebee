import Postgres
import Query
import Schema
import Text

extension Failure {
    /// P6004: the time limit has passed.
    static func timedOut(while what: String) -> Failure {
        Failure(.timeout, code: "P6004", "The request timed out while \(what).")
    }

    /// The failure with the model of the request in `meta`, as in Prisma's P2xxx errors.
    func about(model: String) -> Failure {
        guard code.hasPrefix("P2"), !meta.contains(where: { $0.key == "modelName" }) else { return self }
        var failure = self
        failure.meta.insert(("modelName", .text(model)), at: 0)
        return failure
    }

    /// The failure with the schema's field names for the columns of a violated constraint.
    func withFieldNames(_ schema: Schema) -> Failure {
        guard code == "P2002" || code == "P2011", let table, let model = schema.models.first(where: { $0.tableName.isExactly(table) }),
            let place = meta.firstIndex(where: { $0.key == "target" || $0.key == "constraint" }), case .texts(let columns) = meta[place].value
        else { return self }
        let names = columns.map { column in model.fields.first { !$0.isRelation && $0.columnName.isExactly(column) }?.name ?? column }
        guard names != columns else { return self }
        var failure = self
        failure.meta[place].value = .texts(names)
        let listed = "fields: (" + names.map { "`\($0)`" }.joined(separator: ",") + ")"
        failure.message = (code == "P2002" ? "Unique constraint failed on the " : "Null constraint violation on the ") + listed
        return failure
    }

    /// True if the database could not be reached, did not answer in time, or lacked resources.
    ///
    /// The request is not at fault, so an old answer may be better than this error.
    var isOutage: Bool {
        switch status {
        case .unavailable, .timeout: true
        // 53: out of disk, memory or connections. 58: an error of the server's system.
        case .database: sqlState.map { $0.hasPrefix("53") || $0.hasPrefix("58") } ?? false
        default: false
        }
    }

    static func answerIsTooLarge(limit: Int) -> Failure {
        Failure(.tooLarge, code: "P6009", "The response is too large: the limit is \(limit) bytes.", meta: [("limit", .number(limit))])
    }

    /// Cannot occur unless the library has a bug.
    static let noModelOperation = Failure(.internal, code: "P6000", "The operation is not one of a model. This is a bug of the library.")

    /// The caller that ran the query for others ended without an answer. Cannot occur unless the library has a bug.
    static let leaderGone = Failure(.internal, code: "P6000", "The query was abandoned by the call that ran it.", isRetryable: true)
}
