import Schema
import Text

/// A relation of a pulled schema, with the names of its two fields.
struct PulledRelation {
    enum Kind {
        /// A foreign key. `isUnique` is true if at most one row holds a value of it.
        case key(ForeignKey, isUnique: Bool)
        /// A join table.
        case join(ObjectName)
    }

    var kind: Kind
    /// The table that holds the key, or that column `A` points to. `target` is the other one.
    var source: ObjectName
    var target: ObjectName
    var sourceField = ""
    var targetField = ""
    /// Nil if the names of the models are enough.
    var name: String?
}

/// Finds the relations of the pulled tables and names them by Prisma's rules.
///
/// A field has the name of the table that it leads to. If two tables have several relations, or a key's column has the other table's name, each relation
/// has a name such as `Post_authorIdToUser`, which its fields contain: `User_Post_authorIdToUser`. The opposite field of a self-relation is `other_User`.
struct RelationFinder {
    private let tables: [ObjectName: Table]
    /// The tables that foreign keys lead to.
    private let targets: Set<ObjectName>
    private let names: PullNames
    private let present: Present?
    private(set) var relations: [PulledRelation] = []
    private(set) var warnings: [PullWarning] = []
    private(set) var joinTables: Set<ObjectName> = []
    /// The foreign keys of each table that are left out, in words.
    private(set) var leftOut: [ObjectName: [String]] = [:]

