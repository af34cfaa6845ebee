package import Schema
package import Text

/// The tables that the actions of relations (`onDelete`, `onUpdate`) reach when records of a model change or go.
package struct CascadeClosure {
    /// What happens to records of one model.
    private struct Change {
        var isDeletion: Bool
        /// The fields that change; of no meaning for a deletion.
        var fields: Set<Int>
    }

    private let schema: Schema
    private let settings: SQLSettings
    private var known: [Int: Change] = [:]
    /// As `Plan.tables` names them. The first model's own table only if actions lead back to it.
    package private(set) var tables: Set<ExactString> = []

    /// - Parameter fields: that change; nil when records are deleted.
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

    /// Whether this was not known of the model. Why remembered: relations may go round in circles.
    private mutating func learn(_ change: Change, of model: Int) -> Bool {
        guard let former = known[model] else {
            known[model] = change
            return true
        }
        if change.isDeletion ? former.isDeletion : change.fields.isSubset(of: former.fields) { return false }
        known[model] = Change(isDeletion: former.isDeletion || change.isDeletion, fields: former.fields.union(change.fields))
        return true
    }

    /// One step: what follows for the models that hold keys of this one. Notes their tables.
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
