package import Schema
import Text

/// What tables notify to listeners when they change, and the triggers that do it.
///
/// A change is a notification on one channel. Its text begins with a letter (`ChangeNotice` reads them all):
///
///     t public."User"                   the table was written
///     t0123456789abcdef public."User"   the same, by a statement of that client's own, which names the table
///     c                                 triggers were made or removed
///
/// PostgreSQL folds equal notifications of one transaction into one.
package enum ChangeTriggers {
    /// Of the channel, the trigger and its function: what it says will never change under this name.
    package static let name = "accelerant_changes_1"
    // Its sibling `accelerant_replicated_1` fires for rows that a subscription brings, for which PostgreSQL fires no statement triggers.
    package static let originDigits = 16

    /// How the statements of a client begin, so that triggers can tell whose they are. An origin is 16 hexadecimal digits.
    package static func mark(_ origin: String) -> String { "/*accelerant:\(origin)*/ " }

    /// A table as SQL names it, quoted.
    package static func quoted(_ name: String, in schema: String?) -> String { SQLText(table: name, in: schema).script }

    /// The statement that makes the function, and the triggers of these tables and of what shares rows with them. Running it again changes
    /// nothing that is right already, and several may run it at once. It takes PostgreSQL 12 or newer.
    package static func installation(of tables: [Table], functionSchema: String) -> String {
        let block: SQLText = "DO \(body: installationBody(tables, SQLText(table: name, in: functionSchema)));\n"
        return block.script
    }

    /// The statement that undoes `installation` for these tables; the function goes with its last trigger.
    package static func removal(of tables: [Table], functionSchema: String) -> String {
        let block: SQLText = "DO \(body: removalBody(tables, SQLText(table: name, in: functionSchema)));\n"
        return block.script
    }

    /// The text of the function, by which a trigger is recognised as ours.
    package static let functionText = functionBody.script

    package struct Table: Sendable, Hashable {
        package var schema: String?
        package var name: String

        package init(schema: String?, name: String) {
            self.schema = schema
            self.name = name
        }

        package static func == (left: Table, right: Table) -> Bool {
            left.name.isExactly(right.name) && left.schema.map { ExactString($0) } == right.schema.map { ExactString($0) }
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(schema.map { ExactString($0) })
            hasher.combine(ExactString(name))
        }

        /// As `Plan.tables` names it.
        package var path: String { schema.map { "\($0).\(name)" } ?? name }
    }

    /// The tables of a schema, join tables included, views left out.
    package static func tables(of schema: Schema, _ settings: SQLSettings) -> [Table] {
        var tables: [Table] = []
        var known: Set<Table> = []
        func add(_ name: String, in schema: String?) {
            let table = Table(schema: schema ?? settings.defaultSchema, name: name)
            if known.insert(table).inserted { tables.append(table) }
        }
        for model in schema.models {
            if !model.isView { add(model.tableName, in: model.tableSchema) }
            for field in model.fields {
                if case .relation(let relation) = field.type, case .joinTable(let join) = relation.link {
                    add(join.tableName, in: join.tableSchema)
                }
            }
        }
        return tables
    }
}
