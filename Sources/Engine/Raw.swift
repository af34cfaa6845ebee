import Postgres
import Query
import Text

extension Client {
    func runRaw(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        throw Failure(.internal, code: "P6000", "raw")
    }
}
