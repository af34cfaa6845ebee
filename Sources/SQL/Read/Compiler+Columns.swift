import Query
import Schema
import Text

/// The select list of one statement; a column that is asked for twice stands in it once.
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
    /// A field as the select list has it. Types that have no binary decoder are cast to one that has:
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
        // Why: a cast of inet to text shows the mask of a single host (`/32`), its output function does not; and
        // `array_to_string` is made of output functions.
        case .inet:
            isList
                ? "(SELECT array_agg(nullif(array_to_string(ARRAY[e], ''), '') ORDER BY o) FROM unnest(\(value)) WITH ORDINALITY AS u(e, o))"
                : "nullif(array_to_string(ARRAY[\(value)], ''), '')"
        default: value
        }
    }

    /// How the values of a field are written.
    mutating func form(of field: Field) -> ValueForm { ValueForm(kind(of: field), isList: field.arity == .list, isPrecise: isPrecise) }

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
