import Catalog
import Concurrency
import Postgres
import Query
import Schema
import Telemetry
import Text
import Writes

extension Client {
    /// `$schema.deploy`: runs the migrations of a folder that the database does not have yet, in order, like `prisma migrate deploy`.
    ///
    ///     {"path": "prisma/migrations"} → {"applied": ["20240131120000_init"], "edited": []}
    ///
    /// `edited` names applied migrations whose files have changed since; they are not run again.
    func deployMigrations(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let folder = try MigrationFolder(try OperationArguments.path(envelope, document))
        var hasBegun = false
        // Why after a failure, too: what came before it has been applied. Why after the release: the others are told over the pool.
        defer { if hasBegun { changedStructure(context) } }
        let connection = try pool.lease(until: context.deadline, cancellation: context.cancellation)
        defer { pool.release(connection) }
        let run = MigrationRun(client: self, connection: connection, context: context)
        let (applied, edited) = try run.deploy(folder, &hasBegun)
        var answer = ByteBuffer(capacity: 1024)
        answer.append("{\"applied\":")
        answer.append(jsonStrings: applied)
        answer.append(",\"edited\":")
        answer.append(jsonStrings: edited)
        answer.append(UInt8(ascii: "}"))
        return .plain(answer)
    }
}

/// One deployment, on a connection of its own.
private struct MigrationRun {
    let client: Client
    let connection: Connection
    let context: RequestContext
    /// `"public"."_prisma_migrations"`, quoted.
    let table: String
    let schema: String

    init(client: Client, connection: Connection, context: RequestContext) {
        self.client = client
        self.connection = connection
        self.context = context
        schema = client.defaultSchema
        table = schema.quotedIdentifier + ".\"_prisma_migrations\""
    }

    /// A row of the table.
    private struct Record {
        var name: String
        var checksum: String
        var startedAt: String
        var isFinished: Bool
        var isRolledBack: Bool
    }

    /// - Parameter hasBegun: set before the first migration is applied.
    func deploy(_ folder: MigrationFolder, _ hasBegun: inout Bool) throws(Failure) -> (applied: [String], edited: [String]) {
        try client.takeMigrationLock(.session, on: connection, context)
        defer { unlock() }
        try prepareTable()
        let records = try readRecords()
        try refuseFailed(records)
        let done = records.filter { $0.isFinished && !$0.isRolledBack }
        var applied: [String] = []
        var edited: [String] = []
        for entry in folder.entries {
            if let record = done.first(where: { $0.name.isExactly(entry.name) }) {
                if !record.checksum.isExactly(entry.checksum) { edited.append(entry.name) }
                continue
            }
            hasBegun = true
            try apply(entry)
            applied.append(entry.name)
        }
        return (applied, edited)
    }

    // MARK: The table

    private func prepareTable() throws(Failure) {
        let found = try rows("SELECT pg_catalog.to_regclass($1)::pg_catalog.text AS name", [table]).first { _ in true }?["name"]
        if let found, !found.isNull { return }
        let database = try client.readDatabase(schemas: [schema], on: connection, context)
        if database.tables.contains(where: { !$0.isOfExtension }) {
            throw Failure(
                .invalidRequest, code: "P3005",
                "The database schema is not empty. Read more about how to baseline an existing production database: https://pris.ly/d/migrate-baseline")
        }
        try execute("CREATE SCHEMA IF NOT EXISTS \(schema.quotedIdentifier)")
        try execute(
            """
            CREATE TABLE \(table) (
                id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
                migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
                started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)
            """)
    }

    private func readRecords() throws(Failure) -> [Record] {
        let text = """
            SELECT migration_name AS name, checksum, started_at::pg_catalog.text AS started,
                (finished_at IS NOT NULL)::pg_catalog.text AS finished, (rolled_back_at IS NOT NULL)::pg_catalog.text AS back
            FROM \(table) ORDER BY started_at
            """
        return try rows(text, []).map { row in
            Record(
                name: row["name"]?.string ?? "", checksum: row["checksum"]?.string ?? "", startedAt: row["started"]?.string ?? "",
                isFinished: row["finished"]?.string == "true", isRolledBack: row["back"]?.string == "true")
        }
    }

    private func refuseFailed(_ records: [Record]) throws(Failure) {
        let failed = records.filter { !$0.isFinished && !$0.isRolledBack }
        guard !failed.isEmpty else { return }
        let list = failed.map { "\nThe `\($0.name)` migration started at \($0.startedAt) failed" }.joined()
        throw Failure(
            .conflict, code: "P3009",
            "migrate found failed migrations in the target database, new migrations will not be applied. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\(list)"
        )
    }

    // MARK: One migration

    private func apply(_ entry: MigrationFolder.Entry) throws(Failure) {
        var buffer = ByteBuffer(capacity: 40)
        GeneratedText.write(uuid: 4, milliseconds: 0, into: &buffer)
        let id = buffer.string()
        try execute(
            "INSERT INTO \(table) (id, checksum, started_at, migration_name) VALUES ($1, $2, pg_catalog.now(), $3)", [id, entry.checksum, entry.name])
        do throws(Failure) {
            try client.execute(entry.script, on: connection, context)
        } catch {
            connection.rollBack(until: context.deadline)
            try? execute("UPDATE \(table) SET logs = $2 WHERE id = $1", [id, FailedStep(error).told])
            throw failed(entry, error)
        }
        try execute("UPDATE \(table) SET finished_at = pg_catalog.now(), applied_steps_count = 1 WHERE id = $1", [id])
    }

    private func failed(_ entry: MigrationFolder.Entry, _ cause: Failure) -> Failure {
        let step = FailedStep(cause)
        var failure = cause
        failure.code = "P3018"
        failure.message = """
            A migration failed to apply. New migrations cannot be applied before the error is recovered from. \
            Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve

            Migration name: \(entry.name)

            Database error code: \(cause.sqlState ?? "unknown")

            Database error:
            \(step.told)\(step.statement(of: entry.script).map { "\n\n" + $0 } ?? "")
            """
        return failure
    }

    // MARK: Statements

    private func unlock() {
        // Why no failure: the lock ends with the session.
        try? execute("SELECT pg_catalog.pg_advisory_unlock(\(MigrationLock.key))")
    }

    private func execute(_ text: String, _ values: [String] = []) throws(Failure) { _ = try rows(text, values) }

    private func rows(_ text: String, _ values: [String]) throws(Failure) -> [JSONValue] {
        var parameters = ParameterList()
        for value in values { try parameters.append { $0.append(value) } }
        var answer = ByteBuffer()
        client.telemetry.databaseQueries.add()
        try client.pool.runRaw(
            text, parameters, types: values.map { _ in CatalogScope.textType }, RawAnswer(.objects), on: connection,
            limit: client.limits.responseBytes, until: context.deadline, into: &answer)
        return try JSONDocument(scanning: answer.bytes).root.elements.map { $0 }
    }
}
