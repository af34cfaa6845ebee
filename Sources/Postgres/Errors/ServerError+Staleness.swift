// Whether an error may come of a statement that was prepared when the database was another.
//
// PostgreSQL binds first: it looks for the statement, reads the values as the types that the parameters once got, and analyses the statement again where
// something that it names has changed. Whatever fails so far has done nothing. The same errors can come of running it, so what is sent again besides has to be
// undone by its failure: a statement alone, or all of a transaction.

extension ServerError {
    enum Staleness: Equatable {
        /// The server does not know the statement: it has not begun with it.
        case unknown
        /// It analysed the statement again, and what it gives is not what it gave.
        case certain
        /// A value did not fit the type that a parameter had, or types did not fit each other.
        case possible
    }

    var staleness: Staleness? {
        if isRaised { return nil }
        // Why without a context: a function that executes a prepared statement by its name may say the same, after anything.
        if sqlState == "26000" { return context == nil && function == "FetchPreparedStatement" ? .unknown : nil }
        if sqlState == "0A000", function == "RevalidateCachedQuery", context == nil { return .certain }
        return ServerError.typeStates.contains(sqlState) ? .possible : nil
    }

    /// A table has rules that make several statements of one, which none with a WITH may become.
    var refusesWith: Bool { sqlState == "0A000" && function == "RewriteQuery" }

    /// Of operators, types and casts that there are not, of values that are not of a type, and what is thrown where a type has gone.
    private static let typeStates: Set<String> = [  // SQLSTATEs: ASCII
        "0A000", "22000", "22003", "22007", "22008", "22009", "22023", "22026", "22P02", "22P03", "42704", "42725", "42804", "42809", "42846",
        "42883", "42P08", "42P18", "XX000",
    ]
}
