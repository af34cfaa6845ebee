import Postgres
import Query
import SQL
import Schema
import Text

/// The writes as requests name them, with their answers.
extension WriteExecutor {
    func carryOutOnce(into answer: inout ByteBuffer) throws(Failure) {
        if let single = prepared.known(namesRows: namesRows, detours) {
            try make(single.made)
            return try execute(single, into: &answer)
        }
        do throws(Failure) {
            try walk(prepared.request, into: &answer)
            if !isAlone { noteTables() }
        } catch {
            let failure = earlierFailure() ?? error
            if !isAlone { writeSet = WriteSet(tables: compiler.tables) }
            throw failure
        }
    }

    private func walk(_ request: WriteRequest, into answer: inout ByteBuffer) throws(Failure) {
        let model = request.model
        switch request.body {
        case .create(let data, let selection): try answerCreate(model, data, selection, into: &answer)
        case .createMany(let rows, let skips, let selection):
            try answerCreateMany(model, rows, skipsDuplicates: skips, selection, into: &answer)
        case .update(let filter, let data, let selection): try answerUpdate(model, filter, data, selection, into: &answer)
        case .updateMany(let filter, let data, let limit, let selection):
            try answerUpdateMany(model, filter, data, limit: limit, selection, into: &answer)
        case .upsert(let filter, let created, let updated, let selection):
            try answerUpsert(model, filter, created, updated, selection, into: &answer)
        case .delete(let filter, let selection): try answerDelete(model, filter, selection, into: &answer)
        case .deleteMany(let filter, let limit):
            try answerDeleteMany(model, filter, limit: limit, into: &answer)
        }
    }

    private func answerCreate(_ model: Int, _ data: WriteData, _ selection: Selection, into answer: inout ByteBuffer) throws(Failure) {
        if data.relations.isEmpty, selection.isFlat {
            let rows = try rows([cells(data, fixed: [:])], of: model)
            let statement = compiler.insert(model, rows, WriteCompiler.Returning(selection: selection))
            return try runAlone(statement, .record(orElse: Self.notCreated), isInsertion: true, into: &answer)
        }
        let record = try create(model, data, known(data, of: model))
        try readBack(model, record, selection, into: &answer)
    }

    private func answerCreateMany(
        _ model: Int, _ data: [WriteData], skipsDuplicates: Bool, _ selection: Selection?, into answer: inout ByteBuffer
    ) throws(Failure) {
        if skipsDuplicates, detours.contains(.conflictsByHand) {
            let records = try createAbsent(model, data)
            if let selection { return try readBack(model, all: records, selection, into: &answer) }
            try commit()
            return Self.writeCount(records.count, into: &answer)
        }
        let chunks = try chunks(data, of: model)
        let conflict: WriteCompiler.Conflict = skipsDuplicates ? .isSkipped : .fails
        if chunks.count == 1, selection?.isFlat ?? true {
            let statement = compiler.insert(model, chunks[0], onConflict: conflict, WriteCompiler.Returning(selection: selection))
            return try runAlone(statement, selection == nil ? .count : .list, isInsertion: true, into: &answer)
        }
        guard let selection else {
            var count = 0
            for chunk in chunks {
                let results = try execute(compiler.insert(model, chunk, onConflict: conflict, WriteCompiler.Returning()))
                count += results.replies.first?.affectedRows ?? 0
            }
            try commit()
            return Self.writeCount(count, into: &answer)
        }
        var records: [Record] = []
        for chunk in chunks {
            let fields = identifier(of: model)
            let statement = compiler.insert(model, chunk, onConflict: conflict, WriteCompiler.Returning(keys: fields))
            records += try self.records(try execute(statement), fields, of: model, from: statement.firstKey)
        }
        try readBack(model, all: records, selection, into: &answer)
    }

    private func answerUpdate(
        _ model: Int, _ filter: Filter, _ data: WriteData, _ selection: Selection, into answer: inout ByteBuffer
    ) throws(Failure) {
        if data.relations.isEmpty, selection.isFlat, !data.scalars.isEmpty, !emulatesActions(of: model, by: data.scalars),
            !comesBack(to: model, data.scalars)
        {
            let changes = try withMoment(data.scalars, of: model)
            let statement = compiler.update(model, changes, where: filter, WriteCompiler.Returning(selection: selection))
            return try runAlone(statement, .record(orElse: Self.notUpdated), into: &answer)
        }
        switch try updateAtOnce(model, data, where: filter, asking: filter, mayMove: true) {
        case .record(let record): return try readBack(model, record, selection, into: &answer)
        case .nobody: throw .requiredRecord(Self.notUpdated)
        case .no: break
        }
        guard let target = try find(model, filter, known(data, of: model), toChange: data, asking: filter).first else {
            throw .requiredRecord(Self.notUpdated)
        }
        try readBack(model, try update(model, target, data), selection, into: &answer)
    }

