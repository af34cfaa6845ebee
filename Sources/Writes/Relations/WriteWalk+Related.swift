import Postgres
import Query
import SQL
import Schema
import Text

/// Records that hold the key of the one that is written, or are linked to it by a join table.
extension WriteWalk {
    /// The relation of one parent.
    struct Family {
        /// The relation field of the parent's model.
        let field: Int
        let parentModel: Int
        let parent: Record
        let relation: Relation
        let isList: Bool
        /// The parent has just been made: nothing is related to it yet.
        let isNew: Bool
        var child: Int { relation.model }
        /// Where a join table ties them.
        var link: Relation.JoinTable? { if case .joinTable(let table) = relation.link { table } else { nil } }
    }

    /// All steps on a relation whose key is not held by the parent.
    func writeRelated(_ write: RelationWrite, of model: Int, _ parent: Record, isNew: Bool) throws(Failure) {
        guard let relation = relation(write.field, of: model) else { return }
        if case .references = relation.link { return }
        let family = Family(
            field: write.field, parentModel: model, parent: parent, relation: relation,
            isList: field(write.field, of: model).arity == .list, isNew: isNew)
        var created: [WriteData] = []
        for step in write.steps {
            // Why gathered: several new records take one round trip.
            if case .create(let data) = step, family.isList {
                created.append(data)
                continue
            }
            try createGathered(&created, family)
            try carryOut(step, family)
        }
        try createGathered(&created, family)
    }

    private func createGathered(_ list: inout [WriteData], _ family: Family) throws(Failure) {
        if list.isEmpty { return }
        if let link = family.link {
            try self.link(to: try createEach(family.child, list, and: [link.otherField]), family, link)
        } else if list.allSatisfy(\.relations.isEmpty) {
            try createMany(family.child, list, skipsDuplicates: false, fixed: givenKey(family))
        } else {
            _ = try createEach(family.child, list, fixed: givenKey(family))
        }
        list = []
    }

    private func carryOut(_ step: NestedWrite, _ family: Family) throws(Failure) {
        switch step {
        case .create(let data): try createRelated(data, family)
        case .createMany(let rows, let skips): try createMany(family.child, rows, skipsDuplicates: skips, fixed: givenKey(family))
        case .connect(let filters): try connect(filters, family)
        case .connectOrCreate(let filter, let data):
            if try find(family.child, filter, []).isEmpty { try createRelated(data, family) } else { try connect([filter], family) }
        case .disconnect(let filters): try disconnect(filters, family)
        case .set(let filters): try set(filters, family)
        case .update(let filter, let data):
            try updateRelated(filter, data, family)
        case .updateMany(let filter, let data):
            let changes = try withMoment(data.scalars, of: family.child)
            if !changes.isEmpty { try updateLater(family.child, changes, where: .all([belonging(family), filter])) }
        case .upsert(let filter, let created, let updated):
            if let found = try related(family, filter, updated).first {
                try update(family.child, found, updated)
            } else {
                try createRelated(created, family)
            }
        case .delete(let filters): try delete(filters, family)
        case .deleteMany(let filter):
            hasDeleted = true
            try deleteLater(family.child, where: .all([belonging(family), filter]))
        }
    }

    // MARK: What belongs to the parent

    /// The key that a child holds of its parent.
    private func key(_ family: Family) -> Record {
        guard case .referenced(let fields, let holders) = family.relation.link else { return [:] }
        var record: Record = [:]
        for (field, holder) in zip(fields, holders) { record[holder] = family.parent[field] ?? .null }
        return record
    }

    /// The same for a child that comes to hold it.
    private func givenKey(_ family: Family) throws(Failure) -> Record {
        guard case .referenced(let fields, _) = family.relation.link else { return [:] }
        try requireKey(family.parent, fields, of: family.parentModel, family.relation)
        return key(family)
    }

    /// The condition that a child is related to the parent: to one that has NULL in its key nobody is.
    private func belonging(_ family: Family) -> Filter {
        if let link = family.link {
            let parent = filter(family.parent, [link.thisField])
            return .toMany(field: family.relation.oppositeField, .some, parent)
        }
        let key = key(family)
        return .all(key.keys.sorted().map { Self.filter($0, key[$0] ?? .null) })
    }

    /// The related record that `data` is to change.
    private func related(_ family: Family, _ filter: Filter?, _ data: WriteData) throws(Failure) -> [Record] {
        try find(family.child, narrowed(filter, family), known(data, of: family.child), toChange: data, asking: filter)
    }

    private func narrowed(_ filter: Filter?, _ family: Family) -> Filter { .all([belonging(family)] + (filter.map { [$0] } ?? [])) }

    private func parentSlot(_ family: Family) -> Int? {
        if let link = family.link, case .slot(let slot) = family.parent[link.thisField] ?? .null { slot } else { nil }
    }

    // MARK: Steps

    private func updateRelated(_ filter: Filter?, _ data: WriteData, _ family: Family) throws(Failure) {
        switch try updateAtOnce(family.child, data, where: narrowed(filter, family), asking: filter, mayMove: false) {
        case .record: return
        case .nobody: throw missing("update", family.field, of: family.parentModel)
        case .no: break
        }
        guard let found = try related(family, filter, data).first else { throw missing("update", family.field, of: family.parentModel) }
        try update(family.child, found, data)
    }

