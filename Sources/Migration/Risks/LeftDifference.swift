package import Catalog

/// A difference between the schema and the database that no migration can remove, because PostgreSQL keeps a table as its parent is.
///
/// `$schema.check` reports it, too, with the same kind.
package struct LeftDifference: Sendable {
    package var kind: SchemaDifference.Kind
    package var table: ObjectName
    package var column: String
    package var reason: String

    /// `public.Child.name`, or `Child.name` if there is only one schema.
    package func path(isQualified: Bool) -> String { (isQualified ? table.description : table.name) + "." + column }
}
