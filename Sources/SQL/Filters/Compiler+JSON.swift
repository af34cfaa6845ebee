import Query
import Schema

extension Compiler {
    /// Compiles a test of a Json column, or of the value at a path in it:
    ///
    ///     {equals: v}                               t0."data" = $1::jsonb
    ///     {path: ["a", "b"], equals: v}             (t0."data" #> $1::text[]) = $2::jsonb
    ///     {path: ["a"], string_contains: v}         ((t0."data" #>> $1::text[]) LIKE $2 AND jsonb_typeof(t0."data" #> $1::text[]) = 'string')
    ///     {array_contains: [v]}                     (t0."data" @> $1::jsonb AND jsonb_typeof(t0."data") = 'array')
    ///     {path: ["a"], gt: 5}                      ((t0."data" #> $1::text[]) > $2::jsonb AND jsonb_typeof(…) = jsonb_typeof($2::jsonb))
    ///
    /// A value of another type passes neither the test nor its negation, as in Prisma.
    func condition(_ test: JSONTest, on subject: Subject, isNegated: Bool) -> SQLText {
        let isNegated = isNegated != test.isNegated
        let target = JSONTarget(test.path, subject)
        let (plain, type) = clauses(test.kind, target, subject)
        guard let type else { return negate(plain, if: isNegated) }
        return isNegated ? "((NOT \(plain)) AND \(type))" : "(\(plain) AND \(type))"
    }

    /// Returns the test, and a condition that the value has the type that the test is about.
    private func clauses(_ kind: JSONTest.Kind, _ target: JSONTarget, _ subject: Subject) -> (SQLText, type: SQLText?) {
        let json = target.json
        let array: SQLText = "jsonb_typeof(\(json)) = 'array'"
        switch kind {
        case .isDatabaseNull(let isNegated): return (isNegated ? "\(json) IS NOT NULL" : "\(json) IS NULL", nil)
        case .isJSONNull(let isNegated): return (isNegated ? "\(json) <> 'null'::jsonb" : "\(json) = 'null'::jsonb", nil)
        case .isAnyNull(let isNegated):
            return (
                isNegated
                    ? "(\(json) <> 'null'::jsonb AND \(json) IS NOT NULL)" : "(\(json) = 'null'::jsonb OR \(json) IS NULL)", nil
            )
        case .compare(let comparison, let operand):
            let other = document(operand, subject)
            let isOrdering = comparison != .equals && comparison != .notEquals
            return (compare(json, comparison, other), isOrdering ? "jsonb_typeof(\(json)) = jsonb_typeof(\(other))" : nil)
        case .matches(let pattern, let operand, let isInsensitive):
            return (matches(pattern, operand, isInsensitive: isInsensitive, target, subject), "jsonb_typeof(\(json)) = 'string'")
        case .arrayContains(let operand): return ("\(json) @> \(document(operand, subject))", array)
        case .arrayStartsWith(let operand): return ("(\(json) -> 0) = \(document(operand, subject))", array)
        case .arrayEndsWith(let operand): return ("(\(json) -> -1) = \(document(operand, subject))", array)
        }
    }

    private func document(_ operand: Operand, _ subject: Subject) -> SQLText {
        switch operand {
        case .slot(let slot): "\(slot: slot)::jsonb"
        case .field(let field): "\(subject.reference(field))::jsonb"
        }
    }

    private func matches(
        _ pattern: ScalarTest.Pattern, _ operand: Operand, isInsensitive: Bool, _ target: JSONTarget, _ subject: Subject
    ) -> SQLText {
        let text = target.text
        switch operand {
        case .slot(let slot): return isInsensitive ? "\(text) ILIKE \(slot: slot)" : "\(text) LIKE \(slot: slot)"
        case .field(let field):
            let other: SQLText = "\(subject.reference(field))::text"
            return isInsensitive ? matches(pattern, "lower(\(text))", "lower(\(other))") : matches(pattern, text, other)
        }
    }
}

/// The value of a Json test: as jsonb, and as the text of a string.
private struct JSONTarget {
    var json: SQLText
    var text: SQLText

    init(_ path: Int?, _ subject: Subject) {
        let document = subject.comparable
        if let path {
            json = "(\(document) #> \(slot: path)::text[])"
            text = "(\(document) #>> \(slot: path)::text[])"
        } else {
            json = document
            // Why not the string itself: Prisma matches the document's text here, quotes included.
            text = "\(document)::text"
        }
    }
}
