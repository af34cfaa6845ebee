package import Catalog

/// What a migration may lose, or why it may fail.
package struct Risk: Sendable {
    package enum Kind: String, Sendable {
        case tableDropped, columnDropped, columnRecreated, typeNarrowed, constraintDropped
        case columnAddedRequired, columnMadeRequired
        case uniqueAdded, primaryKeyChanged, labelsRemoved, foreignKeyAdded

        /// True if data is lost afterwards. False if the migration fails and changes nothing.
        package var isLoss: Bool {
            switch self {
            case .tableDropped, .columnDropped, .columnRecreated, .typeNarrowed: true
            case .columnAddedRequired, .columnMadeRequired, .uniqueAdded, .primaryKeyChanged, .labelsRemoved, .foreignKeyAdded, .constraintDropped: false
            }
        }
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
        case hasRows(ObjectName)
        case hasValues(ObjectName, column: String)
        case hasNulls(ObjectName, column: String)
        case hasDuplicates(ObjectName, columns: [String])
        case hasNullsOrDuplicates(ObjectName, columns: [String])
        case usesLabels([(table: ObjectName, column: String, isList: Bool)], labels: [String])
        case hasOrphans(ForeignKey, ObjectName)
    }

    /// `public.User.email`, or `User.email` if there is only one schema.
    package func path(isQualified: Bool) -> String {
        let name = isQualified ? table.description : table.name
        return part.map { name + "." + $0 } ?? name
    }
}
