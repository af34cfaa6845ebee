import SQL
import Schema

/// The foreign keys that a schema describes, with their referential actions. Immutable.
struct KnownActions: Sendable {
    /// What happens to the records that hold a key.
    enum Action: Sendable { case nothing, cascade, reset }

    /// A foreign key with its actions, in the catalog's or the schema's words.
    struct Rule: Sendable {
        var onDelete: Action
        var onUpdate: Action
        /// Names of columns, each as bytes.
        var columns: [[UInt8]]
        var references: [[UInt8]]

        var hasUpdateAction: Bool { onUpdate != .nothing }

        init(onDelete: Action, onUpdate: Action, columns: [String], references: [String]) {
            self.onDelete = onDelete
            self.onUpdate = onUpdate
            self.columns = columns.map(Self.cut)
            self.references = references.map(Self.cut)
        }

        /// Parses the text of a `key` in `CatalogFacts`: two letters and two lists. U+0002 separates them, U+0001 separates the names in a list.
        init?(_ text: [UInt8]) {
            let parts = text.split(separator: 2, omittingEmptySubsequences: false)
            guard parts.count == 4, let onDelete = Action(parts[0]), let onUpdate = Action(parts[1]) else { return nil }
            self.onDelete = onDelete
            self.onUpdate = onUpdate
            columns = parts[2].split(separator: 1, omittingEmptySubsequences: false).map { Array($0) }
            references = parts[3].split(separator: 1, omittingEmptySubsequences: false).map { Array($0) }
        }

        /// Returns a name as PostgreSQL stores it: its first 63 bytes, without half a character.
        private static func cut(_ name: String) -> [UInt8] {
            var bytes = Array(name.utf8)
            guard bytes.count > 63 else { return bytes }
            var end = 63
            while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            bytes.removeSubrange(end...)
            return bytes
        }
    }

    private struct Ends: Hashable {
        var holder: [UInt8]
        var referenced: [UInt8]
    }

    private var rules: [Ends: [Rule]] = [:]

    init(_ schema: Schema, _ settings: SQLSettings) {
        for model in schema.models {
            let referenced = settings.name(of: model.tableName, in: model.tableSchema)
            for field in model.fields {
                guard case .relation(let relation) = field.type else { continue }
                let other = schema.models[relation.model]
                switch relation.link {
                case .references: continue
                case .referenced(let fields, let holders):
                    let rule = Rule(
                        onDelete: Action(relation.onDelete), onUpdate: Action(relation.onUpdate),
                        columns: holders.map { other.fields[$0].columnName }, references: fields.map { model.fields[$0].columnName })
                    add(rule, of: settings.name(of: other.tableName, in: other.tableSchema), to: referenced)
                case .joinTable(let link):
                    let rule = Rule(
                        onDelete: .cascade, onUpdate: .cascade, columns: [link.thisColumn], references: [model.fields[link.thisField].columnName])
                    add(rule, of: settings.name(of: link.tableName, in: link.tableSchema), to: referenced)
                }
            }
        }
    }

    private mutating func add(_ rule: Rule, of holder: String, to referenced: String) {
        rules[Ends(holder: Array(holder.utf8), referenced: Array(referenced.utf8)), default: []].append(rule)
    }

    /// Returns true if the schema expects at least this key's actions.
    func cover(_ rule: Rule, of holder: String, to referenced: String) -> Bool {
        let known = rules[Ends(holder: Array(holder.utf8), referenced: Array(referenced.utf8))] ?? []
        return known.contains {
            $0.columns == rule.columns && $0.references == rule.references && (rule.onDelete == .nothing || rule.onDelete == $0.onDelete)
                && (rule.onUpdate == .nothing || $0.onUpdate != .nothing)
        }
    }
}

extension KnownActions.Action {
    fileprivate init(_ action: Relation.Action) {
        switch action {
        case .cascade: self = .cascade
        case .setNull, .setDefault: self = .reset
        case .restrict, .noAction: self = .nothing
        }
    }

    /// Parses an action's letter in the catalog.
    fileprivate init?(_ text: ArraySlice<UInt8>) {
        switch text.first {
        case UInt8(ascii: "c"): self = .cascade
        case UInt8(ascii: "n"), UInt8(ascii: "d"): self = .reset
        case UInt8(ascii: "a"), UInt8(ascii: "r"): self = .nothing
        default: return nil
        }
    }
}