    private func answerUpdateMany(
        _ model: Int, _ filter: Filter, _ data: WriteData, limit: Int?, _ selection: Selection?, into answer: inout ByteBuffer
    ) throws(Failure) {
        let changes = try withMoment(data.scalars, of: model)
        let emulates = emulatesActions(of: model, by: changes)
        if selection.map({ $0.isFlat && !comesBack(to: model, changes) }) ?? true, !emulates {
            let statement = compiler.update(model, changes, where: filter, limit: limit, WriteCompiler.Returning(selection: selection))
            return try runAlone(statement, selection == nil ? .count : .list, into: &answer)
        }
        let fields = identifier(of: model)
        var count = 0
        var records: [Record] = []
        for filter in try followUpdate(of: model, changes, where: filter, limit: limit) {
            let returning = WriteCompiler.Returning(keys: selection == nil ? [] : fields)
            let statement = compiler.update(model, changes, where: filter, limit: emulates ? nil : limit, returning)
            let results = try execute(statement)
            count += results.replies.first?.affectedRows ?? 0
            if selection != nil { records += try self.records(results, fields, of: model, from: statement.firstKey) }
        }
        if let selection { return try readBack(model, all: records, selection, into: &answer) }
        try commit()
        Self.writeCount(count, into: &answer)
    }

    private func answerUpsert(
        _ model: Int, _ filter: Filter, _ created: WriteData, _ updated: WriteData, _ selection: Selection, into answer: inout ByteBuffer
    ) throws(Failure) {
        if created.relations.isEmpty, updated.relations.isEmpty, !emulatesActions(of: model, by: updated.scalars),
            !detours.contains(.conflictsByHand), let key = conflictKey(filter, created, of: model)
        {
            return try upsertAtOnce(model, key, created, updated, selection, into: &answer)
        }
        let record: Record
        if let target = try find(model, filter, known(updated, of: model), toChange: updated, asking: filter).first {
            record = try update(model, target, updated)
        } else {
            record = try create(model, created, known(created, of: model))
        }
        try readBack(model, record, selection, into: &answer)
    }

    /// `INSERT … ON CONFLICT (key) DO UPDATE`.
    private func upsertAtOnce(
        _ model: Int, _ key: [Int], _ created: WriteData, _ updated: WriteData, _ selection: Selection, into answer: inout ByteBuffer
    ) throws(Failure) {
        let rows = try rows([cells(created, fixed: [:])], of: model)
        let changes = try withMoment(updated.scalars, of: model)
        let conflict = WriteCompiler.Conflict.updates(key: key, changes)
        if selection.isFlat, !comesBack(to: model, changes) {
            let statement = compiler.insert(model, rows, onConflict: conflict, WriteCompiler.Returning(selection: selection))
            return try runAlone(statement, .record(orElse: Self.notCreated), dependsOnValues: true, into: &answer)
        }
        let fields = identifier(of: model)
        let statement = compiler.insert(model, rows, onConflict: conflict, WriteCompiler.Returning(keys: fields))
        guard let record = try records(try execute(statement), fields, of: model, from: statement.firstKey).first else {
            throw .requiredRecord(Self.notCreated)
        }
        try readBack(model, record, selection, into: &answer)
    }

    /// True if the actions of relations may change further records of the same model. Why it matters: RETURNING shows a record as it was
    /// before them.
    private func comesBack(to model: Int, _ changes: [(field: Int, change: WriteData.Change)]) -> Bool {
        compiler.comesBack(to: model, by: Set(changes.map(\.field)))
    }

    /// Returns the unique key that `where` names alone, if the new record has the same values in it. `ON CONFLICT` then means the same as
    /// the upsert.
    private func conflictKey(_ filter: Filter, _ created: WriteData, of model: Int) -> [Int]? {
        var parts = [filter]
        if case .all(let inner) = filter { parts = inner }
        let wanted = Self.equalities(filter)
        guard wanted.count == parts.count else { return nil }
        guard let key = schema.models[model].selectors.first(where: { Set($0.fields) == Set(wanted.keys) }) else { return nil }
        for field in key.fields {
            guard let slot = wanted[field], case .set(let other) = created.scalars.first(where: { $0.field == field })?.change,
                parameters.equal(slot, other)
            else { return nil }
        }
        return key.fields
    }

    private func answerDelete(_ model: Int, _ filter: Filter, _ selection: Selection, into answer: inout ByteBuffer) throws(Failure) {
        if selection.isFlat, !emulatesActions(of: model) {
            let statement = compiler.delete(model, where: filter, WriteCompiler.Returning(selection: selection))
            return try runAlone(statement, .record(orElse: Self.notDeleted), into: &answer)
        }
        let fields = identifier(of: model)
        guard let record = try find(model, filter, fields, .update).first else { throw .requiredRecord(Self.notDeleted) }
        let chosen = self.filter(record, fields)
        let plan = readPlan(.findUniqueOrThrow, model, chosen, selection)
        let results = try execute(plan.statements)
        try RowWriter(plan.shape).write(results, into: &answer, limit: limit)
        // Why not at once: where a trigger keeps the row, what the actions changed has to be undone.
        let commits = !emulatesActions(of: model)
        for filter in try emulateOnDelete(of: model, where: chosen) {
            let statement = compiler.delete(model, where: filter, WriteCompiler.Returning())
            let deleted = try execute(changing: [statement], commits: commits)
            if deleted.replies.first?.affectedRows == 0 { throw .requiredRecord(Self.notDeleted) }
        }
        if !commits { try commit() }
    }

