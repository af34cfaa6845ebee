import Schema
import Text

/// Another field of the model instead of a value: `{"_ref": "title", "_container": "Post"}`, or the same tagged as `FieldRef`.
struct FieldReference {
    let name: String
    let container: String

    /// Nil when the value is not a reference.
    init?(_ value: JSONValue) {
        var value = value
        if let tag = TaggedValue(value), tag.isType("FieldRef"), let inner = tag.value {
            value = JSONValue(document: value.document, index: inner)
        }
        guard value.kind == .object, value.count == 2, let name = value["_ref"]?.string, let container = value["_container"]?.string
        else { return nil }
        self.name = name
        self.container = container
    }
}

extension RequestDecoder {
    /// Returns the position of the field that is referred to. Throws unless it belongs to the model that is filtered and has the type that
    /// is compared.
    @inline(never)
    func resolve(
        _ reference: FieldReference, _ type: Slot.ValueType, isList: Bool, _ model: Model, at path: String
    ) throws(Failure) -> Int {
        guard reference.container.isExactly(model.name) else {
            throw .input(at: path, "has to refer to a field of \(model.name), not of another model.")
        }
        guard let field = model.queryableField(named: reference.name), let fieldType = field.valueType else {
            var suggestions = NameSuggestion()
            let names = model.scalarNames
            throw .validation(
                .unknownField, at: path, "refers to a field that \(model.name) does not have.", expected: names,
                suggestion: suggestions.nearest(to: reference.name, in: names), code: "P2019")
        }
        let fits = fieldType.scalar == type.scalar && fieldType.enumeration == type.enumeration && (field.arity == .list) == isList
        guard fits else {
            throw .input(
                .wrongType, at: path,
                "expects a referenced scalar \(isList ? "list " : "")field of type \(type.name(schema)) but found \(model.name).\(field.name) of type \(fieldType.name(schema))\(field.arity == .list ? "[]" : "")."
            )
        }
        return field.index
    }
}
