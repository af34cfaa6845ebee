package import Schema
import Text

/// The notifications about changed tables, and the triggers that send them.
///
/// A change is a notification on one channel. Its payload begins with a letter (`ChangeNotice` reads them all):
///
///     t public."User"                   the table was written
///     t0123456789abcdef public."User"   the same, by a statement of the client with that origin, which names the table
///     c                                 triggers were made or removed
///
/// PostgreSQL merges equal notifications of one transaction.
package enum ChangeTriggers {
    /// The name of the channel, of the trigger and of its function. The meaning of this name never changes.
    package static let name = "accelerant_changes_1"
    // A second trigger, `accelerant_replicated_1`, fires for rows from a subscription. PostgreSQL fires no statement triggers for them.
    package static let originDigits = 16

    /// Returns the comment at the start of a client's statements, by which triggers know the client. An origin is 16 hexadecimal digits.
    package static func mark(_ origin: String) -> String { "/*accelerant:\(origin)*/ " }

    /// Returns the quoted SQL name of a table.
    package static func quoted(_ name: String, in schema: String?) -> String { SQLText(table: name, in: schema).script }

    /// Returns the statement that makes the function, and the triggers of these tables and of relations that share rows with them.
    ///
    /// Running it again changes nothing that is right already. Several sessions may run it at once. It needs PostgreSQL 12 or newer.
    package static func installation(of tables: [Table], functionSchema: String) -> String {
        let block: SQLText = "DO \(body: installationBody(tables, SQLText(table: name, in: functionSchema)));\n"
        return block.script
    }

    /// Returns the statement that undoes `installation` for these tables. The function is dropped with its last trigger.
    package static func removal(of tables: [Table], functionSchema: String) -> String {
        let block: SQLText = "DO \(body: removalBody(tables, SQLText(table: name, in: functionSchema)));\n"
        return block.script
    }

    /// The text of the function, by which one of the library's triggers is recognised.
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

        /// The name of the table in `Plan.tables`.
        package var path: String { schema.map { "\($0).\(name)" } ?? name }
    }

    /// Returns the tables of a schema. Join tables are included, views are not.
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
