import Postgres
import SQL
import Text

/// The rows and tables that the statements of a write have changed.
extension WriteExecutor {
    /// Notes the rows that statements have changed, from the replies to them, which come first.
    func noteRows(_ statements: [WriteStatement], _ results: borrowing ResultSet) {
        for (statement, reply) in zip(statements, results.replies) {
            guard let rowIdentifier = statement.rowIdentifier else { continue }
            if let rows = rowIdentifier.rows(reply, parameters) { writeSet.rows += rows } else { writeSet.tables.insert(ExactString(rowIdentifier.table)) }
        }
    }

    /// Notes the tables, when all statements have run.
    func noteTables() {
        writeSet.tablesInPart = compiler.tablesInPart.subtracting(writeSet.tables)
        writeSet.tables = Set(compiler.tables.map { ExactString($0) }).subtracting(writeSet.tablesInPart)
    }
}
