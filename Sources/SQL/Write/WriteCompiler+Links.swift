package import Query
package import Schema
import Text

/// The rows of join tables.
extension WriteCompiler {
    /// `INSERT INTO "_PostToTag" ("A", "B") VALUES ($1, $2) ON CONFLICT DO NOTHING`
    package mutating func link(_ link: Relation.JoinTable, this: Int, others: [Int]) -> WriteStatement {
        let table = target(link.tableName, in: link.tableSchema)
        let values = others.map { "(\(slot: this), \(slot: $0))" as SQLText }.joined(by: ", ")
        let columns: SQLText = "\(SQLText(identifier: link.thisColumn)), \(SQLText(identifier: link.otherColumn))"
        return WriteStatement(statement: ("INSERT INTO \(table) (\(columns)) VALUES \(values) ON CONFLICT DO NOTHING" as SQLText).statement())
    }

    /// `DELETE FROM "_PostToTag" WHERE "A" = $1 AND "B" IN ($2, $3)`. Deletes all links of the record if `others` is nil.
    package mutating func unlink(_ link: Relation.JoinTable, this: Int, others: [Int]?) -> WriteStatement {
        let table = target(link.tableName, in: link.tableSchema)
        var text: SQLText = "DELETE FROM \(table) WHERE \(SQLText(identifier: link.thisColumn)) = \(slot: this)"
        if let others {
            text.append(" AND \(SQLText(identifier: link.otherColumn)) IN (\(Self.list(others)))")
        }
        return WriteStatement(statement: text.statement())
    }

    /// `DELETE FROM "_PostToTag" WHERE "A" IN ($1, $2)`: deletes all links of several records.
    package mutating func unlink(_ link: Relation.JoinTable, these: [Int]) -> WriteStatement {
        let table = target(link.tableName, in: link.tableSchema)
        let text: SQLText = "DELETE FROM \(table) WHERE \(SQLText(identifier: link.thisColumn)) IN (\(Self.list(these)))"
        return WriteStatement(statement: text.statement())
    }

    /// `UPDATE "_PostToTag" SET "A" = $1 WHERE "A" IN ($2, $3)`: gives records another key, like a foreign key that cascades.
    package mutating func relink(_ link: Relation.JoinTable, these: [Int], to change: WriteData.Change) -> WriteStatement {
        let table = target(link.tableName, in: link.tableSchema)
        let column = SQLText(identifier: link.thisColumn)
        let text: SQLText = "UPDATE \(table) SET \(column) = \(Self.value(change, of: column)) WHERE \(column) IN (\(Self.list(these)))"
        return WriteStatement(statement: text.statement())
    }

    private static func list(_ slots: [Int]) -> SQLText { slots.map { "\(slot: $0)" as SQLText }.joined(by: ", ") }
}
