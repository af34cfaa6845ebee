import Concurrency
import Query
import Telemetry
import Text

extension Client {
    /// Runs `$schema.check`, `.pull`, `.diff`, `.push` or `.deploy`; see docs/guide/schema-tools.md.
    func runSchemaTool(
        _ tool: Operation.SchemaTool, _ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext
    ) throws(Failure) -> Reply {
        telemetry.otherQueries.add()
        switch tool {
        case .check: return try checkSchema(envelope, document, context)
        case .pull: return try pullSchema(envelope, document, context)
        case .diff: return try diffSchemas(envelope, document, context)
        case .push: return try pushSchema(envelope, document, context)
        case .deploy: return try deployMigrations(envelope, document, context)
        }
    }
}
