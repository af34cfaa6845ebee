import Catalog
import Schema
import Text

extension Step {
    /// The statements of the step, each with its semicolon.
    func statements(_ ddl: DDL) -> [String] {
        switch self {
        case .createSchema(let schema): ["CREATE SCHEMA IF NOT EXISTS \(DDL.quoted(schema));"]
        case .createExtension(let name): ["CREATE EXTENSION IF NOT EXISTS \(DDL.quoted(name));"]
        case .createEnum(let type): ["CREATE TYPE \(ddl.name(type.name)) AS ENUM (\(Self.labels(type.labels)));"]
        case .addLabels(let name, let labels): labels.map { Self.addition(of: $0, to: name, ddl) }
        case .replaceEnum(let replacement): Self.statements(of: replacement, ddl)
        case .dropForeignKey(let key, let table): ["ALTER TABLE \(ddl.name(table)) DROP CONSTRAINT \(DDL.quoted(key));"]
        case .dropIndex(let index, let table): [Self.removal(of: index, table, ddl)]
        case .renamePrimaryKey(let table, let old, let new), .renameForeignKey(let table, let old, let new):
            ["ALTER TABLE \(ddl.name(table)) RENAME CONSTRAINT \(DDL.quoted(old)) TO \(DDL.quoted(new));"]
        case .endInheritance(let child, let parent): ["ALTER TABLE \(ddl.name(child)) NO INHERIT \(ddl.name(parent));"]
        case .alterTable(let table, let changes):
            Self.alterations(of: "ONLY " + ddl.name(table), changes.filter(\.isOfTableAlone), ddl)
                + Self.alterations(of: ddl.name(table), changes.filter { !$0.isOfTableAlone }, ddl)
                + Self.loosenings(changes.compactMap(\.addedColumn), of: table, ddl)
        case .attachSequence(let attachment): Self.statements(of: attachment, ddl)
        case .resizeSequence(let name, let type): ["ALTER SEQUENCE \(ddl.name(name)) AS \(DDL.text(of: type));"]
        case .dropSequence(let name): ["DROP SEQUENCE \(ddl.name(name));"]
        case .dropTable(let name): ["DROP TABLE \(ddl.name(name));"]
        case .dropEnum(let name): ["DROP TYPE \(ddl.name(name));"]
        case .createTable(let table):
            [Self.creation(of: table, ddl)]
                + Self.loosenings(table.columns.filter { !($0.name.isExactlyOne(of: table.primaryKey?.columns ?? [])) }, of: table.name, ddl)
        case .createIndex(let index, let table): [Self.creation(of: index, table, ddl)]
        case .renameIndex(let table, let old, let new):
            ["ALTER INDEX \(ddl.name(ObjectName(old, in: table.schema))) RENAME TO \(DDL.quoted(new));"]
        case .addForeignKey(let key, let table): [Self.addition(of: key, table, ddl)]
        }
    }

    // MARK: Enums

    private static func labels(_ labels: [String]) -> String { labels.map { DDL.literal($0) }.joined(separator: ", ") }

    private static func addition(of label: NewLabel, to name: ObjectName, _ ddl: DDL) -> String {
        "ALTER TYPE \(ddl.name(name)) ADD VALUE \(DDL.literal(label.label))" + (label.next.map { " BEFORE " + DDL.literal($0) } ?? "") + ";"
    }

    private static func statements(of replacement: EnumReplacement, _ ddl: DDL) -> [String] {
        let name = replacement.name
        let new = ObjectName(MadeName.cut(name.name, to: MadeName.bytes - 4) + "_new", in: name.schema)
        let old = ObjectName(MadeName.cut(name.name, to: MadeName.bytes - 4) + "_old", in: name.schema)
        var statements = ["CREATE TYPE \(ddl.name(new)) AS ENUM (\(labels(replacement.labels)));"]
        for use in replacement.uses where use.column.defaultText != nil || use.column.defaultValue != nil {
            statements.append("ALTER TABLE \(ddl.name(use.table)) ALTER COLUMN \(DDL.quoted(use.column.name)) DROP DEFAULT;")
        }
        for use in replacement.uses where !use.column.isInherited {
            let column = DDL.quoted(use.column.name)
            let list = use.column.isList ? "[]" : ""
            statements.append(
                "ALTER TABLE \(ddl.name(use.table)) ALTER COLUMN \(column) TYPE \(ddl.name(new))\(list) USING (\(column)::text::\(ddl.name(new))\(list));"
            )
        }
        statements.append("ALTER TYPE \(ddl.name(name)) RENAME TO \(DDL.quoted(old.name));")
        statements.append("ALTER TYPE \(ddl.name(new)) RENAME TO \(DDL.quoted(name.name));")
        statements.append("DROP TYPE \(ddl.name(old));")
        for use in replacement.uses where use.newDefault != nil {
            var column = use.column
            column.defaultValue = use.newDefault
            guard let text = ddl.defaultText(of: column) else { continue }
            statements.append("ALTER TABLE \(ddl.name(use.table)) ALTER COLUMN \(DDL.quoted(column.name)) SET DEFAULT \(text);")
        }
        return statements
    }

