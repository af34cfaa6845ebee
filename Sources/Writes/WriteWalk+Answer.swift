import Postgres
import Query
import SQL
import Schema
package import Text

/// The writes as requests name them, with their answers.
extension WriteWalk {
    /// Carries the write out and writes the answer. The transaction is committed when this returns. When it throws nothing has been
    /// written, but for an answer over its size limit: that shows after a commit that travelled with the last statement.
    package func carryOut(into answer: inout ByteBuffer) throws(Failure) {
        if let single = prepared.known(namesRows: rowKeys != nil) {
            try make(single.made)
            return try run(single, into: &answer)
        }
        defer { if !isAlone { footprint = Footprint(tables: compiler.tables) } }
        try walk(prepared.request, into: &answer)
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
            let returning = returning(selection, of: model, isFew: true)
            let statement = compiler.insert(model, rows, returning)
            let trace = trace(statement, of: model, returning.keys, changed: [])
            return try runAlone(statement, .record(orElse: Self.notCreated), trace, into: &answer)
        }
        let record = try create(model, data, known(data, of: model))
        try readBack(model, record, selection, into: &answer)
    }

    private func answerCreateMany(
        _ model: Int, _ data: [WriteData], skipsDuplicates: Bool, _ selection: Selection?, into answer: inout ByteBuffer
    ) throws(Failure) {
        let chunks = try chunks(data, of: model)
        let conflict: WriteCompiler.Conflict = skipsDuplicates ? .isSkipped : .fails
        if chunks.count == 1, selection?.isFlat ?? true {
            let returning = returning(selection, of: model, isFew: areFew(data.count))
            let statement = compiler.insert(model, chunks[0], onConflict: conflict, returning)
            let trace = trace(statement, of: model, returning.keys, changed: [])
            return try runAlone(statement, selection == nil ? .count : .list, trace, into: &answer)
        }
        guard let selection else {
            var count = 0
            for chunk in chunks {
                let results = try run(compiler.insert(model, chunk, onConflict: conflict, WriteCompiler.Returning()))
                count += results.replies.first?.affectedRows ?? 0
            }
            try commit()
            return Self.write(count: count, into: &answer)
        }
        var records: [Record] = []
        for chunk in chunks {
            let fields = identifier(of: model)
            let statement = compiler.insert(model, chunk, onConflict: conflict, WriteCompiler.Returning(keys: fields))
            records += try self.records(try run(statement), fields, from: statement.firstKey)
        }
        try readBack(model, all: records, selection, into: &answer)
    }

    private func answerUpdate(
        _ model: Int, _ filter: Filter, _ data: WriteData, _ selection: Selection, into answer: inout ByteBuffer
    ) throws(Failure) {
        if data.relations.isEmpty, selection.isFlat, !data.scalars.isEmpty, !emulatesActions(of: model) {
            let changes = try withMoment(data.scalars, of: model)
            let returning = returning(selection, of: model, isFew: true)
            let statement = compiler.update(model, changes, where: filter, returning)
            let trace = trace(statement, of: model, returning.keys, changed: Set(changes.map(\.field)), where: filter)
            return try runAlone(statement, .record(orElse: Self.notUpdated), trace, into: &answer)
        }
        guard let target = try find(model, filter, known(data, of: model)).first else {
            throw .requiredRecord(Self.notUpdated)
        }
        try readBack(model, try update(model, target, data), selection, into: &answer)
    }

    private func answerUpdateMany(
        _ model: Int, _ filter: Filter, _ data: WriteData, limit: Int?, _ selection: Selection?, into answer: inout ByteBuffer
    ) throws(Failure) {
        let changes = try withMoment(data.scalars, of: model)
        if selection?.isFlat ?? true, !emulatesActions(of: model) {
            let returning = returning(selection, of: model, isFew: selection != nil || isUnique(filter, of: model))
            let statement = compiler.update(model, changes, where: filter, limit: limit, returning)
            let trace = trace(statement, of: model, returning.keys, changed: Set(changes.map(\.field)), where: filter)
            return try runAlone(statement, selection == nil ? .count : .list, trace, into: &answer)
        }
        try followUpdate(of: model, changes, where: filter)
        guard let selection else {
            let results = try run(compiler.update(model, changes, where: filter, limit: limit, WriteCompiler.Returning()))
            try commit()
            return Self.write(count: results.replies.first?.affectedRows ?? 0, into: &answer)
        }
        let fields = identifier(of: model)
        let statement = compiler.update(model, changes, where: filter, limit: limit, WriteCompiler.Returning(keys: fields))
        try readBack(model, all: records(try run(statement), fields, from: statement.firstKey), selection, into: &answer)
    }

    private func answerUpsert(
        _ model: Int, _ filter: Filter, _ created: WriteData, _ updated: WriteData, _ selection: Selection, into answer: inout ByteBuffer
    ) throws(Failure) {
        if created.relations.isEmpty, updated.relations.isEmpty, selection.isFlat, !emulatesActions(of: model), let key = conflictKey(filter, created, of: model) {
            let rows = try rows([cells(created, fixed: [:])], of: model)
            let changes = try withMoment(updated.scalars, of: model)
            let returning = returning(selection, of: model, isFew: true)
            let statement = compiler.insert(model, rows, onConflict: .updates(key: key, changes), returning)
            let trace = trace(statement, of: model, returning.keys, changed: Set(changes.map(\.field)), where: filter)
            return try runAlone(statement, .record(orElse: Self.notCreated), dependsOnValues: true, trace, into: &answer)
        }
        let record: Record
        if let target = try find(model, filter, known(updated, of: model)).first {
            record = try update(model, target, updated)
        } else {
            record = try create(model, created, known(created, of: model))
        }
        try readBack(model, record, selection, into: &answer)
    }

    /// The unique key that `where` names alone, when the new record has the same values in it: then `ON CONFLICT` means the same.
    private func conflictKey(_ filter: Filter, _ created: WriteData, of model: Int) -> [Int]? {
        var parts = [filter]
        if case .all(let inner) = filter { parts = inner }
        var wanted: [Int: Int] = [:]
        for part in parts {
            guard case .scalar(let field, .compare(.equals, .slot(let slot), isInsensitive: false)) = part, wanted[field] == nil else { return nil }
            wanted[field] = slot
        }
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
            let returning = returning(selection, of: model, isFew: true)
            let statement = compiler.delete(model, where: filter, returning)
            let trace = trace(statement, of: model, returning.keys, changed: nil)
            return try runAlone(statement, .record(orElse: Self.notDeleted), trace, into: &answer)
        }
        let fields = identifier(of: model)
        guard let record = try find(model, filter, fields).first else { throw .requiredRecord(Self.notDeleted) }
        let plan = readPlan(.findUniqueOrThrow, model, self.filter(record, fields), selection)
        let results = try run(plan.statements, commits: false)
        try AnswerWriter(plan.shape).write(results, into: &answer, limit: limit)
        try deleteAll(model, where: self.filter(record, fields))
        try commit()
    }

    private func answerDeleteMany(_ model: Int, _ filter: Filter, limit: Int?, into answer: inout ByteBuffer) throws(Failure) {
        guard emulatesActions(of: model) else {
            let returning = returning(nil, of: model, isFew: isUnique(filter, of: model))
            let statement = compiler.delete(model, where: filter, limit: limit, returning)
            return try runAlone(statement, .count, trace(statement, of: model, returning.keys, changed: nil), into: &answer)
        }
        let count = try deleteAll(model, where: filter, limit: limit)
        try commit()
        Self.write(count: count, into: &answer)
    }

    // MARK: Answers

    /// Reads the record as the request selects it, in the transaction, and commits.
    private func readBack(_ model: Int, _ record: Record, _ selection: Selection, into answer: inout ByteBuffer) throws(Failure) {
        let plan = readPlan(.findUniqueOrThrow, model, filter(record, identifier(of: model)), selection)
        let results = try run(plan.statements, commits: true)
        try AnswerWriter(plan.shape).write(results, into: &answer, limit: limit)
    }

    private func readBack(_ model: Int, all records: [Record], _ selection: Selection, into answer: inout ByteBuffer) throws(Failure) {
        let fields = identifier(of: model)
        let plan = readPlan(.findMany, model, .any(records.map { filter($0, fields) }), selection)
        let results = try run(plan.statements, commits: true)
        try AnswerWriter(plan.shape).write(results, into: &answer, limit: limit)
    }

    private func readPlan(_ operation: Request.Operation, _ model: Int, _ filter: Filter, _ selection: Selection) -> Plan {
        let request = Request(operation: operation, model: model, body: .find(Rows(model: model, filter: filter), selection), slots: [])
        return Compiler.compile(request, schema: schema, settings: settings)
    }

    private static let notCreated = "No record was inserted."
    private static let notUpdated = "No record was found for an update."
    private static let notDeleted = "No record was found for a delete."

    static func write(count: Int, into answer: inout ByteBuffer) {
        answer.append("{\"count\":")
        answer.append(decimal: count)
        answer.append(UInt8(ascii: "}"))
    }
}

extension Selection {
    /// Whether one row of the table holds all of it.
    var isFlat: Bool { relations.isEmpty && counts.isEmpty }
}
