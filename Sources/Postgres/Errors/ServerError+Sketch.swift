extension ServerError {
    /// The words with which the connection ends a statement that would copy.
    static let copyRefusal = "COPY is not supported here"

    /// What happened, in the library's own words. They hold no value.
    var sketch: String {
        switch sqlState {
        case _ where isRaised && ServerError.classesOfTheServer.contains(errorClass): "a function or a trigger raised an exception"
        case "0A000" where primary == ServerError.copyRefusal: "COPY from and to the client is not supported; copy from and to files of the server"
        // This comes from changing a column's type on PostgreSQL 12 to 18.
        case "0A000" where ["ATPrepAlterColumnType", "ATExecAlterColumnType", "RememberAllDependentForRebuilding"].contains(function):
            "a view, a rule, a generated column, a trigger, a policy or a function uses the column, so PostgreSQL does not change its type"
        case "0A000" where function == "DefineIndex":
            "the table or the kind of the index does not allow this index; a key of a partitioned table has to include the columns that partition it"
        case "21000": "a subquery returned more than one row, or a row would be changed twice"
        case "22003": "a number does not fit the type of its column"
        case "22001": "a value is too long for the type of its column"
        case "22008" where function == "map_sql_value_to_xml_value": "XML has no word for a date or time without end"
        case "22007", "22008": "not a date or time that the type of its column can hold"
        case "22012": "division by zero"
        case "2200H": "the sequence of a column with `autoincrement()` has reached its end"
        case "22021": "the database holds text that is not valid in its encoding"
        case "22P05": "text that the database's encoding cannot hold"
        case "22023": "an argument that a function or a command does not accept"
        case "22P02" where function == "enum_in": "a label that the enum of its column does not have in the database"
        case "22P02": "invalid input syntax for the type of its column"
        case "22P03": "an invalid binary representation"
        case "25006": "the transaction, or the server, is read-only"
        case "26000":
            "the session does not know a statement that was prepared on it; behind a pooler in transaction mode, set `pgbouncer=true` in the URL"
        case "3F000": "the schema does not exist"
        case "2BP01": "other objects depend on it"
        case "42501": "permission denied"
        case "42601": hasPosition ? "a syntax error" : context == nil ? "a syntax error in the text of a search" : "a syntax error in a function or a trigger"
        case "42704": "a type, or another object, does not exist"
        case "42804": "the value and its column are of different types"
        case "42846", "42883", "42725", "42P08", "42P18": "no operator or function takes these types; a column is of another type than its field"
        case "23514" where missesPartition: "the row does not belong to the partition that it was written to"
        case "23514" where lacksPartition: "no partition of the table takes the row"
        case "23502" where column != nil: "the column `\(column ?? "")` takes no null"
        case _ where errorClass == "23" && constraint != nil: "the constraint `\(constraint ?? "")` was violated"
        case "0A000" where function == "RewriteQuery": "a rule takes the place of the statement, and gives back no rows"
        case "55000" where function == "rewriteTargetView" || function == "error_view_not_updatable":
            "the view takes no such write: PostgreSQL cannot pass it on to a table, and no trigger or rule does"
        case "42P10": "the database has no unique constraint on the fields of a unique key"
        case "53100": "the server's disk is full"
        case "53200": "the server is out of memory"
        case "55P03": "a lock was not available"
        case "57P03": "the server cannot take connections now"
        case "P0001": "a function or a trigger raised an exception"
        case "P0004": "an assertion of a function failed"
        default: classSketch
        }
    }

    /// Classes whose texts are wrong if a function raised the error.
    private static let classesOfTheServer = ["08", "0A", "25", "26", "28", "3D", "40", "53", "55", "57", "58"]

    private var classSketch: String {
        switch errorClass {
        case "08": "the connection failed"
        case "09", "27": "a trigger failed"
        case "0A": "not supported by the server"
        case "20", "P0": "a function raised an exception"
        case "22": "a value that the type of its column does not accept"
        case "23": "a constraint was violated"
        case "25", "2D", "0B": "the state of the transaction does not allow this"
        case "28": "the role is not allowed to do this"
        case "2B": "other privileges depend on it"
        case "2F", "38", "39": "a function failed"
        case "3B": "there is no such savepoint"
        case "40": "the transaction was rolled back"
        case "42": "a syntax error, or an object that does not exist"
        case "44": "a row would not be visible in its view"
        case "53": "the server lacks resources"
        case "54": "a limit of the server was exceeded"
        case "55": "an object is not in the required state"
        case "57": "an administrator of the server intervened"
        case "58": "a system error on the server"
        case "F0": "an error in the server's configuration"
        case "HV": "the server of a foreign table failed"
        case "XX": "an internal error of the server"
        default: isRaised ? "a function or a trigger raised an exception" : "no further description"
        }
    }
}
