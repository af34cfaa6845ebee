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
    func pushSchema(_ envelope: Envelope, _ document: JSONDocument, _ context: RequestContext) throws(Failure) -> Reply {
        let (acceptsLoss, isDryRun) = try OperationArguments.push(envelope, document)
        let schema = try requiredSchema("$schema.push")
        var mayHaveCommitted = false
        // Why after the release: the others are told over the pool.
        defer { if mayHaveCommitted { changedStructure(context) } }
        let connection = try pool.lease(until: context.deadline, cancellation: context.cancellation)
        defer { pool.release(connection) }
        do throws(Failure) {
            try begin(on: connection, context)
            let migration = try migration(to: schema, on: connection, context)
            let risks = try present(migration.risks, on: connection, context)
            let executes = !isDryRun && !migration.isEmpty && (risks.isEmpty || acceptsLoss)
            guard executes else {
                connection.rollBack(until: context.deadline)
                return .plain(answer(migration, risks, executed: !isDryRun && migration.isEmpty))
            }
            do throws(Failure) {
                try execute(migration.sql, on: connection, context)
            } catch {
                connection.rollBack(until: context.deadline)
                throw undone(error, migration, on: connection, context)
            }
            mayHaveCommitted = true
            try commit(connection, context)
            return .plain(answer(migration, risks, executed: true))
        } catch {
            connection.rollBack(until: context.deadline)
            throw error
        }
    }

    /// Returns the migration from the database, as the open transaction sees it, to a schema.
    private func migration(to schema: Schema, on connection: Connection, _ context: RequestContext) throws(Failure) -> Migration {
        let names = schemaNames(of: schema)
        let database = try readDatabase(schemas: names, on: connection, context)
        // Why the server's: a search path of the role or of the database may name another schema than `public`.
        let wanted = Database(wantedBy: schema, defaultSchema: database.defaultSchema)
        let migration = Migration(from: database, to: wanted, remakesKeys: false)
        if migration.questions.isEmpty { return migration }
        // Why outside: a question that the server does not understand would abort the transaction.
        connection.rollBack(until: context.deadline)
        let answers = try answers(to: migration.questions, on: connection, context)
        try begin(on: connection, context)
        return Migration(from: try readDatabase(schemas: names, on: connection, context), to: wanted, answers, remakesKeys: false)
    }

    /// - Parameter connection: outside transactions.
    private func undone(_ cause: Failure, _ migration: Migration, on connection: Connection, _ context: RequestContext) -> Failure {
        let failed = FailedStep(cause)
        var dependents: [String] = []
        if failed.mayBeBlocked, let (step, _) = failed.step(of: migration) {
            for target in step.targets {
                // Why no failure of its own: the original one says more.
                let found = (try? texts(Dependents.query(target), on: connection, context)) ?? []
                dependents += found.filter { dependents.firstIndex(ofExactly: $0) == nil }
            }
        }
        return failed.failure(migration, dependents: dependents)
    }

    /// Begins a transaction and takes Prisma Migrate's lock, so that no other migration tool runs at the same time.
    private func begin(on connection: Connection, _ context: RequestContext) throws(Failure) {
        // Why a limit: a statement that waits for a table delays every later one.
        let limit = "SET LOCAL lock_timeout = '\(MigrationLock.tableMilliseconds(until: context.deadline))ms'"
        _ = try connection.execute(
            writing: [Statement(text: limit, slots: [], isControl: true)], [.begins, .staysOpen], ParameterList(), until: context.deadline)
        try takeMigrationLock(.transaction, on: connection, context)
    }

    func execute(_ script: String, on connection: Connection, _ context: RequestContext) throws(Failure) {
        var ignored = ByteBuffer()
        telemetry.databaseQueries.add()
        try pool.runRaw(
            script, ParameterList(), isScript: true, RawAnswer(.count), on: connection, limit: limits.responseBytes, until: context.deadline,
            into: &ignored)
    }

    private func commit(_ connection: Connection, _ context: RequestContext) throws(Failure) {
        _ = try connection.execute(writing: [], [.commits], ParameterList(), until: context.deadline)
    }

    /// Invalidates everything: answers are from tables that may have changed, and so are the catalog's facts.
    func changedStructure(_ context: RequestContext) {
        var changes = InvalidationSet()
        changes.isEverything = true
        changes.areTablesDefined = true
        applyInvalidations(changes)
        // Why no error if this fails: the tables have changed already, and processes that lost their connection invalidate by themselves.
        try? broadcast(changes, context)
    }
}
