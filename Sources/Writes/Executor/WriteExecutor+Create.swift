import Postgres
import Query
import SQL
import Schema
import Text

extension WriteExecutor {
    /// Creates a record and what is nested in it. Returns the fields `fields` of the record.
    ///
    /// Order: the records whose keys it holds, then itself, then those that hold its key.
    func create(_ model: Int, _ data: WriteData, fixed: Record = [:], _ fields: [Int]) throws(Failure) -> Record {
        // Why more fields than asked for: what is nested in it may refer to it by other fields than its owner does.
        let fields = fields + linkFields(data, of: model).subtracting(fields).sorted()
        let record = try inserted(try execute(try insertion(model, data, fixed: fixed, fields)), fields, of: model)
        for write in data.relations { try writeRelated(write, of: model, record, isNew: true) }
        return record
    }

    /// Creates a record whose fields no caller needs. Without anything nested in it, its statement is not waited for.
    func createLater(_ model: Int, _ data: WriteData, fixed: Record = [:]) throws(Failure) {
        let hasDependents = data.relations.contains { write in if case .references = relation(write.field, of: model)?.link { false } else { true } }
        if hasDependents {
            _ = try create(model, data, fixed: fixed, known(data, of: model))
        } else {
            try runLater(try insertion(model, data, fixed: fixed, []), inserting: InsertedRecords(model: model, count: 1))
        }
    }

    /// Creates several records and what is nested in them. Those that hold no keys of new records are inserted in one round trip.
    func createEach(_ model: Int, _ list: [WriteData], fixed: Record = [:], and others: Set<Int> = []) throws(Failure) -> [Record] {
        let holdsKeys = list.contains { data in
            data.relations.contains { if case .references = relation($0.field, of: model)?.link { true } else { false } }
        }
        if holdsKeys || list.count == 1 {
            var records: [Record] = []
            for data in list { records.append(try create(model, data, fixed: fixed, known(data, of: model, and: others))) }
            return records
        }
        var statements: [WriteStatement] = []
        let fields = list.map { known($0, of: model, and: others) }
        for (data, fields) in zip(list, fields) { statements.append(try insertion(model, data, fixed: fixed, fields)) }
        var records: [Record] = []
        var results = try execute(changing: statements)
        for fields in fields {
            records.append(try inserted(results, fields, of: model))
            results.removeFirst(1)
        }
        for (data, record) in zip(list, records) {
            for write in data.relations { try writeRelated(write, of: model, record, isNew: true) }
        }
        return records
    }

    /// Returns the INSERT of one record, once the records whose keys it holds exist.
    private func insertion(_ model: Int, _ data: WriteData, fixed: Record, _ fields: [Int]) throws(Failure) -> WriteStatement {
        var cells = try self.cells(data, fixed: fixed)
        for write in data.relations {
            guard let relation = relation(write.field, of: model), case .references(let own, let target) = relation.link else { continue }
            guard let related = try createHeld(write, relation, of: model) else { continue }
            try requireKey(related, target, of: relation.model, relation)
            for (field, other) in zip(own, target) { try give(Self.cell(related[other] ?? .null), to: field, of: model, &cells) }
        }
        return compiler.insert(model, try rows([cells], of: model), WriteCompiler.Returning(keys: fields))
    }

    private func inserted(_ results: borrowing ResultSet, _ fields: [Int], of model: Int) throws(Failure) -> Record {
        if let record = try records(results, fields, of: model).first { return record }
        throw keptOut(model)
    }

    /// Returns what `data`, and the record that it is nested in, give the columns of a new record.
    func cells(_ data: WriteData, fixed: Record) throws(Failure) -> [Int: InsertedCell] {
        var cells: [Int: InsertedCell] = [:]
        for (field, change) in data.scalars {
            switch change {
            case .null: cells[field] = .null
            case .jsonNull: cells[field] = .jsonNull
            case .set(let slot), .increment(let slot), .decrement(let slot), .multiply(let slot), .divide(let slot), .push(let slot),
                .pushAll(let slot):
                cells[field] = .slot(slot)
            }
        }
        for (field, value) in fixed { cells[field] = Self.cell(value) }
        return cells
    }

