/// How the rows that one statement changes are identified, from the key columns that it returns. Immutable.
///
/// A row is named by all its keys, as they are now and as they were. The former value is known for columns that the statement leaves alone or
/// that its condition pins to a value. If that is not enough, the rows are not identified.
package struct RowIdentifier: Sendable {
    package enum Source: Sendable {
        /// A column of the reply, as text.
        case column(Int)
        case slot(Int)
    }

    /// The table of the statement.
    package let table: String
    /// The fields that the statement returns for this.
    let fields: [Int]
    /// Each name that a row has or had: its key, and where the values are.
    package let names: [(key: RowKey, values: [Source])]

    /// - Parameters:
    ///   - fields: the fields that the statement returns, from column `first` on.
    ///   - changed: the fields that it changes in existing rows.
    ///   - pinned: the fields that its condition compares with a slot.
    init?(_ keys: [RowKey], table: String, _ fields: [Int], from first: Int, changed: Set<Int>, pinned: [Int: Int]) {
        var names: [(RowKey, [Source])] = []
        var columns: [Int: Int] = [:]
        for (position, field) in fields.enumerated() { columns[field] = first + position }
        for key in keys {
            let now = key.fields.compactMap { columns[$0].map { Source.column($0) } }
            guard now.count == key.fields.count else { return nil }
            names.append((key, now))
            if changed.isDisjoint(with: key.fields) { continue }
            let before = key.fields.compactMap { field -> Source? in
                if let slot = pinned[field] { return .slot(slot) }
                return changed.contains(field) ? nil : columns[field].map { .column($0) }
            }
            guard before.count == key.fields.count else { return nil }
            names.append((key, before))
        }
        self.table = table
        self.fields = fields
        self.names = names
    }
}
