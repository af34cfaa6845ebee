import Postgres
import Query
import SQL
import Schema
import Text

extension WriteWalk {
    /// Changes a record that is known by its identifier and its link fields, and what hangs on it; gives its identifier as it is afterwards.
    @discardableResult
    func update(_ model: Int, _ target: Record, _ data: WriteData) throws(Failure) -> Record {
        var changes = data.scalars
        var deletions: [(model: Int, Filter)] = []
        for write in data.relations {
            guard let relation = relation(write.field, of: model), case .references = relation.link else { continue }
            for step in write.steps {
                changes += try updateHeld(step, write.field, relation, of: model, target, &deletions)
            }
        }
        let record = try apply(changes, to: target, of: model, known(data, of: model))
        for (child, filter) in deletions { try deleteLater(child, where: filter) }
        for write in data.relations { try writeRelated(write, of: model, record, isNew: false) }
        return record
    }

    /// The UPDATE itself; nothing when nothing changes.
    private func apply(
        _ changes: [(field: Int, change: WriteData.Change)], to target: Record, of model: Int, _ fields: [Int]
    ) throws(Failure) -> Record {
        if changes.isEmpty { return target }
        let chosen = filter(target, identifier(of: model))
        try followUpdate(of: model, changes, where: chosen)
        let statement = compiler.update(
            model, try withMoment(changes, of: model), where: chosen, WriteCompiler.Returning(keys: fields))
        guard let record = try records(try run(statement), fields, from: statement.firstKey).first else {
            throw .requiredRecord("No record was found for an update.")
        }
        return record
    }

    /// Changes with `@updatedAt` beside them.
    func withMoment(
        _ changes: [(field: Int, change: WriteData.Change)], of model: Int
    ) throws(Failure) -> [(field: Int, change: WriteData.Change)] {
        var all = changes
        guard !changes.isEmpty else { return all }
        for field in schema.models[model].fields where field.isUpdatedAt && !changes.contains(where: { $0.field == field.index }) {
            all.append((field.index, .set(try momentSlot(field))))
        }
        return all
    }

    /// One step on the record that `owner` holds the key of: what the key's columns become.
    private func updateHeld(
        _ step: NestedWrite, _ write: Int, _ relation: Relation, of model: Int, _ owner: Record,
        _ deletions: inout [(model: Int, Filter)]
    ) throws(Failure) -> [(field: Int, change: WriteData.Change)] {
        guard case .references(let own, let target) = relation.link else { return [] }
        let child = relation.model
        switch step {
        case .create(let data): return keys(own, target, try create(child, data, target))
        case .connect(let filters):
            guard let filter = filters.first else { return [] }
            return keys(own, target, try connectHeld(filter, write, relation, of: model, owner: owner))
        case .connectOrCreate(let filter, let data):
            guard let found = try find(child, filter, target).first else { return keys(own, target, try create(child, data, target)) }
            try free(found, write, relation, of: model, owner: owner)
            return keys(own, target, found)
        case .disconnect(let filters):
            guard field(write, of: model).arity == .optional else { throw .requiredRelation(relation, name(of: model), name(of: child)) }
            if !filters.isEmpty, try held(owner, relation, filters.first, []) == nil { return [] }
            return own.filter { field($0, of: model).arity == .optional }.map { ($0, .null) }
        case .delete(let filters):
            guard let found = try held(owner, relation, filters.first, identifier(of: child)) else {
                throw missing("delete", write, of: model)
            }
            deletions.append((child, filter(found, identifier(of: child))))
            return own.filter { field($0, of: model).arity == .optional }.map { ($0, .null) }
        case .update(let condition, let data):
            guard let found = try held(owner, relation, condition, known(data, of: child)) else {
                throw missing("update", write, of: model)
            }
            try update(child, found, data)
            return []
        case .upsert(let condition, let created, let updated):
            if let found = try held(owner, relation, condition, known(updated, of: child)) {
                try update(child, found, updated)
                return []
            }
            return keys(own, target, try create(child, created, target))
        case .createMany, .set, .updateMany, .deleteMany: return []
        }
    }

    private func keys(_ own: [Int], _ target: [Int], _ record: Record) -> [(field: Int, change: WriteData.Change)] {
        zip(own, target).map { field, other in
            if case .slot(let slot) = record[other] ?? .null { (field, .set(slot)) } else { (field, .null) }
        }
    }

    /// The record that `owner` holds the key of, if it passes `condition`.
    private func held(_ owner: Record, _ relation: Relation, _ condition: Filter?, _ fields: [Int]) throws(Failure) -> Record? {
        guard case .references(let own, let target) = relation.link else { return nil }
        var filters: [Filter] = []
        for (field, other) in zip(own, target) {
            guard case .slot = owner[field] ?? .null else { return nil }
            filters.append(Self.filter(other, owner[field] ?? .null))
        }
        if let condition { filters.append(condition) }
        return try find(relation.model, .all(filters), fields).first
    }
}
