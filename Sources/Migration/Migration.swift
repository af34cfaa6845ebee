package import Catalog

/// Turns one database structure into another: the steps in an order that a server accepts, and the risks.
package struct Migration: Sendable {
    package let steps: [Step]
    package let risks: [Risk]
    /// What the schema wants and no step can do.
    package let left: [LeftDifference]
    /// True if names carry their schema, because tables of several schemas are involved.
    package let isQualified: Bool
    /// The statements. A comment above each says what it does, as in Prisma Migrate.
    package let sql: String
    /// The same statements for a run outside a transaction.
    package let script: String
    /// The same statements one by one, in order, each with its step.
    package let statements: [(step: Step, text: String)]

    /// Questions that only the server can answer. Without an answer both sides count as different.
    package let questions: Set<Equivalences.Question>

    /// - Parameters:
    ///   - current: the present structure. What the schema language cannot express (views, checks, comments, expression indexes) is left alone.
    ///   - wanted: made by `Database.init(wantedBy:defaultSchema:)`, or read from another server.
    ///   - answers: the server's answers to the `questions` of a first migration.
    ///   - remakesKeys: true if a primary key is made again with a column that gets a new type, as Prisma Migrate does. PostgreSQL changes the type
    ///     without that, and then keeps the foreign keys of schemas that are not read.
    package init(from current: Database, to wanted: Database, _ answers: Equivalences = Equivalences(), remakesKeys: Bool = true) {
        isQualified =
            Set((current.tables.map(\.name) + wanted.tables.map(\.name) + current.enums.map(\.name) + wanted.enums.map(\.name)).map(\.schemaKey)).count > 1
            || wanted.schemas.count > 1
        var diff = DatabaseDiff(current, wanted, answers)
        diff.remakesKeys = remakesKeys
        diff.compare()
        diff.steps.sort(byNumber: \.rank)
        let order = NameOrder.arranged(diff.steps, from: diff.current)
        steps = order.steps
        risks = diff.risks + order.conflicts.map(\.risk)
        left = diff.left
        questions = diff.comparison.questions
        let ddl = DDL(isQualified: isQualified)
        let texts = steps.map { ($0, $0.statements(ddl)) }
        statements = texts.flatMap { step, texts in texts.map { (step, $0) } }
        sql = Self.text(of: texts)
        // Why a transaction there: the script may be run statement by statement, and an enum that is half replaced is none.
        script = Self.text(of: texts.map { step, texts in if case .replaceEnum = step { (step, ["BEGIN;"] + texts + ["COMMIT;"]) } else { (step, texts) } })
    }

    private static func text(of steps: [(Step, [String])]) -> String {
        steps.map { "-- \($0.title)\n" + $1.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    package var isEmpty: Bool { steps.isEmpty }
}
