import Schema
import Text

/// Turns the columns and keys of a table or view into the lines of a block.
struct PulledTable {
    let table: Table
    let isView: Bool
    let names: PullNames
    let present: Present?
    let datasource: String
    /// True if the schema enables partial indexes, which are a preview feature of Prisma.
    let hasPartialIndexes: Bool
    private(set) var block: PulledBlock
    private(set) var warnings: [PullWarning] = []
    /// Field names by column. A column whose name cannot be expressed has none.
    private(set) var fieldNames: [ExactString: String] = [:]
    private var fields: [ExactString: Int] = [:]
    private let model: Model?
    private let kept: PresentText.Block?

    /// - Parameter relationFields: names that relations of the present schema keep.
    init(
        _ table: Table, isView: Bool, _ names: PullNames, _ present: Present?, datasource: String, hasPartialIndexes: Bool,
        relationFields: Set<ExactString>
    ) {
        self.table = table
        self.isView = isView
        self.names = names
        self.present = present
        self.datasource = datasource
        self.hasPartialIndexes = hasPartialIndexes
        model = present?.models[table.name]
        kept = model.flatMap { present?.block(of: $0) }
        block = PulledBlock(keyword: isView ? .view : .model, name: names.models[table.name] ?? table.name.name, source: table.name)
        nameFields(besides: relationFields)
        for column in table.columns { add(column) }
        addKeys()
    }

    // MARK: Fields

    private mutating func nameFields(besides relationFields: Set<ExactString>) {
        var taken = relationFields
        for column in table.columns {
            guard let known = present?.field(column.name, of: table.name) else { continue }
            fieldNames[ExactString(column.name)] = known.name
            taken.insert(ExactString(known.name))
        }
        for column in table.columns where fieldNames[ExactString(column.name)] == nil {
            let made = Identifier.made(of: column.name)
            if made.isEmpty {
                block.notes.append(PullNote.leftOut("the column \(Identifier.quoted(column.name)): no name can be made of it"))
                let text = "The column `\(column.name)` is left out: no name can be made of it. Add a field with @map."
                warnings.append(PullWarning(path: block.name, text: text))
            } else {
                fieldNames[ExactString(column.name)] = Identifier.unique(made, &taken)
            }
        }
    }

    private mutating func add(_ column: Column) {
        guard let name = fieldNames[ExactString(column.name)] else { return }
        let known = present?.field(column.name, of: table.name)
        let type = FieldTypeText(column.type, isList: column.isList, datasource: datasource) { names.enums[$0] }
        var isRequired = !column.isNullable
        // Why: PostgreSQL does not know which columns of a view can be NULL.
        if isView, let known { isRequired = known.arity == .required }
        var field = PulledField(name: name, type: typeText(type, known) + (column.isList ? "[]" : isRequired ? "" : "?"))
        let line = kept?.line(name)
        field.comments = (line?.comments ?? []).filter { !PullNote.isOurs($0) }
        field.remark = line?.remark
        let valueNames = Self.valueNames(column.type, names)
        let text = FieldDefaultText(column: column, type: type, valueName: valueNames, present: known?.defaultValue)
        if let value = text.text { field.attributes.append("@default(\(value))") }
        if known?.isUpdatedAt == true, type.scalar == .dateTime, !column.isList { field.attributes.append("@updatedAt") }
        if !name.isExactly(column.name) || line?.hasMap == true { field.attributes.append("@map(\(Identifier.quoted(column.name)))") }
        if let native = type.attribute { field.attributes.append(native) }
        if known?.isIgnored == true, !type.isUnsupported, !(model?.isIgnored ?? false) { field.attributes.append("@ignore") }
        if type.isUnsupported {
            warnings.append(PullWarning(path: "\(block.name).\(name)", text: "The type of the column is none that Prisma's client reads or writes."))
        }
        if column.generation != nil || column.identity == .always {
            let reason = column.generation != nil ? "The column is generated" : "The column is an identity that the database alone fills in"
            warnings.append(PullWarning(path: "\(block.name).\(name)", text: reason + ": a write that names it fails."))
        }
        fields[ExactString(column.name)] = block.fields.count
        block.fields.append(field)
    }

