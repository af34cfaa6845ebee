import Schema
import Text

/// Names of models, enums and values in a pulled schema. They come from the present schema, or else from the database's names.
struct PullNames {
    private(set) var models: [ObjectName: String] = [:]
    /// What the fields and names of new relations call a table: its own name, whatever its model is called.
    private(set) var relationWords: [ObjectName: String] = [:]
    private(set) var enums: [ObjectName: String] = [:]
    /// The names of an enum's labels.
    private(set) var values: [ObjectName: [String]] = [:]
    /// The same names by the labels.
    private(set) var valueNames: [ObjectName: [ExactString: String]] = [:]
    private(set) var warnings: [PullWarning] = []

    init(_ tables: [ObjectName], _ types: [EnumType], _ present: Present?) {
        var taken: Set<ExactString> = []
        for name in tables {
            if let model = present?.models[name] { models[name] = model.name; taken.insert(ExactString(model.name)) }
        }
        for type in types {
            if let known = present?.enums[type.name] { enums[type.name] = known.name; taken.insert(ExactString(known.name)) }
        }
        var counts: [ExactString: Int] = [:]
        let fresh = tables.filter { models[$0] == nil } + types.map(\.name).filter { enums[$0] == nil }
        for name in fresh { counts[ExactString(Identifier.made(of: name.name)), default: 0] += 1 }
        let known = taken
        let isDouble = { (name: String) in counts[ExactString(name), default: 0] > 1 || known.contains(ExactString(name)) }
        for name in tables where models[name] == nil { models[name] = make(name, "Model", isDouble, &taken) }
        for type in types where enums[type.name] == nil { enums[type.name] = make(type.name, "Enum", isDouble, &taken) }
        for name in tables { relationWords[name] = Self.word(Identifier.made(of: name.name)) ?? models[name] }
        for type in types {
            let names = Self.names(of: type, present?.enums[type.name])
            values[type.name] = names
            valueNames[type.name] = Dictionary(zip(type.labels.map { ExactString($0) }, names), uniquingKeysWith: { first, _ in first })
        }
    }

    private mutating func make(_ name: ObjectName, _ kind: String, _ isDouble: (String) -> Bool, _ taken: inout Set<ExactString>) -> String {
        var made = Identifier.made(of: name.name)
        if made.isEmpty {
            made = kind
        } else if isDouble(made) {
            made = Identifier.made(of: name.schema + "_" + name.name)
            warnings.append(PullWarning(path: made, text: "`\(name)` is called so because another table or enum has its name."))
        } else if let word = Self.word(made), !word.isExactly(made) {
            made = word
            warnings.append(PullWarning(path: made, text: "`\(name)` is called so because its own name is reserved."))
        }
        return Identifier.unique(made, &taken)
    }

    /// A name with `Renamed` in front where the language keeps it for itself; nil for an empty one.
    private static func word(_ made: String) -> String? {
        if made.isEmpty { return nil }
        let isReserved = ReservedNames.contains(ExactString(made)) || ScalarType(rawValue: made) != nil || made.isExactly("Unsupported")
        return isReserved ? "Renamed" + made : made
    }

    private static func names(of type: EnumType, _ present: Enumeration?) -> [String] {
        var taken: Set<ExactString> = []
        var known: [ExactString: String] = [:]
        for value in present?.values ?? [] {
            taken.insert(ExactString(value.name))
            if known[ExactString(value.databaseName)] == nil { known[ExactString(value.databaseName)] = value.name }
        }
        return type.labels.enumerated().map { position, label in
            if let name = known[ExactString(label)] { return name }
            if label.isEmpty { return Identifier.unique("EMPTY_ENUM_VALUE", &taken) }
            let made = Identifier.made(of: label)
            return Identifier.unique(made.isEmpty ? Self.valueName(label, position + 1) : made, &taken)
        }
    }

    /// Makes `VALUE_2020` from `2020`. A label without letters and digits gets its position: `VALUE_3`.
    private static func valueName(_ label: String, _ place: Int) -> String {
        let rest = Identifier.made(of: "v" + label).utf8.dropFirst()
        return rest.allSatisfy { $0 == UInt8(ascii: "_") } ? "VALUE_\(place)" : "VALUE_" + String(decoding: rest, as: UTF8.self)
    }
}

/// Something that a reader of a pulled schema should know.
package struct PullWarning: Sendable, Equatable {
    /// `User`, `User.email`
    package var path: String
    package var text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}
