import Text

/// How the bytes of one cell become JSON: a value form applied to a type of the server, in binary format.
///
/// Writing returns false when the bytes are not what the type promises; nothing traps on any bytes.
enum CellDecoder: UInt8 {
    case boolean
    // Numbers as JSON numbers.
    case int2, int4, int8, oid, float4, float8, numericInteger, numericNumber
    // Numbers as strings.
    case quotedInt2, quotedInt4, quotedInt8, quotedOid, quotedFloat4, quotedFloat8, quotedNumeric, quotedWholeNumeric
    case string, uuid, json, jsonb, bytea, timestamp, date, time, timetz, enumeration
    // Moments with microseconds, and numbers that may be none.
    case preciseTimestamp, preciseDate, preciseTime, preciseTimetz, preciseFloat4, preciseFloat8
    /// A numeric as a string, with the zeros that the column shows.
    case exactNumeric
    // Dates and times of day by themselves.
    case plainDate, plainTime, plainTimetz, precisePlainTime, precisePlainTimetz
    /// An array in binary format; its elements name their type.
    case array
    /// Any type in text format.
    case text
    case null

    /// The decoder for a column in binary format; nil when there is none.
    init?(_ form: ValueForm, _ type: ColumnType) {
        guard let decoder = CellDecoder.any(form.kind, type) else { return nil }
        // Why of raw columns alone: a Decimal of a schema has its zeros by its type, and of `Decimal` alone they would be thirty.
        if form.isExact, decoder == .quotedNumeric { self = .exactNumeric } else { self = form.isPrecise ? decoder.precise : decoder }
    }

    private static func any(_ kind: ValueForm.Kind, _ type: ColumnType) -> CellDecoder? {
        switch kind {
        case .boolean: type == .bool ? .boolean : nil
        case .integer: CellDecoder.integer(type)
        case .bigInt: CellDecoder.bigInt(type)
        case .float: CellDecoder.number(type)
        case .decimal: CellDecoder.decimal(type)
        case .string: CellDecoder.string(type)
        case .dateTime: CellDecoder.dateTime(type)
        case .json: type == .json ? .json : type == .jsonb ? .jsonb : nil
        case .bytes: type == .bytea ? .bytea : nil
        case .enumeration: type.isOfDatabase || type.isText ? .enumeration : nil
        case .automatic: CellDecoder.automatic(type)
        // Comes as text.
        case .automaticArray: nil
        case .typed: CellDecoder.typed(type)
        }
    }

    /// The same with all that the column has: microseconds, and NaN and the infinite numbers of floats.
    private var precise: CellDecoder {
        switch self {
        case .timestamp: .preciseTimestamp
        case .date: .preciseDate
        case .time: .preciseTime
        case .timetz: .preciseTimetz
        case .plainTime: .precisePlainTime
        case .plainTimetz: .precisePlainTimetz
        case .float4: .preciseFloat4
        case .float8: .preciseFloat8
        default: self
        }
    }

    private static func integer(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .int2: .int2
        case .int4: .int4
        case .int8: .int8
        case .oid: .oid
        case .numeric: .numericInteger
        default: nil
        }
    }

    private static func bigInt(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .int2: .quotedInt2
        case .int4: .quotedInt4
        case .int8: .quotedInt8
        case .oid: .quotedOid
        case .numeric: .quotedWholeNumeric
        default: nil
        }
    }

    private static func number(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .float4: .float4
        case .float8: .float8
        case .numeric: .numericNumber
        default: integer(type)
        }
    }

    private static func decimal(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .numeric: .quotedNumeric
        case .float4: .quotedFloat4
        case .float8: .quotedFloat8
        default: bigInt(type)
        }
    }

    private static func string(_ type: ColumnType) -> CellDecoder? {
        if type == .uuid { return .uuid }
        return type.isText || type.isOfDatabase || type == .json ? .string : nil
    }

    private static func dateTime(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .timestamp, .timestamptz: .timestamp
        case .date: .date
        case .time: .time
        case .timetz: .timetz
        default: nil
        }
    }

    /// What the type suggests: large and exact numbers as strings, times as DateTime. nil has the column asked for as text.
    private static func automatic(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .bool: .boolean
        case .int2: .int2
        case .int4: .int4
        case .int8: .quotedInt8
        case .oid: .quotedOid
        case .float4: .float4
        case .float8: .float8
        case .numeric: .quotedNumeric
        case .uuid: .uuid
        case .json: .json
        case .jsonb: .jsonb
        case .bytea: .bytea
        case .void: .null
        default: type.isText ? .string : dateTime(type) ?? automaticArray(type)
        }
    }

    /// The same where the answer names the type.
    private static func typed(_ type: ColumnType) -> CellDecoder? {
        switch type {
        case .date: .plainDate
        case .time: .plainTime
        case .timetz: .plainTimetz
        default: automatic(type)
        }
    }

    private static func automaticArray(_ type: ColumnType) -> CellDecoder? {
        guard let element = type.element, automatic(element) != nil else { return nil }
        return .array
    }
}
