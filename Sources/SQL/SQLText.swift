/// SQL under construction: static keywords, quoted identifiers and parameter slots, and nothing else.
///
/// The type keeps a request's bytes out. A text is a literal whose segments are compiled into the program. It can interpolate other texts,
/// identifiers of the schema (quoted here), slot numbers and integers. A `String` can only become a quoted identifier.
///
///     "SELECT \(columns) FROM \(table: model) AS \(alias) WHERE \(condition)" as SQLText
struct SQLText: Sendable, Equatable, ExpressibleByStringInterpolation {
    private(set) var bytes: [UInt8] = []
    /// What is inserted between the bytes, in ascending order.
    private var marks: [Mark] = []
    private var types = ColumnTypes()

    private struct Mark: Sendable, Equatable {
        enum Content: Sendable, Equatable {
            /// A parameter.
            case slot(Int)
            /// The columns of a table that the finished statement names.
            case columns(TableAlias)
            /// Inserts nothing. A column's name begins here and has `count` bytes.
            case column(TableAlias, count: Int)
        }

        var offset: Int
        var content: Content
    }

    static var empty: SQLText { SQLText() }

    private init() {}

    init(stringLiteral value: StaticString) { append(keyword: value) }

    init(stringInterpolation: Interpolation) { self = stringInterpolation.text }

    /// `schema`.`name` or `name`, quoted.
    init(table name: String, in schema: String?) {
        if let schema {
            append(identifier: schema)
            bytes.append(UInt8(ascii: "."))
        }
        append(identifier: name)
    }

    init(identifier name: String) { append(identifier: name) }

    var isEmpty: Bool { bytes.isEmpty }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = SQLText()

        init(literalCapacity: Int, interpolationCount: Int) { text.bytes.reserveCapacity(literalCapacity + 24 * interpolationCount) }

