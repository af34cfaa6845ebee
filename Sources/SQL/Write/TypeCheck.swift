/// A column's quoted SQL name. It is stored as bytes, because names are equal if their bytes are.
struct ColumnName: Hashable, Sendable {
    var table: [UInt8]
    var column: [UInt8]

    init(table: SQLText, column: String) {
        self.table = table.bytes
        self.column = SQLText(identifier: column).bytes
    }
}

/// The columns that give the parameters of a text their types, and the columns that its result contains unchanged.
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

/// Makes a prepared statement fail if a column that gives a parameter its type has got another type.
///
/// PostgreSQL gives a parameter its type when the statement is prepared, and keeps it. After `timestamp` has become `timestamptz`, the parameter
/// is converted by the session's time zone without an error. A column in the result is safe: the server refuses the statement then.
/// For all other columns a WITH precedes the statement. Nothing refers to it, so the server analyses it but neither plans nor runs it:
///
///     WITH "$types" AS (SELECT FROM "User" AS c0 WHERE ARRAY[c0."born"] OPERATOR(pg_catalog.=) $3) UPDATE …
///
/// `$3` becomes an array of the column's type. Arrays can be compared only with arrays of the same type, so the analysis fails after the
/// type has changed. The value of `$3` is NULL.
package struct TypeCheck: Sendable, Equatable {
    /// The WITH and a blank.
    private let text: String
    /// Number of parameters beyond the statement's own.
    package let count: Int

    /// Returns the statement with the check. It has a single WITH, even if the statement has one of its own.
    package func text(before statement: String) -> String {
        let own = "WITH "
        return statement.hasPrefix(own) ? text.dropLast() + ", " + statement.dropFirst(own.count) : text + statement
    }

    /// Nil if there is nothing to check.
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
