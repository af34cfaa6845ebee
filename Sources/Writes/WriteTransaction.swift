package import Postgres
package import SQL
package import Text

/// The transaction that writes happen in: it begins with the first statement. Belongs to one thread.
package final class WriteTransaction {
    private let connection: Connection
    private let statements: StatementTexts
    private let deadline: Deadline
    private let isolation: Connection.Isolation?
    /// Several requests share it: none of them ends it.
    private let isShared: Bool
    private var hasBegun = false

    package init(
        _ connection: Connection, _ statements: StatementTexts, isolation: Connection.Isolation? = nil, isShared: Bool = false,
        until deadline: Deadline
    ) {
        self.connection = connection
        self.statements = statements
        self.isolation = isolation
        self.isShared = isShared
        self.deadline = deadline
    }

    /// Runs statements in one round trip, the last of the transaction if it `commits`.
    package func run(_ list: [Plan.Statement], commits: Bool = false, _ parameters: borrowing ParameterList) throws(Failure) -> Results {
        var ends: TransactionEnds = []
        if !hasBegun { ends.insert(.begins) }
        if commits, !isShared { ends.insert(.commits) }
        hasBegun = !ends.contains(.commits)
        return try connection.run(writing: list.map { statements.find($0) }, ends, isolation: isolation, parameters, until: deadline)
    }

    /// Runs the only statement of a request: alone it needs no transaction.
    func runAlone(_ statement: Statement, _ parameters: borrowing ParameterList) throws(Failure) -> Results {
        if !isShared, !hasBegun { return try connection.run(writing: [statement], [], parameters, until: deadline) }
        var ends: TransactionEnds = []
        if !hasBegun { ends.insert(.begins) }
        if !isShared { ends.insert(.commits) }
        hasBegun = isShared
        return try connection.run(writing: [statement], ends, isolation: isolation, parameters, until: deadline)
    }

    func statement(_ statement: Plan.Statement) -> Statement { statements.find(statement) }

    /// Commits what a request did, unless others share the transaction.
    func commit() throws(Failure) {
        if !isShared { try end() }
    }

    /// Commits.
    package func end() throws(Failure) {
        guard hasBegun else { return }
        hasBegun = false
        _ = try connection.run(writing: [], .commits, ParameterList(), until: deadline)
    }

    /// Takes back what was not committed.
    package func rollBack() { connection.rollBack(until: deadline) }
}
