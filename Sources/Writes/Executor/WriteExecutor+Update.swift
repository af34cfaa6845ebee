import Postgres
import Query
import SQL
import Schema
import Text

extension WriteExecutor {
    /// Changes a record that is known by its identifier and its link fields, and what is nested in it. Returns what is known of it
    /// afterwards.
    ///
    /// The record is locked where `lock(for:of:)` says so. No other transaction changes it between the look-up and this.
    @discardableResult
    func update(_ model: Int, _ target: Record, _ data: WriteData) throws(Failure) -> Record {
        var changes = data.scalars
        var deletions: [(model: Int, Record)] = []
        let start = moves.count
        for write in data.relations {
            guard let relation = relation(write.field, of: model), case .references = relation.link else { continue }
            for step in write.steps {
                let keys = try updateHeld(step, write.field, relation, of: model, current(target, of: model, since: start), &deletions)
                try give(keys, of: model, &changes)
            }
        }
        let now = current(target, of: model, since: start)
        noteMove(of: model, from: target, to: now)
        let record = try apply(changes, to: now, of: model, known(data, of: model))
        let applied = moves.count
        for (child, found) in deletions {
            hasDeleted = true
            try deleteLater(child, where: filter(current(found, of: child, since: start), identifier(of: child)))
        }
        for write in data.relations { try writeRelated(write, of: model, current(record, of: model, since: applied), isNew: false) }
        return current(record, of: model, since: applied)
    }

    /// Runs the UPDATE itself, if anything changes.
    private func apply(
        _ changes: [(field: Int, change: WriteData.Change)], to target: Record, of model: Int, _ fields: [Int]
    ) throws(Failure) -> Record {
        if changes.isEmpty { return target }
        let chosen = filter(target, identifier(of: model))
        try followUpdate(of: model, changes, where: chosen)
        let statement = compiler.update(
            model, try withMoment(changes, of: model), where: chosen, WriteCompiler.Returning(keys: fields))
        guard let record = try records(try execute(statement), fields, of: model, from: statement.firstKey).first else {
            throw .requiredRecord("No record was found for an update.")
        }
        noteMove(of: model, from: target, to: record)
        return record
    }

    /// The outcome of finding and changing a record by one statement.
    enum Found {
        /// One statement is not enough: the record has to be known before it changes.
        case no
        case nobody
        case record(Record)
    }

    /// Changes a record by the statement that finds it, and then what is nested in it.
    ///
    /// Not possible where it holds keys of records that are written, too, or where this module carries out actions of relations.
    /// - Parameters:
    ///   - condition: the part of the filter that was given.
    ///   - mayMove: no one up the walk needs to know its former keys.
    func updateAtOnce(
        _ model: Int, _ data: WriteData, where filter: Filter, asking condition: Filter?, mayMove: Bool
    ) throws(Failure) -> Found {
        let holdsKeys = data.relations.contains { if case .references = relation($0.field, of: model)?.link { true } else { false } }
        guard !holdsKeys, !data.scalars.isEmpty, !emulatesActions(of: model, by: data.scalars), !asksAboutOthers(condition, changedBy: data),
            mayMove || referencedFields(of: model).union(identifier(of: model)).isDisjoint(with: data.scalars.map(\.field))
        else { return .no }
        let fields = known(data, of: model)
        let changes = try withMoment(data.scalars, of: model)
        let statement = compiler.update(model, changes, where: filter, WriteCompiler.Returning(keys: fields))
        guard let record = try records(try execute(statement), fields, of: model, from: statement.firstKey).first else { return .nobody }
        let start = moves.count
        for write in data.relations { try writeRelated(write, of: model, current(record, of: model, since: start), isNew: false) }
        return .record(current(record, of: model, since: start))
    }

    /// Returns the changes, with those of `@updatedAt` added.
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

    /// Carries out one step on the record whose key `owner` holds. Returns what the key's columns become.
    private func updateHeld(
        _ step: NestedWrite, _ write: Int, _ relation: Relation, of model: Int, _ owner: Record,
        _ deletions: inout [(model: Int, Record)]
    ) throws(Failure) -> [(field: Int, change: WriteData.Change)] {
        guard case .references(let own, let target) = relation.link else { return [] }
        let child = relation.model
        switch step {
        case .create(let data): return try keys(own, relation, try create(child, data, target))
        case .connect(let filters):
            guard let filter = filters.first else { return [] }
            return try keys(own, relation, try connectHeld(filter, write, relation, of: model, owner: owner))
        case .connectOrCreate(let filter, let data):
            guard let found = try find(child, filter, target, referenceLock).first else {
                return try keys(own, relation, try create(child, data, target))
            }
            try detachHolder(found, write, relation, of: model, owner: owner)
            return try keys(own, relation, found)
        case .disconnect(let filters):
            guard field(write, of: model).arity == .optional else { throw .requiredRelation(relation, name(of: model), name(of: child)) }
            if !filters.isEmpty, try held(owner, relation, filters.first, []) == nil { return [] }
            return clearable(own, of: model).map { ($0, .null) }
        case .delete(let filters):
            guard let found = try held(owner, relation, filters.first, identifier(of: child), .update) else {
                throw missing("delete", write, of: model)
            }
            // Why no change here: the relation's action `onDelete` decides about the key that the owner holds.
            deletions.append((child, found))
            return []
        case .update(let condition, let data):
            guard let filter = heldFilter(owner, relation, condition) else { throw missing("update", write, of: model) }
            switch try updateAtOnce(child, data, where: filter, asking: condition, mayMove: false) {
            case .record: return []
            case .nobody: throw missing("update", write, of: model)
            case .no: break
            }
            let fields = known(data, of: child, and: Set(target))
            guard let found = try find(child, filter, fields, toChange: data, asking: condition).first else {
                throw missing("update", write, of: model)
            }
            try update(child, found, data)
            return []
        case .upsert(let condition, let created, let updated):
            let fields = known(updated, of: child, and: Set(target))
            if let filter = heldFilter(owner, relation, condition),
                let found = try find(child, filter, fields, toChange: updated, asking: condition).first
            {
                try update(child, found, updated)
                return []
            }
            return try keys(own, relation, try create(child, created, target))
        case .createMany, .set, .updateMany, .deleteMany: return []
        }
    }

    /// Returns what the columns of a key become that refers to `record`.
    private func keys(_ own: [Int], _ relation: Relation, _ record: Record) throws(Failure) -> [(field: Int, change: WriteData.Change)] {
        guard case .references(_, let target) = relation.link else { return [] }
        try requireKey(record, target, of: relation.model, relation)
        return zip(own, target).map { field, other in
            if case .slot(let slot) = record[other] ?? .null { (field, .set(slot)) } else { (field, .null) }
        }
    }

    /// Finds the record whose key `owner` holds, if it passes `condition`.
    private func held(
        _ owner: Record, _ relation: Relation, _ condition: Filter?, _ fields: [Int], _ lock: RowLock = .none
    ) throws(Failure) -> Record? {
        guard let filter = heldFilter(owner, relation, condition) else { return nil }
        return try find(relation.model, filter, fields, lock).first
    }

    /// Returns the condition that means this record; nil where the owner holds no key.
    private func heldFilter(_ owner: Record, _ relation: Relation, _ condition: Filter?) -> Filter? {
        guard case .references(let own, let target) = relation.link else { return nil }
        var filters: [Filter] = []
        for (field, other) in zip(own, target) {
            guard case .slot = owner[field] ?? .null else { return nil }
            filters.append(Self.filter(other, owner[field] ?? .null))
        }
        if let condition { filters.append(condition) }
        return .all(filters)
    }
}
