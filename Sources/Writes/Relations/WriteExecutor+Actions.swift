import Postgres
import Query
import SQL
import Schema
import Text

/// Updates and deletions by filter. Where the database has no foreign keys (`relationMode = "prisma"`), the actions `onDelete` and
/// `onUpdate` are carried out here.
extension WriteExecutor {
    /// Updates the records that pass a filter. Returns how many.
    func updateAll(_ model: Int, _ changes: [(field: Int, change: WriteData.Change)], where filter: Filter) throws(Failure) -> Int {
        var count = 0
        for filter in try followUpdate(of: model, changes, where: filter) {
            let results = try execute(compiler.update(model, changes, where: filter, WriteCompiler.Returning()))
            count += results.replies.first?.affectedRows ?? 0
        }
        return count
    }

    /// The same where no caller asks how many.
    func updateLater(_ model: Int, _ changes: [(field: Int, change: WriteData.Change)], where filter: Filter) throws(Failure) {
        for filter in try followUpdate(of: model, changes, where: filter) {
            try runLater(compiler.update(model, changes, where: filter, WriteCompiler.Returning()))
        }
    }

    /// Deletes the records that pass a filter. Returns how many.
    func deleteAll(_ model: Int, where filter: Filter, limit: Int? = nil) throws(Failure) -> Int {
        var count = 0
        for filter in try emulateOnDelete(of: model, where: filter, limit: limit) {
            let results = try execute(compiler.delete(model, where: filter, WriteCompiler.Returning()))
            count += results.replies.first?.affectedRows ?? 0
        }
        return count
    }

    /// The same where no caller asks how many.
    func deleteLater(_ model: Int, where filter: Filter) throws(Failure) {
        for filter in try emulateOnDelete(of: model, where: filter) {
            try runLater(compiler.delete(model, where: filter, WriteCompiler.Returning()))
        }
    }

    /// Finds and locks the records that pass a filter, `limit` of them at most. What follows is then about these records, whatever others
    /// do meanwhile.
    private func lockedRecords(
        _ model: Int, _ filter: Filter, _ fields: Set<Int>, limit: Int?, _ lock: RowLock
    ) throws(Failure) -> [ArraySlice<Record>] {
        let identifier = identifier(of: model)
        let all = identifier + fields.subtracting(identifier).sorted()
        let statement = compiler.find(model, where: filter, all, limit: limit, lock)
        return portions(try records(try execute([statement.statement]), all, of: model), of: identifier.count)
    }

    /// Splits records into groups of which each fits into one statement with `width` values a record.
    func portions(_ records: [Record], of width: Int) -> [ArraySlice<Record>] {
        let size = max(1, WriteLimit.parameters / max(1, width))
        return stride(from: 0, to: records.count, by: size).map { records[$0..<min($0 + size, records.count)] }
    }

    /// True if this module has to carry out actions on other records: when records of the model are deleted, or change in these
    /// fields.
    func emulatesActions(of model: Int, by changes: [(field: Int, change: WriteData.Change)]? = nil) -> Bool {
        guard schema.datasource?.relationMode == .prisma else { return false }
        let keys = Set(dependents(of: model).flatMap(\.fields) + links(of: model).map(\.thisField))
        return changes?.contains { keys.contains($0.field) } ?? !keys.isEmpty
    }

