import Query
import Schema

/// Which rows a statement changes, told by itself: columns of its RETURNING that no one but automatic invalidation asks for.
extension WriteCompiler {
    /// What a statement does to the rows that it gives back.
    struct Effect {
        /// The fields that change in rows which were there before.
        var changed: Set<Int> = []
        /// Fields whose value before is known: a slot.
        var pinned: [Int: Int] = [:]
        /// No more than some hundred rows are changed, so that they may be given back.
        var isOnFew: Bool
    }

    /// Of new rows, or of the one that was there with this key.
    func effect(_ rows: Rows, _ conflict: Conflict) -> Effect {
        var effect = Effect(isOnFew: rows.cells.count <= SQLLimit.namedRows)
        guard case .updates(let key, let changes) = conflict, let cells = rows.cells.first else { return effect }
        effect.changed = Set(changes.map(\.field))
        for (column, cell) in zip(rows.columns, cells) where key.contains(column) {
            if case .slot(let slot) = cell { effect.pinned[column] = slot }
        }
        return effect
    }

    /// Of the rows that pass a filter.
    func effect(on model: Int, where filter: Filter, changing changed: Set<Int>, _ returning: Returning) -> Effect {
        Effect(changed: changed, pinned: filter.equalities, isOnFew: returning.selection != nil || meansFew(filter, of: model))
    }

    /// Whether a condition lets few records pass for certain: it names a unique key, or some such.
    private func meansFew(_ filter: Filter, of model: Int) -> Bool {
        if case .any(let parts) = filter { return parts.count <= SQLLimit.namedRows && parts.allSatisfy { isUnique($0, of: model) } }
        return isUnique(filter, of: model)
    }

    private func isUnique(_ filter: Filter, of model: Int) -> Bool {
        let pinned = filter.equalities
        return schema.models[model].selectors.contains { key in key.fields.allSatisfy { pinned[$0] != nil } }
    }
}
