package import Text

/// A request compiled: what is sent to PostgreSQL and how its rows become the answer. Immutable; holds no value.
package struct Plan: Sendable {
    package struct Statement: Sendable, Equatable {
        /// Parameters are `$1`, `$2`, … in the order of `slots`.
        package var text: String
        /// Which of the request's slots each parameter takes.
        package var slots: [Int]
        /// Put before it where it is prepared.
        package var check: TypeCheck?

        package init(text: String, slots: [Int], check: TypeCheck? = nil) {
            self.text = text
            self.slots = slots
            self.check = check
        }
    }

    /// One for the records and one for each to-many relation that is read along. All are sent in one pipeline, and see
    /// one snapshot when there are several.
    package var statements: [Statement]
    package var shape: RowShape
    /// The tables that are read, as `schema.table` or `table`, sorted: joins, filters and counts included.
    package var tables: [String]
    /// Set where only one row of the request's own table matters.
    package var pointRead: PointRead?

    package init(statements: [Statement], shape: RowShape, tables: [String], pointRead: PointRead? = nil) {
        self.pointRead = pointRead
        self.statements = statements
        self.shape = shape
        self.tables = tables
    }
}
