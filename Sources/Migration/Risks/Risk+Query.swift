import Catalog
import SQL

extension Risk.Condition {
    /// A query for one row with one boolean. The names in it are quoted and qualified.
    ///
    /// Where a policy decides which rows the user sees, the answer is true. Why: a migration changes the rows that it hides, too.
    package var query: String {
        let ddl = DDL(isQualified: true)
        let areHidden = tables.map { "pg_catalog.row_security_active(pg_catalog.to_regclass(\(DDL.literal(ddl.name($0))))::pg_catalog.oid)" }
        return areHidden.isEmpty ? test : "SELECT CASE WHEN \(areHidden.joined(separator: " OR ")) THEN true ELSE (\(test)) END"
    }

    private var tables: [ObjectName] {
        switch self {
        case .always, .hasKeysOutside: []
        case .hasRows(let table, _), .hasValues(let table, _, _), .hasUnfitting(let table, _, _, _), .hasNulls(let table, _), .hasDuplicates(let table, _),
            .hasNullsOrDuplicates(let table, _), .hidesRows(let table):
            [table]
        case .usesLabels(let uses, _): uses.map(\.table)
        case .hasOrphans(let key, let table): [table, key.target]
        }
    }

    private var test: String {
        let ddl = DDL(isQualified: true)
        switch self {
        case .always: return "SELECT true"
        case .hidesRows: return "SELECT false"
        case .hasRows(let table, let isAlone): return "SELECT EXISTS (SELECT FROM \(isAlone ? "ONLY " : "")\(ddl.name(table)))"
        case .hasValues(let table, let column, let isAlone):
            return "SELECT EXISTS (SELECT FROM \(isAlone ? "ONLY " : "")\(ddl.name(table)) WHERE \(DDL.quoted(column)) IS NOT NULL)"
        case .hasUnfitting(let table, let column, let isList, let test):
            let value = isList ? "pg_catalog.unnest(\(DDL.quoted(column)))" : DDL.quoted(column)
            return "SELECT EXISTS (SELECT FROM (SELECT \(value) AS v FROM \(ddl.name(table))) AS e WHERE \(test))"
        case .hasNulls(let table, let column):
            return "SELECT EXISTS (SELECT FROM \(ddl.name(table)) WHERE \(DDL.quoted(column)) IS NULL)"
        case .hasDuplicates(let table, let columns): return Self.duplicates(table, columns, ddl)
        case .hasNullsOrDuplicates(let table, let columns):
            let nulls = columns.map { "\(DDL.quoted($0)) IS NULL" }.joined(separator: " OR ")
            return Self.duplicates(table, columns, ddl) + " OR EXISTS (SELECT FROM \(ddl.name(table)) WHERE \(nulls))"
        case .usesLabels(let uses, let labels):
            let list = labels.map { DDL.literal($0) }.joined(separator: ", ")
            let tests = uses.map { use in
                let column = DDL.quoted(use.column)
                let test = use.isList ? "\(column)::pg_catalog.text[] OPERATOR(pg_catalog.&&) ARRAY[\(list)]" : "\(column)::pg_catalog.text IN (\(list))"
                return "EXISTS (SELECT FROM \(ddl.name(use.table)) WHERE \(test))"
            }
            return "SELECT " + (tests.isEmpty ? "false" : tests.joined(separator: " OR "))
        case .hasKeysOutside(let table, let column, let schemas): return Self.keys(of: table, column, outside: schemas, ddl)
        case .hasOrphans(let key, let table):
            let filled = key.columns.map { "c.\(DDL.quoted($0)) IS NOT NULL" }.joined(separator: " AND ")
            let pairs = zip(key.columns, key.targetColumns).map { "p.\(DDL.quoted($1)) = c.\(DDL.quoted($0))" }.joined(separator: " AND ")
            return """
                SELECT EXISTS (SELECT FROM \(ddl.name(table)) c WHERE \(filled) \
                AND NOT EXISTS (SELECT FROM \(ddl.name(key.target)) p WHERE \(pairs)))
                """
        }
    }

    private static func keys(of table: ObjectName, _ column: String, outside schemas: [String], _ ddl: DDL) -> String {
        let id = "pg_catalog.to_regclass(\(DDL.literal(ddl.name(table))))::pg_catalog.oid"
        let names = schemas.map { DDL.literal($0) }.joined(separator: ", ")
        let condition = CatalogText.qualified(
            """
            k.contype = 'f'::pg_catalog."char" AND a.attrelid = x.id AND s.nspname <> ALL (x.schemas)
            """)
        return """
            SELECT EXISTS (SELECT FROM (SELECT \(id) AS id, ARRAY[\(names)]::pg_catalog.name[] AS schemas) x \
            CROSS JOIN LATERAL (SELECT k.contype, k.confrelid AS other, k.conkey AS numbers FROM pg_catalog.pg_constraint k \
            WHERE k.conrelid OPERATOR(pg_catalog.=) x.id UNION ALL SELECT k.contype, k.conrelid, k.confkey FROM pg_catalog.pg_constraint k \
            WHERE k.confrelid OPERATOR(pg_catalog.=) x.id) k \
            JOIN pg_catalog.pg_attribute a ON a.attnum OPERATOR(pg_catalog.=) ANY (k.numbers) AND a.attname OPERATOR(pg_catalog.=) \(DDL.literal(column)) \
            JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) k.other \
            JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) c.relnamespace \
            WHERE \(condition))
            """
    }

    private static func duplicates(_ table: ObjectName, _ columns: [String], _ ddl: DDL) -> String {
        let filled = columns.map { "\(DDL.quoted($0)) IS NOT NULL" }.joined(separator: " AND ")
        return """
            SELECT EXISTS (SELECT FROM \(ddl.name(table)) WHERE \(filled) GROUP BY \(DDL.quoted(columns)) \
            HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1)
            """
    }
}
