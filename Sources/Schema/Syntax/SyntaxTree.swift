import Text

/// A schema text as it was written: blocks, fields and attributes with their places. No name is resolved.
struct SyntaxTree {
    var models: [ModelNode] = []
    var enums: [EnumNode] = []
    var datasources: [ConfigurationNode] = []
    var generators: [ConfigurationNode] = []
    /// The names of refused blocks. A reference to one is not reported again.
    var refusedNames: Set<ExactString> = []
    /// True if a block could not be read up to its name. An unknown name may then be that one.
    var hasNamelessBlock = false
}

/// A word of the text and its place.
struct Name {
    var text: String
    var offset: Int
}

/// `model`, `view`.
struct ModelNode {
    var name: Name
    var isView: Bool
    var documentation: String?
    var fields: [FieldNode] = []
    var attributes: [AttributeNode] = []
    /// True if one of its lines could not be read. That line may hold what seems to be missing.
    var isDamaged = false
}

/// `name Type? @attribute(…)`
struct FieldNode {
    var name: Name
    var type: Name
    /// The text of `Unsupported("…")`.
    var unsupportedType: String?
    var arity: Arity
    var documentation: String?
    var attributes: [AttributeNode] = []
}

struct EnumNode {
    struct Value {
        var name: Name
        var documentation: String?
        var attributes: [AttributeNode] = []
    }
    var name: Name
    var documentation: String?
    var values: [Value] = []
    var attributes: [AttributeNode] = []
    var isDamaged = false
}

/// `datasource` or `generator`.
struct ConfigurationNode {
    struct Property {
        var name: Name
        /// Nil when it could not be read.
        var value: Expression?
    }
    var name: Name
    var properties: [Property] = []
    var isDamaged = false
}

/// `@name(arguments)` or `@@name(arguments)`, its name with the signs.
struct AttributeNode {
    var name: Name
    var arguments: [Argument]
}

/// `value` or `name: value`.
struct Argument {
    var name: Name?
    var value: Expression
}

struct Expression {
    enum Value {
        case string(String)
        /// As written.
        case number(String)
        /// `Cascade`, `true`, `id`, `address.street`
        case path(String)
        case call(String, [Argument])
        case list([Expression])
        /// `{ active: true }`, in the condition of a partial index.
        case object([Argument])
    }
    var value: Value
    var offset: Int

    /// Its name in messages. A string is not quoted, because a URL may hold a password.
    var kindDescription: String {
        switch value {
        case .string: "a string"
        case .number(let text): "the number \(text)"
        case .path(let text): "\"\(text)\""
        case .call(let name, _): "\"\(name)(…)\""
        case .list: "a list"
        case .object: "an object"
        }
    }
}
