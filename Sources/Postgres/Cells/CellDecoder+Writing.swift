import Text

extension CellDecoder {
    /// Writes a cell that is not NULL. `.array`, `.text` and `.enumeration` need more than the bytes and are not handled here.
    @inline(__always)
    func write(_ cell: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
        switch self {
        case .int4: return CellDecoder.integer(cell, as: Int32.self, &buffer)
        case .string:
            buffer.append(jsonString: cell)
            return true
        case .timestamp: return CellDecoder.timestamp(cell, &buffer)
        case .boolean:
            guard cell.count == 1 else { return false }
            if cell[0] == 0 { buffer.append("false") } else { buffer.append("true") }
            return true
        case .int8: return CellDecoder.integer(cell, as: Int64.self, &buffer)
        default: return writeSeldom(cell, into: &buffer)
        }
    }

    /// Returns the least number of bytes that the written cell takes, without escapes. Nil if that may be less than the size of the cell.
    func leastSize(of cell: UnsafeRawBufferPointer) -> Int? {
        switch self {
        case .string: cell.count &+ 2
        case .json: cell.count
        case .jsonb: cell.count &- 1
        case .bytea: (cell.count &+ 2) / 3 &* 4 &+ 2
        default: nil
        }
    }

    @inline(never)
    private func writeSeldom(_ cell: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
        switch self {
        case .boolean, .int4, .int8, .string, .timestamp: return write(cell, into: &buffer)
        case .int2: return CellDecoder.integer(cell, as: Int16.self, &buffer)
        case .oid: return CellDecoder.integer(cell, as: UInt32.self, &buffer)
        case .quotedInt2: return CellDecoder.quoted(&buffer) { CellDecoder.integer(cell, as: Int16.self, &$0) }
        case .quotedInt4: return CellDecoder.quoted(&buffer) { CellDecoder.integer(cell, as: Int32.self, &$0) }
        case .quotedInt8: return CellDecoder.quoted(&buffer) { CellDecoder.integer(cell, as: Int64.self, &$0) }
        case .quotedOid: return CellDecoder.quoted(&buffer) { CellDecoder.integer(cell, as: UInt32.self, &$0) }
        case .float4, .quotedFloat4, .preciseFloat4:
            guard let bits: UInt32 = CellReader.whole(cell) else { return false }
            let value = Float(bitPattern: bits)
            if self == .preciseFloat4, CellDecoder.isNegativeZero(Double(value)) { return CellDecoder.negativeZero(&buffer) }
            return CellDecoder.writeFloat(value, isQuoted: self == .quotedFloat4 || self == .preciseFloat4 && !value.isFinite, &buffer)
        case .float8, .quotedFloat8, .preciseFloat8:
            guard let bits: UInt64 = CellReader.whole(cell) else { return false }
            let value = Double(bitPattern: bits)
            if self == .preciseFloat8, CellDecoder.isNegativeZero(value) { return CellDecoder.negativeZero(&buffer) }
            return CellDecoder.writeDouble(value, isQuoted: self == .quotedFloat8 || self == .preciseFloat8 && !value.isFinite, &buffer)
        case .numericInteger: return NumericCell(cell)?.writeWhole(into: &buffer) ?? false
        case .numericNumber: return NumericCell(cell)?.writeNumber(into: &buffer) ?? false
        case .quotedNumeric: return CellDecoder.quoted(&buffer) { NumericCell(cell)?.write(into: &$0) ?? false }
        case .exactNumeric: return CellDecoder.quoted(&buffer) { NumericCell(cell)?.writeExact(into: &$0) ?? false }
        case .quotedWholeNumeric: return CellDecoder.quoted(&buffer) { NumericCell(cell)?.writeWhole(into: &$0) ?? false }
        case .uuid:
            guard cell.count == 16 else { return false }
            return CellDecoder.quoted(&buffer) {
                $0.append(uuid: cell)
                return true
            }
        case .json:
            buffer.append(cell)
            return !cell.isEmpty
        case .jsonb:
            // The first byte is the version of the format.
            guard cell.count > 1, cell[0] == 1 else { return false }
            buffer.append(UnsafeRawBufferPointer(rebasing: cell[1...]))
            return true
        case .bytea:
            return CellDecoder.quoted(&buffer) {
                $0.append(base64: cell)
                return true
            }
        case .preciseTimestamp:
            guard let value: Int64 = CellReader.whole(cell) else { return false }
            if value == .max || value == .min { buffer.append(infinity: value < 0) } else { buffer.append(preciseTimestamp: value) }
            return true
        case .date: return CellDecoder.date(cell, &buffer) { $0.append(date: $1) }
        case .preciseDate: return CellDecoder.preciseDate(cell, &buffer) { $0.append(preciseDate: $1) }
        case .precisePlainDate: return CellDecoder.preciseDate(cell, &buffer) { $0.append(plainDate: $1) }
        case .plainDate: return CellDecoder.date(cell, &buffer) { $0.append(plainDate: $1) }
        case .preciseTime: return CellDecoder.time(cell, zoneBytes: 0, &buffer, CellDecoder.append(precise:_:))
        case .preciseTimetz: return CellDecoder.time(cell, zoneBytes: 4, &buffer, CellDecoder.append(precise:_:))
        case .plainTime: return CellDecoder.time(cell, zoneBytes: 0, &buffer) { $0.append(plainTime: $1, isPrecise: false) }
        case .plainTimetz: return CellDecoder.time(cell, zoneBytes: 4, &buffer) { $0.append(plainTime: $1, isPrecise: false) }
        case .precisePlainTime: return CellDecoder.time(cell, zoneBytes: 0, &buffer) { $0.append(plainTime: $1, isPrecise: true) }
        case .precisePlainTimetz: return CellDecoder.time(cell, zoneBytes: 4, &buffer) { $0.append(plainTime: $1, isPrecise: true) }
        case .time: return CellDecoder.time(cell, zoneBytes: 0, &buffer, CellDecoder.append(moment:_:))
        case .timetz: return CellDecoder.time(cell, zoneBytes: 4, &buffer, CellDecoder.append(moment:_:))
        case .null:
            buffer.append("null")
            return true
        case .enumeration, .array, .text: return false
        }
    }

