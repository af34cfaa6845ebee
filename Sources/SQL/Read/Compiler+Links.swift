import Query
import Schema

/// The related records of one record: FROM items and the conditions that find them.
struct RelatedRows {
    var model: Int
    var alias: TableAlias
    var from: SQLText
    /// The conditions that tie the records to their parent. Not empty.
    var conditions: [SQLText]
}

extension Compiler {
    func relation(_ field: Int, of model: Int) -> Relation? {
        if case .relation(let relation) = self.field(field, of: model).type { relation } else { nil }
    }

    /// Returns the fields of this model that a relation depends on. They tell one parent's records from another's.
    func linkFields(_ relation: Relation) -> [Int] {
        switch relation.link {
        case .references(let fields, _), .referenced(let fields, _): fields
        case .joinTable(let table): [table.thisField]
        }
    }

    /// Returns the fields of the related model that the relation depends on. They are never NULL if a record is related.
    func targetFields(_ relation: Relation) -> [Int] {
        switch relation.link {
        case .references(_, let target): target
        case .referenced(_, let by): by
        case .joinTable(let table): [table.otherField]
        }
    }

    /// Returns the records that `field` of the record `alias` leads to.
    ///
    ///     1-n   FROM "Post" AS t1 WHERE t1."authorId" = t0."id"
    ///     m-n   FROM "_PostToTag" AS t2 JOIN "Tag" AS t1 ON t1."id" = t2."B" WHERE t2."A" = t0."id"
    mutating func relatedRows(_ field: Int, of model: Int, _ alias: TableAlias) -> RelatedRows? {
        guard let relation = relation(field, of: model) else { return nil }
        return relatedRows(relation, keys: linkFields(relation).map { column($0, of: model, alias) })
    }

    /// Like `relatedRows`, if only the number or the existence of records matters. The join table of a many-to-many relation is then enough.
    ///
    /// Why not without foreign keys: rows of the join table can dangle then.
    mutating func countedRows(_ field: Int, of model: Int, _ alias: TableAlias, _ filter: Filter) -> RelatedRows? {
        guard filter.isEmpty, schema.datasource?.relationMode != .prisma, let relation = relation(field, of: model),
            case .joinTable(let link) = relation.link
        else { return relatedRows(field, of: model, alias) }
        // Why recorded as read: deleting a record deletes its rows in the join table.
        _ = table(schema.models[relation.model])
        let join = makeAlias()
        let name = table(link.tableName, in: link.tableSchema)
        let key = column(link.thisField, of: model, alias)
        return RelatedRows(
            model: relation.model, alias: join, from: "\(name) AS \(join)", conditions: ["\(join, column: link.thisColumn) = \(key)"])
    }

    /// Returns the records related to the one whose link fields have the values `keys`.
    mutating func relatedRows(_ relation: Relation, keys: [SQLText]) -> RelatedRows {
        let target = schema.models[relation.model]
        let alias = makeAlias()
        let name = table(target)
        if case .joinTable(let link) = relation.link {
            let join = makeAlias()
            let linkName = table(link.tableName, in: link.tableSchema)
            let otherKey = column(link.otherField, of: relation.model, alias)
            return RelatedRows(
                model: relation.model, alias: alias,
                from: "\(linkName) AS \(join) JOIN \(name) AS \(alias) ON \(otherKey) = \(join, column: link.otherColumn)",
                conditions: keys.map { "\(join, column: link.thisColumn) = \($0)" })
        }
        var conditions: [SQLText] = []
        let owner = self.relation(relation.oppositeField, of: relation.model)?.model
        for (position, (field, key)) in zip(targetFields(relation), keys).enumerated() {
            let mine = owner.map { self.field(linkFields(relation)[position], of: $0) }
            let theirs = self.field(field, of: relation.model)
            let column = column(field, of: relation.model, alias)
            conditions.append("\(theirs.comparable(column, with: mine)) = \(mine?.comparable(key, with: theirs) ?? key)")
        }
        return RelatedRows(model: relation.model, alias: alias, from: "\(name) AS \(alias)", conditions: conditions)
    }

    /// Joins a to-one relation for reading or sorting: ` LEFT JOIN "User" AS t1 ON (t1."id" = t0."authorId" AND filter)`.
    mutating func leftJoin(
        _ field: Int, of model: Int, _ alias: TableAlias, filter: Filter = .all([])
    ) -> (text: SQLText, model: Int, alias: TableAlias)? {
        guard let related = relatedRows(field, of: model, alias) else { return nil }
        var conditions = related.conditions
        if !filter.isEmpty { conditions.append(condition(filter, on: related.model, related.alias)) }
        return (" LEFT JOIN \(related.from) ON \(conditions.conjunction)", related.model, related.alias)
    }
}

extension Filter {
    /// True if there is no condition, so that every record passes.
    var isEmpty: Bool { if case .all(let parts) = self { parts.isEmpty } else { false } }
}

extension Field {
    /// Returns the column in a type that has an operator `=` with the other field's column.
    ///
    /// Without foreign keys, a `text` column may refer to a `uuid`.
    func comparable(_ column: SQLText, with other: Field?) -> SQLText {
        guard let other, nativeType?.name != other.nativeType?.name else { return column }
        return switch nativeType?.name {
        case .uuid, .xml, .inet, .bit, .varBit: "\(column)::text"
        case .money: "\(column)::numeric"
        default: column
        }
    }
}
