package import Schema
package import Text

/// The canonical text of a request: its identity for plans, keys and signatures.
///
/// Everything that shapes the answer, by the names of the schema, so that it is the same in any process on any machine; two requests have
/// the same text exactly when they differ in nothing but values. A slot is `$` and its number.
extension Request {
    package func writeCanonical(_ schema: Schema, into buffer: inout ByteBuffer) {
        let writer = CanonicalWriter(schema, slots)
        writer.write(self, into: &buffer)
    }

    /// The same as a string.
    package func canonicalText(_ schema: Schema) -> String {
        var buffer = ByteBuffer()
        writeCanonical(schema, into: &buffer)
        return buffer.string()
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

    func write(_ request: Request, into buffer: inout ByteBuffer) {
        buffer.append(request.operation.rawValue)
        buffer.append(" ")
        buffer.append(schema.models[request.model].name)
        if request.isPrecise { buffer.append("(microseconds)") }
        switch request.body {
        case .find(let rows, let selection):
            write(rows, into: &buffer)
            write(selection, schema.models[rows.model], into: &buffer)
        case .count(let rows, let fields, let isNumber):
            write(rows, into: &buffer)
            buffer.append(isNumber ? "(number" : "(object")
            write(fields, schema.models[rows.model], into: &buffer)
            buffer.append(")")
        case .aggregate(let rows, let aggregations):
            write(rows, into: &buffer)
            write(aggregations, schema.models[rows.model], into: &buffer)
        case .groupBy(let grouping):
            write(grouping.rows, into: &buffer)
            let model = schema.models[grouping.rows.model]
            write("by", grouping.by, model, into: &buffer)
            write(grouping.having, model, into: &buffer)
            write(grouping.aggregations, model, into: &buffer)
        }
    }

    // MARK: Rows

    private func write(_ rows: Rows, into buffer: inout ByteBuffer) {
        let model = schema.models[rows.model]
        if !rows.filter.isAlwaysTrue {
            buffer.append("(where")
            write(rows.filter, model, into: &buffer)
            buffer.append(")")
        }
        for order in rows.order { write(order, model, into: &buffer) }
        if !rows.cursor.isEmpty {
            buffer.append("(cursor")
            for (field, slot) in rows.cursor {
                write(field, model, into: &buffer)
                write(slot: slot, into: &buffer)
            }
            buffer.append(")")
        }
        if let take = rows.take {
            buffer.append(take.isBackward ? "(take -" : "(take")
            write(slot: take.slot, into: &buffer)
            write(literal: take.literal, into: &buffer)
            buffer.append(")")
        }
        if let skip = rows.skip {
            buffer.append("(skip")
            write(slot: skip, into: &buffer)
            write(literal: rows.skipLiteral, into: &buffer)
            buffer.append(")")
        }
        if rows.isDistinctOnNothing || !rows.distinct.isEmpty { write("distinct", rows.distinct, model, into: &buffer) }
    }

    private func write(literal: Int?, into buffer: inout ByteBuffer) {
        guard let literal else { return }
        buffer.append(" =")
        buffer.append(decimal: literal)
    }

    private func write(_ order: Order, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(order.isDescending ? "(desc" : "(asc")
        if let nulls = order.nulls { buffer.append(nulls == .first ? " nulls-first" : " nulls-last") }
        var model = model
        for field in order.path {
            write(field, model, into: &buffer)
            if let relation = model.fields[field].relation { model = schema.models[relation.model] }
        }
        switch order.term {
        case .field(let field): write(field, model, into: &buffer)
        case .count(let relation):
            buffer.append(" #count")
            write(relation, model, into: &buffer)
        case .relevance(let fields, let search):
            write("relevance", fields, model, into: &buffer)
            write(slot: search, into: &buffer)
        case .aggregate(let aggregation): write([aggregation], model, into: &buffer)
        }
        buffer.append(")")
    }

    // MARK: Selections

    private func write(_ selection: Selection, _ model: Model, into buffer: inout ByteBuffer) {
        write("select", selection.scalars, model, into: &buffer)
        for relation in selection.relations {
            buffer.append("(read")
            write(relation.field, model, into: &buffer)
            write(relation.rows, into: &buffer)
            write(relation.selection, schema.models[relation.rows.model], into: &buffer)
            buffer.append(")")
        }
        for count in selection.counts {
            buffer.append("(count")
            write(count.field, model, into: &buffer)
            if let relation = model.fields[count.field].relation {
                write(count.filter, schema.models[relation.model], into: &buffer)
            }
            buffer.append(")")
        }
    }

    func write(_ aggregations: [Aggregation], _ model: Model, into buffer: inout ByteBuffer) {
        for aggregation in aggregations {
            switch aggregation {
            case .countAll: buffer.append("(_count)")
            case .count(let fields):
                buffer.append("(_count")
                write(fields, model, into: &buffer)
                buffer.append(")")
            case .average(let fields): write("_avg", fields, model, into: &buffer)
            case .sum(let fields): write("_sum", fields, model, into: &buffer)
            case .minimum(let fields): write("_min", fields, model, into: &buffer)
            case .maximum(let fields): write("_max", fields, model, into: &buffer)
            }
        }
    }

    private func write(_ fields: [CountedField], _ model: Model, into buffer: inout ByteBuffer) {
        for field in fields {
            switch field {
            case .all: buffer.append(" #all")
            case .field(let index): write(index, model, into: &buffer)
            }
        }
    }

    // MARK: Parts

    func write(_ name: StaticString, _ fields: [Int], _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append("(")
        buffer.append(name)
        for field in fields { write(field, model, into: &buffer) }
        buffer.append(")")
    }

    func write(_ field: Int, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(" ")
        buffer.append(model.fields[field].name)
    }

    /// The number alone would do; the form tells a pattern from a value where both may stand.
    func write(slot: Int, into buffer: inout ByteBuffer) {
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

    func write(_ operand: Operand, _ model: Model, into buffer: inout ByteBuffer) {
        switch operand {
        case .slot(let slot): write(slot: slot, into: &buffer)
        case .field(let field):
            buffer.append(" @")
            write(field, model, into: &buffer)
        }
    }
}
