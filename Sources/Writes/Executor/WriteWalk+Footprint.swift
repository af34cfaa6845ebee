import Postgres
import SQL
import Text

/// What the statements of a walk leave behind.
extension WriteWalk {
    /// Notes the rows that statements have changed, by the replies to them, which come first.
    func noteRows(_ statements: [WriteStatement], _ results: borrowing ResultSet) {
        for (statement, reply) in zip(statements, results.replies) {
            guard let trace = statement.trace else { continue }
            if let rows = trace.rows(reply, parameters) { footprint.rows += rows } else { footprint.tables.insert(ExactString(trace.table)) }
        }
    }

    /// Notes the tables, when all statements have run.
    func noteTables() {
        footprint.tablesInPart = compiler.tablesInPart.subtracting(footprint.tables)
        footprint.tables = Set(compiler.tables.map { ExactString($0) }).subtracting(footprint.tablesInPart)
    }
}
