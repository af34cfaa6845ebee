import Catalog
import Concurrency
import Postgres
import Query
import Schema
import Text

extension Client {
    /// `$schema.pull`: the schema text of the database, with what only the client's own schema knows.
    ///
    ///     {"schemas": ["app", "audit"]} → {"schema": "model User {…", "warnings": [{"path": "User.seen", "text": "…"}]}
    func pullSchema(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let asked = try OperationArguments.schemas(envelope, document)
        var present: (schema: Schema, text: String)?
        if let source = schemaSource, let schema = try readWholeSchema() { present = (schema, try source.readText()) }
        let database = try readDatabase(schemas: asked ?? present.map { schemaNames(of: $0.schema) } ?? [], context)
        if let asked, !asked.allSatisfy({ $0.isExactlyOne(of: database.schemas) }) {
            throw .parameter(.unknownValue, at: "args.schemas", "names a schema that the database does not have.")
        }
        var result = SchemaPull.text(of: database, present: present, namesSchemas: asked != nil)
        if let hint = try hintOfOtherSchemas(database, context) { result.warnings.append(hint) }
        var answer = ByteBuffer(capacity: result.schema.utf8.count + 1024)
        answer.append("{\"schema\":")
        answer.append(jsonString: result.schema)
        answer.append(",\"warnings\":[")
        answer.append(list: result.warnings) { answer, warning in
            answer.append("{\"path\":")
            answer.append(jsonString: warning.path)
            answer.append(",\"text\":")
            answer.append(jsonString: warning.text)
            answer.append(UInt8(ascii: "}"))
        }
        answer.append("]}")
        return .plain(answer)
    }

    /// Where the tables are, if not in the schemas that were read.
    private func hintOfOtherSchemas(_ database: Database, _ context: RequestContext) throws(Failure) -> PullWarning? {
        guard database.tables.isEmpty, database.views.isEmpty, database.enums.isEmpty else { return nil }
        let connection = try pool.lease(until: context.deadline, cancellation: context.cancellation)
        defer { pool.release(connection) }
        let others = try texts(CatalogReader.filledSchemas, on: connection, context).filter { !$0.isExactlyOne(of: database.schemas) }
        if others.isEmpty { return nil }
        let read = database.schemas.map { "`\($0)`" }.joined(separator: ", ")
        let text = """
            There are no tables in \(read.isEmpty ? "the schema that was read" : read), but in \(others.map { "`\($0)`" }.joined(separator: ", ")). \
            Name a schema by `schemas`, in the datasource, or by `?schema=` in the URL.
            """
        return PullWarning(path: "", text: text)
    }
}
