import Query
import SQL
import Schema
import Text

/// Records whose keys change during a write. What was known of them, and of the records that hold their keys, is updated here.
extension WriteExecutor {
    /// Returns the fields of a model that others hold as a key.
    func referencedFields(of model: Int) -> Set<Int> {
        var fields: Set<Int> = []
        for field in schema.models[model].fields {
            guard case .relation(let relation) = field.type else { continue }
            switch relation.link {
            case .references: break
            case .referenced(let own, _): fields.formUnion(own)
            case .joinTable(let table): fields.insert(table.thisField)
            }
        }
        return fields
    }

    /// Notes that a record changed, if one of its keys did.
    func noteMove(of model: Int, from before: Record, to after: Record) {
        let keys = referencedFields(of: model).union(identifier(of: model))
        if keys.contains(where: { before[$0] != nil && after[$0] != nil && !isEqual(before[$0], after[$0]) }) {
            moves.append(MoveList.Move(model: model, before: before, after: after))
        }
    }

    /// Returns a record as it is after the moves from number `start` on: it moved itself, or holds a key that did.
    func current(_ record: Record, of model: Int, since start: Int) -> Record {
        if start == moves.count { return record }
        var record = record
        // Why before the loop: an update of many may have moved thousands.
        let identifier = identifier(of: model)
        let relations = schema.models[model].fields.compactMap { field -> Relation? in
            if case .relation(let relation) = field.type, case .references = relation.link { relation } else { nil }
        }
        var next = start
        while let place = nextMove(of: record, model, identifier, relations, from: next) {
            let move = moves[place]
            if move.model == model, identifier.allSatisfy({ isEqual(record[$0], move.before[$0]) }) {
                for (field, value) in move.after where record[field] != nil { record[field] = value }
            }
            for relation in relations where relation.model == move.model { follow(move, relation, of: model, &record) }
            next = place + 1
        }
        return record
    }

    /// Returns the place of the first move that moves the record itself, or one whose key it holds.
    private func nextMove(of record: Record, _ model: Int, _ identifier: [Int], _ relations: [Relation], from start: Int) -> Int? {
        var first = firstMove(of: model, identifier, text(record, identifier), from: start)
        for relation in relations {
            guard case .references(let own, let target) = relation.link else { continue }
            let other = firstMove(of: relation.model, target, text(record, own), from: start)
            first = [first, other].compactMap { $0 }.min()
        }
        return first
    }

    private func firstMove(of model: Int, _ fields: [Int], _ values: [UInt8]?, from start: Int) -> Int? {
        guard let values else { return nil }
        return moves.first(from: start, of: model, fields, values) { text($0, $1) }
    }

    /// Returns the values of fields, each with a NUL behind it. Nil if one of them is unknown or NULL.
    private func text(_ record: Record, _ fields: [Int]) -> [UInt8]? {
        var whole: [UInt8] = []
        for field in fields {
            guard case .slot(let slot) = record[field] ?? .null, let value = parameters.text(slot) else { return nil }
            whole += value
            whole.append(0)
        }
        return whole
    }

    /// Returns what the action `onUpdate` makes of the key that a record holds.
    private func follow(_ move: MoveList.Move, _ relation: Relation, of model: Int, _ record: inout Record) {
        guard case .references(let own, let target) = relation.link,
            zip(own, target).allSatisfy({ isEqual(record[$0], move.before[$1]) })
        else { return }
        for (field, other) in zip(own, target) {
            guard let value = move.after[other] else { continue }
            switch relation.onUpdate {
            case .cascade: record[field] = value
            case .setNull: if self.field(field, of: model).arity == .optional { record[field] = .null }
            case .noAction, .restrict, .setDefault: break
            }
        }
    }

    /// True if two values are known, are not NULL, and have the same text.
    private func isEqual(_ value: Value?, _ other: Value?) -> Bool {
        guard case .slot(let slot) = value, case .slot(let otherSlot) = other else { return false }
        return slot == otherSlot || parameters.equal(slot, otherSlot)
    }
}
