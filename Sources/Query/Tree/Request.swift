import Schema

/// A read that is valid against the schema, without its values.
///
/// The request names a slot where a value goes. Requests that differ in values alone are therefore the same request: they have the same
/// plan and differ in their `ParameterList`.
///
/// Members of objects are in one canonical order: fields as in the schema, operators in a fixed order. Slots are numbered in that order. So
/// two texts that mean the same decode to the same request.
package struct Request: Sendable {
    package enum Operation: String, Sendable, CaseIterable {
        case findUnique, findUniqueOrThrow, findFirst, findFirstOrThrow, findMany, count, aggregate, groupBy
    }

    package enum Body: Sendable {
        /// The body of the five operations that find records.
        case find(Rows, Selection)
        /// `count()` is a number, `count({select})` an object.
        case count(Rows, [CountedField], isNumber: Bool)
        case aggregate(Rows, [Aggregation])
        case groupBy(Grouping)
    }

    package var operation: Operation
    /// A position in `Schema.models`.
    package var model: Int
    package var body: Body
    package var slots: [Slot]
    /// True if moments have microseconds in the answer.
    package var isPrecise: Bool

    package init(operation: Operation, model: Int, body: Body, slots: [Slot], isPrecise: Bool = false) {
        self.operation = operation
        self.model = model
        self.body = body
        self.slots = slots
        self.isPrecise = isPrecise
    }
}

// In all types below, a model is a position in `Schema.models`, a field one in its `Model.fields`, and a slot one in `Request.slots`.

/// Which records of a model, in which order: `where orderBy cursor take skip distinct`.
package struct Rows: Sendable {
    package var model: Int
    package var filter: Filter
    package var order: [Order]
    /// The unique key's fields with the slots of their values.
    package var cursor: [(field: Int, slot: Int)]
    package var take: Take?
    package var skip: Int?
    /// The value of `skip` where it is small, and so part of the request; see `Take.literal`.
    package var skipLiteral: Int?
    /// Fields, in the order of the schema.
    package var distinct: [Int]
    /// `distinct: []`: all records count as equal, so the first one alone is left (before `skip` and `take`).
    package var isDistinctOnNothing = false

    package init(
        model: Int, filter: Filter = .all([]), order: [Order] = [], cursor: [(field: Int, slot: Int)] = [], take: Take? = nil,
        skip: Int? = nil, distinct: [Int] = []
    ) {
        self.model = model
        self.filter = filter
        self.order = order
        self.cursor = cursor
        self.take = take
        self.skip = skip
        self.distinct = distinct
    }
}

package struct Take: Sendable {
    /// The slot of the magnitude. `findFirst` has a `take` when it was given, and its magnitude is 1.
    package var slot: Int
    /// The magnitude where it is small. It is then a part of the request, so requests with different small magnitudes have plans of their
    /// own.
    ///
    /// Why: PostgreSQL plans for a tenth of the table when it does not see the limit.
    package var literal: Int?
    /// True for a negative `take`: the last records, in the order asked for.
    package var isBackward: Bool

    package init(slot: Int, literal: Int? = nil, isBackward: Bool) {
        self.slot = slot
        self.literal = literal
        self.isBackward = isBackward
    }
}

/// The members of the records of an answer: scalars in the order of the schema, then relations, then `_count`.
package struct Selection: Sendable {
    package var scalars: [Int]
    package var relations: [NestedRead]
    package var counts: [RelationCount]

    package init(scalars: [Int], relations: [NestedRead] = [], counts: [RelationCount] = []) {
        self.scalars = scalars
        self.relations = relations
        self.counts = counts
    }
}

/// A relation that is read with its parent.
package struct NestedRead: Sendable {
    /// The relation field of the parent model.
    package var field: Int
    /// The rows of the related model. A to-one relation has a filter at most.
    package var rows: Rows
    package var selection: Selection

    package init(field: Int, rows: Rows, selection: Selection) {
        self.field = field
        self.rows = rows
        self.selection = selection
    }
}

/// `_count` of a to-many relation, over the related records that pass the filter.
package struct RelationCount: Sendable {
    package var field: Int
    package var filter: Filter

    package init(field: Int, filter: Filter) {
        self.field = field
        self.filter = filter
    }
}

/// A condition on one record.
package indirect enum Filter: Sendable {
    /// All conditions hold. True when there are none.
    case all([Filter])
    /// One of the conditions holds. False when there are none.
    case any([Filter])
    case not(Filter)
    /// Passes where the condition is false or NULL. Only writes make it.
    case isNotTrue(Filter)
    /// The fields have the values at one position of the lists. Each slot holds the list of one field. Only writes make it.
    case amongTuples(fields: [Int], lists: [Int])
    case scalar(field: Int, ScalarTest)
    case list(field: Int, ListTest)
    case json(field: Int, JSONTest)
    /// A to-one relation whose record exists and passes. Negated, it is Prisma's `isNot`, which a missing record passes, too.
    case toOne(field: Int, Filter, isNegated: Bool)
    /// A to-one relation without a record; negated, with one.
    case toOneAbsent(field: Int, isNegated: Bool)
    case toMany(field: Int, Quantifier, Filter)
    /// A full-text search in several fields, taken as one text.
    case search(fields: [Int], slot: Int, isNegated: Bool)

    package enum Quantifier: String, Sendable { case some, every, none }
}

