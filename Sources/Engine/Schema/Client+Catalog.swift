import Catalog
import Concurrency
import Postgres
import Query
import Schema
import Telemetry
import Text

// What all operations on schemas begin with: the schema as written, and the structure of the database.
extension Client {
    /// Returns the structure of some schemas of the database, in one round trip.
    ///
    /// - Parameters:
    ///   - schemas: their names. If empty, the connection's own schema.
    ///   - connection: one that the caller holds; nil for any of the pool.
    func readDatabase(schemas: [String], on connection: Connection? = nil, _ context: RequestContext) throws(Failure) -> Database {
        var parameters = ParameterList()
        let names = schemas.isEmpty ? (pool.settings.schema.map { [$0] } ?? []) : schemas
        try parameters.append { CatalogReader.parameter(schemas: names, into: &$0) }
        var answer = ByteBuffer(capacity: 65_536)
        var attempts = 0
        while true {
            do throws(Failure) {
                telemetry.databaseQueries.add()
                try askCatalog(parameters, connection, context, into: &answer)
                break
            } catch {
                attempts += 1
                // Why: functions that describe an object notice its removal before the statement's snapshot does. They report an internal error
                // then.
                guard connection == nil, attempts < Limits.catalogAttempts, error.sqlState == "XX000" || error.sqlState == "42P01" else { throw error }
                answer.removeAll()
            }
        }
        var database = CatalogReader.database(from: try JSONDocument(scanning: answer.bytes))
        if let schema = pool.settings.schema { database.defaultSchema = schema }
        return database
    }

    private func askCatalog(
        _ parameters: borrowing ParameterList, _ connection: Connection?, _ context: RequestContext, into answer: inout ByteBuffer
    ) throws(Failure) {
        let (text, types, form) = (CatalogReader.statement, [CatalogReader.textType], RawAnswer(.table))
        try pool.runRaw(
            text, parameters, types: types, form, on: connection, limit: Limits.catalogBytes, until: context.deadline,
            cancellation: context.cancellation, into: &answer)
    }

    /// Reads the configured schema again, with the models that queries do not know. The file may have changed.
    ///
    /// Nil if the client has no schema.
    func readWholeSchema() throws(Failure) -> Schema? {
        switch schemaSource {
        case .none: nil
        case .some(let source): try source.readSchema(keepsIgnored: true)
        }
    }

    /// Returns the whole schema, or throws if the client has none.
    func requiredSchema(_ operation: String) throws(Failure) -> Schema {
        guard let schema = try readWholeSchema() else {
            throw .parameter(
                .notAllowed, at: "operation", "is `\(operation)`, which needs a schema: the client was opened without `schema` and `schemaPath`.")
        }
        return schema
    }

    /// The schema of tables for which none is named: the URL's, or else PostgreSQL's own.
    var defaultSchema: String { pool.settings.schema ?? "public" }

    /// Returns the database schemas that a schema text names.
    func schemaNames(of schema: Schema) -> [String] { schema.datasource?.schemas ?? [] }
}
