import Schema
import Text

// Turns the rows of the statement into the parts that they describe.
extension CatalogReader {
    static func column(_ row: CatalogRow) -> Column {
        let isList = row.truth(2)
        if row.texts.count <= 2 { return plainColumn(row, isList: isList) }
        let type = StorageType(
            typeName: ObjectName(row.name(2), in: row.name(1)), isEnum: row.name(3) == "e", modifier: row.number(3), isList: isList, text: row.name(4))
        var column = Column(row.name(0), type)
        takeNumbers(of: row, &column)
        column.comment = row.text(8)
        if let collation = row.text(9) { column.collation = ObjectName(collation, in: row.name(10)) }
        switch row.name(6) {
        case "a": column.identity = .always
        case "d": column.identity = .byDefault
        default: break
        }
        if row.name(7).isEmpty {
            column.defaultText = row.text(5)
            column.defaultValue = row.text(5).flatMap { DefaultReader.value($0, type, isList: isList) }
        } else {
            column.generation = row.text(5)
        }
        return column
    }

    /// Returns a column of a built-in type that has nothing but a default.
    private static func plainColumn(_ row: CatalogRow, isList: Bool) -> Column {
        let type = StorageType(
            typeName: ObjectName(BuiltInType.names[row.number(6)] ?? "", in: "pg_catalog"), isEnum: false, modifier: row.number(3), isList: isList, text: "")
        var column = Column(row.name(0), type)
        takeNumbers(of: row, &column)
        column.defaultText = row.text(1)
        column.defaultValue = row.text(1).flatMap { DefaultReader.value($0, type, isList: isList) }
        return column
    }

    private static func takeNumbers(of row: CatalogRow, _ column: inout Column) {
        column.isList = row.truth(2)
        column.isNullable = !row.truth(1)
        column.isRequiredByDomain = row.number(1) == 2
        (column.isInherited, column.isLocal) = (row.truth(4), row.truth(5))
    }

    /// Nil for an exclusion constraint, which has a row of its own.
    static func index(_ row: CatalogRow) -> TableIndex? {
        if row.truth(2) { return nil }
        let method = row.name(1)
        var index = TableIndex(
            name: row.name(0), isUnique: row.truth(0), method: IndexType.allCases.first { $0.rawValue.lowercased().isExactly(method) },
            methodName: method, parts: [])
        index.isValid = row.truth(3)
        index.isConstraint = row.truth(5)
        index.isDeferrable = row.truth(6)
        index.isInitiallyDeferred = row.truth(7)
        index.nullsNotDistinct = row.truth(8)
        index.storage = row.text(4)
        index.condition = row.text(2)
        index.definition = row.text(3)
        return index
    }

    static func part(_ row: CatalogRow) -> TableIndex.Part {
        var part = TableIndex.Part(column: row.text(0))
        part.expression = row.text(1)
        part.operatorClass = row.text(2)
        part.collation = row.text(3)
        let options = row.number(2)
        part.isDescending = options & 1 != 0
        part.hasUnusualNulls = (options & 2 != 0) != part.isDescending
        return part
    }

    static func foreignKey(_ row: CatalogRow) -> ForeignKey {
        let count = row.count(0)
        let names = row.texts.dropFirst(6).map { $0 ?? "" }
        var key = ForeignKey(
            name: row.name(0), columns: Array(names.prefix(count)), target: ObjectName(row.name(4), in: row.name(3)),
            targetColumns: Array(names.dropFirst(count)), onDelete: action(row.name(1)), onUpdate: action(row.name(2)))
        key.isDeferrable = row.truth(1)
        key.isInitiallyDeferred = row.truth(2)
        key.isValidated = row.truth(3)
        key.definition = row.text(5)
        return key
    }

    private static func action(_ letter: String) -> Relation.Action {
        switch letter {
        case "c": .cascade
        case "r": .restrict
        case "n": .setNull
        case "d": .setDefault
        default: .noAction
        }
    }

    static func sequence(_ row: CatalogRow, _ name: ObjectName) -> Sequence {
        func number(_ position: Int) -> Int64 { Int64(row.name(position)) ?? 0 }
        var sequence = Sequence(
            name: name, type: row.name(1), start: number(2), increment: number(3), minimum: number(4), maximum: number(5), cache: number(6),
            cycles: row.truth(0))
        if let schema = row.text(7), let table = row.text(8), let column = row.text(9) { sequence.owner = (ObjectName(table, in: schema), column) }
        return sequence
    }
}

extension StorageType {
    /// Makes a type from the catalog's type name and modifier (-1 for none).
    init(typeName: ObjectName, isEnum: Bool, modifier: Int, isList: Bool, text: String) {
        if isEnum {
            self = .enumeration(typeName)
        } else if let native = Self.native(typeName, modifier, isList: isList) {
            self = .native(native)
        } else {
            self = .other(name: typeName.name, text: text)
        }
    }

    private static func native(_ typeName: ObjectName, _ modifier: Int, isList: Bool) -> NativeType? {
        // Why in any schema: the types of an extension are in the schema that the extension was given.
        if typeName.name.isExactly("citext") { return NativeType(.citext) }
        guard typeName.schema.isExactly("pg_catalog"), let name = names[ExactString(typeName.name)] else { return nil }
        switch name {
        // Why 4: the length of a text includes its header.
        case .char: return NativeType(name, modifier < 0 ? [] : [modifier - 4])
        case .varChar: return NativeType(name, modifier < 0 ? [] : [modifier - 4])
        case .bit, .varBit: return NativeType(name, modifier < 0 ? [] : [modifier])
        // Why not of a list: Prisma writes its precision only where the table says one.
        case .timestamp, .timestamptz, .time, .timetz: return NativeType(name, modifier >= 0 ? [modifier] : isList ? [] : [6])
        case .decimal:
            guard modifier >= 4 else { return NativeType(name) }
            let scale = (modifier - 4) & 0x7FF
            let precision = ((modifier - 4) >> 16) & 0xFFFF
            // Why: the scale is a signed number of eleven bits. The schema language has no scale that is negative or above the precision.
            return scale > precision || scale >= 1024 ? nil : NativeType(name, [precision, scale])
        default: return NativeType(name)
        }
    }

    private static let names: [ExactString: NativeType.Name] = [
        "text": .text, "bpchar": .char, "varchar": .varChar, "uuid": .uuid, "xml": .xml, "inet": .inet, "bit": .bit, "varbit": .varBit,
        "bool": .boolean, "int2": .smallInt, "int4": .integer, "int8": .bigInt, "oid": .oid, "float4": .real, "float8": .doublePrecision,
        "numeric": .decimal, "money": .money, "timestamp": .timestamp, "timestamptz": .timestamptz, "date": .date, "time": .time,
        "timetz": .timetz, "json": .json, "jsonb": .jsonB, "bytea": .byteA,
    ]
}
