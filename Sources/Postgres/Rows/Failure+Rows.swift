import Text

// P2023: the database does not hold what the schema says. The messages name columns, fields and types, never values.

extension Failure {
    /// - Parameters:
    ///   - field: the schema's field; nil if it is not known.
    ///   - expected: what the field accepts.
    static func mismatch(of column: String, _ type: ColumnType, expected: String, field: String? = nil) -> Failure {
        let named = field.map { "of the field `\($0)` " } ?? ""
        return Failure(
            .database, code: "P2023",
            "Inconsistent column data: the column `\(column)` \(named)has the type \(type.name) in the database, which does not fit \(expected).",
            meta: [("column_name", .text(column))] + (field.map { [("field", .text($0))] } ?? [])
                + [("type", .text(type.name)), ("expected", .text(expected)), ("oid", .number(Int(type.rawValue)))])
    }

    /// - Parameter kind: why the value cannot be written. A label comes with the name of its enum.
    static func unreadable(_ column: String, field: String?, _ kind: Unreadable) -> Failure {
        let named = field.map { "the field `\($0)` (column `\(column)`)" } ?? "the column `\(column)`"
        var meta: [(key: String, value: Fact)] = [("column_name", .text(column))]
        if let field { meta.append(("field", .text(field))) }
        if case .label(let name) = kind { meta.append(("enum", .text(name))) }
        return Failure(.database, code: "P2023", "Inconsistent column data: \(named) holds \(kind.words).", meta: meta)
    }

    /// Why a cell cannot be written.
    enum Unreadable {
        case label(of: String)
        case moment, number, other

        var words: String {
            switch self {
            case .label(let name): "a value that the enum `\(name)` of the schema does not have"
            case .moment: "a moment that no DateTime of milliseconds can say, such as infinity; \"dateTime\": \"microseconds\" has words for it"
            case .number: "a number that JSON does not have, NaN or an infinite one; \"dateTime\": \"microseconds\" has words for it"
            case .other: "a value that cannot be written as its field's type"
            }
        }
    }
}

extension ValueForm.Kind {
    /// The schema's name of the type.
    var word: String {
        switch self {
        case .boolean: "Boolean"
        case .integer: "Int"
        case .bigInt: "BigInt"
        case .float: "Float"
        case .decimal: "Decimal"
        case .string: "String"
        case .dateTime: "DateTime"
        case .json: "Json"
        case .bytes: "Bytes"
        case .enumeration(let labels): "the enum `\(labels.enumName)`"
        case .automatic, .automaticArray, .typed: "any type"
        }
    }
}

extension RowProgram {
    /// Returns the name of the member whose value follows a literal that ends in `"name":`.
    static func name(in literal: some BidirectionalCollection<UInt8>) -> String? {
        guard literal.last == UInt8(ascii: ":") else { return nil }
        let quoted = literal.dropLast(2)
        guard let start = quoted.lastIndex(of: UInt8(ascii: "\"")) else { return nil }
        return String(decoding: quoted[quoted.index(after: start)...], as: UTF8.self)
    }

    /// Returns why the cell of an operation cannot be written.
    @inline(never)
    func unreadable(_ operation: Operation, _ reply: ResultHandle) -> Failure {
        let start = Int(operation.literalStart)
        let literal = UnsafeBufferPointer(start: literals, count: start + Int(operation.literalCount))[start...]
        let column = reply.columnName(Int(operation.column))
        return .unreadable(column, field: RowProgram.name(in: literal), reason(operation, reply))
    }

    private func reason(_ operation: Operation, _ reply: ResultHandle) -> Failure.Unreadable {
        switch operation.decoder {
        case .enumeration: return .label(of: enumerations[Int(operation.target)].enumName)
        case .timestamp, .date, .time, .timetz, .preciseTimestamp, .preciseDate, .plainDate, .precisePlainDate: return .moment
        case .float4, .float8, .numericNumber: return .number
        case .array: return reason(forms[Int(operation.target)].kind)
        case .text:
            let type = ColumnType(rawValue: UInt32(bitPattern: operation.target))
            return RowProgram.reason(type.element ?? type)
        default: return .other
        }
    }

    private func reason(_ kind: ValueForm.Kind) -> Failure.Unreadable {
        switch kind {
        case .enumeration(let labels): .label(of: labels.enumName)
        case .dateTime: .moment
        case .float: .number
        default: .other
        }
    }

    private static func reason(_ type: ColumnType) -> Failure.Unreadable {
        switch type {
        case .timestamp, .timestamptz, .date: .moment
        case .float4, .float8: .number
        default: .other
        }
    }
}