        mutating func appendLiteral(_ literal: StaticString) { text.append(keyword: literal) }
        mutating func appendInterpolation(_ other: SQLText) { text.append(other) }
        mutating func appendInterpolation(_ alias: TableAlias) { text.append(alias) }
        mutating func appendInterpolation(slot: Int) { text.mark(.slot(slot)) }
        /// A parameter that gets its type from a column.
        mutating func appendInterpolation(slot: Int, of column: ColumnName?) {
            appendInterpolation(slot: slot)
            if let column { text.needType(of: column) }
        }
        /// `t0."id", t0."name"`: all columns of the table that the finished statement names.
        ///
        /// Why not `t0.*`: a role may be able to read only some columns, and unused columns need not be carried through a sort.
        mutating func appendInterpolation(columnsOf alias: TableAlias) { text.mark(.columns(alias)) }
        mutating func appendInterpolation(number: Int) { text.append(number: number) }
        /// A string literal that contains another text: the name of a table for `to_regclass` and casts.
        mutating func appendInterpolation(literal other: SQLText) { text.append(literal: other) }
        /// A dollar-quoted body that contains another text.
        mutating func appendInterpolation(body other: SQLText) { text.append(body: other) }
        /// `t0."name"`
        mutating func appendInterpolation(_ alias: TableAlias, column name: String) {
            let start = text.bytes.count
            text.append(alias)
            text.bytes.append(UInt8(ascii: "."))
            text.append(identifier: name)
            text.marks.append(Mark(offset: start, content: .column(alias, count: text.bytes.count - start)))
        }
        /// `k0`: the name of a derived table's n-th key column.
        mutating func appendInterpolation(key number: Int) {
            text.bytes.append(UInt8(ascii: "k"))
            text.append(number: number)
        }
    }

    mutating func append(_ other: SQLText) {
        let start = bytes.count
        bytes += other.bytes
        for mark in other.marks { marks.append(Mark(offset: mark.offset + start, content: mark.content)) }
        types.formUnion(other.types)
    }

    /// Records that a parameter in the text gets its type from a column.
    mutating func needType(of column: ColumnName) { types.need(column) }

    /// Records that the result contains a column unchanged.
    mutating func show(_ column: ColumnName) { types.show(column) }

    private mutating func mark(_ content: Mark.Content) { marks.append(Mark(offset: bytes.count, content: content)) }

    private mutating func append(keyword: StaticString) {
        bytes += UnsafeBufferPointer(start: keyword.utf8Start, count: keyword.utf8CodeUnitCount)
    }

    private mutating func append(_ alias: TableAlias) {
        bytes.append(UInt8(ascii: "t"))
        append(number: alias.number)
    }

    private mutating func append(number: Int) { bytes += Array(String(number).utf8) }

    /// Appends the name in double quotes, and doubles those inside. A NUL, which no identifier can contain, is left out.
    private mutating func append(identifier name: String) {
        let quote = UInt8(ascii: "\"")
        bytes.append(quote)
        for byte in name.utf8 where byte != 0 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    /// Appends a literal in single quotes that is valid under every `standard_conforming_strings`. The other text has no parameters.
    private mutating func append(literal other: SQLText) {
        let quote = UInt8(ascii: "'")
        let backslash = UInt8(ascii: "\\")
        if other.bytes.contains(backslash) { bytes.append(UInt8(ascii: "E")) }
        bytes.append(quote)
        for byte in other.bytes {
            if byte == quote || byte == backslash { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }

    /// Appends a body between two `$accelerant$`, or a longer tag if the body contains that one. The other text has no parameters.
    private mutating func append(body other: SQLText) {
        var word = Array("$accelerant$".utf8)
        let starts = other.bytes.indices.filter { other.bytes[$0] == word[0] }
        while starts.contains(where: { other.bytes[$0...].starts(with: word) }) { word.insert(UInt8(ascii: "a"), at: 1) }
        bytes += word + other.bytes + word
    }

    /// The text itself, if it has no parameters.
    var script: String { String(decoding: bytes, as: UTF8.self) }

    /// Returns the finished statement. Parameters are numbered `$1`, `$2`, … by first appearance; each slot has one number.
    func statement() -> Plan.Statement {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 4 * marks.count)
        var slots: [Int] = []
        var numbers: [Int: Int] = [:]
        var start = 0
        for mark in marks {
            text += bytes[start..<mark.offset]
            start = mark.offset
            switch mark.content {
            case .column: break
            case .columns(let alias): text += columns(of: alias)
            case .slot(let slot):
                let number = numbers[slot] ?? slots.count + 1
                if number > slots.count {
                    numbers[slot] = number
                    slots.append(slot)
                }
                text.append(UInt8(ascii: "$"))
                text += Array(String(number).utf8)
            }
        }
        text += bytes[start...]
        return Plan.Statement(
            text: String(decoding: text, as: UTF8.self), slots: slots, check: TypeCheck(types.unseen, after: slots.count))
    }

    /// Returns the named columns of a table by first appearance, without duplicates. `1` if none is named.
    private func columns(of alias: TableAlias) -> [UInt8] {
        var known: Set<ArraySlice<UInt8>> = []
        var list: [UInt8] = []
        for mark in marks {
            guard case .column(alias, let count) = mark.content, known.insert(bytes[mark.offset..<mark.offset + count]).inserted else { continue }
            if !list.isEmpty { list += ", ".utf8 }
            list += bytes[mark.offset..<mark.offset + count]
        }
        return list.isEmpty ? [UInt8(ascii: "1")] : list
    }
}

/// A table's name within one statement: `t0`, `t1`, …
struct TableAlias: Sendable, Hashable {
    var number: Int
}

extension [SQLText] {
    /// Returns the texts with a separator between them.
    func joined(by separator: SQLText) -> SQLText {
        var result = SQLText.empty
        for (position, text) in enumerated() {
            if position > 0 { result.append(separator) }
            result.append(text)
        }
        return result
    }

    /// `(a AND b AND c)`; `TRUE` if there is none.
    var conjunction: SQLText {
        switch count {
        case 0: "TRUE"
        case 1: self[0]
        default: "(\(joined(by: " AND ")))"
        }
    }

    /// `(a OR b OR c)`; `FALSE` if there is none.
    var disjunction: SQLText {
        switch count {
        case 0: "FALSE"
        case 1: self[0]
        default: "(\(joined(by: " OR ")))"
        }
    }
}
