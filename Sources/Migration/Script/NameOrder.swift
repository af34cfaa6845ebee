import Catalog
import Schema
import Text

/// Moves renames so that every name is free when a step takes it.
///
/// Why: PostgreSQL renames one thing at a time. Two indexes that exchange their names need a third name for a while.
struct NameOrder {
    /// A name among those that must differ: of the relations in a schema, or of the constraints of a table.
    private enum Name: Hashable {
        case relation(ObjectName)
        case constraint(of: ObjectName, ExactString)
    }

    /// A rename that is still to come.
    private struct Rename {
        let table: ObjectName
        var old: String
        let new: String
        let isRelation: Bool
        let isConstraint: Bool

        var sources: [Name] { names(old) }
        var targets: [Name] { names(new) }

        func names(_ name: String) -> [Name] {
            (isRelation ? [.relation(ObjectName(name, in: table.schema))] : []) + (isConstraint ? [.constraint(of: table, ExactString(name))] : [])
        }
    }

    private let tables: [ObjectName: Table]
    private let sequences: [Sequence]
    private let holders: [ObjectName: String]
    private var steps: [Step]
    /// The names in use before the next step, and all that a step takes.
    private var held: Set<Name> = []
    private var wanted: Set<Name> = []
    /// By the place of the step, and the same places by the names that the renames set free.
    private var renames: [Int: Rename] = [:]
    private var places: [Name: Int] = [:]
    /// Renames whose new name a later step sets free.
    private var late: [Int] = []
    private var arranged: [Step] = []
    /// The names that a step takes although something has them that stays.
    private var conflicts: [NameConflict] = []

    /// - Parameter steps: by rank. They stay in this order where no name stands in the way.
    static func arranged(_ steps: [Step], from current: Database) -> (steps: [Step], conflicts: [NameConflict]) {
        var order = NameOrder(steps, current)
        for place in steps.indices { order.take(place) }
        for place in order.late where order.renames[place] != nil { order.append(place) }
        return (order.arranged, order.conflicts)
    }

