package import Text

/// Turns a `SyntaxTree` into a `Schema`. It resolves names and checks what Prisma checks.
///
/// It continues after each mistake. Parts that a mistake has made uncertain are not checked further.
struct Resolver {
    let tree: SyntaxTree
    var diagnostics: DiagnosticList
    var datasource: Datasource?
    var enums: [Enumeration] = []
    var models: [ModelDraft] = []
    /// The models and enums that a field's type may name.
    var types: [ExactString: TypeReference] = [:]
    /// The names of all types, for suggestions: scalars first, then in the order of their names.
    private(set) lazy var typeNames = ScalarType.allCases.map(\.rawValue) + types.keys.sorted().map(\.text)
    /// The names of each enum's values.
    var enumValueNames: [Set<ExactString>] = []
    /// Enums of which a line could not be read.
    var damagedEnums: Set<Int> = []
    var suggestions = NameSuggestion()
    /// True if the schema keeps the models marked `@@ignore`.
    private let keepsIgnored: Bool

    enum TypeReference {
        case enumeration(Int)
        case model(Int)
    }

    static let scalars: [ExactString: ScalarType] = Dictionary(
        uniqueKeysWithValues: ScalarType.allCases.map { (ExactString($0.rawValue), $0) })

    init(_ tree: SyntaxTree, diagnostics: DiagnosticList, keepsIgnored: Bool) {
        self.tree = tree
        self.keepsIgnored = keepsIgnored
        self.diagnostics = diagnostics
    }

    /// Runs all checks. Returns nil if there are diagnostics.
    mutating func resolve() -> Schema? {
        resolveDatasource()
        declareTypes()
        resolveEnums()
        for index in models.indices {
            resolveFields(of: index)
            resolveModelAttributes(of: index)
            checkKeys(of: index)
            if diagnostics.isFull { return nil }
        }
        checkGenerators()
        let sound = checkTableNames()
        checkConstraintNames(of: sound)
        resolveRelations()
        checkForeignKeyNames()
        return diagnostics.isEmpty ? assemble() : nil
    }

    // MARK: Names

    /// Gives every model and enum its position. Refuses a name that is used twice.
    private mutating func declareTypes() {
        for node in tree.enums where declare(node.name, as: .enumeration(enums.count), "enum") {
            if node.isDamaged { damagedEnums.insert(enums.count) }
            enumValueNames.append([])
            enums.append(
                Enumeration(
                    index: enums.count, name: node.name.text, typeName: node.name.text, typeSchema: nil, values: [],
                    documentation: node.documentation))
        }
        for node in tree.models where declare(node.name, as: .model(models.count), node.isView ? "view" : "model") {
            let model = Model(
                index: models.count, name: node.name.text, tableName: node.name.text, tableSchema: nil,
                isView: node.isView, documentation: node.documentation, fields: [], fieldIndex: [:], primaryKey: nil,
                uniqueKeys: [], indexes: [])
            models.append(ModelDraft(node: node, model: model))
        }
    }

    private mutating func declare(_ name: Name, as reference: TypeReference, _ what: String) -> Bool {
        let key = ExactString(name.text)
        if Self.scalars[key] != nil || key == "Unsupported" {
            diagnostics.report(
                name.offset, "\"\(name.text)\" is the name of a scalar type", expected: "another name for the \(what)")
        } else if ReservedNames.contains(key) {
            diagnostics.report(
                name.offset, "\"\(name.text)\" is a reserved name", expected: "another name for the \(what)")
        }
        if types[key] != nil {
            diagnostics.report(
                name.offset, "\"\(name.text)\" is defined already", expected: "another name for the \(what)")
            return false
        }
        types[key] = reference
        return true
    }

    // MARK: The result

