import Catalog
import Concurrency
import Query
import Schema
import Text

extension Client {
    /// `$schema.pull`: the schema text of the database, with what only the client's own schema knows.
    ///
    ///     {"schemas": ["app", "audit"]} → {"schema": "model User {…", "warnings": [{"path": "User.seen", "text": "…"}]}
    func pullSchema(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        let asked = try OperationArguments.schemas(envelope, document)
        var present: (schema: Schema, text: String)?
        if let source = schemaSource, let schema = try readWholeSchema() { present = (schema, try source.readText()) }
        let database = try readDatabase(schemas: asked ?? present.map { schemaNames(of: $0.schema) } ?? [], until: deadline)
        if let asked, !asked.allSatisfy({ $0.isExactlyOne(of: database.schemas) }) {
            throw .parameter(.unknownValue, at: "args.schemas", "names a schema that the database does not have.")
        }
        let result = SchemaPull.text(of: database, present: present, namesSchemas: asked != nil)
        var answer = ByteBuffer(capacity: result.schema.utf8.count + 1024)
        answer.append("{\"schema\":")
        answer.append(jsonString: result.schema)
        answer.append(",\"warnings\":[")
        for (position, warning) in result.warnings.enumerated() {
            if position > 0 { answer.append(UInt8(ascii: ",")) }
            answer.append("{\"path\":")
            answer.append(jsonString: warning.path)
            answer.append(",\"text\":")
            answer.append(jsonString: warning.text)
            answer.append(UInt8(ascii: "}"))
        }
        answer.append("]}")
        return .plain(answer)
    }
}
