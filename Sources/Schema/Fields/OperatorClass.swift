import Text

/// An operator class by its name in the schema language, with the index types and columns that it is for.
package struct OperatorClass {
    enum Columns {
        /// Columns of these native types, and columns of this scalar type whose field names no native type.
        case typed([NativeType.Name], ScalarType?)
        case lists
    }
    package let name: String
    let types: [IndexType]
    let columns: Columns

    private init(_ name: String, _ types: [IndexType], _ columns: Columns) {
        self.name = name
        self.types = types
        self.columns = columns
    }

    func takes(_ field: Field) -> Bool {
        switch columns {
        case .lists: return field.arity == .list
        case .typed(let natives, let scalar):
            if let native = field.nativeType { return natives.contains(native.name) }
            if case .scalar(let type) = field.type { return type == scalar }
            return false
        }
    }

    /// Returns true if the class is for a column of this kind and this type of index.
    package func takes(_ type: IndexType, native: NativeType.Name?, isList: Bool) -> Bool {
        guard types.contains(type) else { return false }
        switch columns {
        case .lists: return isList
        case .typed(let natives, let scalar):
            guard let native, !isList else { return false }
            return natives.contains(native) || (scalar == native.scalar && native.isStandard)
        }
    }

    /// How a message describes the columns that it takes.
    var columnsDescription: String {
        switch columns {
        case .lists: return "a list"
        case .typed(let natives, let scalar):
            let names = natives.map { "@db.\($0.rawValue)" }
            return "a field of type " + ((scalar.map { [$0.rawValue] } ?? []) + names).joined(separator: ", ")
        }
    }

    package static func named(_ name: String) -> OperatorClass? { all.first { $0.name.isExactly(name) } }

    /// Returns the class with that name in PostgreSQL. Nil if the schema language has no name for it.
    package static func named(inDatabase name: String) -> OperatorClass? { all.first { $0.databaseName.isExactly(name) } }

    /// Its name in PostgreSQL: `jsonb_path_ops` for `JsonbPathOps`, `timestamptz_minmax_ops` for `TimestampTzMinMaxOps`.
    package var databaseName: String {
        var result = ""
        var isAfterLarge = false
        for (index, scalar) in name.unicodeScalars.enumerated() {
            let isLarge = scalar.properties.isUppercase
            // Why: PostgreSQL writes MinMax, Tz and VarBit without an underscore.
            let rest = name.unicodeScalars.dropFirst(index)
            let isJoined = ["MaxMulti", "MaxOps", "Tz"].contains { rest.starts(with: $0.unicodeScalars) } || (index == 3 && name.hasPrefix("VarBit"))
            if isLarge, !isAfterLarge, index > 0, !isJoined { result += "_" }
            isAfterLarge = isLarge
            result += scalar.properties.lowercaseMapping
        }
        return result
    }

    /// Returns true if an index of that type uses it when no class is named.
    package func isDefault(in type: IndexType) -> Bool {
        switch type {
        case .gin: name.isExactlyOne(of: ["JsonbOps", "ArrayOps"])
        case .spGist: true
        case .brin: name.isExactly("InetInclusionOps") || (name.utf8.count > 9 && name.hasSuffix("MinMaxOps") && !name.isExactly("InetMinMaxOps"))
        default: false
        }
    }

    static let all: [OperatorClass] =
        [
            OperatorClass("InetOps", [.gist, .spGist], .typed([.inet], nil)),
            OperatorClass("JsonbOps", [.gin], .typed([.jsonB], .json)),
            OperatorClass("JsonbPathOps", [.gin], .typed([.jsonB], .json)),
            OperatorClass("ArrayOps", [.gin], .lists),
            OperatorClass("TextOps", [.spGist], .typed([.text, .varChar, .char], .string)),
            OperatorClass("InetInclusionOps", [.brin], .typed([.inet], nil)),
        ]
        + brin("Bit", ["MinMax"], [.bit]) + brin("VarBit", ["MinMax"], [.varBit])
        + brin("Bpchar", ["Bloom", "MinMax"], [.char]) + brin("Bytea", ["Bloom", "MinMax"], [.byteA], .bytes)
        + brin("Date", ranges, [.date]) + brin("Float4", ranges, [.real]) + brin("Float8", ranges, [.doublePrecision], .float)
        + brin("Inet", ranges, [.inet]) + brin("Int2", ranges, [.smallInt]) + brin("Int4", ranges, [.integer], .int)
        + brin("Int8", ranges, [.bigInt], .bigInt) + brin("Numeric", ranges, [.decimal], .decimal) + brin("Oid", ranges, [.oid])
        + brin("Text", ["Bloom", "MinMax"], [.text, .varChar], .string) + brin("Timestamp", ranges, [.timestamp], .dateTime)
        + brin("TimestampTz", ranges, [.timestamptz]) + brin("Time", ranges, [.time]) + brin("TimeTz", ranges, [.timetz])
        + brin("Uuid", ranges, [.uuid])

    private static let ranges = ["Bloom", "MinMax", "MinMaxMulti"]

    private static func brin(
        _ type: String, _ summaries: [String], _ natives: [NativeType.Name], _ scalar: ScalarType? = nil
    ) -> [OperatorClass] {
        summaries.map { OperatorClass("\(type)\($0)Ops", [.brin], .typed(natives, scalar)) }
    }
}

extension IndexType {
    /// Returns true if a column has a default operator class, so that an index need not name one.
    func hasDefault(for field: Field) -> Bool {
        switch field.type {
        case .unsupported: hasDefault(native: nil, isWritten: false, nil, isList: field.arity == .list, isUnsupported: true)
        case .scalar(let scalar):
            hasDefault(native: field.nativeType?.name, isWritten: field.nativeType != nil, scalar, isList: field.arity == .list, isUnsupported: false)
        default: hasDefault(native: nil, isWritten: false, nil, isList: field.arity == .list, isUnsupported: false)
        }
    }

    /// The same for a column by its types. The native type is nil if it is the usual one.
    package func hasDefault(native: NativeType.Name?, isList: Bool, isUnsupported: Bool) -> Bool {
        hasDefault(native: native, isWritten: native?.isStandard == false, native?.scalar, isList: isList, isUnsupported: isUnsupported)
    }

    private func hasDefault(native: NativeType.Name?, isWritten: Bool, _ scalar: ScalarType?, isList: Bool, isUnsupported: Bool) -> Bool {
        if self == .bTree || self == .hash { return true }
        if self == .gin, isList { return true }
        if isWritten, let native {
            switch self {
            case .gin: return native == .jsonB
            case .spGist: return [.inet, .text, .varChar, .char].contains(native)
            case .brin: return ![.citext, .xml, .boolean, .money, .json, .jsonB].contains(native)
            default: return false
            }
        }
        if isUnsupported { return true }
        return switch (self, scalar) {
        case (.gist, .string?), (.spGist, .string?), (.gin, .json?): true
        case (.brin, let type?): type != .boolean && type != .json
        default: false
        }
    }
}

extension NativeType.Name {
    /// True if a field of its scalar type has this native type when the schema names none.
    var isStandard: Bool { [.text, .boolean, .integer, .bigInt, .doublePrecision, .jsonB, .byteA].contains(self) }
}
