import Catalog
import Concurrency
import Migration
import Postgres
import Query
import Schema
import Telemetry
import Text

extension Client {
    /// `$schema.diff`: the SQL that leads from one state to another, and what it may lose.
    ///
    ///     {"from": "database", "to": "model User {…"} → {"sql": "-- CreateTable…", "steps": 1, "risks": []}
    ///
    /// A state is `"database"`, `"empty"`, `"schema"` (the client's own) or the text of a schema.
    func diffSchemas(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let (from, to) = try OperationArguments.states(envelope, document)
        // The schemas that the text names are read from the database.
        let texts = try (parsed(from, at: "args.from"), parsed(to, at: "args.to"))
        let names = schemaNames(of: (texts.1 ?? texts.0) ?? Schema.none)
        let database = from == .database || to == .database ? try readDatabase(schemas: names, context) : nil
        var current = state(from, texts.0, database)
        let wanted = state(to, texts.1, database)
        // Why: a schema text does not say which extensions exist.
        if texts.0 != nil { current.extensions = wanted.extensions }
        var migration = Migration(from: current, to: wanted)
        // Why not between two texts: no server has changed the wording of either.
        if !migration.questions.isEmpty, from == .database || to == .database {
            migration = Migration(from: current, to: wanted, try answers(to: migration.questions, context))
        }
        let risks: [Risk] = from == .database ? try present(migration.risks, context) : migration.risks
        return .plain(answer(migration, risks, executed: nil))
    }

    private func parsed(_ state: OperationArguments.SchemaState, at path: String) throws(Failure) -> Schema? {
        switch state {
        case .database, .empty: return nil
        case .own: return try requiredSchema("$schema.diff")
        case .text(let text):
            do throws(Failure) {
                return try Schema.parse(text, keepsIgnored: true)
            } catch {
                throw .parameter(.wrongType, at: path, "is not a schema: \(error.message)")
            }
        }
    }

    /// - Parameter database: as it is; nil where neither state is that.
    private func state(_ state: OperationArguments.SchemaState, _ schema: Schema?, _ database: Database?) -> Database {
        if let schema { return Database(wantedBy: schema, defaultSchema: database?.defaultSchema ?? defaultSchema) }
        if case .database = state, let database { return database }
        var empty = Database()
        // Why: every database has it from the beginning.
        empty.schemas = ["public"]
        return empty
    }

    // MARK: Risks

    /// Returns the risks that the rows of the database confirm.
    ///
    /// - Parameter connection: one that the caller holds, in its transaction; nil for any of the pool.
    func present(_ risks: [Risk], on connection: Connection? = nil, _ context: RequestContext) throws(Failure) -> [Risk] {
        var found: [Risk] = []
        for risk in risks where try holds(risk.condition, on: connection, context) { found.append(risk) }
        return found
    }

    private func holds(_ condition: Risk.Condition, on connection: Connection?, _ context: RequestContext) throws(Failure) -> Bool {
        var answer = ByteBuffer()
        telemetry.databaseQueries.add()
        let text = "SELECT (" + condition.query + ")::pg_catalog.text AS found"
        try pool.runRaw(
            text, ParameterList(), RawAnswer(.objects), on: connection, limit: limits.responseBytes, until: context.deadline,
            cancellation: context.cancellation, into: &answer)
        return try JSONDocument(scanning: answer.bytes).root.elements.first { _ in true }?["found"]?.string == "true"
    }

    // MARK: The answer

    /// Returns `{"sql", "steps", "risks"}`, with `"left"` if the schema wants what no step does, and with `"executed"` of a push.
    func answer(_ migration: Migration, _ risks: [Risk], executed: Bool?) -> ByteBuffer {
        let sql = executed == nil ? migration.script : migration.sql
        var answer = ByteBuffer(capacity: sql.utf8.count + 512)
        answer.append("{\"sql\":")
        answer.append(jsonString: sql)
        answer.append(",\"steps\":")
        answer.append(decimal: migration.steps.count)
        answer.append(",\"risks\":[")
        answer.append(list: risks) { answer, risk in
            append(risk.path(isQualified: migration.isQualified), risk.kind.rawValue, risk.reason, to: &answer)
        }
        answer.append(UInt8(ascii: "]"))
        if !migration.left.isEmpty { append(migration.left, isQualified: migration.isQualified, to: &answer) }
        if let executed { answer.append(executed ? ",\"executed\":true" : ",\"executed\":false") }
        answer.append(UInt8(ascii: "}"))
        return answer
    }

    private func append(_ left: [LeftDifference], isQualified: Bool, to answer: inout ByteBuffer) {
        answer.append(",\"left\":[")
        answer.append(list: left) { answer, difference in
            append(difference.path(isQualified: isQualified), difference.kind.rawValue, difference.reason, to: &answer)
        }
        answer.append(UInt8(ascii: "]"))
    }

    private func append(_ path: String, _ kind: String, _ reason: String, to answer: inout ByteBuffer) {
        answer.append("{\"path\":")
        answer.append(jsonString: path)
        answer.append(",\"kind\":")
        answer.append(jsonString: kind)
        answer.append(",\"reason\":")
        answer.append(jsonString: reason)
        answer.append(UInt8(ascii: "}"))
    }
}
