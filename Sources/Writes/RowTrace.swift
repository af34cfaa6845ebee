import Postgres
import Query
import SQL
import Schema
import Text

/// How the rows that one statement changes are named, from the key columns that it gives back. Immutable.
///
/// A row is named by all its keys, as it is now and as it was. What it was is known of the columns that the statement leaves alone, and of those
/// that its condition pins to a value; where that is not enough there is no trace.
struct RowTrace: Sendable {
    private enum Source: Sendable {
        case column(Int)
        case slot(Int)
    }

    /// How many rows of one statement are named; more are all rows of their table.
    static let mostRows = 256

    /// The table of the statement.
    let table: String
    private let names: [(key: RowKey, values: [Source])]

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
        self.names = names
    }

    /// The names of the rows in a reply.
    func rows(_ reply: Reply, _ parameters: borrowing ParameterList) -> [[UInt8]] {
        var rows: [[UInt8]] = []
        for row in 0..<reply.rowCount {
            for (key, values) in names {
                var texts: [UnsafeRawBufferPointer?] = []
                for value in values {
                    switch value {
                    case .column(let column): texts.append(reply.text(row, column))
                    case .slot(let slot): texts.append(parameters.text(slot))
                    }
                }
                if let name = key.name({ texts[$0] }) { rows.append(name) }
            }
        }
        return rows
    }
}

extension WriteWalk {
    /// What a statement gives back, and with it the keys of the rows that it changes, where they are worth naming.
    /// - Parameter isFew: no more than some hundred rows are changed.
    func returning(_ selection: Selection?, of model: Int, isFew: Bool) -> WriteCompiler.Returning {
        guard let rowKeys, isFew else { return WriteCompiler.Returning(selection: selection) }
        return WriteCompiler.Returning(keys: rowKeys.fields(of: model), selection: selection)
    }

    /// Whether so many records are few enough to be named.
    func areFew(_ count: Int) -> Bool { count <= RowTrace.mostRows }

    /// Whether a condition lets one record pass at most: it names a unique key.
    func isUnique(_ filter: Filter, of model: Int) -> Bool {
        let pinned = filter.equalities
        return schema.models[model].selectors.contains { key in key.fields.allSatisfy { pinned[$0] != nil } }
    }

    /// How the rows that a statement changes are named; nil where they cannot be, or where actions of relations lead back to their table.
    /// - Parameters:
    ///   - keys: what `returning` asked for.
    ///   - changed: the fields that change; nil when records are deleted.
    func trace(_ statement: WriteStatement, of model: Int, _ keys: [Int], changed: Set<Int>?, where filter: Filter? = nil) -> RowTrace? {
        guard let rowKeys, keys == rowKeys.fields(of: model) else { return nil }
        let table = settings.name(of: schema.models[model].tableName, in: schema.models[model].tableSchema)
        if changed != [], ActionReach(from: model, by: changed, schema, settings).tables.contains(table) { return nil }
        return RowTrace(
            rowKeys.keys(of: model), table: table, keys, from: statement.firstKey, changed: changed ?? [], pinned: filter?.equalities ?? [:])
    }
}
