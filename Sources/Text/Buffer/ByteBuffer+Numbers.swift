extension ByteBuffer {
    /// A decimal integer.
    package mutating func append(decimal value: Int64) {
        reserve(20)
        if value < 0 {
            block[size] = UInt8(ascii: "-")
            size &+= 1
        }
        size &+= ByteBuffer.put(value.magnitude, at: end)
    }

    package mutating func append(decimal value: Int) { append(decimal: Int64(value)) }

    package mutating func append(decimal value: UInt64) {
        reserve(20)
        size &+= ByteBuffer.put(value, at: end)
    }

    /// Writes the digits of a number, two at a time from the last. Returns how many.
    @inline(__always)
    private static func put(_ value: UInt64, at target: UnsafeMutablePointer<UInt8>) -> Int {
        let count = digitCount(value)
        var position = count
        var wide = value
        while wide > 0xFFFF_FFFF {
            position &-= 2
            let (quotient, pair) = wide.quotientAndRemainder(dividingBy: 100)
            put(pair: Int(truncatingIfNeeded: pair), at: target + position)
            wide = quotient
        }
        // Why: dividing half as many bits by a constant takes half as long.
        var rest = UInt32(truncatingIfNeeded: wide)
        while rest >= 100 {
            position &-= 2
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            put(pair: Int(pair), at: target + position)
            rest = quotient
        }
        if position == 2 { put(pair: Int(rest), at: target) } else { target[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest) }
        return count
    }

    /// Two digits of a value below 100.
    @inline(__always)
    static func put(pair value: Int, at target: UnsafeMutablePointer<UInt8>) {
        let pair = UnsafeRawPointer(pairs.utf8Start).loadUnaligned(fromByteOffset: value &* 2, as: UInt16.self)
        UnsafeMutableRawPointer(target).storeBytes(of: pair, as: UInt16.self)
    }

    // Why StaticString: its bytes lie in the image, so that no `swift_once` stands before them.
    @inline(__always)
    private static var pairs: StaticString {
        """
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960\
        616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    /// Appends a decimal integer of exactly `width` digits, with zeros in front. `value` must not need more digits.
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
        var text = value.description
        if text.withUTF8({ append(pointed: $0) }) { return }
        // Why by hand: `description` gives the shortest digits, but as `1e-07` and `1e+21`.
        var digits = ShortestDigits(value.magnitude)
        if value < 0 { append(UInt8(ascii: "-")) }
        digits.write(into: &self)
    }

    /// Appends a number as Swift prints it, without `.0`. Returns false, and appends nothing, when that has an exponent. Without one, Swift
    /// and JavaScript agree.
    private mutating func append(pointed text: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in text where byte == UInt8(ascii: "e") { return false }
        let isWhole = text.count > 2 && text[text.count &- 1] == UInt8(ascii: "0") && text[text.count &- 2] == UInt8(ascii: ".")
        append(UnsafeRawBufferPointer(start: text.baseAddress, count: isWhole ? text.count &- 2 : text.count))
        return true
    }

    @inline(__always)
    private static func digitCount(_ value: UInt64) -> Int {
        var count = 0
        var rest = value
        while true {
            if rest < 10 { return count &+ 1 }
            if rest < 100 { return count &+ 2 }
            if rest < 1000 { return count &+ 3 }
            if rest < 10_000 { return count &+ 4 }
            rest /= 10_000
            count &+= 4
        }
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
