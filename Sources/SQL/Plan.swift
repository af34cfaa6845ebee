package import Text

/// A compiled request: what is sent to PostgreSQL, and how its rows become the answer. Immutable; contains no value.
package struct Plan: Sendable {
    package struct Statement: Sendable, Equatable {
        /// Parameters are `$1`, `$2`, … in the order of `slots`.
        package var text: String
        /// The request's slot for each parameter.
        package var slots: [Int]
        /// The check that is prepared with the text; nil if none is needed.
        package var check: TypeCheck?

        package init(text: String, slots: [Int], check: TypeCheck? = nil) {
            self.text = text
            self.slots = slots
            self.check = check
        }
    }

    /// One statement for the records, and one for each to-many relation that is read along.
    ///
    /// All are sent in one pipeline. Several statements see one snapshot.
    package var statements: [Statement]
    package var shape: RowShape
    /// The tables that are read, as `schema.table` or `table`, sorted. Those of joins, filters and counts are included.
    package var tables: [String]
    /// Set if only one row of the request's own table matters.
    package var pointRead: PointRead?

    package init(statements: [Statement], shape: RowShape, tables: [String], pointRead: PointRead? = nil) {
        self.pointRead = pointRead
        self.statements = statements
        self.shape = shape
        self.tables = tables
    }
}
