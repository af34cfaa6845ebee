import Postgres
import Text

extension Failure {
    /// Over the time limit.
    static func timedOut(while what: String) -> Failure {
        Failure(.timeout, code: "P6004", "The request ran out of its time limit while \(what).")
    }

    /// The same, with the model that the request was about, as Prisma tells it for its P2xxx.
    func about(model: String) -> Failure {
        guard code.hasPrefix("P2"), !meta.contains(where: { $0.key == "modelName" }) else { return self }
        var failure = self
        failure.meta.insert(("modelName", .text(model)), at: 0)
        return failure
    }

    static func answerIsTooLarge(limit: Int) -> Failure {
        Failure(.tooLarge, code: "P6009", "The response is too large: the limit is \(limit) bytes.", meta: [("limit", .number(limit))])
    }

    /// Cannot happen while the library is right.
    static let noModelOperation = Failure(.internal, code: "P6000", "The operation is carried out elsewhere.")

    /// The caller that ran the query for others went away without a word. Cannot happen while the library is right.
    static let abandoned = Failure(.internal, code: "P6000", "The query was abandoned by the call that ran it.", isRetryable: true)
}
