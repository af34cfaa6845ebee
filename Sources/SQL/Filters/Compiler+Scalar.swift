import Query
import Schema

/// The operand of a scalar test: a column, or an aggregate in HAVING.
struct Subject {
    var expression: SQLText
    var field: Field?
    /// The column that gives the test's parameters their types.
    var column: ColumnName?
    /// Returns the column that a field reference means.
    var reference: (Int) -> SQLText

    /// The expression as text, for operators that exist only for text.
    var text: SQLText {
        switch field?.nativeType?.name {
        case .uuid, .xml, .inet, .bit, .varBit: "\(expression)::text"
        default: expression
        }
    }
    /// The operand of LIKE.
    /// Why text for `char` and `citext`, as in Prisma: the padding of a `char` does not count, and case does.
    var likeText: SQLText {
        switch field?.nativeType?.name {
        case .char, .citext: "\(expression)::text"
        default: text
        }
    }
    /// The expression in a type with comparison operators, which `xml` and `json` lack.
    ///
    /// Times with a zone are equal here if they are equal in UTC, as answers show them.
    var comparable: SQLText {
        switch field?.nativeType?.name {
        case .xml: "\(expression)::text"
        case .json: "\(expression)::jsonb"
        case .timetz: "(\(expression) AT TIME ZONE 'UTC')"
        default: expression
        }
    }

    /// The same for a whole list, element by element. NULL stays apart from an empty list.
    var comparableList: SQLText {
        switch field?.nativeType?.name {
        case .xml: "\(expression)::text[]"
        case .json: "\(expression)::jsonb[]"
        case .timetz:
            "CASE WHEN \(expression) IS NOT NULL THEN ARRAY(SELECT e AT TIME ZONE 'UTC' FROM unnest(\(expression)) WITH ORDINALITY AS u(e, o) ORDER BY o) END"
        default: expression
        }
    }
}

extension Compiler {
    /// Compiles a test of one scalar value:
    ///
    ///     {equals: v}                        t0."name" = $1
    ///     {in: [v, w]}                       t0."name" = ANY($1)
    ///     {contains: v}                      t0."name" LIKE $1           ($1 is the escaped pattern)
    ///     {startsWith: {_ref: "other"}}      starts_with(t0."name", t0."other")
    ///     {equals: v, mode: "insensitive"}   t0."name" ILIKE $1
    ///
    /// Parameters have no type of their own. PostgreSQL infers the column's type, so its indexes can be used.
    func condition(_ test: ScalarTest, on subject: Subject) -> SQLText {
        switch test {
        case .isNull: "\(subject.expression) IS NULL"
        case .isNotNull: "\(subject.expression) IS NOT NULL"
        case .compare(let comparison, let operand, let isInsensitive):
            isInsensitive ? insensitive(comparison, operand, subject) : compare(subject.comparable, comparison, value(operand, subject))
        case .among(let operand, let isNegated, let isInsensitive):
            negate(among(operand, isInsensitive: isInsensitive, subject), if: isNegated)
        case .matches(let pattern, let operand, let isNegated, let isInsensitive):
            negate(matches(pattern, operand, isInsensitive: isInsensitive, subject), if: isNegated)
        case .search(let operand, let isNegated):
            negate("to_tsvector(concat_ws(' ', \(subject.text))) @@ to_tsquery(\(value(operand, subject)))", if: isNegated)
        }
    }

    /// `NOT (condition)`, which is NULL if the condition is, as in Prisma.
    func negate(_ condition: SQLText, if isNegated: Bool) -> SQLText { isNegated ? "(NOT \(condition))" : condition }

    func value(_ operand: Operand, _ subject: Subject) -> SQLText {
        switch operand {
        case .slot(let slot): "\(slot: slot, of: subject.column)"
        case .field(let field): subject.reference(field)
        }
    }

    func compare(_ left: SQLText, _ comparison: Comparison, _ right: SQLText) -> SQLText {
        switch comparison {
        case .equals: "\(left) = \(right)"
        case .notEquals: "\(left) <> \(right)"
        case .less: "\(left) < \(right)"
        case .lessOrEqual: "\(left) <= \(right)"
        case .greater: "\(left) > \(right)"
        case .greaterOrEqual: "\(left) >= \(right)"
        }
    }

    private func insensitive(_ comparison: Comparison, _ operand: Operand, _ subject: Subject) -> SQLText {
        switch (comparison, operand) {
        case (.equals, .slot(let slot)): "\(subject.text) ILIKE \(slot: slot)"
        case (.notEquals, .slot(let slot)): "\(subject.text) NOT ILIKE \(slot: slot)"
        case (_, .slot(let slot)): compare("lower(\(subject.text))", comparison, "lower(\(slot: slot)::text)")
        case (_, .field(let field)): compare("lower(\(subject.text))", comparison, "lower(\(subject.reference(field))::text)")
        }
    }

    private func among(_ operand: Operand, isInsensitive: Bool, _ subject: Subject) -> SQLText {
        switch (operand, isInsensitive) {
        case (.slot(let slot), false): "\(subject.comparable) = ANY(\(slot: slot, of: subject.column))"
        case (.slot(let slot), true): "\(subject.text) ILIKE ANY(\(slot: slot))"
        case (.field(let field), false): "\(subject.comparable) = ANY(\(subject.reference(field)))"
        case (.field(let field), true):
            "lower(\(subject.text)) = ANY(SELECT lower(e::text) FROM unnest(\(subject.reference(field))) AS u(e))"
        }
    }

    /// Why functions for field references: the other column's `%`, `_` and `\` are plain characters.
    private func matches(_ pattern: ScalarTest.Pattern, _ operand: Operand, isInsensitive: Bool, _ subject: Subject) -> SQLText {
        switch operand {
        case .slot(let slot): isInsensitive ? "\(subject.text) ILIKE \(slot: slot)" : "\(subject.likeText) LIKE \(slot: slot)"
        case .field(let field):
            isInsensitive
                ? matches(pattern, "lower(\(subject.text))", "lower(\(subject.reference(field))::text)")
                : matches(pattern, "\(subject.text)::text", "\(subject.reference(field))::text")
        }
    }

    func matches(_ pattern: ScalarTest.Pattern, _ left: SQLText, _ right: SQLText) -> SQLText {
        switch pattern {
        case .contains: "strpos(\(left), \(right)) > 0"
        case .startsWith: "starts_with(\(left), \(right))"
        case .endsWith: "right(\(left), length(\(right))) = \(right)"
        }
    }
}
