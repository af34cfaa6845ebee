/// One value of a document. It is cheap to copy and keeps the document alive.
package struct JSONValue: Sendable {
    package let document: JSONDocument
    /// Its position in `document.nodes`.
    package let index: Int

    package init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    package var node: JSONDocument.Node { document.nodes[index] }
    package var kind: JSONDocument.Kind { node.kind }
    package var isNull: Bool { kind == .null }
    /// The number of elements or members; 0 for a value that is not a container.
    package var count: Int { Int(node.count) }

    /// The bytes of a string (unescaped) or a number (as written); they live as long as the document.
    package var bytes: UnsafeRawBufferPointer { document.text(of: index) }

    package var string: String? { kind == .string ? String(decoding: bytes, as: UTF8.self) : nil }
    package var bool: Bool? { kind == .true ? true : kind == .false ? false : nil }
    /// The integer that a number stands for, however it is written: `60`, `60.0`, `6e1`. Nil for a fraction or another kind of value.
    package var integer: Int64? { kind == .number ? JSONNumber.integer(bytes) : nil }

    /// The elements of an array; empty for any other value.
    package var elements: Elements { Elements(document: document, index: index + 1, remaining: kind == .array ? count : 0) }

    /// The members of an object, in the order of the text; empty for any other value.
    package var members: Members { Members(document: document, index: index + 1, remaining: kind == .object ? count : 0) }

    /// A member of an object.
    package subscript(_ key: StaticString) -> JSONValue? {
        for member in members where member.isKey(key) { return member.value }
        return nil
    }

    package struct Elements: Sequence, IteratorProtocol {
        let document: JSONDocument
        var index: Int
        var remaining: Int

        package mutating func next() -> JSONValue? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            defer { index = Int(document.nodes[index].next) }
            return JSONValue(document: document, index: index)
        }
    }

    package struct Member {
        package let key: JSONValue
        package let value: JSONValue

        package var name: String { String(decoding: key.bytes, as: UTF8.self) }

        package func isKey(_ text: StaticString) -> Bool {
            let bytes = key.bytes
            guard bytes.count == text.utf8CodeUnitCount else { return false }
            for offset in 0..<bytes.count where bytes[offset] != text.utf8Start[offset] { return false }
            return true
        }
    }

    package struct Members: Sequence, IteratorProtocol {
        let document: JSONDocument
        var index: Int
        var remaining: Int

        package mutating func next() -> Member? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            let key = JSONValue(document: document, index: index)
            let value = JSONValue(document: document, index: index + 1)
            index = Int(document.nodes[index + 1].next)
            return Member(key: key, value: value)
        }
    }
}

/// Numbers as JSON writes them.
package enum JSONNumber {
    /// The whole number that `text` (a valid JSON number) stands for; nil when it has a fraction or does not fit.
    package static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        var digits: UInt64 = 0
        var scale = 0  // digits × 10^scale
        var pendingZeros = 0
        var seenPoint = false
        var isNegative = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            index &+= 1
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let exponent = exponent(UnsafeRawBufferPointer(rebasing: text[index...])) else { return digits == 0 ? 0 : nil }
                scale += exponent
                index = text.count
            default:
                if seenPoint { scale -= 1 }
                if byte == UInt8(ascii: "0") {
                    // Why: trailing zeros are not multiplied in, so `1.000…0` of any length stays small.
                    pendingZeros += 1
                    continue
                }
                for _ in 0...pendingZeros {
                    let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
                    if overflow { return nil }
                    digits = product
                }
                pendingZeros = 0
                let (sum, overflow) = digits.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
                if overflow { return nil }
                digits = sum
            }
        }
        if digits == 0 { return 0 }
        scale += pendingZeros
        guard scale >= 0, scale < 20 else { return nil }
        for _ in 0..<scale {
            let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            digits = product
        }
        if isNegative { return digits <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- digits) : nil }
        return Int64(exactly: digits)
    }

    /// A signed exponent of at most six digits.
    private static func exponent(_ text: UnsafeRawBufferPointer) -> Int? {
        var value = 0
        for byte in text where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            if value > 999_999 { return nil }
        }
        return text.first == UInt8(ascii: "-") ? -value : value
    }
}
