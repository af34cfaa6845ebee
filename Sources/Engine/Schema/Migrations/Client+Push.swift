import Catalog
import Concurrency
import Migration
import Postgres
import Query
import Schema
import Telemetry
import Text

extension Client {
    /// `$schema.push`: changes the database to match the client's schema, in one transaction.
    ///
    ///     {"acceptDataLoss": false, "dryRun": false} → {"sql": "ALTER TABLE…", "steps": 1, "risks": [], "executed": true}
    ///
    /// A change that would lose data, or fail for existing rows, is not started unless it is accepted. `executed` is then false and `risks`
    /// says why.
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
                connection.rollBack(until: deadline)
                throw undone(error, migration, on: connection, until: deadline)
            }
            try commit(connection, until: deadline)
            changedStructure(until: deadline)
            return .plain(answer(migration, risks, executed: true))
        } catch {
            connection.rollBack(until: deadline)
            throw error
        }
    }

    /// Returns the migration from the database, as the open transaction sees it, to a schema.
    private func migration(to wanted: Database, of schema: Schema, on connection: Connection, until deadline: Deadline) throws(Failure) -> Migration {
        let names = schemaNames(of: schema)
        let migration = Migration(from: try readDatabase(schemas: names, on: connection, until: deadline), to: wanted)
        if migration.questions.isEmpty { return migration }
        // Why outside: a question that the server does not understand would abort the transaction.
        connection.rollBack(until: deadline)
        let answers = try answers(to: migration.questions, on: connection, until: deadline)
        try begin(on: connection, until: deadline)
        return Migration(from: try readDatabase(schemas: names, on: connection, until: deadline), to: wanted, answers)
    }

    /// - Parameter connection: outside transactions.
    private func undone(_ cause: Failure, _ migration: Migration, on connection: Connection, until deadline: Deadline) -> Failure {
        let failed = FailedStep(cause)
        var dependents: [String] = []
        if failed.mayBeBlocked, let (step, _) = failed.step(of: migration) {
            for target in step.targets {
                // Why no failure of its own: the original one says more.
                let found = (try? texts(Dependents.query(target), on: connection, until: deadline)) ?? []
                dependents += found.filter { dependents.firstIndex(ofExactly: $0) == nil }
            }
        }
        return failed.failure(migration, dependents: dependents)
    }

    /// Begins a transaction and takes Prisma Migrate's lock, so that no other migration tool runs at the same time.
    private func begin(on connection: Connection, until deadline: Deadline) throws(Failure) {
        // Why a limit: a statement that waits for a table delays every later one.
        let limit = "SET LOCAL lock_timeout = '\(MigrationLock.tableMilliseconds(until: deadline))ms'"
        _ = try connection.execute(
            writing: [Statement(text: limit, slots: [], isControl: true)], [.begins, .staysOpen], ParameterList(), until: deadline)
        try takeMigrationLock(.transaction, on: connection, until: deadline)
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

    /// Invalidates everything: answers are from tables that may have changed, and so are the catalog's facts.
    func changedStructure(until deadline: Deadline) {
        var changes = InvalidationSet()
        changes.isEverything = true
        changes.areTablesDefined = true
        applyInvalidations(changes)
        // Why no error if this fails: the tables have changed already, and processes that lost their connection invalidate by themselves.
        try? broadcast(changes, until: deadline)
    }
}
