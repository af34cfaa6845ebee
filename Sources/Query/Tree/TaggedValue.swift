import Text

/// A value that says its type, as Prisma's own JSON protocol writes it: `{"$type": "DateTime", "value": "…"}`.
///
/// Known types are `DateTime`, `BigInt`, `Decimal`, `Bytes`, `Json`, `Enum`, `FieldRef` and `Raw`. The nulls of Json need no value:
/// `{"$type": "DbNull"}`.
struct TaggedValue {
    let document: JSONDocument
    /// The node of the type's name.
    let type: Int
    /// The node of the value.
    let value: Int?

    /// Nil when the node is not a tagged value: an object with `$type` and `value` and nothing else.
    init?(_ document: JSONDocument, _ node: Int) {
        let object = document.nodes[node]
        guard object.kind == .object, object.count == 1 || object.count == 2 else { return nil }
        var type: Int?
        var value: Int?
        var index = node &+ 1
        for _ in 0..<object.count {
            let key = document.text(of: index)
            if key.equals("$type") {
                type = index &+ 1
            } else if key.equals("value") {
                value = index &+ 1
            } else {
                return nil
            }
            index = Int(document.nodes[index &+ 1].next)
        }
        guard let type, document.nodes[type].kind == .string else { return nil }
        self.document = document
        self.type = type
        self.value = value
    }

    init?(_ value: JSONValue) { self.init(value.document, value.index) }

    func isType(_ name: StaticString) -> Bool { document.text(of: type).equals(name) }

    /// The text of a value that is a string.
    var text: UnsafeRawBufferPointer? {
        guard let value, document.nodes[value].kind == .string else { return nil }
        return document.text(of: value)
    }

    /// True if it is one of the nulls of Json.
    func isNull(_ name: StaticString) -> Bool {
        if isType(name) { return value == nil }
        return isType("Enum") && text?.equals(name) == true
    }

    /// The name of the null in `{"$type": "Enum", "value": "JsonNull"}`; nil for any other value.
    var nullName: UnsafeRawBufferPointer? {
        guard isType("Enum"), let text, text.equals("DbNull") || text.equals("JsonNull") || text.equals("AnyNull") else { return nil }
        return text
    }

    /// True if the type says that the value is of another type than String.
    var isNoText: Bool { isType("DateTime") || isType("BigInt") || isType("Decimal") || isType("Bytes") || isType("Json") }

    /// True if the type stands for a plain value.
    var isScalar: Bool {
        value != nil
            && (isType("DateTime") || isType("BigInt") || isType("Decimal") || isType("Bytes") || isType("Enum") || isType("Raw")
                || isType("Json"))
    }
}
