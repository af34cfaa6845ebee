package import Catalog

/// What a migration may lose, or why it may fail.
package struct Risk: Sendable {
    package enum Kind: String, Sendable {
        // Data is lost.
        case tableDropped, columnDropped, columnRecreated, typeNarrowed
        // A rule is lost.
        case constraintDropped
        // The migration may fail, and then it has changed nothing.
        case columnAddedRequired, columnMadeRequired
        case uniqueAdded, primaryKeyChanged, labelsRemoved, foreignKeyAdded
        // The migration will fail, and then it has changed nothing.
        case nameTaken, foreignKeyOutside
        // Later inserts may fail.
        case sequenceAdded
    }

    package var kind: Kind
    package var table: ObjectName
    /// The column or the enum label, beside the table's name.
    package var part: String?
    package var reason: String
    /// The condition in the database under which the risk is real.
    package var condition: Condition

    /// A condition that a query can check.
    package enum Condition: Sendable {
        /// Whatever the rows hold.
        case always
        /// `ofTableAlone`: without the rows of tables that inherit from it.
        case hasRows(ObjectName, ofTableAlone: Bool = false)
        case hasValues(ObjectName, column: String, ofTableAlone: Bool = false)
        /// `test` is a condition over the value `v` of the column, or over each element of a list.
        case hasUnfitting(ObjectName, column: String, isList: Bool, test: String)
        case hasNulls(ObjectName, column: String)
        case hasDuplicates(ObjectName, columns: [String])
        case hasNullsOrDuplicates(ObjectName, columns: [String])
        case usesLabels([(table: ObjectName, column: String, isList: Bool)], labels: [String])
        case hasOrphans(ForeignKey, ObjectName)
        /// A foreign key from or to another schema than these has the column.
        case hasKeysOutside(ObjectName, column: String, schemas: [String])
        /// A policy may hide rows of the table from the user.
        case hidesRows(ObjectName)
    }

    /// `public.User.email`, or `User.email` if there is only one schema.
    package func path(isQualified: Bool) -> String {
        let name = isQualified ? table.description : table.name
        return part.map { name + "." + $0 } ?? name
    }
}
