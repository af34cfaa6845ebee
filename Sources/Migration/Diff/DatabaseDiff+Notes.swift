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
                condition: .hasValues(table, column: column.name)))
    }

    mutating func note(added column: Column, to pair: TablePair) {
        let isFilled = column.isNullable || column.defaultValue != nil || column.identity != nil || column.generation != nil || column.isList
        guard !isFilled else { return }
        let table = pair.current.name
        risks.append(
            Risk(
                kind: .columnAddedRequired, table: table, part: column.name,
                reason:
                    "Added the required column `\(column.name)` to the `\(table.name)` table without a default value. The table has rows, so it is not possible to execute this step.",
                condition: .hasRows(table)))
    }

    mutating func note(narrowed old: Column, to new: Column, of table: ObjectName) {
        let ddl = DDL(isQualified: false)
        risks.append(
            Risk(
                kind: .typeNarrowed, table: table, part: old.name,
                reason: """
                    You are about to alter the column `\(old.name)` on the `\(table.name)` table, which contains values. \
                    The data in that column will be cast from `\(ddl.type(of: old))` to `\(ddl.type(of: new))`.
                    """,
                condition: .hasValues(table, column: old.name)))
    }
}
