package import Schema

/// The keys by which the rows of each model are identified. Immutable; made once for a schema.
package struct RowKeyTable: Sendable {
    private let keys: [[RowKey]]
    private let fields: [[Int]]

    package init(_ schema: Schema, _ settings: SQLSettings) {
        keys = schema.models.indices.map { schema.rowKeys(of: $0, settings) }
        fields = keys.map { keys in Set(keys.flatMap(\.fields)).sorted() }
    }

    package func keys(of model: Int) -> [RowKey] { keys[model] }

    /// The fields of all the model's keys, without duplicates: what must be known of a row to name it.
    package func fields(of model: Int) -> [Int] { fields[model] }
}
