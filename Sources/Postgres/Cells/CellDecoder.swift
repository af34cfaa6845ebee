import Text

/// How the bytes of one cell become JSON: a value form applied to a PostgreSQL type in binary format.
///
/// Writing returns false if the bytes are not valid for the type. No bytes cause a trap.
enum CellDecoder: UInt8 {
    case boolean
    // Numbers as JSON numbers.
    case int2, int4, int8, oid, float4, float8, numericInteger, numericNumber
    // Numbers as strings.
    case quotedInt2, quotedInt4, quotedInt8, quotedOid, quotedFloat4, quotedFloat8, quotedNumeric, quotedWholeNumeric
    case string, uuid, json, jsonb, bytea, timestamp, date, time, timetz, enumeration
    // Moments with microseconds, and floats whose NaN and infinities are written as words.
    case preciseTimestamp, preciseDate, preciseTime, preciseTimetz, preciseFloat4, preciseFloat8
    /// A numeric as a string with the trailing zeros of its scale.
    case exactNumeric
    // Dates and times of day as themselves, not as a DateTime.
    case plainDate, plainTime, plainTimetz, precisePlainDate, precisePlainTime, precisePlainTimetz
    /// An array in binary format. Its header names the element type.
    case array
    /// Any type in text format.
    case text
    case null

    /// Returns the decoder for a column in binary format. Nil if there is none; the column is then read as text.
    init?(_ form: ValueForm, _ type: ColumnType) {
        guard let decoder = CellDecoder.any(form.kind, type) else { return nil }
        // Why not for every column: the zeros of a schema's Decimal follow from its native type. A plain `Decimal` column would show thirty of
        // them.
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
        // The column is read as text.
        case .automaticArray: nil
        case .typed: CellDecoder.typed(type)
        }
    }

    /// The same decoder without loss: microseconds and infinity in moments, and NaN and infinities of floats.
    private var precise: CellDecoder {
        switch self {
        case .timestamp: .preciseTimestamp
        case .date: .preciseDate
        case .time: .preciseTime
        case .timetz: .preciseTimetz
        case .plainDate: .precisePlainDate
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

    /// Follows the type alone: large and exact numbers become strings, times become DateTime. Nil makes the column be read as text.
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

    /// Like `automatic`, for answers that name the type: dates and times of day stay themselves.
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
