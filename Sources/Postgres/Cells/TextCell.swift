import Text

/// How the values of a column are written, beyond what its type says.
struct CellStyle {
    /// Moments have microseconds, and the NaN and infinities of floats are written as words.
    var isPrecise = false
    /// Numerics have the trailing zeros of their scale.
    var isExact = false
    /// Dates and times of day are written as themselves, not as a DateTime.
    var isTyped = false
    /// The type that is passed along is the element type of an array, because the array type was made in the database.
    var isArray = false

    init() {}

    init(_ form: ValueForm) {
        isPrecise = form.isPrecise
        isExact = form.isExact
        switch form.kind {
        case .typed(let elements):
            isTyped = true
            isArray = elements != nil
        case .automaticArray: isArray = true
        default: break
        }
    }

    /// The style for the elements of such an array.
    var ofElements: CellStyle {
        var style = self
        style.isArray = false
        return style
    }
}

/// A cell in text format. Raw queries get text if one of their columns has no binary decoder.
struct TextCell {
    private let bytes: UnsafeRawBufferPointer
    private let style: CellStyle

    init(_ bytes: UnsafeRawBufferPointer, _ style: CellStyle = CellStyle()) {
        self.bytes = bytes
        self.style = style
    }

    /// Writes the same JSON as the binary decoder of the type. A type without a binary decoder becomes a string.
    func write(_ type: ColumnType, into buffer: inout ByteBuffer) -> Bool {
        if style.isArray { return TextArray(bytes, style.ofElements).write(type, into: &buffer) }
        switch type {
        case .bool:
            buffer.append(bytes.first == UInt8(ascii: "t") ? "true" : "false")
        case .int2, .int4:
            guard isWhole else { return false }
            buffer.append(bytes)
        case .float4, .float8:
            guard let value = Double(string), value.isFinite || style.isPrecise else { return false }
            if style.isPrecise, CellDecoder.isNegativeZero(value) { return CellDecoder.negativeZero(&buffer) }
            if value.isFinite { buffer.append(number: value) } else { buffer.append(jsonString: bytes) }
        case .numeric:
            if style.isExact { buffer.append(jsonString: bytes) } else { appendNumeric(&buffer) }
        case .json, .jsonb:
            guard !bytes.isEmpty else { return false }
            buffer.append(bytes)
        case .bytea:
            return appendBytes(&buffer)
        case .timestamp, .timestamptz, .date, .time, .timetz:
            guard let moment = TextTimestamp(bytes, type) else { return style.isPrecise && appendInfinity(type, to: &buffer) }
            append(moment, type, to: &buffer)
        case .void:
            buffer.append("null")
        default:
            if let element = type.element { return TextArray(bytes, style).write(element, into: &buffer) }
            buffer.append(jsonString: bytes)
        }
        return true
    }

    private func appendInfinity(_ type: ColumnType, to buffer: inout ByteBuffer) -> Bool {
        guard Timestamp.isInfinity(bytes), type != .time, type != .timetz else { return false }
        buffer.append(infinity: bytes.first == UInt8(ascii: "-"))
        return true
    }

    private func append(_ moment: TextTimestamp, _ type: ColumnType, to buffer: inout ByteBuffer) {
        switch type {
        case .date where style.isTyped: buffer.append(plainDate: moment.day)
        case .time where style.isTyped, .timetz where style.isTyped: buffer.append(plainTime: moment.timeOfDay, isPrecise: style.isPrecise)
        // Why the day: dates reach further than microseconds in 64 bits.
        case .date where style.isPrecise: buffer.append(preciseDate: moment.day)
        case .date: buffer.append(date: moment.day)
        case _ where style.isPrecise: buffer.append(preciseTimestamp: moment.microseconds)
        default: buffer.append(timestamp: moment.microseconds)
        }
    }

    /// True if the bytes are digits with an optional minus and no leading zeros, as JSON writes integers.
    private var isWhole: Bool {
        let digits = bytes.first == UInt8(ascii: "-") ? UnsafeRawBufferPointer(rebasing: bytes[1...]) : bytes
        return !digits.isEmpty && digits.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } && (digits[0] != UInt8(ascii: "0") || digits.count == 1)
    }

    private var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes the digits in quotes, without trailing zeros after the point.
    private func appendNumeric(_ buffer: inout ByteBuffer) {
        var end = bytes.count
        if bytes.contains(UInt8(ascii: ".")) {
            while end > 0, bytes[end - 1] == UInt8(ascii: "0") { end -= 1 }
            if end > 0, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
        }
        buffer.append(jsonString: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
    }

    /// Writes a bytea such as `\x0aff` as base64.
    private func appendBytes(_ buffer: inout ByteBuffer) -> Bool {
        guard bytes.count >= 2, bytes.count % 2 == 0, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "x") else {
            return false
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count / 2)
        for index in stride(from: 2, to: bytes.count, by: 2) {
            guard let high = bytes[index].hexValue, let low = bytes[index + 1].hexValue else { return false }
            decoded.append(high << 4 | low)
        }
        buffer.append(UInt8(ascii: "\""))
        decoded.withUnsafeBytes { buffer.append(base64: $0) }
        buffer.append(UInt8(ascii: "\""))
        return true
    }
}

/// An array in text format: `{1,NULL,"a,b"}`, `{{1,2},{3,4}}`, `[0:1]={5,6}`.
struct TextArray {
    private let bytes: UnsafeRawBufferPointer
    /// The style of the elements.
    private let style: CellStyle

    init(_ bytes: UnsafeRawBufferPointer, _ style: CellStyle = CellStyle()) {
        self.bytes = bytes
        self.style = style
    }

    func write(_ element: ColumnType, into buffer: inout ByteBuffer) -> Bool {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")) else { return false }
        var position = start
        var depth = 0
        // True where an element or an inner array may begin. After `{` an end may follow, too.
        var isValueNext = true
        var isJustOpened = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"):
                depth += 1
                guard isValueNext, depth <= ArrayCell.maximumDimensions else { return false }
                isJustOpened = true
                buffer.append(UInt8(ascii: "["))
                position += 1
                continue
            case UInt8(ascii: "}"):
                guard !isValueNext || isJustOpened else { return false }
                depth -= 1
                isValueNext = false
                buffer.append(UInt8(ascii: "]"))
                position += 1
                if depth <= 0 { return depth == 0 && position == bytes.count }
            case UInt8(ascii: ","):
                guard !isValueNext else { return false }
                isValueNext = true
                buffer.append(UInt8(ascii: ","))
                position += 1
            default:
                guard isValueNext, writeElement(element, at: &position, into: &buffer) else { return false }
                isValueNext = false
            }
            isJustOpened = false
        }
        return false
    }

    private func writeElement(_ type: ColumnType, at position: inout Int, into buffer: inout ByteBuffer) -> Bool {
        var text: [UInt8] = []
        let isQuoted = bytes[position] == UInt8(ascii: "\"")
        if isQuoted { position += 1 }
        while position < bytes.count {
            let byte = bytes[position]
            if isQuoted ? byte == UInt8(ascii: "\"") : byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
            if byte == UInt8(ascii: "\\") {
                position += 1
                guard position < bytes.count else { return false }
            }
            text.append(bytes[position])
            position += 1
        }
        if isQuoted {
            guard position < bytes.count else { return false }
            position += 1
        } else if text == Array("NULL".utf8) {
            buffer.append("null")
            return true
        }
        return text.withUnsafeBytes { TextCell($0, style).write(type, into: &buffer) }
    }
}
