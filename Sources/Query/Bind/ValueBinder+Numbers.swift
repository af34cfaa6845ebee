import Schema
import Text

extension ValueBinder {
    func writeInt(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        guard document.nodes[node].kind == .number else { throw mismatch(node) }
        let value = try whole(node, expected: "Int")
        let range: ClosedRange<Int64> =
            switch step.slot.type.nativeType?.name {
            case _ where step.slot.type.isTotal: .min ... .max
            case .smallInt: -32_768...32_767
            case .oid: 0...4_294_967_295
            default: -2_147_483_648...2_147_483_647
            }
        guard range.contains(value) else { throw outOfRange("Int") }
        buffer.append(decimal: value)
    }

    /// A number or its digits as a string.
    func writeBigInt(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        if step.slot.type.isTotal { return try writeWholeDecimal(node, into: &buffer) }
        if document.nodes[node].kind == .string {
            guard let value = ValueBinder.wholeNumber(document.text(of: node)) else {
                let isWhole = Decimal.isWhole(document.text(of: node)) == true
                throw .validation(
                    isWhole ? .outOfRange : .invalidValue, at: step.slot.path, "is not a whole number of 64 bits.", expected: ["BigInt"])
            }
            return buffer.append(decimal: value)
        }
        guard document.nodes[node].kind == .number else { throw mismatch(node) }
        buffer.append(decimal: try whole(node, expected: "BigInt"))
    }

    /// A whole number of any size: a sum of BigInts, as answers have it.
    private func writeWholeDecimal(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let kind = document.nodes[node].kind
        guard kind == .number || kind == .string else { throw mismatch(node) }
        guard Decimal.isWhole(document.text(of: node)) == true, Decimal.write(canonical: document.text(of: node), into: &buffer) else {
            throw .validation(at: step.slot.path, "is not a whole number.", expected: ["BigInt"])
        }
    }

    /// Returns true for `NaN` and the infinities, as answers write them.
    private static func isNoNumber(_ text: UnsafeRawBufferPointer) -> Bool { text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity") }

    func writeFloat(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        if document.nodes[node].kind == .string, ValueBinder.isNoNumber(document.text(of: node)) {
            if step.slot.type.isStored, !step.slot.type.hasWords {
                throw .validation(at: step.slot.path, "has to be a finite number, because JSON has no NaN and no infinity.", expected: ["Float"])
            }
            return buffer.append(document.text(of: node))
        }
        guard document.nodes[node].kind == .number else { throw mismatch(node) }
        let text = document.text(of: node)
        // Why first: most numbers in requests are whole, and need no floating point.
        if let whole = JSONNumber.integer(text), whole.magnitude < 1 << 53, whole != 0 || !step.slot.type.isStored {
            return buffer.append(decimal: whole)
        }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { throw outOfRange("Float") }
        // Why not in filters: there both zeros are equal, and so are the keys of their answers.
        if value == 0, value.sign == .minus, step.slot.type.isStored { buffer.append("-0") } else { buffer.append(number: value) }
    }

    /// A number or its text as a string.
    func writeDecimal(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        let kind = document.nodes[node].kind
        guard kind == .number || kind == .string else { throw mismatch(node) }
        if kind == .string, ValueBinder.isNoNumber(document.text(of: node)) { return buffer.append(document.text(of: node)) }
        let text = document.text(of: node)
        let start = buffer.count
        guard Decimal.write(canonical: text, into: &buffer) else {
            throw .validation(at: step.slot.path, "is not a valid decimal number.", expected: ["Decimal"])
        }
        // Why: a numeric without a scale keeps trailing zeros. In a JSON number they do not count.
        if kind == .string, step.slot.type.isStored, ValueBinder.hasIdleZeros(text) {
            buffer.truncate(to: start)
            buffer.append(text)
        }
    }

    /// Returns true if a decimal number has no exponent and a fraction that ends in zeros.
    private static func hasIdleZeros(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.last == UInt8(ascii: "0") else { return false }
        return text.contains(UInt8(ascii: ".")) && !text.contains { $0 | 0x20 == UInt8(ascii: "e") }
    }

    /// `take` and `skip`, without the sign.
    func writeMagnitude(_ node: Int, into buffer: inout ByteBuffer) throws(Failure) {
        guard document.nodes[node].kind == .number else { throw mismatch(node) }
        let value = try whole(node, expected: "Int")
        guard value.magnitude <= 2_147_483_647 else { throw outOfRange("Int") }
        buffer.append(decimal: UInt64(value.magnitude))
    }

    /// The value of a JSON number without a fraction.
    private func whole(_ node: Int, expected: String) throws(Failure) -> Int64 {
        let text = document.text(of: node)
        if let value = JSONNumber.integer(text) { return value }
        if Decimal.isWhole(text) != false {
            throw .validation(
                .outOfRange, at: step.slot.path, "does not fit into a signed integer of 64 bits.", expected: [expected], code: "P2033")
        }
        throw .validation(at: step.slot.path, "has to be \(expected), not a number with a fraction.", expected: [expected])
    }

    /// Decimal digits with a sign or without.
    private static func wholeNumber(_ text: UnsafeRawBufferPointer) -> Int64? {
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { index = 1 }
        guard index < text.count else { return nil }
        var value: Int64 = 0
        while index < text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? product.subtractingReportingOverflow(Int64(digit)) : product.addingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
            index += 1
        }
        return value
    }

    private func outOfRange(_ expected: String) -> Failure {
        .validation(
            .outOfRange, at: step.slot.path, "is out of range for its type.", expected: [expected], code: "P2020")
    }
}