    /// Makes the schema. Ignored models and relations to them are left out, unless they are wanted.
    private func assemble() -> Schema {
        var schema = Schema(models: [], enums: enums, datasource: datasource, modelIndex: [:])
        schema.leavesModelsOut = !keepsIgnored && models.contains { $0.isIgnored }
        var modelPositions = [Int](repeating: -1, count: models.count)
        var fieldPositions: [[Int]] = []
        for (index, draft) in models.enumerated() {
            if keepsIgnored || !draft.isIgnored {
                modelPositions[index] = schema.models.count
                schema.modelIndex[ExactString(draft.model.name)] = schema.models.count
                schema.models.append(draft.model)
            }
            var next = 0
            fieldPositions.append(
                draft.fields.map { field in
                    if let target = field.target, models[target].isIgnored, !keepsIgnored { return -1 }
                    next += 1
                    return next - 1
                })
        }
        let numbering = Numbering(models: modelPositions, fields: fieldPositions)
        for (index, draft) in models.enumerated() where keepsIgnored || !draft.isIgnored {
            finish(draft, index, numbering, &schema.models[modelPositions[index]])
        }
        return schema
    }

    private func finish(_ draft: ModelDraft, _ index: Int, _ numbering: Numbering, _ model: inout Model) {
        model.index = numbering.models[index]
        model.isIgnored = draft.isIgnored
        model.fieldIndex = [:]
        for (position, fieldDraft) in draft.fields.enumerated() where numbering.fields[index][position] >= 0 {
            var field = fieldDraft.field
            field.index = model.fields.count
            if case .relation(let relation) = field.type {
                field.type = .relation(numbering.renumber(relation, of: index))
            }
            model.fieldIndex[ExactString(field.name)] = field.index
            model.fields.append(field)
        }
        var selectorNames: Set<ExactString> = []
        for key in draft.keys {
            model.indexes.append(finishedIndex(key, of: draft, numbering.fields[index]))
            let finished = Key(name: keyName(key, in: draft), fields: key.fields.map { numbering.fields[index][$0] })
            let isSelector = key.isUnique && !key.isPartial && finished.fields.allSatisfy { model.fields[$0].isQueryable }
            if !isSelector { continue }
            if key.kind == .id { model.primaryKey = finished }
            // Why by name: `@id @unique` is the same key twice.
            let isNew = selectorNames.insert(ExactString(finished.name)).inserted
            if isNew, key.kind == .unique { model.uniqueKeys.append(finished) }
        }
        // Why here: the identifier may stand below a unique key over the same fields.
        if let name = model.primaryKey?.name { model.uniqueKeys.removeAll { $0.name.isExactly(name) } }
    }

    private func finishedIndex(_ key: KeyDraft, of draft: ModelDraft, _ numbers: [Int]) -> Index {
        let columns = key.columns.map { column in
            Index.Column(field: numbers[column.field], isDescending: column.isDescending, operatorClass: column.operatorClass)
        }
        return Index(
            kind: key.kind, columns: columns, name: key.givenName, constraintName: constraintName(of: key, in: draft),
            type: key.type, isPartial: key.isPartial, condition: renumbered(key.condition, numbers))
    }

    /// Returns the name of a key in requests.
    func keyName(_ key: KeyDraft, in draft: ModelDraft) -> String {
        if key.fields.count > 1, let given = key.givenName { return given }
        return key.fields.map { draft.fields[$0].field.name }.joined(separator: "_")
    }
}

/// New positions of models and fields. Those that are left out have -1.
private struct Numbering {
    var models: [Int]
    var fields: [[Int]]

    func renumber(_ relation: Relation, of model: Int) -> Relation {
        let other = relation.model
        var result = relation
        result.model = models[other]
        result.oppositeField = fields[other][relation.oppositeField]
        switch relation.link {
        case .references(let own, let target):
            result.link = .references(fields: own.map { fields[model][$0] }, target: target.map { fields[other][$0] })
        case .referenced(let own, let by):
            result.link = .referenced(fields: own.map { fields[model][$0] }, by: by.map { fields[other][$0] })
        case .joinTable(var table):
            table.thisField = fields[model][table.thisField]
            table.otherField = fields[other][table.otherField]
            result.link = .joinTable(table)
        }
        return result
    }
}

/// Names that Prisma reserves for itself or for the languages that it generates.
package enum ReservedNames {
    private static let names: Set<ExactString> = [
        "PrismaClient", "async", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default",
        "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for", "function", "if", "implements",
        "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public",
        "return", "super", "switch", "this", "throw", "true", "try", "typeof", "using", "var", "void", "while", "with",
        "yield",
    ]

    package static func contains(_ name: ExactString) -> Bool { names.contains(name) }
}
