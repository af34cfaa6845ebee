import Catalog
import Concurrency
import Postgres
import Query
import Schema
import Telemetry
import Text

// What all operations on schemas begin with: the schema as it is written, and the database as it is.
extension Client {
    /// The structure of some schemas of the database, in one round trip.
    ///
    /// - Parameters:
    ///   - schemas: their names; none stands for the connection's own.
    ///   - connection: one that the caller holds; nil for any of the pool.
    func readDatabase(schemas: [String], on connection: Connection? = nil, until deadline: Deadline) throws(Failure) -> Database {
        var parameters = ParameterList()
        let names = schemas.isEmpty ? (pool.settings.schema.map { [$0] } ?? []) : schemas
        try parameters.append { CatalogReader.parameter(schemas: names, into: &$0) }
        var answer = ByteBuffer(capacity: 65_536)
        var attempts = 0
        while true {
            do throws(Failure) {
                telemetry.databaseQueries.add()
                try askCatalog(parameters, connection, deadline, into: &answer)
                break
            } catch {
                attempts += 1
                // Why: functions that describe an object see it go sooner than the statement's snapshot does, and call that an internal error.
                guard connection == nil, attempts < Limits.catalogAttempts, error.sqlState == "XX000" || error.sqlState == "42P01" else { throw error }
                answer.removeAll()
            }
        }
        var database = CatalogReader.database(from: try JSONDocument(scanning: answer.bytes))
        if let schema = pool.settings.schema { database.defaultSchema = schema }
        return database
    }

    private func askCatalog(
        _ parameters: borrowing ParameterList, _ connection: Connection?, _ deadline: Deadline, into answer: inout ByteBuffer
    ) throws(Failure) {
        let (text, types, form) = (CatalogReader.statement, [CatalogReader.textType], RawAnswer(.table))
        if let connection {
            try pool.runRaw(text, parameters, types: types, form, on: connection, limit: Limits.catalogBytes, until: deadline, into: &answer)
        } else {
            try pool.runRaw(text, parameters, types: types, form, limit: Limits.catalogBytes, until: deadline, into: &answer)
        }
    }

    /// The configured schema with the models that queries do not know: read again, for it may have been a file.
    ///
    /// Nil where the client has none.
    func readWholeSchema() throws(Failure) -> Schema? {
        switch schemaSource {
        case .none: nil
        case .some(let source): try source.readSchema(keepsIgnored: true)
        }
    }

    /// The same for what needs one.
    func requiredSchema(_ operation: String) throws(Failure) -> Schema {
        guard let schema = try readWholeSchema() else {
            throw .parameter(
                .notAllowed, at: "operation", "is `\(operation)`, which needs a schema: the client was opened without `schema` and `schemaPath`.")
        }
        return schema
    }

    /// Where tables are whose schema nothing names: what the URL says, else PostgreSQL's own.
    var defaultSchema: String { pool.settings.schema ?? "public" }

    /// The schemas of the database that a schema text speaks of.
    func schemaNames(of schema: Schema) -> [String] { schema.datasource?.schemas ?? [] }
}
