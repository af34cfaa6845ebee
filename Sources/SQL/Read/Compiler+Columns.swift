import Query
import Schema
import Text

/// The select list of one statement. A column that is requested twice appears once.
struct SelectList {
    private(set) var items: [SQLText]
    private var known: [Key: Int] = [:]

    private struct Key: Hashable {
        var alias: TableAlias
        var field: Int
    }

    init(_ items: [SQLText] = []) { self.items = items }

    var text: SQLText { items.isEmpty ? "1" : items.joined(by: ", ") }

    mutating func append(_ item: SQLText) -> Int {
        items.append(item)
        return items.count - 1
    }

    mutating func append(_ item: @autoclosure () -> SQLText, of alias: TableAlias, field: Int) -> Int {
        let key = Key(alias: alias, field: field)
        if let position = known[key] { return position }
        let position = append(item())
        known[key] = position
        return position
    }
}

extension Compiler {
    /// Returns a field as it appears in the select list. A type without a binary decoder is cast to one that has it:
    /// `t0."price"::numeric` for money, `t0."mask"::text` for bit strings and XML.
    func output(_ field: Int, of model: Int, _ alias: TableAlias) -> SQLText {
        let plain = column(field, of: model, alias)
        var text = output(plain, as: self.field(field, of: model))
        if text == plain, let column = typing(field, of: model) { text.show(column) }
        return text
    }

    func output(_ value: SQLText, as field: Field) -> SQLText {
        let isList = field.arity == .list
        return switch field.nativeType?.name {
        case .money: isList ? "\(value)::numeric[]" : "\(value)::numeric"
        case .bit, .varBit, .xml: isList ? "\(value)::text[]" : "\(value)::text"
        // Why not a cast: it shows the mask of a single host (`/32`), and the output function of inet does not. `array_to_string` uses
        // output functions.
        case .inet:
            isList
                ? "(SELECT array_agg(nullif(array_to_string(ARRAY[e], ''), '') ORDER BY o) FROM unnest(\(value)) WITH ORDINALITY AS u(e, o))"
                : "nullif(array_to_string(ARRAY[\(value)], ''), '')"
        default: value
        }
    }

    /// Returns how the values of a field are written.
    mutating func form(of field: Field) -> ValueForm {
        var form = ValueForm(kind(of: field), isList: field.arity == .list, isPrecise: isPrecise)
        if let type = field.nativeType, type.name == .decimal { form.hasOwnScale = type.arguments.isEmpty }
        return form
    }

    private mutating func kind(of field: Field) -> ValueForm.Kind {
        switch field.type {
        case .enumeration(let enumeration): .enumeration(labels(of: enumeration))
        case .scalar(.string): .string
        case .scalar(.boolean): .boolean
        case .scalar(.int): .integer
        case .scalar(.bigInt): .bigInt
        case .scalar(.float): .float
        case .scalar(.decimal): .decimal
        case .scalar(.dateTime): .dateTime
        case .scalar(.json): .json
        case .scalar(.bytes): .bytes
        case .relation, .unsupported: .automatic
        }
    }
}
