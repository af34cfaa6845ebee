import Catalog
import Concurrency
import Migration
import Postgres
import Query
import Schema
import Telemetry
import Text

extension Client {
    /// `$schema.push`: makes the database as the client's schema says, in one transaction.
    ///
    ///     {"acceptDataLoss": false, "dryRun": false} → {"sql": "ALTER TABLE…", "steps": 1, "risks": [], "executed": true}
    ///
    /// What would lose data, or fail for what the rows hold, is not begun unless it is accepted: then `executed` is false and `risks` says why.
    func pushSchema(_ envelope: Envelope, _ document: JSONDocument, _ deadline: Deadline) throws(Failure) -> Reply {
        let (acceptsLoss, isDryRun) = try OperationArguments.push(envelope, document)
        let schema = try requiredSchema("$schema.push")
        let wanted = Database(wantedBy: schema, defaultSchema: defaultSchema)
        let connection = try pool.lease(until: deadline)
        defer { pool.release(connection) }
        do throws(Failure) {
            try begin(on: connection, until: deadline)
            let migration = try migration(to: wanted, of: schema, on: connection, until: deadline)
            let risks = try present(migration.risks, on: connection, until: deadline)
            let executes = !isDryRun && !migration.isEmpty && (risks.isEmpty || acceptsLoss)
            guard executes else {
                connection.rollBack(until: deadline)
                return .plain(answer(migration, risks, executed: !isDryRun && migration.isEmpty))
            }
            do throws(Failure) {
                try execute(migration.sql, on: connection, until: deadline)
            } catch {
                throw Self.undone(error)
            }
            try commit(connection, until: deadline)
            changedStructure(until: deadline)
            return .plain(answer(migration, risks, executed: true))
        } catch {
            connection.rollBack(until: deadline)
            throw error
        }
    }

    /// What leads from the database as it is in the open transaction to a schema.
    private func migration(to wanted: Database, of schema: Schema, on connection: Connection, until deadline: Deadline) throws(Failure) -> Migration {
        let names = schemaNames(of: schema)
        let migration = Migration(from: try readDatabase(schemas: names, on: connection, until: deadline), to: wanted)
        if migration.questions.isEmpty { return migration }
        // Why outside: a question that the server does not understand would end the transaction.
        connection.rollBack(until: deadline)
        let answers = try answers(to: migration.questions, on: connection, until: deadline)
        try begin(on: connection, until: deadline)
        return Migration(from: try readDatabase(schemas: names, on: connection, until: deadline), to: wanted, answers)
    }

    private static func undone(_ cause: Failure) -> Failure {
        var failure = cause
        failure.message = "The database could not be changed as the schema says, and nothing of it was: \(cause.message)"
        return failure
    }

    /// Begins a transaction that no other tool's runs beside: the lock is the one that Prisma Migrate takes.
    private func begin(on connection: Connection, until deadline: Deadline) throws(Failure) {
        let opening = [
            // Why a limit: a statement that waits for a table delays every later one.
            "SET LOCAL lock_timeout = '\(MigrationLock.waitMilliseconds)ms'",
            "SELECT pg_catalog.pg_advisory_xact_lock(\(MigrationLock.key))",
        ]
        let statements = opening.map { Statement(text: $0, slots: [], isControl: true) }
        _ = try connection.execute(writing: statements, [.begins, .staysOpen], ParameterList(), until: deadline)
    }

    func execute(_ script: String, on connection: Connection, until deadline: Deadline) throws(Failure) {
        var ignored = ByteBuffer()
        telemetry.databaseQueries.add()
        try pool.runRaw(
            script, ParameterList(), isScript: true, RawAnswer(.count), on: connection, limit: limits.responseBytes, until: deadline, into: &ignored)
    }

    private func commit(_ connection: Connection, until deadline: Deadline) throws(Failure) {
        _ = try connection.execute(writing: [], [.commits], ParameterList(), until: deadline)
    }

    /// Answers are of tables that may be others now, and so is what is known of the catalog.
    func changedStructure(until deadline: Deadline) {
        var changes = InvalidationSet()
        changes.isEverything = true
        changes.areTablesDefined = true
        applyInvalidations(changes)
        // Why no error when this fails: the tables have changed already, and processes that lost their connection invalidate by themselves.
        try? broadcast(changes, until: deadline)
    }
}

/// What keeps two migrations apart.
enum MigrationLock {
    /// Prisma Migrate's own number, so that its tools and ours wait for each other.
    static let key = 72_707_369
    static let waitMilliseconds = 10_000
}