    private init(_ steps: [Step], _ current: Database) {
        self.steps = steps
        sequences = current.sequences
        holders = NameConflict.holders(current)
        tables = Dictionary(current.tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for table in current.tables {
            held.formUnion(relations(of: table))
            held.formUnion(table.indexes.filter(\.isConstraint).map { .constraint(of: table.name, ExactString($0.name)) })
            held.formUnion((table.foreignKeys.map(\.name) + table.otherConstraints.map(\.name)).map { .constraint(of: table.name, ExactString($0)) })
            if let key = table.primaryKey { held.insert(.constraint(of: table.name, ExactString(key.name))) }
        }
        held.formUnion((current.views.map(\.name) + current.sequences.map(\.name)).map { .relation($0) })
        for place in steps.indices {
            if let rename = rename(in: steps[place]) {
                renames[place] = rename
                for name in rename.sources { places[name] = place }
            }
            wanted.formUnion(renames[place]?.targets ?? taken(by: steps[place]))
        }
    }

    // MARK: The order

    private mutating func take(_ place: Int) {
        if steps[place].isRename, renames[place] == nil { return }
        let names = renames[place]?.targets ?? taken(by: steps[place])
        makeWay(for: names, of: place)
        if steps[place].isRename, !areFree(names) {
            late.append(place)
            return
        }
        lendName(place)
        append(place)
        while let next = late.first(where: { place in renames[place].map { areFree($0.targets) } ?? false }) { append(next) }
    }

    /// Renames what has one of the names: to its new name if that is free or can be made so, else to one for the time being.
    private mutating func makeWay(for names: [Name], of place: Int) {
        while let first = blocker(of: names, besides: [place]) {
            var chain = [first]
            while let rename = renames[chain[chain.count - 1]], let next = blocker(of: rename.targets, besides: [place] + chain) { chain.append(next) }
            while let last = chain.last, let rename = renames[last], areFree(rename.targets) {
                append(last)
                chain.removeLast()
            }
            if !chain.isEmpty { setAside(first) }
        }
    }

    private func blocker(of names: [Name], besides others: [Int]) -> Int? {
        names.lazy.compactMap { places[$0] }.first { !others.contains($0) }
    }

    private func areFree(_ names: [Name]) -> Bool { !names.contains { held.contains($0) } }

    private mutating func append(_ place: Int) {
        let rename = renames[place]
        forget(place)
        held.subtract(rename?.sources ?? freed(by: steps[place]))
        let names = rename?.targets ?? taken(by: steps[place])
        noteConflicts(names, steps[place])
        held.formUnion(names)
        arranged.append(steps[place])
    }

    private mutating func noteConflicts(_ names: [Name], _ step: Step) {
        guard let table = step.subject else { return }
        for case .relation(let name) in names where held.contains(.relation(name)) {
            guard let holder = holders[name] else { continue }
            conflicts.append(NameConflict(table: table, name: name, holder: holder))
        }
    }

    private mutating func forget(_ place: Int) {
        for name in renames.removeValue(forKey: place)?.sources ?? [] { places[name] = nil }
    }

    private mutating func setAside(_ place: Int) {
        guard var rename = renames[place] else { return }
        let name = temporaryName(rename)
        arranged.append(steps[place].renaming(rename.old, to: name))
        forget(place)
        held.subtract(rename.sources)
        rename.old = name
        held.formUnion(rename.sources)
        for source in rename.sources { places[source] = place }
        steps[place] = steps[place].renaming(name, to: rename.new)
        renames[place] = rename
    }

    /// Gives a new primary key another name for the time being, if a later step drops what has its name.
    private mutating func lendName(_ place: Int) {
        guard case .alterTable(let table, var changes) = steps[place], var key = steps[place].newKey else { return }
        let freed = freed(by: steps[place])
        guard names(ofKey: key.name, table).contains(where: { held.contains($0) && !freed.contains($0) }) else { return }
        var rename = Rename(table: table, old: key.name, new: key.name, isRelation: true, isConstraint: true)
        rename.old = temporaryName(rename)
        key.name = rename.old
        changes[changes.count - 1] = .addPrimaryKey(key)
        steps[place] = .alterTable(table, changes)
        late.append(steps.count)
        for source in rename.sources { places[source] = steps.count }
        renames[steps.count] = rename
        steps.append(.renamePrimaryKey(of: table, from: rename.old, to: rename.new))
    }

    private func temporaryName(_ rename: Rename) -> String {
        var (suffix, number) = ("_tmp", 1)
        while true {
            let name = MadeName.cut(rename.old, to: MadeName.bytes - suffix.utf8.count) + suffix
            if !rename.names(name).contains(where: { held.contains($0) || wanted.contains($0) }) { return name }
            number += 1
            suffix = "_tmp\(number)"
        }
    }

    // MARK: The names of a step

    private func rename(in step: Step) -> Rename? {
        switch step {
        case .renamePrimaryKey(let table, let old, let new): Rename(table: table, old: old, new: new, isRelation: true, isConstraint: true)
        case .renameForeignKey(let table, let old, let new): Rename(table: table, old: old, new: new, isRelation: false, isConstraint: true)
        case .renameIndex(let table, let old, let new):
            // PostgreSQL renames a constraint together with its index.
            Rename(
                table: table, old: old, new: new, isRelation: true,
                isConstraint: tables[table]?.indexes.contains { $0.isConstraint && $0.name.isExactly(old) } ?? false)
        default: nil
        }
    }

    private func taken(by step: Step) -> [Name] {
        switch step {
        case .createTable(let table): [.relation(table.name)] + (table.primaryKey.map { names(ofKey: $0.name, table.name) } ?? [])
        case .createIndex(let index, let table): names(of: index, table)
        case .addForeignKey(let key, let table): [.constraint(of: table, ExactString(key.name))]
        case .attachSequence(let attachment): [.relation(attachment.sequence)]
        case .alterTable(let table, let changes): changes.flatMap { taken(by: $0, table) }
        default: []
        }
    }

    private func taken(by change: Step.TableChange, _ table: ObjectName) -> [Name] {
        switch change {
        case .addPrimaryKey(let key): names(ofKey: key.name, table)
        case .addConstraint(let constraint): [.constraint(of: table, ExactString(constraint.name))]
        default: []
        }
    }

    private func freed(by step: Step) -> [Name] {
        switch step {
        case .dropTable(let name): (tables[name].map { relations(of: $0) } ?? []) + ownedSequences(name) { _ in true }
        case .dropIndex(let index, let table): names(of: index, table)
        case .dropForeignKey(let name, let table): [.constraint(of: table, ExactString(name))]
        case .dropSequence(let name): [.relation(name)]
        case .alterTable(let table, let changes): changes.flatMap { freed(by: $0, table) }
        default: []
        }
    }

    private func freed(by change: Step.TableChange, _ name: ObjectName) -> [Name] {
        switch change {
        case .dropPrimaryKey(let key): return names(ofKey: key, name)
        case .dropIdentity(let column): return ownedSequences(name) { $0.isExactly(column) }
        case .dropColumn(let column), .dropOwnColumn(let column):
            guard let table = tables[name] else { return [] }
            let isOver = { (columns: [String]) in columns.contains { $0.isExactly(column) } }
            return table.indexes.filter { $0.isOver(column) }.flatMap { names(of: $0, name) }
                + (table.primaryKey.map { isOver($0.columns) ? names(ofKey: $0.name, name) : [] } ?? [])
                + table.foreignKeys.filter { isOver($0.columns) }.map { .constraint(of: name, ExactString($0.name)) }
                + ownedSequences(name) { $0.isExactly(column) }
        default: return []
        }
    }

    private func relations(of table: Table) -> [Name] {
        ([table.name.name] + table.indexes.map(\.name) + (table.primaryKey.map { [$0.name] } ?? [])).map { .relation(ObjectName($0, in: table.name.schema)) }
    }

    private func names(of index: TableIndex, _ table: ObjectName) -> [Name] {
        [.relation(ObjectName(index.name, in: table.schema))] + (index.isConstraint ? [.constraint(of: table, ExactString(index.name))] : [])
    }

    private func names(ofKey name: String, _ table: ObjectName) -> [Name] {
        [.relation(ObjectName(name, in: table.schema)), .constraint(of: table, ExactString(name))]
    }

    private func ownedSequences(_ table: ObjectName, where isMeant: (String) -> Bool) -> [Name] {
        sequences.filter { $0.owner.map { $0.table == table && isMeant($0.column) } ?? false }.map { .relation($0.name) }
    }
}

extension Step {
    fileprivate var isRename: Bool {
        switch self {
        case .renamePrimaryKey, .renameIndex, .renameForeignKey: true
        default: false
        }
    }

    /// The primary key that a table gets, which is the last of its changes.
    fileprivate var newKey: PrimaryKey? {
        guard case .alterTable(_, let changes) = self, case .addPrimaryKey(let key)? = changes.last else { return nil }
        return key
    }

    /// Returns a rename of the same thing with other names.
    fileprivate func renaming(_ old: String, to new: String) -> Step {
        switch self {
        case .renamePrimaryKey(let table, _, _): .renamePrimaryKey(of: table, from: old, to: new)
        case .renameIndex(let table, _, _): .renameIndex(in: table, from: old, to: new)
        case .renameForeignKey(let table, _, _): .renameForeignKey(of: table, from: old, to: new)
        default: self
        }
    }
}
