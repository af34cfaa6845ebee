import Concurrency
import Postgres
import Query
import Telemetry
import Text

/// PostgreSQL's advisory lock that keeps two migrations apart.
enum MigrationLock {
    /// Prisma Migrate's own number, so that its tools and this library wait for each other.
    static let key = 72_707_369

    enum Scope: String {
        case session = "pg_try_advisory_lock"
        case transaction = "pg_try_advisory_xact_lock"
    }

    /// When the wait for a lock ends: after ten seconds, or earlier if the request would have no time left to report the failure.
    static func end(_ start: Deadline, _ deadline: Deadline) -> Deadline {
        min(.after(milliseconds: Limits.migrationLockMilliseconds, from: start), deadline.latestStart(since: start))
    }

    /// Returns how long a statement waits for a table.
    static func tableMilliseconds(until deadline: Deadline) -> Int { Int(end(.now, deadline).pollMilliseconds) }
}

extension Client {
    /// Takes the lock, or fails with P1002 if another migration holds it too long.
    ///
    /// Why by trying: a waiting statement holds a snapshot, and `CREATE INDEX CONCURRENTLY` of the other migration would wait for that.
    func takeMigrationLock(_ scope: MigrationLock.Scope, on connection: Connection, _ context: RequestContext) throws(Failure) {
        let start = Deadline.now
        let end = MigrationLock.end(start, context.deadline)
        while true {
            let taken = try texts("SELECT pg_catalog.\(scope.rawValue)(\(MigrationLock.key))::pg_catalog.text AS name", on: connection, context)
            if taken == ["true"] { return }
            if Deadline.now >= end { break }
            _ = try texts("SELECT 'slept' AS name FROM pg_catalog.pg_sleep(0.1)", on: connection, context)
        }
        let holders = try texts(Self.lockHolders, on: connection, context)
        let waited = (Deadline.now.nanoseconds - start.nanoseconds) / 1_000_000
        let holder = holders.isEmpty ? "" : " It is held by the server's process \(holders.joined(separator: ", "))."
        throw Failure(
            .timeout, code: "P1002",
            """
            Another migration is running: the advisory lock \(MigrationLock.key), which Prisma Migrate takes as well, was not free within \(waited) ms.\
            \(holder) Wait for its end, and try again.
            """, isRetryable: true)
    }

    private static let lockHolders = """
        SELECT DISTINCT l.pid::pg_catalog.text AS name FROM pg_catalog.pg_locks l
        WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted AND l.classid OPERATOR(pg_catalog.=) 0::pg_catalog.oid
            AND l.objid OPERATOR(pg_catalog.=) \(MigrationLock.key)::pg_catalog.oid AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
        """

    /// Returns the column `name` of a query's rows.
    func texts(_ query: String, on connection: Connection, _ context: RequestContext) throws(Failure) -> [String] {
        var answer = ByteBuffer()
        telemetry.databaseQueries.add()
        try pool.runRaw(query, ParameterList(), returnsRows: true, on: connection, limit: limits.responseBytes, until: context.deadline, into: &answer)
        return try JSONDocument(scanning: answer.bytes).root.elements.compactMap { $0["name"]?.string }
    }
}
