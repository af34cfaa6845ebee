import Catalog
import Concurrency
import Query
import Schema
import Text

extension Client {
    /// `$schema.check`: every difference between the schema and the database.
    ///
    ///     {"differences": [{"path": "User.email", "kind": "nullability", "schema": "String", "database": "String?", "affects": ["reads", "correctness"]}],
    ///      "unseen": [{"path": "Audit", "reason": "…"}]}
    func checkSchema(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        try OperationArguments.none(envelope, document)
        let check = try compareSchema("$schema.check", context)
        var answer = ByteBuffer(capacity: 1024)
        answer.append("{\"differences\":[")
        answer.append(list: check.differences) { Self.writeDifference($1, into: &$0) }
        answer.append("],\"unseen\":[")
        answer.append(list: check.unseen) { answer, part in
            answer.append("{\"path\":")
            answer.append(jsonString: part.path)
            answer.append(",\"reason\":")
            answer.append(jsonString: part.reason)
            answer.append(UInt8(ascii: "}"))
        }
        answer.append("]}")
        return .plain(answer)
    }

    func compareSchema(_ operation: String, _ context: RequestContext) throws(Failure) -> SchemaCheck {
        // Why not always read again: most schemas ignore no model, and reading costs as much as comparing.
        let isWhole = schemaSource != nil && !self.schema.leavesModelsOut
        let schema = try isWhole ? self.schema : requiredSchema(operation)
        let database = try readDatabase(schemas: schemaNames(of: schema), context)
        let check = SchemaCheck(schema, database)
        return check.questions.isEmpty ? check : SchemaCheck(schema, database, try answers(to: check.questions, context))
    }

    private static func writeDifference(_ difference: SchemaDifference, into answer: inout ByteBuffer) {
        answer.append("{\"path\":")
        answer.append(jsonString: difference.path)
        answer.append(",\"kind\":")
        answer.append(jsonString: difference.kind.rawValue)
        answer.append(",\"schema\":")
        writeText(difference.schema, into: &answer)
        answer.append(",\"database\":")
        writeText(difference.database, into: &answer)
        answer.append(",\"affects\":")
        answer.append(jsonStrings: difference.affects.map(\.rawValue))
        answer.append(UInt8(ascii: "}"))
    }

    private static func writeText(_ text: String?, into answer: inout ByteBuffer) {
        if let text { answer.append(jsonString: text) } else { answer.append("null") }
    }
}
