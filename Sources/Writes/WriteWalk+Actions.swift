import Postgres
import Query
import SQL
import Schema
import Text

/// Updates and deletions by filter, and what follows from them where the database has no foreign keys (`relationMode = "prisma"`): the
/// actions `onDelete` and `onUpdate` are then carried out here.
extension WriteWalk {
    /// Updates the records that pass a filter; how many they were.
    @discardableResult
    func updateAll(_ model: Int, _ changes: [(field: Int, change: WriteData.Change)], where filter: Filter) throws(Failure) -> Int {
        try followUpdate(of: model, changes, where: filter)
        let results = try run(compiler.update(model, changes, where: filter, WriteCompiler.Returning()))
        return results.replies.first?.affectedRows ?? 0
    }

    /// Deletes the records that pass a filter; how many they were.
    @discardableResult
    func deleteAll(_ model: Int, where filter: Filter, limit: Int? = nil) throws(Failure) -> Int {
        try followDeletion(of: model, where: filter)
        let results = try run(compiler.delete(model, where: filter, limit: limit, WriteCompiler.Returning()))
        return results.replies.first?.affectedRows ?? 0
    }

    /// Whether a change of the model's records may reach others that only we look after.
    func emulatesActions(of model: Int) -> Bool {
        schema.datasource?.relationMode == .prisma && !dependents(of: model).isEmpty
    }

    /// Relations whose key another model holds.
    private struct Dependent {
        let relation: Relation
        let fields: [Int]
        let holders: [Int]
    }

    private func dependents(of model: Int) -> [Dependent] {
        schema.models[model].fields.compactMap { field in
            guard case .relation(let relation) = field.type, case .referenced(let fields, let holders) = relation.link else { return nil }
            return Dependent(relation: relation, fields: fields, holders: holders)
        }
    }

    /// Before records are deleted: those that hold their keys.
    private func followDeletion(of model: Int, where filter: Filter) throws(Failure) {
        guard emulatesActions(of: model) else { return }
        try descend()
        defer { actionDepth -= 1 }
        let dependents = dependents(of: model)
        let records = try find(model, filter, Set(dependents.flatMap(\.fields)).sorted())
        if records.isEmpty { return }
        for dependent in dependents {
            let holding = holding(dependent, records)
            let child = dependent.relation.model
            switch dependent.relation.onDelete {
            case .noAction, .setDefault: break
            case .restrict: try refuse(dependent, holding, of: model)
            case .cascade: try deleteAll(child, where: holding)
            case .setNull: try updateAll(child, nullified(dependent), where: holding)
            }
        }
    }

    /// Before records change: those that hold keys which change.
    func followUpdate(of model: Int, _ changes: [(field: Int, change: WriteData.Change)], where filter: Filter) throws(Failure) {
        guard emulatesActions(of: model) else { return }
        try descend()
        defer { actionDepth -= 1 }
        for dependent in dependents(of: model) {
            let changed = changes.filter { dependent.fields.contains($0.field) }
            if changed.isEmpty { continue }
            let records = try find(model, filter, dependent.fields).filter { record in changed.contains { !isSame(record[$0.field], $0.change) } }
            if records.isEmpty { continue }
            let holding = holding(dependent, records)
            let child = dependent.relation.model
            switch dependent.relation.onUpdate {
            case .noAction, .setDefault: break
            case .restrict: try refuse(dependent, holding, of: model)
            case .setNull: try updateAll(child, nullified(dependent), where: holding)
            case .cascade:
                // Why the same change: what is counted up there is counted up here, too.
                let following = changed.flatMap { change in
                    zip(dependent.fields, dependent.holders).filter { $0.0 == change.field }.map { (field: $0.1, change: change.change) }
                }
                try updateAll(child, following, where: holding)
            }
        }
    }

    private func isSame(_ value: Value?, _ change: WriteData.Change) -> Bool {
        switch (value, change) {
        case (.slot(let slot), .set(let other)): parameters.equal(slot, other)
        case (.null, .null), (nil, .null): true
        default: false
        }
    }

    /// The records that hold the key of one of these. A key with NULL in it is nobody's.
    private func holding(_ dependent: Dependent, _ records: [Record]) -> Filter {
        var filters: [Filter] = []
        for record in records {
            var parts: [Filter] = []
            for (field, holder) in zip(dependent.fields, dependent.holders) {
                guard case .slot(let slot) = record[field] ?? .null else { break }
                parts.append(Self.filter(holder, .slot(slot)))
            }
            if parts.count == dependent.fields.count { filters.append(.all(parts)) }
        }
        return .any(filters)
    }

    private func nullified(_ dependent: Dependent) -> [(field: Int, change: WriteData.Change)] {
        dependent.holders.filter { field($0, of: dependent.relation.model).arity == .optional }.map { ($0, .null) }
    }

    private func refuse(_ dependent: Dependent, _ holding: Filter, of model: Int) throws(Failure) {
        if try find(dependent.relation.model, holding, []).isEmpty { return }
        throw .requiredRelation(dependent.relation, name(of: dependent.relation.model), name(of: model))
    }

    /// One action further, or a failure: records that hold each other's keys would be followed without end.
    private func descend() throws(Failure) {
        guard actionDepth < Self.mostActions else {
            throw Failure(.invalidRequest, code: "P2029", "The actions of relations lead through more than \(Self.mostActions) models.")
        }
        actionDepth += 1
    }

    private static var mostActions: Int { 64 }
}
