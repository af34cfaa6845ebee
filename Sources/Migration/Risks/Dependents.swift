package import Catalog
import SQL

/// Queries for the objects that use a column, table or type, because of which PostgreSQL refuses to change it.
package enum Dependents {
    package enum Target: Sendable {
        case column(ObjectName, String)
        case table(ObjectName)
        /// A type. `besides` are the columns that change together with it.
        case type(ObjectName, besides: [(table: ObjectName, column: String)])
    }

    /// Returns a query whose rows have one text: `view v`, `constraint c on table t`. The names in the query are literals.
    ///
    /// Objects that a migration changes or drops itself are left out: plain indexes, keys, sequences, a column's own default.
    package static func query(_ target: Target) -> String {
        let ddl = DDL(isQualified: true)
        let (catalog, objects, number) =
            switch target {
            case .column(let table, let column):
                (
                    "pg_class", "[pg_catalog.to_regclass(\(DDL.literal(ddl.name(table))))::pg_catalog.oid]",
                    "(SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.refobjid AND a.attname = \(DDL.literal(column)))"
                )
            case .table(let table): ("pg_class", "[pg_catalog.to_regclass(\(DDL.literal(ddl.name(table))))::pg_catalog.oid]", "d.refobjsubid")
            // Why the array: what is a list of the type depends on that alone.
            case .type(let type, _):
                (
                    "pg_type",
                    "(SELECT u.id FROM pg_catalog.pg_type t, LATERAL (VALUES (t.oid), (t.typarray)) AS u(id) WHERE t.oid = "
                        + "pg_catalog.to_regtype(\(DDL.literal(ddl.name(type))))::pg_catalog.oid)",
                    "d.refobjsubid"
                )
            }
        return CatalogText.qualified(
            """
            SELECT DISTINCT CASE WHEN r.oid IS NOT NULL THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, r.ev_class, 0)
                WHEN f.oid IS NOT NULL THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, f.adrelid, f.adnum)
                ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END AS name
            FROM pg_catalog.pg_depend d
                LEFT JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid
                LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid
                LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid
                LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid
                LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
            WHERE d.refclassid = 'pg_catalog.\(catalog)'::pg_catalog.regclass AND d.refobjid = ANY (ARRAY\(objects)) AND d.refobjsubid = \(number)
                AND d.deptype = ANY (ARRAY['n', 'a']::pg_catalog."char"[])
                AND (k.oid IS NULL OR k.contype = ANY (ARRAY['c', 'x']::pg_catalog."char"[]))
                AND (f.oid IS NULL OR d.refclassid <> 'pg_catalog.pg_class'::pg_catalog.regclass OR f.adrelid <> d.refobjid OR f.adnum <> d.refobjsubid)
                AND NOT \(isChanged(target, ddl))
                AND (c.oid IS NULL OR c.relkind <> 'S'::pg_catalog."char") AND (i.indexrelid IS NULL OR i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
            ORDER BY 1
            """)
    }

    /// Returns a condition. It is true if the user of a type changes with it, or is a column of a view or partition that is listed itself.
    private static func isChanged(_ target: Target, _ ddl: DDL) -> String {
        guard case .type(_, let besides) = target else { return "false" }
        let columns = besides.map { use in
            "(a.attrelid = pg_catalog.to_regclass(\(DDL.literal(ddl.name(use.table))))::pg_catalog.oid AND a.attname = \(DDL.literal(use.column)))"
        }
        return """
            (c.oid IS NOT NULL AND d.objsubid > 0 AND (c.relispartition OR c.relkind = ANY (ARRAY['v', 'm']::pg_catalog."char"[])
                OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.objid AND a.attnum = d.objsubid
                    AND (\((columns + ["false"]).joined(separator: " OR "))))))
            """
    }
}

extension Step {
    /// The things that other objects may use, so that the step would fail.
    package var targets: [Dependents.Target] {
        switch self {
        case .alterTable(let table, let changes):
            changes.compactMap { change in
                switch change {
                case .setType(let column, _): .column(table, column.name)
                case .dropColumn(let name), .dropOwnColumn(let name), .dropExpression(let name): .column(table, name)
                default: nil
                }
            }
        case .dropTable(let table): [.table(table)]
        case .dropEnum(let type): [.type(type, besides: [])]
        case .replaceEnum(let replacement):
            replacement.uses.map { .column($0.table, $0.column.name) }
                + [.type(replacement.name, besides: replacement.uses.map { ($0.table, $0.column.name) })]
        default: []
        }
    }

    /// The table, type or sequence that the step changes.
    package var subject: ObjectName? {
        switch self {
        case .createSchema, .createExtension: nil
        case .createEnum(let type): type.name
        case .createTable(let table): table.name
        case .replaceEnum(let replacement): replacement.name
        case .attachSequence(let attachment): attachment.table
        case .addLabels(let name, _), .dropForeignKey(_, let name), .dropIndex(_, let name), .renamePrimaryKey(let name, _, _), .alterTable(let name, _),
            .endInheritance(let name, _), .resizeSequence(let name, _), .dropSequence(let name), .dropTable(let name), .dropEnum(let name),
            .createIndex(_, let name), .renameIndex(let name, _, _), .renameForeignKey(let name, _, _), .addForeignKey(_, let name):
            name
        }
    }
}
