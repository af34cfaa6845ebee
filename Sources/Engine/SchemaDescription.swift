import Query
import Schema
import Text

extension Client {
    /// `$schema`: the data model as bindings need it to turn JSON into their own values and back.
    ///
    ///     {"models": {"User": {"fields": {"id": {"type": "Int", "list": false, "required": true, "relation": false}, …}}},
    ///      "enums": {"Role": ["ADMIN", …]}}
    func describeSchema(_ envelope: Envelope, _ document: JSONDocument) throws(Failure) -> Reply {
        try OperationArguments.none(envelope, document)
        var answer = ByteBuffer(capacity: 4096)
        answer.append("{\"models\":")
        answer.append(object: schema.models) { answer, model in
            answer.append(jsonString: model.name)
            answer.append(":{\"fields\":")
            answer.append(object: model.fields.filter(\.isQueryable)) { $0.append(description: $1, in: schema) }
            answer.append(UInt8(ascii: "}"))
        }
        answer.append(",\"enums\":")
        answer.append(object: schema.enums) { answer, enumeration in
            answer.append(jsonString: enumeration.name)
            answer.append(":[")
            answer.append(list: enumeration.values) { $0.append(jsonString: $1.name) }
            answer.append("]")
        }
        answer.append(UInt8(ascii: "}"))
        return .plain(answer)
    }
}

extension ByteBuffer {
    fileprivate mutating func append<Element>(object elements: [Element], _ write: (inout ByteBuffer, Element) -> Void) {
        append(UInt8(ascii: "{"))
        append(list: elements, write)
        append(UInt8(ascii: "}"))
    }

    fileprivate mutating func append<Element>(list elements: [Element], _ write: (inout ByteBuffer, Element) -> Void) {
        for (position, element) in elements.enumerated() {
            if position > 0 { append(UInt8(ascii: ",")) }
            write(&self, element)
        }
    }

    fileprivate mutating func append(description field: Field, in schema: Schema) {
        append(jsonString: field.name)
        append(":{\"type\":")
        switch field.type {
        case .scalar(let type): append(jsonString: type.rawValue)
        case .enumeration(let index): append(jsonString: schema.enums[index].name)
        case .relation(let relation): append(jsonString: schema.models[relation.model].name)
        case .unsupported(let type): append(jsonString: type)
        }
        append(",\"list\":")
        append(field.arity == .list ? "true" : "false")
        append(",\"required\":")
        append(field.arity == .required ? "true" : "false")
        append(",\"relation\":")
        append(field.isRelation ? "true}" : "false}")
    }
}
