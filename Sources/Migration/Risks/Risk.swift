package import Catalog

/// What a migration may lose, or why it may fail.
package struct Risk: Sendable {
    package enum Kind: String, Sendable {
        case tableDropped, columnDropped, columnRecreated, typeNarrowed
        case columnAddedRequired, columnMadeRequired
        case uniqueAdded, primaryKeyChanged, labelsRemoved, foreignKeyAdded

        /// Whether data is gone afterwards; else the migration fails and nothing has changed.
        package var isLoss: Bool {
            switch self {
            case .tableDropped, .columnDropped, .columnRecreated, .typeNarrowed: true
            case .columnAddedRequired, .columnMadeRequired, .uniqueAdded, .primaryKeyChanged, .labelsRemoved, .foreignKeyAdded: false
            }
        }
    }

    package var kind: Kind
    package var table: ObjectName
    /// Of a column, of an enum's label: beside the table's name.
    package var part: String?
    package var reason: String
    /// What has to be so in the database for it to come true.
    package var condition: Condition

    /// Something that a query can find out.
    package enum Condition: Sendable {
        case hasRows(ObjectName)
        case hasValues(ObjectName, column: String)
        case hasNulls(ObjectName, column: String)
        case hasDuplicates(ObjectName, columns: [String])
        case hasNullsOrDuplicates(ObjectName, columns: [String])
        case usesLabels([(table: ObjectName, column: String, isList: Bool)], labels: [String])
        case hasOrphans(ForeignKey, ObjectName)
    }

    /// `public.User.email`, or `User.email` where one schema is meant.
    package func path(isQualified: Bool) -> String {
        let name = isQualified ? table.description : table.name
        return part.map { name + "." + $0 } ?? name
    }
}