    /// Why the present text: `Unsupported("geometry(Point, 4326)")` says more than the name of the type.
    private func typeText(_ type: FieldTypeText, _ known: Field?) -> String {
        guard type.isUnsupported, case .unsupported(let text)? = known?.type else { return type.name }
        let name = String(text.prefix { $0 != "(" })
        let isSame = [name, "_" + name].contains { type.name.isExactly("Unsupported(\(Identifier.quoted($0)))") }
        return isSame ? "Unsupported(\(Identifier.quoted(text)))" : type.name
    }

    private static func valueNames(_ type: StorageType, _ names: PullNames) -> (String) -> String? {
        guard case .enumeration(let name) = type, let values = names.valueNames[name] else { return { _ in nil } }
        return { values[ExactString($0)] }
    }

    // MARK: Keys

    private mutating func addKeys() {
        if isView { return keepKeysOfView() }
        var attributes: [String] = []
        if let key = table.primaryKey, let list = fieldList(key.columns) {
            let standard = MadeName.primaryKey(of: table.name.name)
            let map = key.name.isExactly(standard) ? nil : "map: \(Identifier.quoted(key.name))"
            if list.count == 1 {
                insert(Self.attribute("@id", [map]), in: key.columns[0])
            } else {
                attributes.append(Self.attribute("@@id", ["[\(list.joined(separator: ", "))]", keyName(.id, key.columns), map]))
            }
        }
        var single: Set<ExactString> = []
        for index in table.indexes {
            guard let list = expressible(index), let text = IndexText(index, list, of: table) else {
                leaveOut(index)
                continue
            }
            if index.isUnique, index.parts.count == 1, index.condition == nil, let column = index.parts[0].column,
                single.insert(ExactString(column)).inserted
            {
                insert(text.fieldAttribute, in: column)
            } else {
                attributes.append(text.blockAttribute(name: index.isUnique ? keyName(.unique, index.columns ?? []) : nil))
            }
        }
        let order = ["@@id", "@@unique", "@@index"]
        for start in order {
            for attribute in attributes where attribute.utf8.starts(with: start.utf8) { addAttribute(attribute) }
        }
    }

    /// Keeps the keys of the present schema, because a view has none of its own.
    private mutating func keepKeysOfView() {
        guard let model else { return }
        for index in model.indexes {
            let columns = index.columns.map { model.fields[$0.field].columnName }
            guard let list = fieldList(columns) else { continue }
            let sign = index.kind == .id ? "id" : "unique"
            if list.count == 1 {
                insert("@" + sign, in: columns[0])
            } else {
                let name = index.name.map { "name: \(Identifier.quoted($0))" }
                addAttribute(Self.attribute("@@\(sign)", ["[\(list.joined(separator: ", "))]", name]))
            }
        }
    }

    /// Returns the field names of these columns. Nil if one has none.
    private func fieldList(_ columns: [String]) -> [String]? {
        let names = columns.compactMap { fieldNames[ExactString($0)] }
        return names.count == columns.count ? names : nil
    }

    /// Returns the field names of an index that the schema language can express, or else nil.
    private func expressible(_ index: TableIndex) -> [String]? {
        guard let columns = index.columns, index.method != nil, index.condition == nil || hasPartialIndexes else { return nil }
        return fieldList(columns)
    }

    mutating func leaveOut(_ text: String) { block.notes.append(PullNote.leftOut(PullNote.oneLine(text))) }

    private mutating func leaveOut(_ index: TableIndex) {
        let kind = index.condition != nil ? "partial" : index.columns == nil ? "over an expression" : "of a kind that the schema language does not have"
        let definition = index.definition.map { PullNote.oneLine($0) }
        block.notes.append(PullNote.leftOut(definition ?? "the index \(Identifier.quoted(index.name)) (\(index.methodName))"))
        warnings.append(PullWarning(path: block.name, text: "The index `\(index.name)` is \(kind) and left out."))
    }

