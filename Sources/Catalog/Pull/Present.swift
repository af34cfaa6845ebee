import Schema
import Text

/// The present schema's models and enums, by their names in the database.
struct Present {
    let schema: Schema
    let text: PresentText
    private(set) var models: [ObjectName: Model] = [:]
    private(set) var enums: [ObjectName: Enumeration] = [:]
    private let names: WantedTables

    init(_ schema: Schema, _ text: PresentText, defaultSchema: String) {
        self.schema = schema
        self.text = text
        names = WantedTables(schema, defaultSchema)
        for model in schema.models { models[names.name(of: model)] = model }
        for type in schema.enums { enums[names.name(of: type)] = type }
    }

    func field(_ column: String, of table: ObjectName) -> Field? {
        models[table]?.fields.first { !$0.isRelation && names.columnName($0).isExactly(column) }
    }

    /// Returns the relation field for a foreign key with these columns and target, and its opposite field.
    func relation(_ columns: [String], of table: ObjectName, to target: ObjectName, _ targetColumns: [String]) -> (Field, Field, Relation)? {
        guard let model = models[table] else { return nil }
        for field in model.fields {
            guard case .relation(let relation) = field.type, case .references(let own, let other) = relation.link else { continue }
            let opposite = schema.models[relation.model]
            guard names.name(of: opposite) == target else { continue }
            let pairs = zip(own.map { names.columnName(model.fields[$0]) }, other.map { names.columnName(opposite.fields[$0]) })
            let wanted = zip(columns, targetColumns)
            if own.count == columns.count, Set(pairs.map { ObjectName($0, in: $1) }) == Set(wanted.map { ObjectName($0, in: $1) }) {
                return (field, opposite.fields[relation.oppositeField], relation)
            }
        }
        return nil
    }

    /// Returns the two fields of an implicit many-to-many relation by its table. The first is in the model that column `A` points to.
    func joinFields(_ table: ObjectName) -> (Field, Field, Relation)? {
        for model in schema.models {
            for field in model.fields {
                guard case .relation(let relation) = field.type, case .joinTable(let join) = relation.link, join.thisColumn.isExactly("A"),
                    ObjectName(MadeName.cut(join.tableName), in: join.tableSchema ?? names.defaultSchema) == table
                else { continue }
                return (field, schema.models[relation.model].fields[relation.oppositeField], relation)
            }
        }
        return nil
    }

    /// Returns the relations that hold a key, as the foreign keys that they describe. Both tables are in `tables`.
    func relationsOfText(among tables: Set<ObjectName>) -> [(source: ObjectName, key: ForeignKey, isUnique: Bool)] {
        var found: [(source: ObjectName, key: ForeignKey, isUnique: Bool)] = []
        for model in schema.models {
            for field in model.fields {
                guard case .relation(let relation) = field.type, case .references(let own, let target) = relation.link else { continue }
                let other = schema.models[relation.model]
                let key = ForeignKey(
                    name: "", columns: own.map { names.columnName(model.fields[$0]) }, target: names.name(of: other),
                    targetColumns: target.map { names.columnName(other.fields[$0]) }, onDelete: relation.onDelete, onUpdate: relation.onUpdate)
                let isUnique = other.fields[relation.oppositeField].arity != .list
                if tables.contains(names.name(of: model)), tables.contains(key.target) { found.append((names.name(of: model), key, isUnique)) }
            }
        }
        return found
    }

    /// True if relations exist only in the text, because the database has no foreign keys.
    var keepsRelations: Bool { schema.datasource?.relationMode == .prisma }

    func block(of model: Model) -> PresentText.Block? { text.block(model.isView ? "view" : "model", model.name) }
    func block(of type: Enumeration) -> PresentText.Block? { text.block("enum", type.name) }
}
