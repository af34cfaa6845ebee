import Query
import Schema

extension Compiler {
    /// Compiles a test of a list column:
    ///
    ///     {equals: [v, w]}   t0."tags" = $1
    ///     {has: v}           $1 = ANY(t0."tags")
    ///     {hasEvery: [v]}    t0."tags" @> $1
    ///     {hasSome: [v]}     t0."tags" && $1
    ///     {isEmpty: true}    t0."tags" = '{}'
    ///
    /// A list that is NULL passes only `isNull`.
    func condition(_ test: ListTest, on subject: Subject) -> SQLText {
        let list = listOperand(subject)
        return switch test {
        case .isNull: "\(subject.expression) IS NULL"
        case .isNotNull: "\(subject.expression) IS NOT NULL"
        case .equals(let operand, let isNegated): isNegated ? "\(list) <> \(value(operand, subject))" : "\(list) = \(value(operand, subject))"
        case .has(let operand): "\(value(operand, subject)) = ANY(\(list))"
        case .hasNull: "array_position(\(subject.expression), NULL) IS NOT NULL"
        case .hasEvery(let operand): "\(list) @> \(value(operand, subject))"
        case .hasSome(let operand): "\(list) && \(value(operand, subject))"
        case .isEmpty(let isEmpty): isEmpty ? "\(list) = '{}'" : "\(list) <> '{}'"
        }
    }

    private func listOperand(_ subject: Subject) -> SQLText {
        switch subject.field?.nativeType?.name {
        case .xml: "\(subject.expression)::text[]"
        case .json: "\(subject.expression)::jsonb[]"
        default: subject.expression
        }
    }
}
