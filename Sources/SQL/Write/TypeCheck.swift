/// A column, as SQL names it: quoted. Bytes, since names are equal when their bytes are.
struct ColumnName: Hashable, Sendable {
    var table: [UInt8]
    var column: [UInt8]

    init(table: SQLText, column: String) {
        self.table = table.bytes
        self.column = SQLText(identifier: column).bytes
    }
}

/// Which columns give the parameters of a text their types, and which of these its result shows as they are.
struct ColumnTypes: Sendable, Equatable {
    private var needed: [ColumnName] = []
    private var shown: [ColumnName] = []

    mutating func need(_ column: ColumnName) {
        if !needed.contains(column) { needed.append(column) }
    }

    mutating func show(_ column: ColumnName) {
        if !shown.contains(column) { shown.append(column) }
    }

    mutating func formUnion(_ other: ColumnTypes) {
        for column in other.needed { need(column) }
        for column in other.shown { show(column) }
    }

    var unseen: [ColumnName] { needed.filter { !shown.contains($0) } }
}

/// What makes a prepared statement fail when a column that gives a parameter its type has got another type.
///
/// PostgreSQL gives a parameter its type when the statement is prepared, and keeps it. After `timestamp` has become `timestamptz` the parameter is
/// converted, by the session's time zone, and no error says so. A column that the result shows is safe: then the server refuses the statement. For all
/// others a WITH is put before it, which nothing refers to, so that the server analyses it and neither plans nor runs it:
///
///     WITH "$types" AS (SELECT FROM "User" AS c0 WHERE ARRAY[c0."born"] OPERATOR(pg_catalog.=) $3) UPDATE …
///
/// `$3` becomes an array of the column's type. Arrays are compared with their like alone, so the analysis fails once the types differ. Its value is NULL.
package struct TypeCheck: Sendable, Equatable {
    /// The WITH, and a blank.
    private let text: String
    /// How many parameters it has beyond the statement's own.
    package let count: Int

    /// The statement with the check before it. It has one WITH, also where the statement has one of its own.
    package func text(before statement: String) -> String {
        let own = "WITH "
        return statement.hasPrefix(own) ? text.dropLast() + ", " + statement.dropFirst(own.count) : text + statement
    }

    /// Nil where there is nothing to check.
    init?(_ columns: [ColumnName], after parameters: Int) {
        guard !columns.isEmpty, columns.count <= SQLLimit.checkedColumns, parameters + columns.count <= SQLLimit.parameters else { return nil }
        var tables: [[UInt8]] = []
        var tests: [String] = []
        for column in columns {
            let number = tables.firstIndex(of: column.table) ?? tables.count
            if number == tables.count { tables.append(column.table) }
            let name = String(decoding: column.column, as: UTF8.self)
            tests.append("ARRAY[c\(number).\(name)] OPERATOR(pg_catalog.=) $\(parameters + tests.count + 1)")
        }
        let from = tables.enumerated().map { "\(String(decoding: $1, as: UTF8.self)) AS c\($0)" }.joined(separator: ", ")
        text = "WITH \"$types\" AS (SELECT FROM \(from) WHERE \(tests.joined(separator: " AND "))) "
        count = columns.count
    }
}
