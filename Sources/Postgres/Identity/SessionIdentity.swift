import Text

/// What the server decides about a session beside the URL, and what its reads may depend on. Equal identities see the same rows, as far as
/// settings decide that.
///
/// It is a digest of: the current role, whether that passes row-level security, the session's role, the database's object identifier, the
/// search path and the schemas that exist of it, `row_security`, and the session's values of all settings that ALTER ROLE and ALTER DATABASE name for
/// its role and database. Policies and functions may read any of those settings. The digest is the same in any process.
package struct SessionIdentity: Sendable, Equatable {
    package let number: UInt64

    /// Of a session whose server does not tell, because it knows no such catalog or refuses it.
    static let untold = SessionIdentity(number: 1)

    package init(number: UInt64) { self.number = number }

    /// - Parameter reply: the one row of `statement`.
    init(_ reply: ResultHandle) {
        guard reply.rowCount == 1, reply.columnCount == SessionIdentity.columns else {
            self = .untold
            return
        }
        var hash = SHA256()
        for column in 0..<Int32(SessionIdentity.columns) {
            let cell = reply.cell(0, column)
            withUnsafeBytes(of: UInt64(truncatingIfNeeded: cell.map { $0.count + 1 } ?? 0).littleEndian) { hash.update($0) }
            if let cell { hash.update(cell) }
        }
        number = max(hash.finishHalf().high, 2)
    }

    /// Why each name with its schema: the search path is what is in question.
    /// Why the session's values of the settings, and only their names of the catalog: a session has what was set when it began, and the catalog
    /// says what a session that begins now would have.
    /// Why two of them as the catalog has them: only some roles may read the session's, and no row depends on them.
    static let statement = """
        SELECT r.rolname, r.rolsuper OR r.rolbypassrls, s.rolname, d.oid, pg_catalog.current_setting('search_path'), \
        pg_catalog.current_schemas(false), pg_catalog.current_setting('row_security'), \
        ARRAY(SELECT DISTINCT CASE WHEN n.name OPERATOR(pg_catalog.=) ANY (ARRAY['session_preload_libraries', 'dynamic_library_path']) THEN u.setting \
        ELSE pg_catalog.concat(n.name, '=', pg_catalog.current_setting(n.name, true)) END \
        FROM pg_catalog.pg_db_role_setting c, pg_catalog.unnest(c.setconfig) AS u(setting), pg_catalog.split_part(u.setting, '=', 1) AS n(name) \
        WHERE c.setdatabase OPERATOR(pg_catalog.=) ANY (ARRAY[0::pg_catalog.oid, d.oid]) \
        AND c.setrole OPERATOR(pg_catalog.=) ANY (ARRAY[0::pg_catalog.oid, s.oid]) ORDER BY 1) \
        FROM pg_catalog.pg_roles r, pg_catalog.pg_roles s, pg_catalog.pg_database d \
        WHERE r.rolname OPERATOR(pg_catalog.=) current_user AND s.rolname OPERATOR(pg_catalog.=) session_user \
        AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
        """

    private static let columns = 8
}
