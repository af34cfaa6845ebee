package import Catalog

/// What turns one database structure into another: steps in an order in which a server takes them, and what may go wrong.
package struct Migration: Sendable {
    package let steps: [Step]
    package let risks: [Risk]
    /// Whether a name needs its schema: so it is where tables of several schemas are meant.
    package let isQualified: Bool
    /// The statements, each with a comment above it that says what it does, as Prisma Migrate writes them.
    package let sql: String
    /// The same one by one, in order, each with its step.
    package let statements: [(step: Step, text: String)]

    /// What only the server can say; without the answers the steps take both sides as different.
    package let questions: Set<Equivalences.Question>

    /// - Parameters:
    ///   - current: what is there. What the schema language cannot say (views, checks, comments, indexes over expressions) is left alone.
    ///   - wanted: made by `Database.init(wantedBy:defaultSchema:)`, or read from another server.
    ///   - answers: to the questions that a migration without them had.
    package init(from current: Database, to wanted: Database, _ answers: Equivalences = Equivalences()) {
        isQualified =
            Set((current.tables.map(\.name) + wanted.tables.map(\.name) + current.enums.map(\.name) + wanted.enums.map(\.name)).map(\.schemaKey)).count > 1
            || wanted.schemas.count > 1
        var diff = DatabaseDiff(current, wanted, answers)
        diff.compare()
        steps = diff.steps.sorted { $0.rank < $1.rank }
        risks = diff.risks
        questions = diff.comparison.questions
        let ddl = DDL(isQualified: isQualified)
        let texts = steps.map { ($0, $0.statements(ddl)) }
        statements = texts.flatMap { step, texts in texts.map { (step, $0) } }
        sql = texts.map { "-- \($0.title)\n" + $1.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    package var isEmpty: Bool { steps.isEmpty }
}
