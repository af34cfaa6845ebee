// Whether an error may come from a statement that was prepared before the database changed.
//
// PostgreSQL first binds: it finds the statement, reads the values as the parameter types, and analyses the statement again if an object
// has changed. A failure in that phase has done nothing. The same errors can come from running the statement. So only what its failure
// undoes is sent again: a single statement, or a whole transaction.

extension ServerError {
    enum Staleness: Equatable {
        /// The server does not know the statement. It has done nothing.
        case unknown
        /// The server analysed the statement again, and its result columns have changed.
        case certain
        /// A value did not fit the parameter's former type, or types did not fit each other.
        case possible
    }

    var staleness: Staleness? {
        if isRaised { return nil }
        // Why without a context: a function that executes a prepared statement may report the same after doing something.
        if sqlState == "26000" { return context == nil && function == "FetchPreparedStatement" ? .unknown : nil }
        if sqlState == "0A000", function == "RevalidateCachedQuery", context == nil { return .certain }
        return ServerError.typeStates.contains(sqlState) ? .possible : nil
    }

    /// True if a table has rules that turn one statement into several. PostgreSQL refuses those inside a WITH.
    var refusesWith: Bool { sqlState == "0A000" && function == "RewriteQuery" }

    /// Missing operators, types and casts, values that are not of their type, and errors for a type that was dropped.
    private static let typeStates: Set<String> = [  // SQLSTATEs: ASCII
        "0A000", "22000", "22003", "22007", "22008", "22009", "22023", "22026", "22P02", "22P03", "42704", "42725", "42804", "42809", "42846",
        "42883", "42P08", "42P18", "XX000",
    ]
}
