/// How the rows that one statement changes are named, from the key columns that it gives back. Immutable.
///
/// A row is named by all its keys, as it is now and as it was. What it was is known of the columns that the statement leaves alone, and of those
/// that its condition pins to a value; where that is not enough there is no trace.
package struct RowIdentifier: Sendable {
    package enum Source: Sendable {
        /// A column of the reply, as text.
        case column(Int)
        case slot(Int)
    }

    /// The table of the statement.
    package let table: String
    /// Those that the statement gives back for it.
    let fields: [Int]
    /// Each name that a row has or had: its key, and where the values stand.
    package let names: [(key: RowKey, values: [Source])]

    /// - Parameters:
    ///   - fields: those that the statement gives back, from column `first` on.
    ///   - changed: those that it changes in rows that were there before.
    ///   - pinned: those that its condition compares with a slot.
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
