/// The statements of savepoints. Savepoints are numbered, so names from requests never reach SQL.
package enum SavepointStatement {
    /// `SAVEPOINT s0`
    package static func set(_ number: Int) -> Plan.Statement { ("SAVEPOINT s\(number: number)" as SQLText).statement() }

    /// `ROLLBACK TO SAVEPOINT s0`
    package static func rollBack(to number: Int) -> Plan.Statement { ("ROLLBACK TO SAVEPOINT s\(number: number)" as SQLText).statement() }

    /// `RELEASE SAVEPOINT s0`
    package static func release(_ number: Int) -> Plan.Statement { ("RELEASE SAVEPOINT s\(number: number)" as SQLText).statement() }
}
