import Postgres
import Query
import SQL
import Schema
import Text

/// Steps on records that hold the key of the written one, or are linked to it by a join table.
extension WriteExecutor {
    /// The relation of one parent.
    struct ParentRelation {
        /// The relation field of the parent's model.
        let field: Int
        let parentModel: Int
        let parent: Record
        let relation: Relation
        let isList: Bool
        /// True if the write has just created the parent, so nothing is related to it yet.
        let isNew: Bool
        var child: Int { relation.model }
        /// Where a join table ties them.
        var link: Relation.JoinTable? { if case .joinTable(let table) = relation.link { table } else { nil } }
    }

    /// All steps on a relation whose key is not held by the parent.
    func writeRelated(_ write: RelationWrite, of model: Int, _ parent: Record, isNew: Bool) throws(Failure) {
        guard let relation = relation(write.field, of: model) else { return }
        if case .references = relation.link { return }
        let parentRelation = ParentRelation(
            field: write.field, parentModel: model, parent: parent, relation: relation,
            isList: field(write.field, of: model).arity == .list, isNew: isNew)
        var created: [WriteData] = []
        for step in write.steps {
            // Why gathered: several new records then take one round trip.
            if case .create(let data) = step, parentRelation.isList {
                created.append(data)
                continue
            }
            try createGathered(&created, parentRelation)
            try perform(step, parentRelation)
        }
        try createGathered(&created, parentRelation)
    }

    private func createGathered(_ list: inout [WriteData], _ parentRelation: ParentRelation) throws(Failure) {
        if list.isEmpty { return }
        if let link = parentRelation.link {
            try self.link(to: try createEach(parentRelation.child, list, and: [link.otherField]), parentRelation, link)
        } else if list.allSatisfy(\.relations.isEmpty) {
            try createMany(parentRelation.child, list, skipsDuplicates: false, fixed: givenKey(parentRelation), mayMiss: false)
        } else {
            _ = try createEach(parentRelation.child, list, fixed: givenKey(parentRelation))
        }
        list = []
    }

    private func perform(_ step: NestedWrite, _ parentRelation: ParentRelation) throws(Failure) {
        switch step {
        case .create(let data): try createRelated(data, parentRelation)
        case .createMany(let rows, let skips): try createMany(parentRelation.child, rows, skipsDuplicates: skips, fixed: givenKey(parentRelation))
        case .connect(let filters): try connect(filters, parentRelation)
        case .connectOrCreate(let filter, let data):
            if try find(parentRelation.child, filter, []).isEmpty { try createRelated(data, parentRelation) } else { try connect([filter], parentRelation) }
        case .disconnect(let filters): try disconnect(filters, parentRelation)
        case .set(let filters): try set(filters, parentRelation)
        case .update(let filter, let data):
            try updateRelated(filter, data, parentRelation)
        case .updateMany(let filter, let data):
            let changes = try withMoment(data.scalars, of: parentRelation.child)
            if try updateMoving(filter, data, parentRelation) { return }
            if !changes.isEmpty { try updateLater(parentRelation.child, changes, where: .all([belonging(parentRelation), filter])) }
        case .upsert(let filter, let created, let updated):
            if let found = try related(parentRelation, filter, updated).first {
                try update(parentRelation.child, found, updated)
            } else {
                try createRelated(created, parentRelation)
            }
        case .delete(let filters): try delete(filters, parentRelation)
        case .deleteMany(let filter):
            hasDeleted = true
            try deleteLater(parentRelation.child, where: .all([belonging(parentRelation), filter]))
        }
    }

    // MARK: What belongs to the parent

    /// The key that a child holds of its parent.
    private func key(_ parentRelation: ParentRelation) -> Record {
        guard case .referenced(let fields, let holders) = parentRelation.relation.link else { return [:] }
        var record: Record = [:]
        for (field, holder) in zip(fields, holders) { record[holder] = parentRelation.parent[field] ?? .null }
        return record
    }

    /// The same for a child that comes to hold it.
    private func givenKey(_ parentRelation: ParentRelation) throws(Failure) -> Record {
        guard case .referenced(let fields, _) = parentRelation.relation.link else { return [:] }
        try requireKey(parentRelation.parent, fields, of: parentRelation.parentModel, parentRelation.relation)
        return key(parentRelation)
    }

