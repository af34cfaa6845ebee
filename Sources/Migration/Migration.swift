package import Catalog

/// What turns one database structure into another: steps in an order in which a server takes them, and what may go wrong.
package struct Migration: Sendable {
    package let steps: [Step]
    package let risks: [Risk]
    /// Whether a name needs its schema: so it is where tables of several schemas are meant.
    package let isQualified: Bool
    /// The statements, each with a comment above it that says what it does, as Prisma Migrate writes them.
    package let sql: String

    /// - Parameters:
    ///   - current: what is there. What the schema language cannot say (views, checks, comments, indexes over expressions) is left alone.
    ///   - wanted: made by `Database.init(wantedBy:defaultSchema:)`, or read from another server.
    package init(from current: Database, to wanted: Database) {
        isQualified =
            Set((current.tables.map(\.name) + wanted.tables.map(\.name) + current.enums.map(\.name) + wanted.enums.map(\.name)).map(\.schemaKey)).count > 1
            || wanted.schemas.count > 1
        var diff = DatabaseDiff(current, wanted)
        diff.compare()
        steps = diff.steps.sorted { $0.rank < $1.rank }
        risks = diff.risks
        let ddl = DDL(isQualified: isQualified)
        sql = steps.map { "-- \($0.title)\n" + $0.statements(ddl).joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    package var isEmpty: Bool { steps.isEmpty }
}