    private func answerDeleteMany(_ model: Int, _ filter: Filter, limit: Int?, into answer: inout ByteBuffer) throws(Failure) {
        guard emulatesActions(of: model) else {
            return try runAlone(compiler.delete(model, where: filter, limit: limit, WriteCompiler.Returning()), .count, into: &answer)
        }
        let count = try deleteAll(model, where: filter, limit: limit)
        try commit()
        Self.writeCount(count, into: &answer)
    }

    // MARK: Answers

    /// Reads the record as the request selects it, in the transaction, and commits.
    private func readBack(_ model: Int, _ record: Record, _ selection: Selection, into answer: inout ByteBuffer) throws(Failure) {
        // Why `findUnique`: its answer is null where an action of a relation has deleted the record.
        let plan = readPlan(hasDeleted ? .findUnique : .findUniqueOrThrow, model, filter(record, identifier(of: model)), selection)
        let commits = selection.isBounded(schema, model)
        let results = try execute(plan.statements, commits: commits)
        do throws(Failure) {
            try RowWriter(plan.shape).write(results, into: &answer, limit: limit)
        } catch {
            throw commits && !isShared ? error.afterCommit : error
        }
        if !commits { try commit() }
    }

    /// Reads many records and commits. They come in the order in which they were written where their keys ascend with it, or where one field is
    /// the key of a thousand records at most.
    private func readBack(_ model: Int, all records: [Record], _ selection: Selection, into answer: inout ByteBuffer) throws(Failure) {
        let fields = identifier(of: model)
        let ascends = ascend(records, fields, of: model)
        answer.append(UInt8(ascii: "["))
        for portion in portions(records, of: fields.count) {
            let chosen = try filter(any: portion, fields)
            let order = ascends ? fields.map { Order(term: .field($0)) } : position(in: chosen, count: portion.count)
            let plan = readPlan(.findMany, model, chosen, selection, order)
            var part = ByteBuffer(capacity: 512)
            try RowWriter(plan.shape).write(try execute(plan.statements), into: &part, limit: limit)
            if answer.count > 1 { answer.append(UInt8(ascii: ",")) }
            answer.append(UnsafeRawBufferPointer(rebasing: part.bytes.dropFirst().dropLast()))
        }
        answer.append(UInt8(ascii: "]"))
        try check(answer.count)
        try commit()
    }

    /// Returns the order of the list that a filter names rows by; none for many rows, since each row looks for its place.
    private func position(in filter: Filter, count: Int) -> [Order] {
        guard count <= WriteLimit.orderedRecords, case .scalar(let field, .among(.slot(let list), _, _)) = filter else { return [] }
        return [Order(term: .position(of: field, in: list))]
    }

    /// True if the key of each record, one whole number, is above that of the record before it.
    private func ascend(_ records: [Record], _ key: [Int], of model: Int) -> Bool {
        guard key.count == 1, let field = key.first else { return false }
        switch self.field(field, of: model).type {
        case .scalar(.int), .scalar(.bigInt): break
        default: return false
        }
        var last: Int64?
        for record in records {
            guard case .slot(let slot) = record[field] ?? .null, let text = parameters.pointer(slot), let number = Int64(String(cString: text)),
                number > last ?? .min
            else { return false }
            last = number
        }
        return true
    }

    /// Throws when the answer is too large.
    private func check(_ size: Int) throws(Failure) {
        if size > limit { throw RowWriter.tooLarge(size, limit: limit) }
    }

    private func readPlan(
        _ operation: Request.Operation, _ model: Int, _ filter: Filter, _ selection: Selection, _ order: [Order] = []
    ) -> Plan {
        let rows = Rows(model: model, filter: filter, order: order)
        let request = Request(operation: operation, model: model, body: .find(rows, selection), slots: [], isPrecise: prepared.request.isPrecise)
        return Compiler.compile(request, schema: schema, settings: settings)
    }

    private static let notCreated = "No record was inserted."
    private static let notUpdated = "No record was found for an update."
    private static let notDeleted = "No record was found for a delete."

    static func writeCount(_ count: Int, into answer: inout ByteBuffer) {
        answer.append("{\"count\":")
        answer.append(decimal: count)
        answer.append(UInt8(ascii: "}"))
    }
}

extension Selection {
    /// True if one row of the table holds all of it.
    var isFlat: Bool { relations.isEmpty && counts.isEmpty }

    /// True if a record has one related record at most, at any depth.
    func isBounded(_ schema: Schema, _ model: Int) -> Bool {
        relations.allSatisfy { relation in
            schema.models[model].fields[relation.field].arity != .list && relation.selection.isBounded(schema, relation.rows.model)
        }
    }
}
