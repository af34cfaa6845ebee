import Concurrency
import Migration
import Postgres
import Text

/// Describes a failed migration: the step, its table, and what blocks it.
struct FailedStep {
    let cause: Failure
    /// The number of the failed statement in the script, counted from 1.
    private let number: Int?

    init(_ cause: Failure) {
        self.cause = cause
        if case .number(let number)? = cause.meta.first(where: { $0.key == "statement" })?.value { self.number = number } else { number = nil }
    }

    /// True if the server's error may come from something that uses a column or type.
    var mayBeBlocked: Bool { ["0A000", "2BP01", "42883", "42804", "42846", "42P17", "42725"].contains(cause.sqlState) }

    func step(of migration: Migration) -> (step: Step, text: String)? {
        guard let number, migration.statements.indices.contains(number - 1) else { return nil }
        return migration.statements[number - 1]
    }

    /// - Parameter dependents: what uses the columns that the step changes.
    func failure(_ migration: Migration, dependents: [String]) -> Failure {
        var failure = cause
        var message = "The database could not be changed to match the schema, and nothing was changed"
        if let (step, text) = step(of: migration) {
            let statement = StatementSketch.text(1, of: text, keepsNumbers: true) ?? step.title
            message += ": the step \(step.title)\(step.subject.map { " of `\($0)`" } ?? "") failed. Its statement: \(statement)"
            failure.meta.append(("step", .text(step.title)))
        }
        message += ". " + told
        if !dependents.isEmpty {
            message += " These use what it changes: \(dependents.joined(separator: "; ")). Drop them first, and create them again afterwards."
            failure.meta.append(("dependents", .texts(dependents)))
        }
        failure.message = message
        if cause.sqlState == "55P03" { (failure.status, failure.code, failure.isRetryable) = (.conflict, "P2034", true) }
        return failure
    }

    /// Returns the failed statement of a script that the library did not write.
    func statement(of script: String) -> String? {
        guard let number, let text = StatementSketch.text(number, of: script) else { return nil }
        return "Statement \(number): \(text)"
    }

    /// The cause with the names that the server gave.
    var told: String {
        if cause.sqlState == "55P03" {
            return "Another transaction holds a lock on the table, and did not end in time: `pg_locks` shows which. Try again when it has ended."
        }
        if cause.sqlState == "40P01" {
            return """
                It and another session waited for each other (a deadlock). `CREATE INDEX CONCURRENTLY` does so with every session that waits for a \
                migration's lock: run the migrations from one place, and try again.
                """
        }
        let names = ["table", "column", "constraint"].compactMap { key -> String? in
            guard case .text(let name)? = cause.meta.first(where: { $0.key == key })?.value else { return nil }
            return "\(key) `\(name)`"
        }
        return cause.message + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))") + (cause.message.hasSuffix(".") && names.isEmpty ? "" : ".")
    }
}
