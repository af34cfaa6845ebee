extension ByteBuffer {
    /// A decimal integer.
    package mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        append(decimal: value.magnitude)
    }

    package mutating func append(decimal value: Int) { append(decimal: Int64(value)) }

    package mutating func append(decimal value: UInt64) {
        append(room: 20) { target in
            let digits = ByteBuffer.digitCount(value)
            var rest = value
            var position = digits
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                position &-= 1
                target[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest != 0
            return digits
        }
    }

    /// A decimal integer of exactly `width` digits, zeros in front. `value` must not need more.
    package mutating func append(decimal value: Int, width: Int) {
        append(room: width) { target in
            var rest = value.magnitude
            for position in stride(from: width &- 1, through: 0, by: -1) {
                target[position] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return width
        }
    }

    /// The shortest digits that read back as the same number, in the form that JavaScript prints:
    /// `1`, `0.1`, `1e+21`, `1.5e-7`. JSON has no NaN and no infinity: they become `null`.
    package mutating func append(number value: Double) {
        guard value.isFinite else { return append("null") }
        if value == value.rounded(.towardZero), value.magnitude < 9_007_199_254_740_992 {
            return append(decimal: Int64(value))
        }
        // Why by hand: `description` gives the shortest digits, but as `1e-07` and `1e+21` or `123456.0`.
        var digits = ShortestDigits(value.magnitude)
        if value < 0 { append(UInt8(ascii: "-")) }
        digits.write(into: &self)
    }

    private static func digitCount(_ value: UInt64) -> Int {
        var count = 1
        var bound: UInt64 = 10
        while value >= bound {
            count &+= 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { return count }
            bound = next
        }
        return count
    }
}

/// The shortest decimal digits of a positive finite number and where its point stands.
private struct ShortestDigits {
    /// ASCII digits without leading or trailing zeros, at most 17.
    private var digits: [UInt8] = []
    /// The value is 0.d₁d₂… × 10^exponent.
    private var exponent = 0

    init(_ value: Double) {
        var text = value.description
        text.withUTF8 { utf8 in
            var pointAt: Int?
            var tenPower = 0
            var index = 0
            while index < utf8.count {
                let byte = utf8[index]
                if byte == UInt8(ascii: ".") {
                    pointAt = digits.count
                } else if byte == UInt8(ascii: "e") {
                    tenPower = ShortestDigits.signed(utf8[(index + 1)...])
                    break
                } else {
                    digits.append(byte)
                }
                index += 1
            }
            exponent = (pointAt ?? digits.count) + tenPower
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    }

    private static func signed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var value = 0
        for byte in text where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }

    mutating func write(into buffer: inout ByteBuffer) {
        let zero = UInt8(ascii: "0")
        let point = UInt8(ascii: ".")
        switch exponent {
        case digits.count...21:  // 123000
            buffer.append(digits)
            for _ in digits.count..<exponent { buffer.append(zero) }
        case 1..<max(digits.count, 1):  // 12.3
            buffer.append(Array(digits[..<exponent]))
            buffer.append(point)
            buffer.append(Array(digits[exponent...]))
        case -5...0:  // 0.00123
            buffer.append("0.")
            for _ in exponent..<0 { buffer.append(zero) }
            buffer.append(digits)
        default:  // 1.23e+45
            buffer.append(digits[0])
            if digits.count > 1 {
                buffer.append(point)
                buffer.append(Array(digits[1...]))
            }
            buffer.append(exponent > 0 ? "e+" : "e-")
            buffer.append(decimal: (exponent - 1).magnitude == 0 ? 0 : Int((exponent - 1).magnitude))
        }
    }
}
