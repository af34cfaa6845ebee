import Schema
import Text

extension CanonicalWriter {
    /// Recursive; the decoder has bounded the depth.
    func write(_ filter: Filter, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append("(")
        switch filter {
        case .all(let filters): write("all", filters, model, into: &buffer)
        case .any(let filters): write("any", filters, model, into: &buffer)
        case .not(let filter): write("not", [filter], model, into: &buffer)
        case .isNotTrue(let filter): write("isNotTrue", [filter], model, into: &buffer)
        case .amongTuples(let fields, let lists):
            buffer.append("among")
            for (field, list) in zip(fields, lists) {
                write(field, model, into: &buffer)
                write(slot: list, into: &buffer)
            }
        case .scalar(let field, let test):
            write(field, model, into: &buffer)
            write(test, model, into: &buffer)
        case .list(let field, let test):
            write(field, model, into: &buffer)
            write(test, model, into: &buffer)
        case .json(let field, let test):
            write(field, model, into: &buffer)
            write(test, model, into: &buffer)
        case .toOne(let field, let filter, let isNegated):
            write(field, model, into: &buffer)
            write(isNegated ? " isNot" : " is", filter, relation: field, model, into: &buffer)
        case .toOneAbsent(let field, let isNegated):
            write(field, model, into: &buffer)
            buffer.append(isNegated ? " present" : " absent")
        case .toMany(let field, let quantifier, let filter):
            write(field, model, into: &buffer)
            let name: StaticString = quantifier == .some ? " some" : quantifier == .every ? " every" : " none"
            write(name, filter, relation: field, model, into: &buffer)
        case .search(let fields, let slot, let isNegated):
            buffer.append(isNegated ? "!search" : "search")
            for field in fields { write(field, model, into: &buffer) }
            write(slot: slot, into: &buffer)
        }
        buffer.append(")")
    }

    private func write(_ name: StaticString, _ filters: [Filter], _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(name)
        for filter in filters { write(filter, model, into: &buffer) }
    }

    private func write(_ name: StaticString, _ filter: Filter, relation field: Int, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(name)
        if let relation = model.fields[field].relation { write(filter, schema.models[relation.model], into: &buffer) }
    }

    func write(_ having: Having, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append("(")
        switch having {
        case .all(let conditions):
            buffer.append("all")
            for condition in conditions { write(condition, model, into: &buffer) }
        case .any(let conditions):
            buffer.append("any")
            for condition in conditions { write(condition, model, into: &buffer) }
        case .not(let condition):
            buffer.append("not")
            write(condition, model, into: &buffer)
        case .field(let field, let test):
            write(field, model, into: &buffer)
            write(test, model, into: &buffer)
        case .aggregate(let aggregation, let test):
            write([aggregation], model, into: &buffer)
            write(test, model, into: &buffer)
        }
        buffer.append(")")
    }

    private func write(_ test: ScalarTest, _ model: Model, into buffer: inout ByteBuffer) {
        switch test {
        case .isNull: buffer.append(" null")
        case .isNotNull: buffer.append(" not-null")
        case .compare(let comparison, let operand, let isInsensitive):
            write(comparison.rawValue, isNegated: false, isInsensitive, into: &buffer)
            write(operand, model, into: &buffer)
        case .among(let operand, let isNegated, let isInsensitive):
            write("in", isNegated: isNegated, isInsensitive, into: &buffer)
            write(operand, model, into: &buffer)
        case .matches(let pattern, let operand, let isNegated, let isInsensitive):
            write(pattern.rawValue, isNegated: isNegated, isInsensitive, into: &buffer)
            write(operand, model, into: &buffer)
        case .search(let operand, let isNegated):
            write("search", isNegated: isNegated, false, into: &buffer)
            write(operand, model, into: &buffer)
        }
    }

    private func write(_ name: String, isNegated: Bool, _ isInsensitive: Bool, into buffer: inout ByteBuffer) {
        buffer.append(isNegated ? " !" : " ")
        buffer.append(name)
        if isInsensitive { buffer.append("~") }
    }

    private func write(_ test: ListTest, _ model: Model, into buffer: inout ByteBuffer) {
        switch test {
        case .isNull: buffer.append(" null")
        case .isNotNull: buffer.append(" not-null")
        case .equals(let operand, let isNegated): write(isNegated ? " !equals" : " equals", operand, model, into: &buffer)
        case .has(let operand): write(" has", operand, model, into: &buffer)
        case .hasNull: buffer.append(" has-null")
        case .hasEvery(let operand): write(" hasEvery", operand, model, into: &buffer)
        case .hasSome(let operand): write(" hasSome", operand, model, into: &buffer)
        case .isEmpty(let isEmpty): buffer.append(isEmpty ? " empty" : " not-empty")
        }
    }

    private func write(_ name: StaticString, _ operand: Operand, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(name)
        write(operand, model, into: &buffer)
    }

    private func write(_ test: JSONTest, _ model: Model, into buffer: inout ByteBuffer) {
        if test.isNegated { buffer.append(" !") }
        if let path = test.path { write(slot: path, into: &buffer) }
        switch test.kind {
        case .isDatabaseNull(let isNegated): buffer.append(isNegated ? " !db-null" : " db-null")
        case .isJSONNull(let isNegated): buffer.append(isNegated ? " !json-null" : " json-null")
        case .isAnyNull(let isNegated): buffer.append(isNegated ? " !any-null" : " any-null")
        case .compare(let comparison, let operand):
            write(comparison.rawValue, isNegated: false, false, into: &buffer)
            write(operand, model, into: &buffer)
        case .matches(let pattern, let operand, let isInsensitive):
            write(pattern.rawValue, isNegated: false, isInsensitive, into: &buffer)
            write(operand, model, into: &buffer)
        case .arrayContains(let operand): write(" array-contains", operand, model, into: &buffer)
        case .arrayStartsWith(let operand): write(" array-starts", operand, model, into: &buffer)
        case .arrayEndsWith(let operand): write(" array-ends", operand, model, into: &buffer)
        }
    }
}