    @inline(__always)
    private static func integer<Value: FixedWidthInteger>(
        _ cell: UnsafeRawBufferPointer, as: Value.Type, _ buffer: inout ByteBuffer
    ) -> Bool {
        guard let value: Value = CellReader.whole(cell) else { return false }
        buffer.append(decimal: Int64(value))
        return true
    }

    /// Writes what `write` writes, in quotes.
    static func quoted(_ buffer: inout ByteBuffer, _ write: (inout ByteBuffer) -> Bool) -> Bool {
        buffer.append(UInt8(ascii: "\""))
        let isRight = write(&buffer)
        buffer.append(UInt8(ascii: "\""))
        return isRight
    }

    /// NaN and infinities are written as words where a string is allowed, as a numeric's are. JSON has no number for them, so otherwise this
    /// fails.
    private static func writeDouble(_ value: Double, isQuoted: Bool, _ buffer: inout ByteBuffer) -> Bool {
        guard isQuoted else {
            if value.isFinite { buffer.append(number: value) }
            return value.isFinite
        }
        return quoted(&buffer) {
            if value.isFinite {
                $0.append(number: value)
            } else if value.isNaN {
                $0.append("NaN")
            } else {
                $0.append(value < 0 ? "-Infinity" : "Infinity")
            }
            return true
        }
    }

    static func isNegativeZero(_ value: Double) -> Bool { value == 0 && value.sign == .minus }

    /// Writes negative zero as `-0.0`.
    /// Why: a JSON parser reads `-0` as an integer, and integers have one zero.
    static func negativeZero(_ buffer: inout ByteBuffer) -> Bool {
        buffer.append("-0.0")
        return true
    }

    /// Writes the shortest digits of a Float, read as a Double.
    /// Why: the shortest digits of the Float's exact value as a Double would be longer, as `0.10000000149011612` for 0.1.
    private static func writeFloat(_ value: Float, isQuoted: Bool, _ buffer: inout ByteBuffer) -> Bool {
        let isSmallAndWhole = value.magnitude < 16_777_216 && value == value.rounded()
        let wide = isSmallAndWhole ? Double(value) : Double(value.description) ?? Double(value)
        return writeDouble(wide, isQuoted: isQuoted, &buffer)
    }

    /// Writes microseconds since 2000-01-01. The two ends of the range mean infinity, which a DateTime of milliseconds cannot express; they fail.
    @inline(__always)
    private static func timestamp(_ cell: UnsafeRawBufferPointer, _ buffer: inout ByteBuffer) -> Bool {
        guard let value: Int64 = CellReader.whole(cell), value != .max, value != .min else { return false }
        buffer.append(timestamp: value)
        return true
    }

    private static func date(
        _ cell: UnsafeRawBufferPointer, _ buffer: inout ByteBuffer, _ write: (inout ByteBuffer, Int32) -> Void
    ) -> Bool {
        guard let value: Int32 = CellReader.whole(cell), value != .max, value != .min else { return false }
        write(&buffer, value)
        return true
    }

    /// The two ends of the range are words.
    private static func preciseDate(
        _ cell: UnsafeRawBufferPointer, _ buffer: inout ByteBuffer, _ write: (inout ByteBuffer, Int32) -> Void
    ) -> Bool {
        guard let value: Int32 = CellReader.whole(cell) else { return false }
        if value == .max || value == .min { buffer.append(infinity: value < 0) } else { write(&buffer, value) }
        return true
    }

    /// Writes microseconds since midnight. A time with a zone is converted to UTC, because an answer has no other zone.
    private static func time(
        _ cell: UnsafeRawBufferPointer, zoneBytes: Int, _ buffer: inout ByteBuffer, _ write: (inout ByteBuffer, Int64) -> Void
    ) -> Bool {
        let day: Int64 = 86_400_000_000
        var reader = CellReader(cell)
        guard cell.count == 8 + zoneBytes, let value = reader.read(Int64.self), value >= 0, value <= day else { return false }
        if zoneBytes == 0 {
            write(&buffer, value)
            return true
        }
        // The zone is in seconds west of Greenwich. PostgreSQL allows less than sixteen hours.
        guard let zone = reader.read(Int32.self), zone.magnitude < 86_400 else { return false }
        write(&buffer, (value &+ Int64(zone) &* 1_000_000 &+ day) % day)
        return true
    }

    /// Writes a time of day as a moment of 1970-01-01.
    private static func append(moment buffer: inout ByteBuffer, _ time: Int64) { buffer.append(timestamp: time &- Year2000.microseconds) }

    private static func append(precise buffer: inout ByteBuffer, _ time: Int64) { buffer.append(preciseTimestamp: time &- Year2000.microseconds) }
}