    static func cell(_ value: Value) -> InsertedCell {
        switch value {
        case .null: .null
        case .slot(let slot): .slot(slot)
        }
    }

    /// Fills in defaults so that all records have the same columns.
    func rows(_ records: [[Int: InsertedCell]], of model: Int) throws(Failure) -> WriteCompiler.Rows {
        var filled = records
        let fields = schema.models[model].fields.filter { if case .relation = $0.type { false } else { true } }
        var columns: [Int] = []
        for field in fields {
            var isNamed = false
            for index in filled.indices {
                if filled[index][field.index] == nil, let cell = try defaultCell(field) { filled[index][field.index] = cell }
                isNamed = isNamed || filled[index][field.index] != nil
            }
            if isNamed { columns.append(field.index) }
        }
        // Why: one of several records without any column has to be written as DEFAULT.
        if columns.isEmpty, records.count > 1, let first = fields.first { columns = [first.index] }
        return WriteCompiler.Rows(columns: columns, cells: filled.map { cells in columns.map { cells[$0] ?? .databaseDefault } })
    }

    /// Makes or finds the record whose key a new one holds. Nil when `data` names none.
    private func createHeld(_ write: RelationWrite, _ relation: Relation, of model: Int) throws(Failure) -> Record? {
        guard case .references(_, let target) = relation.link else { return nil }
        var result: Record?
        for step in write.steps {
            switch step {
            case .create(let data): result = try create(relation.model, data, target)
            case .connect(let filters):
                for filter in filters { result = try connectHeld(filter, write.field, relation, of: model, owner: nil) }
            case .connectOrCreate(let filter, let data):
                if let found = try find(relation.model, filter, target, referenceLock).first {
                    try detachHolder(found, write.field, relation, of: model, owner: nil)
                    result = found
                } else {
                    result = try create(relation.model, data, target)
                }
            default: break
            }
        }
        return result
    }

    /// Finds the record that a unique filter means and that `owner` is to hold.
    func connectHeld(_ filter: Filter, _ write: Int, _ relation: Relation, of model: Int, owner: Record?) throws(Failure) -> Record {
        guard case .references(_, let target) = relation.link, let found = try find(relation.model, filter, target, referenceLock).first else {
            let child = name(of: relation.model)
            throw .requiredRecord(
                "No '\(child)' record (needed to inline the relation on '\(name(of: model))' record(s)) was found for a nested connect on \(kind(write, of: model))."
            )
        }
        try detachHolder(found, write, relation, of: model, owner: owner)
        return found
    }

    /// Takes a record from its present holder, where only one record can hold it.
    func detachHolder(_ held: Record, _ write: Int, _ relation: Relation, of model: Int, owner: Record?) throws(Failure) {
        guard case .references(let own, let target) = relation.link,
            field(relation.oppositeField, of: relation.model).arity != .list
        else { return }
        var holders: Filter = .all(zip(own, target).map { Self.filter($0, held[$1] ?? .null) })
        if let owner { holders = .all([holders, .not(filter(owner, identifier(of: model)))]) }
        try clearForeignKey(holders, own, relation, of: model)
    }

    /// Clears the keys of records that pass a filter. Throws if there are any whose key is required.
    func clearForeignKey(_ holders: Filter, _ keys: [Int], _ relation: Relation, of model: Int) throws(Failure) {
        let cleared = clearable(keys, of: model)
        guard !cleared.isEmpty else {
            if try find(model, holders, []).isEmpty { return }
            throw .requiredRelation(relation, name(of: model), name(of: otherModel(relation, than: model)))
        }
        try updateLater(model, try withMoment(cleared.map { ($0, .null) }, of: model), where: holders)
    }

    /// Throws for a record to which others cannot refer, because the key that they would hold has NULL in it.
    func requireKey(_ record: Record, _ key: [Int], of model: Int, _ relation: Relation) throws(Failure) {
        for field in key {
            if case .slot = record[field] ?? .null { continue }
            throw .noKey(name(of: model), self.field(field, of: model).name, relation)
        }
    }

    private func otherModel(_ relation: Relation, than model: Int) -> Int {
        if relation.model != model { return relation.model }
        return self.relation(relation.oppositeField, of: relation.model)?.model ?? model
    }
}
