import Query
import Schema
import Text

/// The records of one statement, as nested reads find them again.
struct Level {
    var source: RowSource
    /// LEFT JOINs from the source's records to `alias`.
    var path: SQLText = .empty
    var model: Int
    var alias: TableAlias
    /// True if a record may appear more than once.
    var mayRepeat = false
}

/// The select list of a statement, and the joins that it needs.
struct Projection {
    var list = SelectList()
    var joins: SQLText = .empty

    /// True if the statement has room for that many further columns.
    func hasRoom(for count: Int) -> Bool { list.items.count + count <= SQLLimit.readColumns }
}

extension Compiler {
    /// `findUnique`, `findFirst`, `findMany` → the statement for the records, then one for each to-many relation.
    ///
    ///     {where: {id: 1}, select: {name: true}}   SELECT t0."name" FROM "User" AS t0 WHERE t0."id" = $1
    mutating func compileFind(_ operation: Request.Operation, _ rows: Rows, _ selection: Selection) -> RowShape.Root {
        let number = reserveStatement()
        let isFirst = operation == .findFirst || operation == .findFirstOrThrow
        let isRepeated = (isFirst || rows.isPaged) && readsApart(selection, of: rows.model)
        let source = rowSource(rows, isTotal: isRepeated, isFirst: isFirst)
        var projection = Projection()
        let record = record(selection, Level(source: source, model: rows.model, alias: source.alias), &projection)
        setStatement(number, source.select(projection.list.text, extraJoins: projection.joins))
        return switch operation {
        case .findUniqueOrThrow, .findFirstOrThrow: .required(record, result: number)
        case .findUnique, .findFirst: .first(record, result: number)
        default: .list(record, result: number, isReversed: rows.isBackward)
        }
    }

    /// Returns the members of a level's records: scalars, related records, counts.
    mutating func record(_ selection: Selection, _ level: Level, _ projection: inout Projection) -> RowShape.Record {
        var members: [RowShape.Member] = []
        for number in selection.scalars {
            let field = field(number, of: level.model)
            let position = projection.list.append(output(number, of: level.model, level.alias), of: level.alias, field: number)
            members.append(RowShape.Member(field.name, .column(RowShape.Column(position, form(of: field)))))
        }
        for read in selection.relations {
            let field = field(read.field, of: level.model)
            let content: RowShape.Content? =
                if field.arity == .list {
                    toMany(read, level, &projection)
                } else if projection.hasRoom(for: width(of: read)) {
                    toOne(read, level, &projection)
                } else {
                    toOneApart(read, level, &projection)
                }
            if let content { members.append(RowShape.Member(field.name, content)) }
        }
        if !selection.counts.isEmpty {
            members.append(RowShape.Member("_count", .group(counts(selection.counts, level, &projection))))
        }
        return RowShape.Record(members)
    }

    /// `_count: {posts: {where: f}}` → `(SELECT count(*) FROM "Post" AS t1 WHERE t1."authorId" = t0."id" AND f)`.
    ///
    /// Why correlated: it reads only for the records of the answer. A joined aggregate would read the whole related table.
    private mutating func counts(_ counts: [RelationCount], _ level: Level, _ projection: inout Projection) -> RowShape.Record {
        var members: [RowShape.Member] = []
        for count in counts {
            guard let related = countedRows(count.field, of: level.model, level.alias, count.filter) else { continue }
            var conditions = related.conditions
            if !count.filter.isEmpty { conditions.append(condition(count.filter, on: related.model, related.alias)) }
            let position = projection.list.append("(SELECT count(*) FROM \(related.from) WHERE \(conditions.joined(by: " AND ")))")
            let name = field(count.field, of: level.model).name
            members.append(RowShape.Member(name, .column(RowShape.Column(position, ValueForm(.integer)))))
        }
        return RowShape.Record(members)
    }

    /// Returns the number of columns that a related record adds to a statement, without those of its own related records.
    private func width(of read: NestedRead) -> Int { read.selection.scalars.count + read.selection.counts.count + 1 }

    /// True if other statements read related records, directly or below to-one relations. The records must then be found again.
    func readsApart(_ selection: Selection, of model: Int) -> Bool {
        readsLists(selection, of: model) || !Projection().hasRoom(for: wholeWidth(of: selection, of: model))
    }

    private func readsLists(_ selection: Selection, of model: Int) -> Bool {
        selection.relations.contains { read in
            field(read.field, of: model).arity == .list || readsLists(read.selection, of: read.rows.model)
        }
    }

    /// Returns the number of columns of a selection with all its to-one relations.
    private func wholeWidth(of selection: Selection, of model: Int) -> Int {
        selection.relations.reduce(selection.scalars.count + selection.counts.count) { width, read in
            field(read.field, of: model).arity == .list ? width : width + 1 + wholeWidth(of: read.selection, of: read.rows.model)
        }
    }
}
