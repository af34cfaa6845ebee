import Query
import Schema
import Text

extension Compiler {
    /// Reads a to-one relation in the same statement: ` LEFT JOIN "User" AS t1 ON t1."id" = t0."authorId"`.
    ///
    /// A column that ties the record to its parent shows whether there is a record: it is NULL if there is none.
    mutating func toOne(_ read: NestedRead, _ level: Level, _ projection: inout Projection) -> RowShape.Content? {
        guard let relation = relation(read.field, of: level.model), let present = targetFields(relation).first,
            let join = leftJoin(read.field, of: level.model, level.alias, filter: read.rows.filter)
        else { return nil }
        projection.joins.append(join.text)
        var child = level
        child.path.append(join.text)
        child.model = join.model
        child.alias = join.alias
        if case .references = relation.link { child.mayRepeat = true }
        let record = record(read.selection, child, &projection)
        let presence = projection.list.append(output(present, of: join.model, join.alias), of: join.alias, field: present)
        return .toOne(record, presence: presence)
    }

    /// Reads a to-one relation in a statement of its own, like a to-many relation, because its parent's statement has no columns left.
    ///
    ///     SELECT t2.k0, t3."name" FROM (SELECT DISTINCT t0."authorId" AS k0 FROM "Post" AS t0 WHERE …) AS t2
    ///     CROSS JOIN "User" AS t3 WHERE t3."id" = t2.k0
    mutating func toOneApart(_ read: NestedRead, _ level: Level, _ projection: inout Projection) -> RowShape.Content? {
        guard let relation = relation(read.field, of: level.model) else { return nil }
        let number = reserveStatement()
        let links = linkFields(relation)
        let keys = keyColumns(links, level, &projection)
        var parent = level
        // Why for these types alone: equal keys of other types can have different bytes, and each must be found. Surplus rows do no harm.
        parent.mayRepeat = links.allSatisfy { isIdentifier($0, of: level.model) }
        let parents = makeAlias()
        let source = children(read, relation, of: parents, "(\(keyQuery(links, parent))) AS \(parents)", keyCount: links.count)
        let child = Level(source: source, model: source.model, alias: source.alias, mayRepeat: true)
        var inner = Projection(list: SelectList(parentKeys(links, of: level.model, parents)))
        let record = record(read.selection, child, &inner)
        setStatement(number, source.select(inner.list.text, extraJoins: inner.joins))
        return .related(record, result: number, keys: keys, matching: Array(links.indices))
    }

    private mutating func keyColumns(_ links: [Int], _ level: Level, _ projection: inout Projection) -> [Int] {
        links.map { projection.list.append(output($0, of: level.model, level.alias), of: level.alias, field: $0) }
    }

    /// Reads a to-many relation in a statement of its own, which finds the parents again.
    ///
    ///     {posts: {orderBy: {id: "asc"}}}
    ///     SELECT t3."title", t3."authorId" FROM (SELECT t0."id" AS k0 FROM "User" AS t0 WHERE …) AS t2
    ///     CROSS JOIN "Post" AS t3 WHERE t3."authorId" = t2.k0 ORDER BY t3."id" ASC
    ///
    /// A row is matched to its parent by its own foreign key if equal keys have equal bytes. Otherwise the parents' keys are selected
    /// as `t2.k0, t2.k1`. With pages or `distinct` the records of each parent are cut in a LATERAL subquery:
    ///
    ///     … AS t2 CROSS JOIN LATERAL (SELECT t3."title", … FROM "Post" AS t3 WHERE t3."authorId" = t2.k0 ORDER BY … LIMIT $2) AS t3
    mutating func toMany(_ read: NestedRead, _ level: Level, _ projection: inout Projection) -> RowShape.Content? {
        guard let relation = relation(read.field, of: level.model) else { return nil }
        let number = reserveStatement()
        let links = linkFields(relation)
        let keys = keyColumns(links, level, &projection)
        let parents = makeAlias()
        let source = children(read, relation, of: parents, "(\(keyQuery(links, level))) AS \(parents)", keyCount: links.count)
        let child = Level(source: source, model: source.model, alias: source.alias, mayRepeat: isManyToMany(relation))
        let own = ownKey(relation, of: level.model)
        var inner = Projection(list: SelectList(own == nil ? parentKeys(links, of: level.model, parents) : []))
        let record = record(read.selection, child, &inner)
        let matching = own.map { [inner.list.append(output($0, of: child.model, child.alias), of: child.alias, field: $0)] }
        setStatement(number, source.select(inner.list.text, extraJoins: inner.joins))
        return .toMany(
            record, result: number, keys: keys, matching: matching ?? Array(links.indices), isReversed: read.rows.isBackward,
            areOwnColumns: own != nil)
    }

