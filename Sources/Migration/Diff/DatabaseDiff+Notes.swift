import Catalog
import Schema
import Text

// The risks of changed columns.
extension DatabaseDiff {
    mutating func note(dropped column: Column, of pair: TablePair, among added: [Column]) {
        let table = pair.current.name
        let successor = added.first { ColumnComparison.areWordedAlike(column, $0) && $0.isNullable == column.isNullable }
        let hint = successor.map { " If it was renamed to `\($0.name)`, rename it there first, or keep its name by `@map`." } ?? ""
        risks.append(
            Risk(
                kind: .columnDropped, table: table, part: column.name,
                reason: "You are about to drop the column `\(column.name)` on the `\(table.name)` table, which still contains values.\(hint)",
                condition: .hasValues(table, column: column.name, ofTableAlone: isKeptBelow(column.name, pair.current))))
    }

    /// The constraints and indexes that the schema has no words for, and that go with a column.
    ///
    /// Those over a dropped column alone have no use without it, and are not named.
    mutating func note(lostWith column: String, of pair: TablePair, isRecreated: Bool) {
        let table = pair.current.name
        let others = pair.current.columns.map(\.name).filter { !$0.isExactly(column) && pair.wanted.column($0) != nil }
        let way = isRecreated ? "It is dropped with the column `\(column)`, which is recreated" : "It is dropped with the column `\(column)`"
        func note(_ name: String, _ what: String) {
            guard interrupted.insert(Interrupted(table: table, name: ExactString(name))).inserted else { return }
            risks.append(
                Risk(
                    kind: .constraintDropped, table: table, part: name,
                    reason: "You are about to drop \(what) `\(name)` of the table `\(table.name)`. \(way), and the schema has no words to make it again.",
                    condition: .always))
        }
        for constraint in pair.current.otherConstraints where constraint.isOver(column) && (isRecreated || others.contains { constraint.isOver($0) }) {
            note(constraint.name, constraint.kind == .check ? "the check" : "the exclusion constraint")
        }
        for index in pair.current.indexes where index.definition != nil && index.isOver(column) && (isRecreated || others.contains { index.isOver($0) }) {
            let isWanted = pair.wanted.indexes.contains { $0.name.isExactly(index.name) }
            if !isWanted { note(index.name, index.condition == nil ? "the expression index" : "the partial index") }
        }
    }

    mutating func note(added column: Column, to pair: TablePair) {
        let isFilled = column.isNullable || column.defaultValue != nil || column.identity != nil || column.generation != nil || column.isList
        if !isFilled { noteMissingValues(column, pair.current.name) }
    }

    mutating func noteMissingValues(_ column: Column, _ table: ObjectName) {
        risks.append(
            Risk(
                kind: .columnAddedRequired, table: table, part: column.name,
                reason:
                    "Added the required column `\(column.name)` to the `\(table.name)` table without a default value. The table has rows, so it is not possible to execute this step.",
                condition: .hasRows(table)))
    }

    mutating func note(narrowed old: Column, to new: Column, of table: ObjectName) {
        let ddl = DDL(isQualified: false)
        let condition =
            Narrowing.test(from: old, to: new).map { Risk.Condition.hasUnfitting(table, column: old.name, isList: old.isList, test: $0) }
            ?? .hasValues(table, column: old.name)
        risks.append(
            Risk(
                kind: .typeNarrowed, table: table, part: old.name,
                reason: """
                    You are about to alter the column `\(old.name)` on the `\(table.name)` table, which contains values. \
                    The data in that column will be cast from `\(ddl.type(of: old))` to `\(ddl.type(of: new))`.
                    """,
                condition: condition))
    }

    /// Between two texts there is no other schema.
    mutating func note(keysOutside column: String, of table: ObjectName, type: ObjectName) {
        if current.isOfText { return }
        risks.append(
            Risk(
                kind: .foreignKeyOutside, table: table, part: column,
                reason: """
                    A foreign key connects the column `\(column)` of the table `\(table.name)` with a table of a schema that is not read. \
                    The enum `\(type.name)` is replaced, and both columns would then have different types, so this will fail. \
                    Name that schema in `schemas`, or drop the key first.
                    """,
                condition: .hasKeysOutside(table, column: column, schemas: current.schemas)))
    }

    /// Between two texts no row is hidden.
    mutating func note(sequenceOf column: String, _ table: ObjectName) {
        if current.isOfText { return }
        risks.append(
            Risk(
                kind: .sequenceAdded, table: table, part: column,
                reason: """
                    The column `\(column)` of the table `\(table.name)` gets a sequence that begins after the largest value of the rows that you see. \
                    Row security may hide larger ones, and later inserts will then fail.
                    """,
                condition: .hidesRows(table)))
    }
}