    /// The join tables that name the model's records: one that relates it to itself has it in either column.
    private func links(of model: Int) -> [Relation.JoinTable] {
        schema.models[model].fields.compactMap { field in
            if case .relation(let relation) = field.type, case .joinTable(let table) = relation.link { table } else { nil }
        }
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

    /// Carries out `onDelete` before records are deleted, for those that hold their keys. Returns the conditions that mean the records.
    func emulateOnDelete(of model: Int, where filter: Filter, limit: Int? = nil) throws(Failure) -> [Filter] {
        guard emulatesActions(of: model) else { return [filter] }
        try descend()
        defer { actionDepth -= 1 }
        let dependents = dependents(of: model)
        let links = links(of: model)
        let fields = Set(dependents.flatMap(\.fields) + links.map(\.thisField))
        let portions = try lockedRecords(model, filter, fields, limit: limit, .update)
        var filters: [Filter] = []
        for records in portions { filters.append(try self.filter(any: records, identifier(of: model))) }
        // Why: records that refer to themselves, in a circle or to others of the list are deleted by the caller, and counted there.
        let outer = goingAway.count
        goingAway += filters.map { (model, $0) }
        defer { goingAway.removeSubrange(outer...) }
        for records in portions {
            for link in links { try runLater(compiler.unlink(link, these: slots(records, link.thisField))) }
            try emulateOnDelete(of: model, records, dependents)
        }
        return filters
    }

    private func emulateOnDelete(of model: Int, _ records: ArraySlice<Record>, _ dependents: [Dependent]) throws(Failure) {
        for dependent in dependents {
            let child = dependent.relation.model
            let holding = try holding(dependent, records)
            let staying = Filter.all([holding] + goingAway.filter { $0.model == child }.map { Filter.isNotTrue($0.filter) })
            switch dependent.relation.onDelete {
            case .noAction, .setDefault: break
            // Why all: Prisma Client refuses also for a record that goes with the others.
            case .restrict: try refuse(dependent, holding, of: model)
            case .cascade: try deleteLater(child, where: staying)
            case .setNull: try updateLater(child, nullified(dependent), where: staying)
            }
        }
    }

    /// Carries out `onUpdate` before records change, for those that hold changing keys. Returns the conditions that mean the records,
    /// `limit` of them at most.
    @discardableResult
    func followUpdate(
        of model: Int, _ changes: [(field: Int, change: WriteData.Change)], where filter: Filter, limit: Int? = nil
    ) throws(Failure) -> [Filter] {
        guard emulatesActions(of: model, by: changes) else { return [filter] }
        try descend()
        defer { actionDepth -= 1 }
        let dependents = dependents(of: model)
        let links = links(of: model)
        let fields = Set(dependents.flatMap(\.fields) + links.map(\.thisField))
        let lock = compiler.lock(changing: changes.map(\.field), of: model)
        var filters: [Filter] = []
        for records in try lockedRecords(model, filter, fields, limit: limit, lock) {
            for dependent in dependents {
                let changed = changes.filter { dependent.fields.contains($0.field) }
                let moved = records.filter { record in changed.contains { !isSame(record[$0.field], $0.change) } }
                if !moved.isEmpty { try followUpdate(of: model, dependent, moved[...], changed) }
            }
            for link in links {
                guard let change = changes.first(where: { $0.field == link.thisField })?.change else { continue }
                let moved = records.filter { !isSame($0[link.thisField], change) }
                if !moved.isEmpty { try runLater(compiler.relink(link, these: slots(moved[...], link.thisField), to: change)) }
            }
            filters.append(try self.filter(any: records, identifier(of: model)))
        }
        return filters
    }

    private func followUpdate(
        of model: Int, _ dependent: Dependent, _ records: ArraySlice<Record>, _ changed: [(field: Int, change: WriteData.Change)]
    ) throws(Failure) {
        let holding = try holding(dependent, records)
        let child = dependent.relation.model
        switch dependent.relation.onUpdate {
        case .noAction, .setDefault: break
        case .restrict: try refuse(dependent, holding, of: model)
        case .setNull: try updateLater(child, nullified(dependent), where: holding)
        case .cascade:
            // Why the same change: what is counted up there is counted up here, too.
            let following = changed.flatMap { change in
                zip(dependent.fields, dependent.holders).filter { $0.0 == change.field }.map { (field: $0.1, change: change.change) }
            }
            try updateLater(child, following, where: holding)
        }
    }

    func slots(_ records: ArraySlice<Record>, _ field: Int) -> [Int] {
        records.compactMap { if case .slot(let slot) = $0[field] ?? .null { slot } else { nil } }
    }

    private func isSame(_ value: Value?, _ change: WriteData.Change) -> Bool {
        switch (value, change) {
        case (.slot(let slot), .set(let other)): parameters.equal(slot, other)
        case (.null, .null), (nil, .null): true
        default: false
        }
    }

    /// Finds the records that hold the key of one of these. A key with NULL in it refers to no record.
    private func holding(_ dependent: Dependent, _ records: ArraySlice<Record>) throws(Failure) -> Filter {
        try filter(any: records, dependent.fields, named: dependent.holders)
    }

    private func nullified(_ dependent: Dependent) -> [(field: Int, change: WriteData.Change)] {
        dependent.holders.filter { field($0, of: dependent.relation.model).arity == .optional }.map { ($0, .null) }
    }

    private func refuse(_ dependent: Dependent, _ holding: Filter, of model: Int) throws(Failure) {
        if try find(dependent.relation.model, holding, []).isEmpty { return }
        throw .requiredRelation(dependent.relation, name(of: dependent.relation.model), name(of: model))
    }

    /// Enters one more action. Throws after `WriteLimit.actions`, since records that hold each other's keys would be followed without end.
    private func descend() throws(Failure) {
        guard actionDepth < WriteLimit.actions else {
            throw Failure(
                .invalidRequest, code: "P2029",
                "The actions of relations (`onDelete`, `onUpdate`) lead from record to record more than \(WriteLimit.actions) times. "
                    + "Write the last records of the chain first.")
        }
        actionDepth += 1
    }
}
