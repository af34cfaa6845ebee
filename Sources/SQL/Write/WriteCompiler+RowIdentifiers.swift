import Query
import Schema

/// Which rows a statement changes. Columns of its RETURNING that only automatic invalidation needs show it.
extension WriteCompiler {
    /// What a statement does to the rows that it returns.
    struct Effect {
        /// The fields that change in existing rows.
        var changed: Set<Int> = []
        /// Fields whose former value is known, with its slot.
        var pinned: [Int: Int] = [:]
        /// True if at most a few hundred rows are changed, so that they can be returned.
        var isOnFew: Bool
    }

    /// The effect on new rows, or on the existing one with this key.
    func effect(_ rows: Rows, _ conflict: Conflict) -> Effect {
        var effect = Effect(isOnFew: rows.cells.count <= SQLLimit.namedRows)
        guard case .updates(let key, let changes) = conflict, let cells = rows.cells.first else { return effect }
        effect.changed = Set(changes.map(\.field))
        for (column, cell) in zip(rows.columns, cells) where key.contains(column) {
            if case .slot(let slot) = cell { effect.pinned[column] = slot }
        }
        return effect
    }

    /// The effect on rows that pass a filter.
    func effect(on model: Int, where filter: Filter, changing changed: Set<Int>, _ returning: Returning) -> Effect {
        Effect(changed: changed, pinned: filter.equalities, isOnFew: returning.selection != nil || meansFew(filter, of: model))
    }

    /// True if a condition certainly passes few records: it names one value of a unique key, or several.
    private func meansFew(_ filter: Filter, of model: Int) -> Bool {
        if case .any(let parts) = filter { return parts.count <= SQLLimit.namedRows && parts.allSatisfy { isUnique($0, of: model) } }
        return isUnique(filter, of: model)
    }

    private func isUnique(_ filter: Filter, of model: Int) -> Bool {
        let pinned = filter.equalities
        return schema.models[model].selectors.contains { key in key.fields.allSatisfy { pinned[$0] != nil } }
    }
}
