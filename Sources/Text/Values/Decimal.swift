/// Decimal numbers of any size, in one canonical text each: digits without superfluous zeros, no exponent.
package enum Decimal {
    /// Writes the canonical text of the number `text`: `1.50` and `15e-1` both as `1.5`, `-0` as `0`. Returns false, and writes nothing,
    /// when `text` is not a decimal number. The time is linear in `text`, apart from the zeros that an exponent stands for.
    package static func write(canonical text: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) -> Bool {
        guard let parts = Parts(text) else { return false }
        parts.write(into: &buffer)
        return true
    }

    /// Returns true if a decimal number is whole. Nil if `text` is not a decimal number.
    package static func isWhole(_ text: UnsafeRawBufferPointer) -> Bool? { Parts(text).map { $0.scale >= 0 } }

    /// The significant digits of a text, and the power of ten that they are multiplied by.
    private struct Parts {
        let text: UnsafeRawBufferPointer
        var isNegative = false
        /// First and last significant digit; a point may lie between them.
        var first = 0
        var last = -1
        var digitCount = 0
        /// The value is digits × 10^scale.
        var scale = 0

        init?(_ text: UnsafeRawBufferPointer) {
            self.text = text
            var index = 0
            if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
                isNegative = text[index] == UInt8(ascii: "-")
                index += 1
            }
            guard readDigits(from: &index) else { return nil }
            if index < text.count {
                guard text[index] | 0x20 == UInt8(ascii: "e"), let exponent = Parts.exponent(text, from: index + 1) else { return nil }
                scale += exponent
            }
            if digitCount == 0 {
                isNegative = false
                scale = 0
            }
        }

        /// Reads digits with at most one point. At least one digit is needed.
        private mutating func readDigits(from index: inout Int) -> Bool {
            var seenDigit = false
            var seenPoint = false
            var zeros = 0  // since the last digit that is none
            while index < text.count {
                let byte = text[index]
                if byte == UInt8(ascii: ".") {
                    if seenPoint { return false }
                    seenPoint = true
                } else if byte &- UInt8(ascii: "0") < 10 {
                    seenDigit = true
                    if seenPoint { scale -= 1 }
                    if byte != UInt8(ascii: "0") {
                        if digitCount == 0 { first = index } else { digitCount += zeros }
                        digitCount += 1
                        last = index
                        zeros = 0
                    } else {
                        zeros += 1
                    }
                } else {
                    break
                }
                index += 1
            }
            scale += zeros
            return seenDigit
        }

        private static func exponent(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
            var index = start
            var isNegative = false
            if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
                isNegative = text[index] == UInt8(ascii: "-")
                index += 1
            }
            guard index < text.count else { return nil }
            var value = 0
            while index < text.count {
                let digit = text[index] &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
                if value > TextLimit.exponent { return nil }
                index += 1
            }
            return isNegative ? -value : value
        }

        func write(into buffer: inout ByteBuffer) {
            let zero = UInt8(ascii: "0")
            if isNegative { buffer.append(UInt8(ascii: "-")) }
            if digitCount == 0 { return buffer.append(zero) }
            if scale.magnitude > TextLimit.plainDigits {
                writeDigits(pointBefore: -1, into: &buffer)
                buffer.append(UInt8(ascii: "e"))
                buffer.append(decimal: scale)
            } else if scale >= 0 {
                writeDigits(pointBefore: -1, into: &buffer)
                for _ in 0..<scale { buffer.append(zero) }
            } else {
                let whole = digitCount + scale  // digits before the point
                if whole <= 0 {
                    buffer.append("0.")
                    for _ in whole..<0 { buffer.append(zero) }
                }
                writeDigits(pointBefore: whole > 0 ? whole : -1, into: &buffer)
            }
        }

        private func writeDigits(pointBefore point: Int, into buffer: inout ByteBuffer) {
            guard last >= first else { return }
            var written = 0
            for byte in text[first...last] where byte != UInt8(ascii: ".") {
                if written == point { buffer.append(UInt8(ascii: ".")) }
                buffer.append(byte)
                written += 1
            }
        }
    }
}