    /// Returns `name: "…"` of a key that the present schema has over the same columns.
    private func keyName(_ kind: Index.Kind, _ columns: [String]) -> String? {
        guard let model else { return nil }
        let found = model.indexes.first { index in
            index.kind == kind && index.columns.map { model.fields[$0.field].columnName } == columns
        }
        return found?.name.map { "name: \(Identifier.quoted($0))" }
    }

    private static func attribute(_ name: String, _ arguments: [String?]) -> String {
        let given = arguments.compactMap(\.self)
        return given.isEmpty ? name : "\(name)(\(given.joined(separator: ", ")))"
    }

    /// Inserts `@id` or `@unique` before all other attributes.
    private mutating func insert(_ attribute: String, in column: String) {
        guard let position = fields[ExactString(column)] else { return }
        let place = block.fields[position].attributes.prefix { $0.utf8.starts(with: "@id".utf8) }.count
        block.fields[position].attributes.insert(attribute, at: place)
    }

    private mutating func addAttribute(_ text: String) {
        var attribute = PulledField(name: text)
        if let line = kept?.line(text) {
            attribute.comments = line.comments.filter { !PullNote.isOurs($0) }
            attribute.remark = line.remark
        }
        block.attributes.append(attribute)
    }

    mutating func add(_ field: PulledField) {
        var field = field
        if let line = kept?.line(field.name) {
            field.comments = line.comments.filter { !PullNote.isOurs($0) }
            field.remark = line.remark
        }
        block.fields.append(field)
    }

    /// True if the field names the key in the present text. Its name is written again then, even if it is the standard one.
    func isWritten(_ key: ForeignKey, in field: String) -> Bool { kept?.line(field)?.content.holds("map: \(Identifier.quoted(key.name))") == true }

    /// True if a key identifies each record: all its fields exist, are required and can be read.
    var hasIdentifier: Bool {
        let keys = (table.primaryKey.map { [$0.columns] } ?? []) + table.indexes.filter { $0.isUnique && $0.isPlain }.compactMap(\.columns)
        return keys.contains { columns in
            columns.allSatisfy { name in
                guard fieldNames[ExactString(name)] != nil, let column = table.column(name), !column.isNullable, !column.isList else { return false }
                return !FieldTypeText(column.type, isList: column.isList, datasource: datasource) { names.enums[$0] }.isUnsupported
            }
        }
    }

    /// Why by the field's type: what a view requires is in the present schema alone.
    func isRequired(_ column: String) -> Bool {
        if !isView { return table.column(column)?.isNullable == false }
        return fields[ExactString(column)].map { block.fields[$0].type?.hasSuffix("?") == false } == true
    }

    private var hasReadableField: Bool { block.fields.contains { $0.type?.utf8.starts(with: "Unsupported(".utf8) == false } }