    /// The condition that a child is related to the parent: no record is related to a parent with NULL in its key.
    private func belonging(_ parentRelation: ParentRelation) -> Filter {
        if let link = parentRelation.link {
            let parent = filter(parentRelation.parent, [link.thisField])
            return .toMany(field: parentRelation.relation.oppositeField, .some, parent)
        }
        let key = key(parentRelation)
        return .all(key.keys.sorted().map { Self.filter($0, key[$0] ?? .null) })
    }

    /// The related record that `data` is to change.
    private func related(_ parentRelation: ParentRelation, _ filter: Filter?, _ data: WriteData) throws(Failure) -> [Record] {
        try find(parentRelation.child, narrowed(filter, parentRelation), known(data, of: parentRelation.child), toChange: data, asking: filter)
    }

    private func narrowed(_ filter: Filter?, _ parentRelation: ParentRelation) -> Filter { .all([belonging(parentRelation)] + (filter.map { [$0] } ?? [])) }

    private func parentSlot(_ parentRelation: ParentRelation) -> Int? {
        if let link = parentRelation.link, case .slot(let slot) = parentRelation.parent[link.thisField] ?? .null { slot } else { nil }
    }

    // MARK: Steps

    private func updateRelated(_ filter: Filter?, _ data: WriteData, _ parentRelation: ParentRelation) throws(Failure) {
        switch try updateAtOnce(parentRelation.child, data, where: narrowed(filter, parentRelation), asking: filter, mayMove: false) {
        case .record: return
        case .nobody: throw missing("update", parentRelation.field, of: parentRelation.parentModel)
        case .no: break
        }
        guard let found = try related(parentRelation, filter, data).first else { throw missing("update", parentRelation.field, of: parentRelation.parentModel) }
        try update(parentRelation.child, found, data)
    }

    /// Changes records one by one where their keys change. Why: records further up that are among them, or hold their keys, need the new
    /// values.
    private func updateMoving(_ filter: Filter, _ data: WriteData, _ parentRelation: ParentRelation) throws(Failure) -> Bool {
        let child = parentRelation.child
        let keys = referencedFields(of: child).union(identifier(of: child))
        if keys.isDisjoint(with: data.scalars.map(\.field)) { return false }
        let found = try find(child, narrowed(filter, parentRelation), known(data, of: child), toChange: data, asking: filter)
        let start = moves.count
        for record in found { try update(child, current(record, of: child, since: start), data) }
        return true
    }

    private func createRelated(_ data: WriteData, _ parentRelation: ParentRelation) throws(Failure) {
        if let link = parentRelation.link {
            let record = try create(parentRelation.child, data, known(data, of: parentRelation.child, and: [link.otherField]))
            return try self.link(to: [record], parentRelation, link)
        }
        if !parentRelation.isList, !parentRelation.isNew { try releaseRelated(parentRelation) }
        try createLater(parentRelation.child, data, fixed: givenKey(parentRelation))
    }

    /// Ends the relation of records to the parent.
    private func releaseRelated(_ parentRelation: ParentRelation, except kept: Filter? = nil) throws(Failure) {
        guard case .referenced(_, let holders) = parentRelation.relation.link else { return }
        let all = belonging(parentRelation)
        try clearForeignKey(kept.map { .all([all, .isNotTrue($0)]) } ?? all, holders, parentRelation.relation, of: parentRelation.child)
    }

    private func link(to children: [Record], _ parentRelation: ParentRelation, _ link: Relation.JoinTable) throws(Failure) {
        guard let this = parentSlot(parentRelation) else { return }
        for others in portions(children, of: 1) {
            let slots = slots(others, link.otherField)
            if !slots.isEmpty { try runLater(compiler.link(link, this: this, others: slots)) }
        }
    }