    /// - Parameters:
    ///   - list: the tables.
    ///   - names: the names of their models.
    init(_ list: [Table], _ names: PullNames, _ present: Present?) {
        tables = Dictionary(list.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        targets = Set(list.lazy.flatMap(\.foreignKeys).map(\.target))
        self.names = names
        self.present = present
        for table in list where isJoin(table) { joinTables.insert(table.name) }
        for table in list where !joinTables.contains(table.name) { for key in table.foreignKeys { add(key, of: table) } }
        for table in list where joinTables.contains(table.name) { addJoin(table) }
    }

    // MARK: Which tables hold pairs

    /// True for a join table as Prisma makes it. Its name begins with `_`, and it has columns `A` and `B`, a key over both in this order and an
    /// index over `B`. The order does not matter if the present schema has the relation.
    ///
    /// Column `A` points to the model whose name comes first. Why NULL may be in both: such a row is no pair, and no one sees it.
    private func isJoin(_ table: Table) -> Bool {
        guard table.name.name.utf8.first == UInt8(ascii: "_"), table.columns.count == 2, table.foreignKeys.count == 2, table.name.name.utf8.count > 1,
            !targets.contains(table.name), let left = target(of: "A", table), let right = target(of: "B", table),
            let first = names.models[left], let second = names.models[right]
        else { return false }
        let isKnown = present?.joinFields(table.name) != nil
        let isPair = { (columns: [String]) in (isKnown ? columns.sorted() : columns) == ["A", "B"] }
        let isUnique =
            table.primaryKey.map { isPair($0.columns) } ?? false
            || table.indexes.contains { $0.isUnique && $0.isPlain && isPair($0.columns ?? []) }
        let hasIndex = table.indexes.contains { $0.isPlain && $0.columns == ["B"] }
        return isUnique && hasIndex && (left == right || ExactString(first) < ExactString(second))
    }

    /// Returns the table that a column of a join table points to, by its foreign key of one column.
    private func target(of column: String, _ table: Table) -> ObjectName? {
        guard let key = table.foreignKeys.first(where: { $0.columns == [column] }), let target = tables[key.target], !target.isPartition,
            target.primaryKey?.columns == key.targetColumns, key.targetColumns.count == 1
        else { return nil }
        return key.target
    }

    private mutating func addJoin(_ table: Table) {
        guard let left = target(of: "A", table), let right = target(of: "B", table) else { return }
        relations.append(PulledRelation(kind: .join(table.name), source: left, target: right))
    }

    // MARK: Foreign keys

    private mutating func add(_ key: ForeignKey, of table: Table) {
        guard let target = tables[key.target], names.models[key.target] != nil, !joinTables.contains(key.target) else {
            return leaveOut(key, of: table, "points to `\(key.target)`, which is not part of the schema")
        }
        let isTwice = relations.contains { other in
            guard case .key(let known, _) = other.kind else { return false }
            return other.source == table.name && known.target == key.target && known.columns == key.columns && known.targetColumns == key.targetColumns
        }
        if isTwice { return leaveOut(key, of: table, "joins the same columns as another one") }
        guard Expressible.joins(key, of: table, to: target) else {
            return leaveOut(key, of: table, "joins columns whose types the schema language does not join")
        }
        let set = key.columns.sorted()
        let isUnique =
            table.primaryKey.map { $0.columns.sorted() == set } ?? false
            || table.indexes.contains { $0.isUnique && $0.isPlain && ($0.columns ?? []).sorted() == set }
        relations.append(PulledRelation(kind: .key(key, isUnique: isUnique), source: table.name, target: key.target))
    }

    private mutating func leaveOut(_ key: ForeignKey, of table: Table, _ reason: String) {
        let path = names.models[table.name] ?? table.name.name
        warnings.append(PullWarning(path: path, text: "The foreign key `\(key.name)` \(reason), and is left out."))
        leftOut[table.name, default: []].append("the foreign key \(Identifier.quoted(key.name)): it \(reason)")
    }

    func has(_ source: ObjectName, _ key: ForeignKey) -> Bool {
        relations.contains { relation in
            guard case .key(let known, _) = relation.kind else { return false }
            return relation.source == source && known.target == key.target && known.columns == key.columns
        }
    }

    mutating func append(_ relation: PulledRelation) { relations.append(relation) }

    /// Keeps the relations of the present schema for which the database has no keys: all with `relationMode = "prisma"`, and those of views.
    mutating func keepRelationsOfText(_ tables: [ObjectName], views: Set<ObjectName>) {
        guard let present else { return }
        for key in present.relationsOfText(among: Set(tables)) where !has(key.source, key.key) {
            guard present.keepsRelations || views.contains(key.source) || views.contains(key.key.target) else { continue }
            append(PulledRelation(kind: .key(key.key, isUnique: key.isUnique), source: key.source, target: key.key.target))
        }
    }

    // MARK: Names

    /// Gives the relations of the present schema the names that they have there. Returns the names of their fields by table.
    mutating func takePresentNames() -> [ObjectName: Set<ExactString>] {
        var fields: [ObjectName: Set<ExactString>] = [:]
        for index in relations.indices {
            takePresent(&relations[index])
            if relations[index].sourceField.isEmpty { continue }
            fields[relations[index].source, default: []].insert(ExactString(relations[index].sourceField))
            fields[relations[index].target, default: []].insert(ExactString(relations[index].targetField))
        }
        return fields
    }

    /// Names the other relations. Called after `takePresentNames`.
    /// - Parameter fields: the names of each table's fields. The names of relation fields are added.
    mutating func name(_ fields: inout [ObjectName: Set<ExactString>]) {
        var counts: [Set<ObjectName>: Int] = [:]
        for relation in relations { counts[[relation.source, relation.target], default: 0] += 1 }
        for index in relations.indices where relations[index].sourceField.isEmpty {
            make(&relations[index], isAmbiguous: counts[[relations[index].source, relations[index].target], default: 0] > 1, &fields)
        }
    }

    private func takePresent(_ relation: inout PulledRelation) {
        let found: (Field, Field, Relation)?
        switch relation.kind {
        case .key(let key, _): found = present?.relation(key.columns, of: relation.source, to: relation.target, key.targetColumns)
        case .join(let table): found = present?.joinFields(table)
        }
        guard let (field, opposite, known) = found else { return }
        (relation.sourceField, relation.targetField) = (field.name, opposite.name)
        // Why as well for fields with names of their own: the text says then which table is meant.
        if known.isNamed || isRenamed(relation) { relation.name = known.name }
    }

    /// True if the fields of a join table have other names than a pull without a present schema gives them.
    private func isRenamed(_ relation: PulledRelation) -> Bool {
        guard case .join = relation.kind else { return false }
        let (source, target) = (names.relationWords[relation.source] ?? "", names.relationWords[relation.target] ?? "")
        return !relation.sourceField.isExactly(target) || !relation.targetField.isExactly(source)
    }

    /// Returns Prisma's default name, `PostToUser`: both names in order.
    private func standardName(_ relation: PulledRelation, _ names: [ObjectName: String]) -> String {
        let both = [names[relation.source] ?? "", names[relation.target] ?? ""].sorted { ExactString($0) < ExactString($1) }
        return both.joined(separator: "To")
    }

    private func make(_ relation: inout PulledRelation, isAmbiguous: Bool, _ fields: inout [ObjectName: Set<ExactString>]) {
        let (source, target) = (names.relationWords[relation.source] ?? "", names.relationWords[relation.target] ?? "")
        let isSelf = relation.source == relation.target
        var name: String
        let suffix: String
        switch relation.kind {
        case .join(let table):
            name = String(table.name.dropFirst())
            suffix = isAmbiguous ? "_" + name : ""
            (relation.sourceField, relation.targetField) = isSelf ? ("\(source)\(suffix)_A", "\(source)\(suffix)_B") : (target + suffix, source + suffix)
            // Why the models' names: the client derives the name of the table from them.
            if isAmbiguous || isSelf || !name.isExactly(standardName(relation, names.models)) { relation.name = name }
        case .key(let key, _):
            name = standardName(relation, names.relationWords)
            // Why the column: its field would have the name that the relation's field should have.
            let isNamed = isAmbiguous || key.columns.contains { $0.isExactly(relation.target.name) }
            if isNamed { name = "\(source)_\(key.columns.map { Identifier.made(of: $0) }.joined(separator: "_"))To\(target)" }
            suffix = isNamed ? "_" + name : ""
            (relation.sourceField, relation.targetField) = (target + suffix, (isSelf ? "other_" + source : source) + suffix)
            if isNamed || isSelf { relation.name = name }
        }
        relation.sourceField = free(relation.sourceField, name, of: relation.source, &fields)
        relation.targetField = free(relation.targetField, name, of: relation.target, &fields)
    }

    /// Returns the wanted name. If a column's field has it already, the relation's name is appended.
    private func free(_ wanted: String, _ relation: String, of table: ObjectName, _ fields: inout [ObjectName: Set<ExactString>]) -> String {
        var name = Identifier.made(of: wanted)
        if fields[table]?.contains(ExactString(name)) == true { name = Identifier.made(of: "\(wanted)_\(relation)") }
        return Identifier.unique(name, &fields[table, default: []])
    }
}
