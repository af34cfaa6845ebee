import Text

/// A numeric in binary format: groups of four decimal digits, and the exponent of the first group.
struct NumericCell {
    private enum Sign: UInt16 {
        case positive = 0x0000
        case negative = 0x4000
        case notANumber = 0xC000
        case infinity = 0xD000
        case negativeInfinity = 0xF000
    }

    /// Bytes before the groups: four 16-bit fields for the number of groups, the weight, the sign and the scale.
    static let headerSize = 8

    private let sign: Sign
    /// Exponent of the first group, in groups of four digits.
    private let weight: Int
    /// Number of digits that are shown after the decimal point.
    private let scale: Int
    private let groups: UnsafeRawBufferPointer

    /// Returns nil if the bytes are not a numeric.
    init?(_ cell: UnsafeRawBufferPointer) {
        var reader = CellReader(cell)
        guard let count = reader.read(UInt16.self), let weight = reader.read(Int16.self),
            let sign = reader.read(UInt16.self).flatMap({ Sign(rawValue: $0) }), let scale = reader.read(UInt16.self),
            reader.rest.count == Int(count) * 2
        else { return nil }
        self.sign = sign
        self.weight = Int(weight)
        self.scale = Int(scale)
        groups = reader.rest
        for index in 0..<Int(count) where group(index) > 9999 { return nil }
    }

    private func group(_ index: Int) -> Int {
        guard index >= 0, index * 2 + 2 <= groups.count else { return 0 }
        return Int(groups[index * 2]) << 8 | Int(groups[index * 2 + 1])
    }

    private var groupCount: Int { groups.count / 2 }

    /// Writes all digits without an exponent and without trailing zeros: `-12.5`, `0.0001`, `NaN`, `Infinity`.
    func write(into buffer: inout ByteBuffer) -> Bool { write(isExact: false, into: &buffer) }

    /// Like `write`, with the trailing zeros of the scale: `1.10`, `0.00`.
    func writeExact(into buffer: inout ByteBuffer) -> Bool { write(isExact: true, into: &buffer) }

    private func write(isExact: Bool, into buffer: inout ByteBuffer) -> Bool {
        switch sign {
        case .notANumber: buffer.append("NaN")
        case .infinity: buffer.append("Infinity")
        case .negativeInfinity: buffer.append("-Infinity")
        case .positive, .negative:
            if sign == .negative, !isZero { buffer.append(UInt8(ascii: "-")) }
            writeInteger(into: &buffer)
            if isExact { writeScale(into: &buffer) } else { writeFraction(into: &buffer) }
        }
        return true
    }

    /// Writes a JSON integer. Returns false if there is a fraction.
    func writeWhole(into buffer: inout ByteBuffer) -> Bool {
        guard isFinite, lastGroup <= weight else { return false }
        return write(into: &buffer)
    }

    /// The value as a 64-bit integer. Nil if it has a fraction or does not fit.
    var whole: Int64? {
        guard isFinite, lastGroup <= weight, weight < 5 else { return nil }
        var value: Int64 = 0
        for index in 0..<max(weight + 1, 0) {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, isStillTooLarge) = product.subtractingReportingOverflow(Int64(group(index)))
            if isTooLarge || isStillTooLarge { return nil }
            value = sum
        }
        if sign == .negative { return value }
        return value == .min ? nil : -value
    }

    /// Writes the nearest JSON number with a Double's precision. Returns false for NaN and infinities.
    func writeNumber(into buffer: inout ByteBuffer) -> Bool {
        guard isFinite else { return false }
        var text = ByteBuffer(capacity: 64)
        guard write(into: &text), let value = Double(text.string()), value.isFinite else { return false }
        buffer.append(number: value)
        return true
    }

    private var isFinite: Bool { sign == .positive || sign == .negative }

    /// Index of the last group that is not zero; -1 if all are zero.
    private var lastGroup: Int {
        var index = groupCount - 1
        while index >= 0, group(index) == 0 { index -= 1 }
        return index
    }

    private var isZero: Bool { lastGroup < 0 }

    private func writeInteger(into buffer: inout ByteBuffer) {
        var index = 0
        while index <= weight, group(index) == 0, index < groupCount { index += 1 }
        guard index <= weight, index < groupCount else { return buffer.append(UInt8(ascii: "0")) }
        buffer.append(decimal: group(index))
        while index < weight {
            index += 1
            buffer.append(decimal: group(index), width: 4)
        }
    }

    /// Writes as many digits after the point as the scale says.
    private func writeScale(into buffer: inout ByteBuffer) {
        guard scale > 0 else { return }
        buffer.append(UInt8(ascii: "."))
        var index = weight + 1
        var left = scale
        while left > 0 {
            var digits = group(index)
            for _ in min(left, 4)..<4 { digits /= 10 }
            buffer.append(decimal: digits, width: min(left, 4))
            left -= 4
            index += 1
        }
    }

    private func writeFraction(into buffer: inout ByteBuffer) {
        let last = lastGroup
        guard last >= 0, last > weight else { return }
        buffer.append(UInt8(ascii: "."))
        var index = weight + 1
        while index < last {
            buffer.append(decimal: group(index), width: 4)
            index += 1
        }
        var digits = group(last)
        var width = 4
        while digits % 10 == 0, width > 1 {
            digits /= 10
            width -= 1
        }
        buffer.append(decimal: digits, width: width)
    }
}