extension Filter {
    /// True if it asks about other rows than the one it is applied to.
    package var asksAboutRelations: Bool {
        var open = [self]
        while let filter = open.popLast() {
            switch filter {
            case .all(let parts), .any(let parts): open += parts
            case .not(let part), .isNotTrue(let part): open.append(part)
            case .toOne, .toOneAbsent, .toMany: return true
            case .amongTuples, .scalar, .list, .json, .search: break
            }
        }
        return false
    }
}

/// The value that a column is compared with.
package enum Operand: Sendable, Equatable {
    case slot(Int)
    /// A field of the same model.
    case field(Int)
}

package enum Comparison: String, Sendable { case equals, notEquals, less, lessOrEqual, greater, greaterOrEqual }

package enum ScalarTest: Sendable {
    case isNull
    case isNotNull
    /// `equals` and `notEquals` without regard to case: a slot holds a LIKE pattern without wildcards, for ILIKE.
    case compare(Comparison, Operand, isInsensitive: Bool)
    /// Membership of a list: one slot with all values, or a list field. When insensitive the slot holds patterns without wildcards.
    case among(Operand, isNegated: Bool, isInsensitive: Bool)
    /// `contains`, `startsWith`, `endsWith`. A slot holds the LIKE pattern, its special characters escaped.
    case matches(Pattern, Operand, isNegated: Bool, isInsensitive: Bool)
    case search(Operand, isNegated: Bool)

    package enum Pattern: String, Sendable { case contains, startsWith, endsWith }
}

package enum ListTest: Sendable {
    case isNull
    case isNotNull
    case equals(Operand, isNegated: Bool)
    case has(Operand)
    /// `has: null`: some element is NULL.
    case hasNull
    case hasEvery(Operand)
    case hasSome(Operand)
    /// `isEmpty: true`, or `false`.
    case isEmpty(Bool)
}

/// A test on a Json column or on what lies under `path` in it (a slot of text[]; nil for the whole document).
package struct JSONTest: Sendable {
    package enum Kind: Sendable {
        case isDatabaseNull(isNegated: Bool)
        case isJSONNull(isNegated: Bool)
        case isAnyNull(isNegated: Bool)
        case compare(Comparison, Operand)
        case matches(ScalarTest.Pattern, Operand, isInsensitive: Bool)
        case arrayContains(Operand)
        case arrayStartsWith(Operand)
        case arrayEndsWith(Operand)
    }
    package var path: Int?
    package var kind: Kind
    package var isNegated: Bool

    package init(path: Int?, kind: Kind, isNegated: Bool = false) {
        self.path = path
        self.kind = kind
        self.isNegated = isNegated
    }
}

/// One term of `orderBy`.
package struct Order: Sendable {
    package enum Nulls: String, Sendable { case first, last }
    package enum Term: Sendable {
        case field(Int)
        /// `_count` of a to-many relation.
        case count(relation: Int)
        /// `_relevance` of a full-text search in some String fields; the slot holds the search.
        case relevance(fields: [Int], search: Int)
        /// The place of the field's value in a list, which the slot holds. No request says so: a write's answer comes in the order of its rows.
        case position(of: Int, in: Int)
        /// In `groupBy`: an aggregate of a field.
        case aggregate(Aggregation)
    }
    /// The to-one relation fields that lead from the model to the model of the term.
    package var path: [Int]
    package var term: Term
    package var isDescending: Bool
    package var nulls: Nulls?

    package init(path: [Int] = [], term: Term, isDescending: Bool = false, nulls: Nulls? = nil) {
        self.path = path
        self.term = term
        self.isDescending = isDescending
        self.nulls = nulls
    }
}

/// What `_count` counts: all rows, or those where a field is not NULL.
package enum CountedField: Sendable, Equatable {
    case all
    case field(Int)
}

package enum Aggregation: Sendable, Equatable {
    /// `_count: true` in `aggregate` and `groupBy`: a bare number.
    case countAll
    /// `_count: {…}`.
    case count([CountedField])
    case average([Int])
    case sum([Int])
    case minimum([Int])
    case maximum([Int])
}

package struct Grouping: Sendable {
    package var rows: Rows
    package var by: [Int]
    package var aggregations: [Aggregation]
    package var having: Having

    package init(rows: Rows, by: [Int], aggregations: [Aggregation], having: Having) {
        self.rows = rows
        self.by = by
        self.aggregations = aggregations
        self.having = having
    }
}

/// A condition on one group.
package indirect enum Having: Sendable {
    case all([Having])
    case any([Having])
    case not(Having)
    /// A field that is grouped by.
    case field(Int, ScalarTest)
    /// An aggregate of one field (`countAll` for `_count._all`).
    case aggregate(Aggregation, ScalarTest)
}