    // MARK: Tables

    private static func creation(of table: Table, _ ddl: DDL) -> String {
        var lines = table.columns.map { "    " + ddl.definition(of: $0) }.joined(separator: ",\n")
        if let key = table.primaryKey {
            lines += ",\n\n    CONSTRAINT \(DDL.quoted(key.name)) PRIMARY KEY (\(columnList(key.columns)))"
        }
        return "CREATE TABLE \(ddl.name(table.name)) (\n\(lines)\n);"
    }

    /// Returns the statements that allow NULL. Why: `SERIAL` implies NOT NULL and does not accept NULL beside it.
    private static func loosenings(_ columns: [Column], of table: ObjectName, _ ddl: DDL) -> [String] {
        columns.filter { $0.isNullable && $0.identity == nil && $0.isAutoincrement }.map {
            "ALTER TABLE \(ddl.name(table)) ALTER COLUMN \(DDL.quoted($0.name)) DROP NOT NULL;"
        }
    }

    private static func alterations(of table: String, _ changes: [TableChange], _ ddl: DDL) -> [String] {
        changes.isEmpty ? [] : ["ALTER TABLE \(table) " + changes.map { clause(of: $0, ddl) }.joined(separator: ",\n") + ";"]
    }

    private static func columnList(_ columns: [String]) -> String { columns.map { DDL.quoted($0) }.joined(separator: ",") }

    private static func clause(of change: TableChange, _ ddl: DDL) -> String {
        switch change {
        case .dropPrimaryKey(let name): "DROP CONSTRAINT \(DDL.quoted(name))"
        case .addColumn(let column): "ADD COLUMN     \(ddl.definition(of: column))"
        case .dropColumn(let name), .dropOwnColumn(let name): "DROP COLUMN \(DDL.quoted(name))"
        case .dropDefault(let name): "ALTER COLUMN \(DDL.quoted(name)) DROP DEFAULT"
        case .dropIdentity(let name): "ALTER COLUMN \(DDL.quoted(name)) DROP IDENTITY"
        case .dropNotNull(let name): "ALTER COLUMN \(DDL.quoted(name)) DROP NOT NULL"
        case .dropExpression(let name): "ALTER COLUMN \(DDL.quoted(name)) DROP EXPRESSION"
        case .setType(let column, let collation):
            "ALTER COLUMN \(DDL.quoted(column.name)) SET DATA TYPE \(ddl.type(of: column))"
                + (collation.map { " COLLATE " + DDL(isQualified: true).name($0) } ?? "")
        case .setNotNull(let name): "ALTER COLUMN \(DDL.quoted(name)) SET NOT NULL"
        case .setDefault(let column): "ALTER COLUMN \(DDL.quoted(column.name)) SET DEFAULT \(ddl.defaultText(of: column) ?? "NULL")"
        case .addPrimaryKey(let key): "ADD CONSTRAINT \(DDL.quoted(key.name)) PRIMARY KEY (\(DDL.quoted(key.columns)))" + suffix(of: key)
        case .addConstraint(let constraint): "ADD CONSTRAINT \(DDL.quoted(constraint.name)) \(constraint.definition)"
        }
    }

    private static func suffix(of key: PrimaryKey) -> String {
        included(key.included) + storage(key.storage) + deferral(key.isDeferrable, key.isInitiallyDeferred)
    }

    private static func included(_ columns: [String]) -> String { columns.isEmpty ? "" : " INCLUDE (\(columnList(columns)))" }
    private static func storage(_ parameters: String?) -> String { parameters.map { " WITH (\($0))" } ?? "" }

