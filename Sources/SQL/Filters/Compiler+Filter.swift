import Query
import Schema

extension Compiler {
    /// Compiles a filter on the record of `alias` to a condition.
    ///
    ///     {AND: [a, b]}   (a AND b)
    ///     {OR: []}        FALSE
    ///     {NOT: a}        a negated
    ///
    /// SQL's three-valued logic applies: NULL passes neither a test nor its negation. Negations are pushed down to the tests, where
    /// De Morgan's laws keep that logic. In the result only TRUE matters, so EXISTS, which is never NULL, can stand for a relation.
    mutating func condition(_ filter: Filter, on model: Int, _ alias: TableAlias, isNegated: Bool = false) -> SQLText {
        switch filter {
        case .all(let parts), .any(let parts):
            if case .any = filter, let text = collapsed(parts, on: model, alias) { return negate(text, if: isNegated) }
            var texts: [SQLText] = []
            for part in parts { texts.append(condition(part, on: model, alias, isNegated: isNegated)) }
            let isConjunction = if case .all = filter { !isNegated } else { isNegated }
            return isConjunction ? texts.conjunction : texts.disjunction
        case .not(let part): return condition(part, on: model, alias, isNegated: !isNegated)
        case .isNotTrue(let part):
            let text = condition(part, on: model, alias)
            return isNegated ? "(\(text) IS TRUE)" : "(\(text) IS NOT TRUE)"
        case .amongTuples(let fields, let lists): return negate(among(fields, lists, of: model, alias), if: isNegated)
        case .scalar(let field, let test): return negate(condition(test, on: subject(field, of: model, alias)), if: isNegated)
        case .list(let field, let test): return negate(condition(test, on: subject(field, of: model, alias)), if: isNegated)
        case .json(let field, let test): return condition(test, on: subject(field, of: model, alias), isNegated: isNegated)
        case .toOne(let field, let part, let isNot):
            return toOne(field, of: model, alias, part, isNegated: isNot != isNegated)
        case .toOneAbsent(let field, let isPresent):
            return toOneAbsent(field, of: model, alias, isNegated: isPresent != isNegated)
        case .search(let fields, let slot, let isNot):
            let names = fields.map { column($0, of: model, alias) }.joined(by: ", ")
            return negate("to_tsvector(concat_ws(' ', \(names))) @@ to_tsquery(\(slot: slot))", if: isNot != isNegated)
        case .toMany(let field, let quantifier, let part):
            return toMany(field, of: model, alias, quantifier, part, isNegated: isNegated)
        }
    }

    func subject(_ field: Int, of model: Int, _ alias: TableAlias) -> Subject {
        let fields = schema.models[model].fields
        return Subject(expression: column(field, of: model, alias), field: fields[field], column: typing(field, of: model)) { other in
            "\(alias, column: fields[other].columnName)"
        }
    }

    /// `{author: {is: f}}` → `EXISTS (SELECT 1 FROM "User" AS t1 WHERE t1."id" = t0."authorId" AND f)`.
    ///
    /// `{author: {isNot: f}}` passes if there is no author, or if `f` is false for it: `(NOT EXISTS (…) OR EXISTS (… AND NOT f))`. If `f` is
    /// NULL,
    /// neither passes.
    private mutating func toOne(_ field: Int, of model: Int, _ alias: TableAlias, _ part: Filter, isNegated: Bool) -> SQLText {
        guard isNegated else { return existence(field, of: model, alias, part, isNegated: false) }
        let absent = noneRelated(field, of: model, alias)
        if part.isEmpty { return absent }
        return [absent, existence(field, of: model, alias, part, isNegated: true)].disjunction
    }

    /// Returns the condition that no record is related. A foreign key with a NULL refers to none, and the database lets no other key dangle.
    private mutating func noneRelated(_ field: Int, of model: Int, _ alias: TableAlias) -> SQLText {
        if case .references(let fields, _) = relation(field, of: model)?.link, schema.datasource?.relationMode != .prisma {
            return fields.map { "\(column($0, of: model, alias)) IS NULL" as SQLText }.disjunction
        }
        return negate(existence(field, of: model, alias, .all([]), isNegated: false), if: true)
    }

    /// `{author: null}` → `t0."authorId" IS NULL` if this model holds the key. All of its columns are NULL then, as in Prisma.
    ///
    /// `NOT EXISTS (…)` if the other model holds the key.
    private mutating func toOneAbsent(_ field: Int, of model: Int, _ alias: TableAlias, isNegated: Bool) -> SQLText {
        guard case .references(let fields, _) = relation(field, of: model)?.link else {
            return negate(existence(field, of: model, alias, .all([]), isNegated: false), if: !isNegated)
        }
        let names = fields.map { column($0, of: model, alias) }
        return isNegated
            ? names.map { "\($0) IS NOT NULL" as SQLText }.disjunction
            : names.map { "\($0) IS NULL" as SQLText }.conjunction
    }

    /// `{posts: {some: f}}` → `EXISTS (… AND f)`, `none` → `NOT EXISTS (… AND f)`, `every` → `NOT EXISTS (… AND NOT f)`.
    private mutating func toMany(
        _ field: Int, of model: Int, _ alias: TableAlias, _ quantifier: Filter.Quantifier, _ part: Filter, isNegated: Bool
    ) -> SQLText {
        let exists = existence(field, of: model, alias, part, isNegated: quantifier == .every)
        return negate(exists, if: (quantifier != .some) != isNegated)
    }

    private mutating func existence(_ field: Int, of model: Int, _ alias: TableAlias, _ part: Filter, isNegated: Bool) -> SQLText {
        guard let related = isNegated ? relatedRows(field, of: model, alias) : countedRows(field, of: model, alias, part) else { return "FALSE" }
        let test = condition(part, on: related.model, related.alias, isNegated: isNegated)
        let conditions = test == [SQLText]().conjunction ? related.conditions : related.conditions + [test]
        return "EXISTS (SELECT 1 FROM \(related.from) WHERE \(conditions.joined(by: " AND ")))"
    }
}
