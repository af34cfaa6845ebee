import Concurrency
import Postgres
import Query
import SQL
import Schema
import Telemetry
import Text

extension Client {
    /// `$accelerate.installTriggers` and `$accelerate.removeTriggers`: return the SQL, and run it on request.
    ///
    ///     {"tables": ["User"], "execute": true} → {"sql": "CREATE …", "tables": ["public.User"], "executed": true}
    ///
    /// Each table is changed in a transaction of its own, so no lock is held while another one is awaited.
    func changeTriggers(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let (names, executes) = try OperationArguments.triggers(envelope, document)
        let tables = try triggeredTables(names)
        let schema = defaultSchema
        let isInstallation = envelope.operation == .installTriggers
        func script(_ tables: [ChangeTriggers.Table]) -> String {
            isInstallation
                ? ChangeTriggers.installation(of: tables, functionSchema: schema)
                : ChangeTriggers.removal(of: tables, functionSchema: schema)
        }
        if executes {
            for table in tables { try execute(script([table]), context) }
        }
        var answer = ByteBuffer(capacity: 8192)
        answer.append("{\"sql\":")
        answer.append(jsonString: script(tables))
        answer.append(",\"tables\":")
        answer.append(jsonStrings: tables.map(\.path))
        answer.append(executes ? ",\"executed\":true}" : ",\"executed\":false}")
        return .plain(answer)
    }

    private func execute(_ statement: String, _ context: RequestContext) throws(Failure) {
        var ignored = ByteBuffer()
        telemetry.databaseQueries.add()
        do throws(Failure) {
            try pool.runRaw(
                statement, ParameterList(), returnsRows: false, limit: limits.responseBytes, until: context.deadline,
                cancellation: context.cancellation, into: &ignored)
        } catch {
            throw error.sqlState == "42501" ? Self.notOurs(error) : error
        }
    }

    private static func notOurs(_ error: Failure) -> Failure {
        var failure = error
        failure.status = .denied
        failure.code = "P1010"
        failure.message =
            "The triggers cannot be made or removed: the connecting role has to own the tables and may need CREATE on the schema, and a function "
            + "`\(ChangeTriggers.name)` that is there already has to belong to it, to the tables' owner or to a superuser."
        return failure
    }

    /// Returns the tables with those names, which may be names of models. Returns all tables of the schema if there are none.
    private func triggeredTables(_ names: [String]?) throws(Failure) -> [ChangeTriggers.Table] {
        let all = ChangeTriggers.tables(of: schema, plans.settings)
        guard let names else { return all }
        var known: [ExactString: ChangeTriggers.Table] = [:]
        for table in all {
            known[ExactString(table.name)] = table
            known[ExactString(table.path)] = table
        }
        for model in schema.models {
            let table = ChangeTriggers.Table(schema: model.tableSchema ?? plans.settings.defaultSchema, name: model.tableName)
            known[ExactString(model.name)] = model.isView ? nil : table
        }
        var tables: [ChangeTriggers.Table] = []
        for name in names {
            guard let table = known[ExactString(name)] else { throw unknownTable(name, known.keys.sorted().map(\.text)) }
            if !tables.contains(table) { tables.append(table) }
        }
        return tables
    }

    private func unknownTable(_ name: String, _ known: [String]) -> Failure {
        let hint = NameSuggestion.nearest(to: name, among: known).map { " Did you mean `\($0)`?" } ?? ""
        return .parameter(.unknownValue, at: "args.tables", "names no model or table of the schema that can have triggers.\(hint)")
    }
}
