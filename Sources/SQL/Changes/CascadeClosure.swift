package import Schema
package import Text

/// The tables that referential actions (`onDelete`, `onUpdate`) reach when records of a model change or are deleted.
package struct CascadeClosure {
    /// What happens to the records of one model.
    private struct Change {
        var isDeletion: Bool
        /// The fields that change. Meaningless for a deletion.
        var fields: Set<Int>
    }

    private let schema: Schema
    private let settings: SQLSettings
    private var known: [Int: Change] = [:]
    /// Named like `Plan.tables`. The first model's own table is included only if actions lead back to it.
    package private(set) var tables: Set<ExactString> = []

    /// - Parameter fields: the fields that change; nil if records are deleted.
    package init(from model: Int, by fields: Set<Int>?, _ schema: Schema, _ settings: SQLSettings) {
        self.schema = schema
        self.settings = settings
        let first = Change(isDeletion: fields == nil, fields: fields ?? [])
        known[model] = first
        var open = [(model, first)]
        while let (model, change) = open.popLast() {
            for (next, change) in follow(change, of: model) where learn(change, of: next) { open.append((next, change)) }
        }
    }

    /// Returns true if the change is new for the model. Why remembered: relations can form cycles.
    private mutating func learn(_ change: Change, of model: Int) -> Bool {
        guard let former = known[model] else {
            known[model] = change
            return true
        }
        if change.isDeletion ? former.isDeletion : change.fields.isSubset(of: former.fields) { return false }
        known[model] = Change(isDeletion: former.isDeletion || change.isDeletion, fields: former.fields.union(change.fields))
        return true
    }

    /// Returns the changes that follow for the models that hold keys of this one. Records their tables.
    private mutating func follow(_ change: Change, of model: Int) -> [(model: Int, Change)] {
        var next: [(Int, Change)] = []
        for field in schema.models[model].fields {
            guard case .relation(let relation) = field.type else { continue }
            switch relation.link {
            case .references: continue
            case .joinTable(let link):
                if change.isDeletion || change.fields.contains(link.thisField) { note(link.tableName, in: link.tableSchema) }
            case .referenced(let keys, let holders):
                let action = change.isDeletion ? relation.onDelete : relation.onUpdate
                guard action != .restrict, action != .noAction, change.isDeletion || !change.fields.isDisjoint(with: keys) else { continue }
                note(schema.models[relation.model].tableName, in: schema.models[relation.model].tableSchema)
                next.append((relation.model, Change(isDeletion: change.isDeletion && action == .cascade, fields: Set(holders))))
            }
        }
        return next
    }

    private mutating func note(_ table: String, in schema: String?) { tables.insert(ExactString(settings.name(of: table, in: schema))) }
}
