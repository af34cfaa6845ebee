import Postgres
import Text

extension Failure {
    /// Over the time limit.
    static func timedOut(while what: String) -> Failure {
        Failure(.timeout, code: "P6004", "The request ran out of its time limit while \(what).")
    }

    /// The caller that ran the query for others went away without a word. Cannot happen while the library is right.
    static let abandoned = Failure(.internal, code: "P6000", "The query was abandoned by the call that ran it.", isRetryable: true)
}