    /// Returns the related field that identifies the parent of a row, so that the parents' key need not be selected again.
    ///
    /// Nil unless values of the field are equal exactly if their bytes are.
    private func ownKey(_ relation: Relation, of model: Int) -> Int? {
        guard case .referenced(let fields, let by) = relation.link, fields.count == 1, by.count == 1, isIdentifier(fields[0], of: model),
            isIdentifier(by[0], of: relation.model)
        else { return nil }
        return by[0]
    }

    /// True for an integer or a UUID. Not for text, whose equality depends on its collation.
    private func isIdentifier(_ number: Int, of model: Int) -> Bool {
        let field = field(number, of: model)
        return switch (field.type, field.nativeType?.name) {
        case (.scalar(.int), nil), (.scalar(.int), .integer), (.scalar(.int), .smallInt): true
        case (.scalar(.bigInt), nil), (.scalar(.bigInt), .bigInt): true
        case (.scalar(.string), .uuid): true
        default: false
        }
    }

    /// `t2.k0, t2.k1`: the parents' keys, as the parents' own statement returns them.
    private func parentKeys(_ links: [Int], of model: Int, _ parents: TableAlias) -> [SQLText] {
        links.enumerated().map { position, link in output("\(parents).\(key: position)", as: field(link, of: model)) }
    }

    private func isManyToMany(_ relation: Relation) -> Bool { if case .joinTable = relation.link { true } else { false } }

    /// Returns the related records of all parents. `parents` has the parents' keys as `k0`, `k1`, ….
    private mutating func children(
        _ read: NestedRead, _ relation: Relation, of parents: TableAlias, _ from: SQLText, keyCount: Int
    ) -> RowSource {
        let link = Link(relation: relation, keys: (0..<keyCount).map { "\(parents).\(key: $0)" })
        guard read.rows.isPaged else {
            var source = sorted(filteredRows(read.rows, link), read.rows, isTotal: false)
            source.from = "\(from) CROSS JOIN \(source.from)"
            return source
        }
        let isTotal = readsApart(read.selection, of: read.rows.model)
        let page = rowSource(read.rows, link: link, isTotal: isTotal)
        let each: SQLText = "\(from) CROSS JOIN LATERAL (\(page.select("\(columnsOf: page.alias)"))) AS \(page.alias)"
        var source = RowSource(model: page.model, alias: page.alias, from: each)
        // Why sorted again: a join of several tables may change the order of the rows. Alone they keep the order of the page. A reference to the
        // parents from inside LATERAL is joined by a nested loop, which takes one parent after the other in one process.
        if joinsRecords(read.selection, of: read.rows.model) { source = sorted(source, read.rows, isTotal: isTotal || isTotalOrderImplied(read.rows)) }
        return source
    }

    private func joinsRecords(_ selection: Selection, of model: Int) -> Bool {
        selection.relations.contains { field($0.field, of: model).arity != .list }
    }

    /// `SELECT t0."id" AS k0 FROM … WHERE …`: finds the records of a level again, without duplicates and with their key columns alone.
    private mutating func keyQuery(_ links: [Int], _ level: Level) -> SQLText {
        let source = level.source.unordered()
        let list = links.enumerated().map { position, link in
            "\(column(link, of: level.model, level.alias)) AS \(key: position)" as SQLText
        }.joined(by: ", ")
        guard level.mayRepeat else { return source.select(list, extraJoins: level.path) }
        guard source.isLimited else { return "SELECT DISTINCT \(list)\(source.body(extraJoins: level.path))" }
        let names = links.indices.map { "\(key: $0)" as SQLText }.joined(by: ", ")
        return "SELECT DISTINCT \(names) FROM (\(source.select(list, extraJoins: level.path))) AS \(makeAlias())"
    }
}