    /// Adds the last attributes and the comments, and restores the order of the present schema.
    mutating func finish(isMultiSchema: Bool) {
        let wasIgnored = model?.isIgnored ?? false
        if isView, !hasReadableField {
            block.isIgnored = true
            warnings.append(PullWarning(path: block.name, text: "The view has no column that the client can read, so it is ignored."))
        } else if !isView, !hasIdentifier {
            block.isIgnored = true
            block.comments.append(PullNote.documentation("Nothing tells its records apart, so the client cannot handle it."))
            let text = "The table has no key over required columns that the client can read, so the model is ignored."
            warnings.append(PullWarning(path: block.name, text: text))
        }
        block.isIgnored = block.isIgnored || wasIgnored
        if !block.name.isExactly(table.name.name) || kept?.hasMap == true { addAttribute("@@map(\(Identifier.quoted(table.name.name)))") }
        if block.isIgnored { addAttribute("@@ignore") }
        if isMultiSchema { addAttribute("@@schema(\(Identifier.quoted(table.name.schema)))") }
        addRemarks()
        if let kept {
            let own = block.comments
            block.comments = kept.comments.filter { !PullNote.isOurs($0) } + own
            block.notes = kept.ending.filter { !PullNote.isOurs($0) } + block.notes
            let order = kept.lines.map { ExactString($0.key) }
            let places = Dictionary(order.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            block.fields.sort(byNumber: { places[ExactString($0.name)] ?? .max })
        }
    }

    /// Adds comments about what Prisma Migrate would not keep.
    private mutating func addRemarks() {
        var remarks: [String] = []
        if table.kind == .partitioned { remarks.append("The table is partitioned") }
        if table.hasSubclasses { remarks.append("Other tables inherit from the table") }
        if table.isUnlogged { remarks.append("The table is unlogged") }
        if table.hasRowSecurity { remarks.append("Row level security is on") }
        let checks = table.otherConstraints.filter { $0.kind == .check }.map(\.name)
        if !checks.isEmpty { remarks.append("There are check constraints (\(checks.joined(separator: ", ")))") }
        let exclusions = table.otherConstraints.filter { $0.kind == .exclusion }.map(\.name)
        if !exclusions.isEmpty { remarks.append("There are exclusion constraints (\(exclusions.joined(separator: ", ")))") }
        if table.comment != nil || table.columns.contains(where: { $0.comment != nil }) { remarks.append("There are comments in the database") }
        if table.indexes.contains(where: { $0.isPlain && $0.parts.contains(where: \.hasUnusualNulls) }) {
            remarks.append("An index sorts nulls in another place than usual")
        }
        let isDeferred = table.foreignKeys.contains(where: \.isDeferrable) || table.indexes.contains(where: \.isDeferrable)
        if isDeferred || table.primaryKey?.isDeferrable == true { remarks.append("There are deferrable constraints") }
        for remark in remarks {
            block.comments.append(PullNote.unsaid(remark))
            warnings.append(PullWarning(path: block.name, text: remark + ", which the schema does not say."))
        }
        for index in table.indexes where expressible(index) != nil {
            let unsaid = Self.unsaid(of: index)
            if unsaid.isEmpty { continue }
            let text = "The index `\(index.name)` has \(unsaid.joined(separator: ", ")), which the schema does not say."
            warnings.append(PullWarning(path: block.name, text: text))
        }
    }

    /// Returns the properties of an index that the schema cannot express.
    private static func unsaid(of index: TableIndex) -> [String] {
        var words: [String] = []
        if !index.included.isEmpty { words.append("INCLUDE") }
        if index.nullsNotDistinct { words.append("NULLS NOT DISTINCT") }
        if index.parts.contains(where: { $0.collation != nil }) { words.append("a collation of its own") }
        let hasClass = index.parts.contains { $0.operatorClass != nil }
        if hasClass, index.method == .bTree || index.method == .hash { words.append("an operator class of its own") }
        return words
    }
}

/// Comments that a pull writes. The next pull recognises and replaces them.
enum PullNote {
    private static let mark = "// Left out: "
    private static let endings = [": the schema language has no words for that.", "Nothing tells its records apart, so the client cannot handle it."]

    static func leftOut(_ what: String) -> String { mark + what }
    static func documentation(_ text: String) -> String { "/// " + text }
    /// Returns the comment for something that the schema language cannot express.
    static func unsaid(_ what: String) -> String { documentation(oneLine(what) + endings[0]) }

    static func isOurs(_ line: String) -> Bool {
        line.utf8.starts(with: mark.utf8) || (line.utf8.starts(with: "///".utf8) && endings.contains { line.hasSuffix($0) })
    }

    /// Returns the text on one line. Why: a name may hold a line feed, which would end the comment.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.properties.isWhitespace ? " " : $0 }))
    }
}