    private func createRelated(_ data: WriteData, _ family: Family) throws(Failure) {
        if let link = family.link {
            let record = try create(family.child, data, known(data, of: family.child, and: [link.otherField]))
            return try self.link(to: [record], family, link)
        }
        if !family.isList, !family.isNew { try releaseRelated(family) }
        try createLater(family.child, data, fixed: givenKey(family))
    }

    /// Takes what is related away from the parent.
    private func releaseRelated(_ family: Family, except kept: Filter? = nil) throws(Failure) {
        guard case .referenced(_, let holders) = family.relation.link else { return }
        let all = belonging(family)
        try release(kept.map { .all([all, .isNotTrue($0)]) } ?? all, holders, family.relation, of: family.child)
    }

    private func link(to children: [Record], _ family: Family, _ link: Relation.JoinTable) throws(Failure) {
        guard let this = parentSlot(family) else { return }
        for others in portions(children, of: 1) {
            let slots = slots(others, link.otherField)
            if !slots.isEmpty { try runLater(compiler.link(link, this: this, others: slots)) }
        }
    }

    /// - Parameter isLenient: records that are not there are passed over.
    private func connect(_ filters: [Filter], _ family: Family, isLenient: Bool = false) throws(Failure) {
        let filters = distinct(filters)
        if filters.isEmpty { return }
        if let link = family.link {
            let found = try find(family.child, alternatives(filters), [link.otherField], referenceLock)
            guard isLenient || found.count >= filters.count else { throw .linkedRecords(wanted: filters.count, found: found.count) }
            return try self.link(to: found, family, link)
        }
        let key = try givenKey(family)
        if !family.isList, !family.isNew { try releaseRelated(family, except: filters[0]) }
        let changes = key.map { field, value -> (field: Int, change: WriteData.Change) in
            if case .slot(let slot) = value { (field, .set(slot)) } else { (field, .null) }
        }.sorted { $0.field < $1.field }
        let count = try updateAll(family.child, try withMoment(changes, of: family.child), where: alternatives(filters))
        guard isLenient || count >= filters.count else {
            if !family.isList { throw missing("connect", family.field, of: family.parentModel) }
            throw .connectedRecords(on: kind(family.field, of: family.parentModel), wanted: filters.count, found: count)
        }
    }

    private func disconnect(_ filters: [Filter], _ family: Family) throws(Failure) {
        if let link = family.link {
            guard let this = parentSlot(family), !filters.isEmpty else { return }
            for others in portions(try find(family.child, alternatives(distinct(filters)), [link.otherField]), of: 1) {
                try runLater(compiler.unlink(link, this: this, others: slots(others, link.otherField)))
            }
            return
        }
        guard case .referenced(_, let holders) = family.relation.link else { return }
        if family.isList, filters.isEmpty { return }
        let chosen: Filter = filters.isEmpty ? .all([]) : try alternatives(distinct(filters))
        try release(.all([belonging(family), chosen]), holders, family.relation, of: family.child)
    }

    private func set(_ filters: [Filter], _ family: Family) throws(Failure) {
        if let link = family.link {
            guard let this = parentSlot(family) else { return }
            try runLater(compiler.unlink(link, this: this, others: nil))
        } else {
            try releaseRelated(family, except: filters.isEmpty ? nil : alternatives(distinct(filters)))
        }
        try connect(filters, family, isLenient: true)
    }

    private func delete(_ filters: [Filter], _ family: Family) throws(Failure) {
        let parent = name(of: family.parentModel)
        let child = name(of: family.child)
        if family.isList, filters.isEmpty { return }
        hasDeleted = true
        let condition: Filter = filters.isEmpty ? .all([]) : try alternatives(filters)
        if try deleteAll(family.child, where: .all([belonging(family), condition])) >= max(1, filters.count) { return }
        if family.isList { throw .notConnected(family.relation, parent: parent, child: child) }
        throw missing("delete", family.field, of: family.parentModel)
    }

    /// New records without anything nested.
    private func createMany(_ model: Int, _ data: [WriteData], skipsDuplicates: Bool, fixed: Record) throws(Failure) {
        for chunk in try chunks(data, of: model, fixed: fixed) {
            try runLater(compiler.insert(model, chunk, onConflict: skipsDuplicates ? .isSkipped : .fails, WriteCompiler.Returning()))
        }
    }

    /// Records in runs whose values fit into one statement.
    func chunks(_ data: [WriteData], of model: Int, fixed: Record = [:]) throws(Failure) -> [WriteCompiler.Rows] {
        var cells: [[Int: InsertedCell]] = []
        for row in data { cells.append(try self.cells(row, fixed: fixed)) }
        let rows = try rows(cells, of: model)
        let perChunk = max(1, Self.mostParameters / max(1, rows.columns.count))
        if rows.cells.count <= perChunk { return rows.cells.isEmpty ? [] : [rows] }
        return stride(from: 0, to: rows.cells.count, by: perChunk).map { start in
            WriteCompiler.Rows(columns: rows.columns, cells: Array(rows.cells[start..<min(start + perChunk, rows.cells.count)]))
        }
    }

    /// Of one statement. PostgreSQL takes 65 535; fewer keep its memory small.
    static let mostParameters = 32_000
}