    /// - Parameter isLenient: records that are not there are passed over.
    private func connect(_ filters: [Filter], _ parentRelation: ParentRelation, isLenient: Bool = false) throws(Failure) {
        let filters = distinct(filters)
        if filters.isEmpty { return }
        if let link = parentRelation.link {
            let found = try find(parentRelation.child, alternatives(filters), [link.otherField], referenceLock)
            guard isLenient || found.count >= filters.count else { throw .linkedRecords(wanted: filters.count, found: found.count) }
            return try self.link(to: found, parentRelation, link)
        }
        let key = try givenKey(parentRelation)
        if !parentRelation.isList, !parentRelation.isNew { try releaseRelated(parentRelation, except: filters[0]) }
        let changes = key.map { field, value -> (field: Int, change: WriteData.Change) in
            if case .slot(let slot) = value { (field, .set(slot)) } else { (field, .null) }
        }.sorted { $0.field < $1.field }
        let count = try updateAll(parentRelation.child, try withMoment(changes, of: parentRelation.child), where: alternatives(filters))
        guard isLenient || count >= filters.count else {
            if !parentRelation.isList { throw missing("connect", parentRelation.field, of: parentRelation.parentModel) }
            throw .connectedRecords(on: kind(parentRelation.field, of: parentRelation.parentModel), wanted: filters.count, found: count)
        }
    }

    private func disconnect(_ filters: [Filter], _ parentRelation: ParentRelation) throws(Failure) {
        if let link = parentRelation.link {
            guard let this = parentSlot(parentRelation), !filters.isEmpty else { return }
            for others in portions(try find(parentRelation.child, alternatives(distinct(filters)), [link.otherField]), of: 1) {
                try runLater(compiler.unlink(link, this: this, others: slots(others, link.otherField)))
            }
            return
        }
        guard case .referenced(_, let holders) = parentRelation.relation.link else { return }
        if parentRelation.isList, filters.isEmpty { return }
        let chosen: Filter = filters.isEmpty ? .all([]) : try alternatives(distinct(filters))
        try clearForeignKey(.all([belonging(parentRelation), chosen]), holders, parentRelation.relation, of: parentRelation.child)
    }

    private func set(_ filters: [Filter], _ parentRelation: ParentRelation) throws(Failure) {
        if let link = parentRelation.link {
            guard let this = parentSlot(parentRelation) else { return }
            try runLater(compiler.unlink(link, this: this, others: nil))
        } else {
            try releaseRelated(parentRelation, except: filters.isEmpty ? nil : alternatives(distinct(filters)))
        }
        try connect(filters, parentRelation, isLenient: true)
    }

    private func delete(_ filters: [Filter], _ parentRelation: ParentRelation) throws(Failure) {
        let parent = name(of: parentRelation.parentModel)
        let child = name(of: parentRelation.child)
        if parentRelation.isList, filters.isEmpty { return }
        hasDeleted = true
        let condition: Filter = filters.isEmpty ? .all([]) : try alternatives(filters)
        if try deleteAll(parentRelation.child, where: .all([belonging(parentRelation), condition])) >= max(1, filters.count) { return }
        if parentRelation.isList { throw .notConnected(parentRelation.relation, parent: parent, child: child) }
        throw missing("delete", parentRelation.field, of: parentRelation.parentModel)
    }

    /// New records without anything nested.
    /// - Parameter mayMiss: a record that the database keeps out is no failure.
    private func createMany(
        _ model: Int, _ data: [WriteData], skipsDuplicates: Bool, fixed: Record, mayMiss: Bool = true
    ) throws(Failure) {
        if skipsDuplicates, detours.contains(.conflictsByHand) {
            _ = try createAbsent(model, data, fixed: fixed)
            return
        }
        for chunk in try chunks(data, of: model, fixed: fixed) {
            let statement = compiler.insert(model, chunk, onConflict: skipsDuplicates ? .isSkipped : .fails, WriteCompiler.Returning())
            try runLater(statement, inserting: mayMiss ? nil : InsertedRecords(model: model, count: chunk.cells.count))
        }
    }

    /// Splits records into groups whose values fit into one statement each.
    func chunks(_ data: [WriteData], of model: Int, fixed: Record = [:]) throws(Failure) -> [WriteCompiler.Rows] {
        var cells: [[Int: InsertedCell]] = []
        for row in data { cells.append(try self.cells(row, fixed: fixed)) }
        let rows = try rows(cells, of: model)
        let perChunk = max(1, WriteLimit.parameters / max(1, rows.columns.count))
        if rows.cells.count <= perChunk { return rows.cells.isEmpty ? [] : [rows] }
        return stride(from: 0, to: rows.cells.count, by: perChunk).map { start in
            WriteCompiler.Rows(columns: rows.columns, cells: Array(rows.cells[start..<min(start + perChunk, rows.cells.count)]))
        }
    }
}
