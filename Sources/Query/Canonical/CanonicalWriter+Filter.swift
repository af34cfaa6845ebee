import Schema
import Text

extension CanonicalWriter {
    /// Recursive; the decoder has bounded the depth.
    func writeFilter(_ filter: Filter, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append("(")
        switch filter {
        case .all(let filters): writeGroup("all", filters, model, into: &buffer)
        case .any(let filters): writeGroup("any", filters, model, into: &buffer)
        case .not(let filter): writeGroup("not", [filter], model, into: &buffer)
        case .isNotTrue(let filter): writeGroup("isNotTrue", [filter], model, into: &buffer)
        case .amongTuples(let fields, let lists):
            buffer.append("among")
            for (field, list) in zip(fields, lists) {
                writeField(field, model, into: &buffer)
                writeSlot(list, into: &buffer)
            }
        case .scalar(let field, let test):
            writeField(field, model, into: &buffer)
            writeTest(test, model, into: &buffer)
        case .list(let field, let test):
            writeField(field, model, into: &buffer)
            writeTest(test, model, into: &buffer)
        case .json(let field, let test):
            writeField(field, model, into: &buffer)
            writeTest(test, model, into: &buffer)
        case .toOne(let field, let filter, let isNegated):
            writeField(field, model, into: &buffer)
            writeRelated(isNegated ? " isNot" : " is", filter, relation: field, model, into: &buffer)
        case .toOneAbsent(let field, let isNegated):
            writeField(field, model, into: &buffer)
            buffer.append(isNegated ? " present" : " absent")
        case .toMany(let field, let quantifier, let filter):
            writeField(field, model, into: &buffer)
            let name: StaticString = quantifier == .some ? " some" : quantifier == .every ? " every" : " none"
            writeRelated(name, filter, relation: field, model, into: &buffer)
        case .search(let fields, let slot, let isNegated):
            buffer.append(isNegated ? "!search" : "search")
            for field in fields { writeField(field, model, into: &buffer) }
            writeSlot(slot, into: &buffer)
        }
        buffer.append(")")
    }

    private func writeGroup(_ name: StaticString, _ filters: [Filter], _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(name)
        for filter in filters { writeFilter(filter, model, into: &buffer) }
    }

    private func writeRelated(_ name: StaticString, _ filter: Filter, relation field: Int, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(name)
        if let relation = model.fields[field].relation { writeFilter(filter, schema.models[relation.model], into: &buffer) }
    }

    func writeHaving(_ having: Having, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append("(")
        switch having {
        case .all(let conditions):
            buffer.append("all")
            for condition in conditions { writeHaving(condition, model, into: &buffer) }
        case .any(let conditions):
            buffer.append("any")
            for condition in conditions { writeHaving(condition, model, into: &buffer) }
        case .not(let condition):
            buffer.append("not")
            writeHaving(condition, model, into: &buffer)
        case .field(let field, let test):
            writeField(field, model, into: &buffer)
            writeTest(test, model, into: &buffer)
        case .aggregate(let aggregation, let test):
            writeAggregations([aggregation], model, into: &buffer)
            writeTest(test, model, into: &buffer)
        }
        buffer.append(")")
    }

    private func writeTest(_ test: ScalarTest, _ model: Model, into buffer: inout ByteBuffer) {
        switch test {
        case .isNull: buffer.append(" null")
        case .isNotNull: buffer.append(" not-null")
        case .compare(let comparison, let operand, let isInsensitive):
            writeOperator(comparison.rawValue, isNegated: false, isInsensitive, into: &buffer)
            writeOperand(operand, model, into: &buffer)
        case .among(let operand, let isNegated, let isInsensitive):
            writeOperator("in", isNegated: isNegated, isInsensitive, into: &buffer)
            writeOperand(operand, model, into: &buffer)
        case .matches(let pattern, let operand, let isNegated, let isInsensitive):
            writeOperator(pattern.rawValue, isNegated: isNegated, isInsensitive, into: &buffer)
            writeOperand(operand, model, into: &buffer)
        case .search(let operand, let isNegated):
            writeOperator("search", isNegated: isNegated, false, into: &buffer)
            writeOperand(operand, model, into: &buffer)
        }
    }

    private func writeOperator(_ name: String, isNegated: Bool, _ isInsensitive: Bool, into buffer: inout ByteBuffer) {
        buffer.append(isNegated ? " !" : " ")
        buffer.append(name)
        if isInsensitive { buffer.append("~") }
    }

    private func writeTest(_ test: ListTest, _ model: Model, into buffer: inout ByteBuffer) {
        switch test {
        case .isNull: buffer.append(" null")
        case .isNotNull: buffer.append(" not-null")
        case .equals(let operand, let isNegated): writeNamedOperand(isNegated ? " !equals" : " equals", operand, model, into: &buffer)
        case .has(let operand): writeNamedOperand(" has", operand, model, into: &buffer)
        case .hasNull: buffer.append(" has-null")
        case .hasEvery(let operand): writeNamedOperand(" hasEvery", operand, model, into: &buffer)
        case .hasSome(let operand): writeNamedOperand(" hasSome", operand, model, into: &buffer)
        case .isEmpty(let isEmpty): buffer.append(isEmpty ? " empty" : " not-empty")
        }
    }

    private func writeNamedOperand(_ name: StaticString, _ operand: Operand, _ model: Model, into buffer: inout ByteBuffer) {
        buffer.append(name)
        writeOperand(operand, model, into: &buffer)
    }

    private func writeTest(_ test: JSONTest, _ model: Model, into buffer: inout ByteBuffer) {
        if test.isNegated { buffer.append(" !") }
        if let path = test.path { writeSlot(path, into: &buffer) }
        switch test.kind {
        case .isDatabaseNull(let isNegated): buffer.append(isNegated ? " !db-null" : " db-null")
        case .isJSONNull(let isNegated): buffer.append(isNegated ? " !json-null" : " json-null")
        case .isAnyNull(let isNegated): buffer.append(isNegated ? " !any-null" : " any-null")
        case .compare(let comparison, let operand):
            writeOperator(comparison.rawValue, isNegated: false, false, into: &buffer)
            writeOperand(operand, model, into: &buffer)
        case .matches(let pattern, let operand, let isInsensitive):
            writeOperator(pattern.rawValue, isNegated: false, isInsensitive, into: &buffer)
            writeOperand(operand, model, into: &buffer)
        case .arrayContains(let operand): writeNamedOperand(" array-contains", operand, model, into: &buffer)
        case .arrayStartsWith(let operand): writeNamedOperand(" array-starts", operand, model, into: &buffer)
        case .arrayEndsWith(let operand): writeNamedOperand(" array-ends", operand, model, into: &buffer)
        }
    }
}