    private static func statements(of attachment: SequenceAttachment, _ ddl: DDL) -> [String] {
        let (sequence, table, column) = (ddl.name(attachment.sequence), ddl.name(attachment.table), DDL.quoted(attachment.column))
        return [
            "CREATE SEQUENCE \(sequence);",
            // Why: the next value must not exist already.
            "SELECT pg_catalog.setval(\(DDL.literal(sequence)), greatest(coalesce(max(\(column)), 0) + 1, 1), false) FROM \(table);",
            "ALTER TABLE \(attachment.isOfTableAlone ? "ONLY " : "")\(table) ALTER COLUMN \(column) SET DEFAULT nextval(\(DDL.literal(sequence)));",
            "ALTER SEQUENCE \(sequence) OWNED BY \(table).\(column);",
        ]
    }

    // MARK: Indexes and keys

    private static func removal(of index: TableIndex, _ table: ObjectName, _ ddl: DDL) -> String {
        index.isConstraint
            ? "ALTER TABLE \(ddl.name(table)) DROP CONSTRAINT \(DDL.quoted(index.name));"
            : "DROP INDEX \(ddl.name(ObjectName(index.name, in: table.schema)));"
    }

    private static func creation(of index: TableIndex, _ table: ObjectName, _ ddl: DDL) -> String {
        if index.isMadeAgain, let definition = index.definition { return definition + ";" }
        let (included, storage) = (Self.included(index.included), Self.storage(index.storage))
        if index.isConstraint {
            return """
                ALTER TABLE \(ddl.name(table)) ADD CONSTRAINT \(DDL.quoted(index.name)) UNIQUE\(index.nullsNotDistinct ? " NULLS NOT DISTINCT" : "") \
                (\(DDL.quoted(index.columns ?? [])))\(included)\(storage)\(deferral(index.isDeferrable, index.isInitiallyDeferred));
                """
        }
        let method = index.method == .bTree ? "" : " USING " + index.methodName.uppercased() + " "
        let head = "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(DDL.quoted(index.name)) ON \(ddl.name(table))"
        var text = "\(head)\(method)(\(index.parts.map { Self.text(of: $0) }.joined(separator: ", ")))\(included)"
        if index.nullsNotDistinct { text += " NULLS NOT DISTINCT" }
        text += storage
        if let condition = index.condition { text += " WHERE " + condition }
        return text + ";"
    }

    private static func text(of part: TableIndex.Part) -> String {
        var text = part.column.map { DDL.quoted($0) } ?? part.expression ?? ""
        if let collation = part.collation { text += " COLLATE " + DDL.quoted(collation) }
        if let operators = part.operatorClass { text += " " + operators }
        if part.isDescending { text += " DESC" }
        if part.hasUnusualNulls { text += part.isDescending ? " NULLS LAST" : " NULLS FIRST" }
        return text
    }

    private static func addition(of key: ForeignKey, _ table: ObjectName, _ ddl: DDL) -> String {
        if let definition = key.definition { return "ALTER TABLE \(ddl.name(table)) ADD CONSTRAINT \(DDL.quoted(key.name)) \(definition);" }
        return """
            ALTER TABLE \(ddl.name(table)) ADD CONSTRAINT \(DDL.quoted(key.name)) FOREIGN KEY (\(DDL.quoted(key.columns))) \
            REFERENCES \(ddl.name(key.target))(\(DDL.quoted(key.targetColumns))) \
            ON DELETE \(words(key.onDelete)) ON UPDATE \(words(key.onUpdate))\(deferral(key.isDeferrable, key.isInitiallyDeferred))\
            \(key.isValidated ? "" : " NOT VALID");
            """
    }

    private static func deferral(_ isDeferrable: Bool, _ isInitiallyDeferred: Bool) -> String {
        isDeferrable ? isInitiallyDeferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE" : ""
    }

    private static func words(_ action: Relation.Action) -> String {
        switch action {
        case .cascade: "CASCADE"
        case .restrict: "RESTRICT"
        case .noAction: "NO ACTION"
        case .setNull: "SET NULL"
        case .setDefault: "SET DEFAULT"
        }
    }
}

extension Step.TableChange {
    fileprivate var isOfTableAlone: Bool {
        if case .dropOwnColumn = self { return true }
        return false
    }

    fileprivate var addedColumn: Column? {
        if case .addColumn(let column) = self { return column }
        return nil
    }
}
