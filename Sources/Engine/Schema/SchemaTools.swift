import Postgres
import Query
import Telemetry
import Text

extension Client {
    /// `$schema.pull`: docs/guide/schema-tools.md.
    func runSchemaTool(
        _ tool: Operation.SchemaTool, _ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline
    ) throws(Failure) -> Reply {
        telemetry.otherQueries.add()
        switch tool {
        case .pull: return try pullSchema(envelope, document, deadline)
        }
    }
}
