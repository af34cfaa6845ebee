package import Schema
package import Text

/// The canonical text of a request: its identity for plans, keys and signatures.
///
/// It has everything that shapes the answer, by the names of the schema, so it is the same in any process on any machine. Two requests have
/// the same text exactly when they differ in nothing but values. A slot is `$` and its number.
extension Request {
    package func writeCanonical(_ schema: Schema, into buffer: inout ByteBuffer) {
        let writer = CanonicalWriter(schema, slots)
        writer.writeRequest(self, into: &buffer)
    }
}

/// Writes requests as nested lists: `(name part part …)`. Names hold no parentheses, spaces or `$`, so texts cannot be confused.
struct CanonicalWriter {
    let schema: Schema
    let slots: [Slot]

    init(_ schema: Schema, _ slots: [Slot]) {
        self.schema = schema
        self.slots = slots
    }

    func writeRequest(_ request: Request, into buffer: inout ByteBuffer) {
        buffer.append(request.operation.rawValue)
        buffer.append(" ")
        buffer.append(schema.models[request.model].name)
        if request.isPrecise { buffer.append("(microseconds)") }
        switch request.body {
        case .find(let rows, let selection):
            writeRows(rows, into: &buffer)
            writeSelection(selection, schema.models[rows.model], into: &buffer)
        case .count(let rows, let fields, let isNumber):
            writeRows(rows, into: &buffer)
            buffer.append(isNumber ? "(number" : "(object")
            writeCounted(fields, schema.models[rows.model], into: &buffer)
            buffer.append(")")
        case .aggregate(let rows, let aggregations):
            writeRows(rows, into: &buffer)
            writeAggregations(aggregations, schema.models[rows.model], into: &buffer)
        case .groupBy(let grouping):
            writeRows(grouping.rows, into: &buffer)
            let model = schema.models[grouping.rows.model]
            writeFields("by", grouping.by, model, into: &buffer)
            writeHaving(grouping.having, model, into: &buffer)
            writeAggregations(grouping.aggregations, model, into: &buffer)
        }
    }

    // MARK: Rows

    private func writeRows(_ rows: Rows, into buffer: inout ByteBuffer) {
        let model = schema.models[rows.model]
        if !rows.filter.isAlwaysTrue {
            buffer.append("(where")
            writeFilter(rows.filter, model, into: &buffer)
            buffer.append(")")
        }
        for order in rows.order { writeOrder(order, model, into: &buffer) }
        if !rows.cursor.isEmpty {
            buffer.append("(cursor")
            for (field, slot) in rows.cursor {
                writeField(field, model, into: &buffer)
                writeSlot(slot, into: &buffer)
            }
            buffer.append(")")
        }
        if let take = rows.take {
            buffer.append(take.isBackward ? "(take -" : "(take")
            writeSlot(take.slot, into: &buffer)
            writeLiteral(take.literal, into: &buffer)
            buffer.append(")")
        }
        if let skip = rows.skip {
            buffer.append("(skip")
            writeSlot(skip, into: &buffer)
            writeLiteral(rows.skipLiteral, into: &buffer)
            buffer.append(")")
        }
        if rows.isDistinctOnNothing || !rows.distinct.isEmpty { writeFields("distinct", rows.distinct, model, into: &buffer) }
    }

    private func writeLiteral(_ literal: Int?, into buffer: inout ByteBuffer) {
        guard let literal else { return }
        buffer.append(" =")
        buffer.append(decimal: literal)
    }

    private func writeOrder(_ order: Order, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(order.isDescending ? "(desc" : "(asc")
        if let nulls = order.nulls { buffer.append(nulls == .first ? " nulls-first" : " nulls-last") }
        var model = model
        for field in order.path {
            writeField(field, model, into: &buffer)
            if let relation = model.fields[field].relation { model = schema.models[relation.model] }
        }
        switch order.term {
        case .field(let field): writeField(field, model, into: &buffer)
        case .count(let relation):
            buffer.append(" #count")
            writeField(relation, model, into: &buffer)
        case .relevance(let fields, let search):
            writeFields("relevance", fields, model, into: &buffer)
            writeSlot(search, into: &buffer)
        case .position(let field, let list):
            writeField(field, model, into: &buffer)
            writeSlot(list, into: &buffer)
        case .aggregate(let aggregation): writeAggregations([aggregation], model, into: &buffer)
        }
        buffer.append(")")
    }

    // MARK: Selections

    private func writeSelection(_ selection: Selection, _ model: Model, into buffer: inout ByteBuffer) {
        writeFields("select", selection.scalars, model, into: &buffer)
        for relation in selection.relations {
            buffer.append("(read")
            writeField(relation.field, model, into: &buffer)
            writeRows(relation.rows, into: &buffer)
            writeSelection(relation.selection, schema.models[relation.rows.model], into: &buffer)
            buffer.append(")")
        }
        for count in selection.counts {
            buffer.append("(count")
            writeField(count.field, model, into: &buffer)
            if let relation = model.fields[count.field].relation {
                writeFilter(count.filter, schema.models[relation.model], into: &buffer)
            }
            buffer.append(")")
        }
    }

    func writeAggregations(_ aggregations: [Aggregation], _ model: Model, into buffer: inout ByteBuffer) {
        for aggregation in aggregations {
            switch aggregation {
            case .countAll: buffer.append("(_count)")
            case .count(let fields):
                buffer.append("(_count")
                writeCounted(fields, model, into: &buffer)
                buffer.append(")")
            case .average(let fields): writeFields("_avg", fields, model, into: &buffer)
            case .sum(let fields): writeFields("_sum", fields, model, into: &buffer)
            case .minimum(let fields): writeFields("_min", fields, model, into: &buffer)
            case .maximum(let fields): writeFields("_max", fields, model, into: &buffer)
            }
        }
    }

    private func writeCounted(_ fields: [CountedField], _ model: Model, into buffer: inout ByteBuffer) {
        for field in fields {
            switch field {
            case .all: buffer.append(" #all")
            case .field(let index): writeField(index, model, into: &buffer)
            }
        }
    }

    // MARK: Parts

    func writeFields(_ name: StaticString, _ fields: [Int], _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append("(")
        buffer.append(name)
        for field in fields { writeField(field, model, into: &buffer) }
        buffer.append(")")
    }

    func writeField(_ field: Int, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(" ")
        buffer.append(model.fields[field].name)
    }

    /// The number would identify the slot. The form distinguishes a pattern from a value where both may stand.
    func writeSlot(_ slot: Int, into buffer: inout ByteBuffer) {
        buffer.append(" $")
        buffer.append(decimal: slot)
        switch slots[slot].form {
        case .value: break
        case .list: buffer.append("l")
        case .pattern(let before, let after): buffer.append(before ? (after ? "pba" : "pb") : (after ? "pa" : "p"))
        case .patterns: buffer.append("ps")
        case .magnitude: buffer.append("m")
        case .json: buffer.append("j")
        case .jsonPath: buffer.append("jp")
        }
    }

    func writeOperand(_ operand: Operand, _ model: Model, into buffer: inout ByteBuffer) {
        switch operand {
        case .slot(let slot): writeSlot(slot, into: &buffer)
        case .field(let field):
            buffer.append(" @")
            writeField(field, model, into: &buffer)
        }
    }
}
