import Text

/// Compares SQL expressions as people write them with the server's form.
package enum ExpressionText {
    /// True if both are equal apart from blanks, parentheses, quotes around names, casts, and the case of words.
    package static func areSame(_ left: String, _ right: String) -> Bool { normal(left) == normal(right) }

    private static func normal(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "'"):
                // A literal stays as it is.
                repeat {
                    result.append(bytes[index])
                    index += 1
                } while index < bytes.count && bytes[index] != byte
                result.append(byte)
            case UInt8(ascii: ":") where index + 1 < bytes.count && bytes[index + 1] == byte: index = endOfCast(bytes, index + 2) - 1
            case 0...0x20, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\""): break
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): result.append(byte + 32)
            default: result.append(byte)
            }
            index += 1
        }
        return result
    }

    /// Returns the end of a cast: after `::` a name with blanks (`character varying`), arguments and brackets.
    private static func endOfCast(_ bytes: [UInt8], _ start: Int) -> Int {
        var index = start
        var depth = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth < 0 { break }
            let isName =
                byte == UInt8(ascii: "_") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "[")
                || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")") || byte >= 0x80
                || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            let isWithin = isName || depth > 0 || (byte == 0x20 && index > start && continues(bytes, index))
            if !isWithin { break }
            index += 1
        }
        return index
    }

    /// True if the blank belongs to a type name such as `without time zone`.
    private static func continues(_ bytes: [UInt8], _ index: Int) -> Bool {
        ["varying", "precision", "without time zone", "with time zone", "time zone", "zone"].contains { bytes[(index + 1)...].starts(with: $0.utf8) }
    }

    /// Returns a number without superfluous zeros.
    package static func number(_ text: String) -> String {
        var digits = Array(text.utf8)
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        if digits.contains(UInt8(ascii: ".")) {
            while digits.last == 0x30 { digits.removeLast() }
            if digits.last == UInt8(ascii: ".") { digits.removeLast() }
        }
        while digits.count > 1, digits.first == 0x30, digits[1] != UInt8(ascii: ".") { digits.removeFirst() }
        if digits.isEmpty { digits = [0x30] }
        return (isNegative && digits != [0x30] ? "-" : "") + String(decoding: digits, as: UTF8.self)
    }
}

/// Compares JSON texts by their meaning, because PostgreSQL's `jsonb` sorts the members of objects.
package enum JSONText {
    package static func areSame(_ left: String, _ right: String) -> Bool {
        guard let left = canonical(left), let right = canonical(right) else { return false }
        return left == right
    }

    private static func canonical(_ text: String) -> [UInt8]? {
        guard let document = try? JSONDocument(scanning: text) else { return nil }
        var texts = [[UInt8]](repeating: [], count: document.nodes.count)
        // Why backwards: the content of a value follows it.
        for index in stride(from: document.nodes.count - 1, through: 0, by: -1) {
            let value = JSONValue(document: document, index: index)
            switch value.kind {
            case .array:
                let elements = value.elements.map { texts[$0.index] }.joined(separator: [UInt8(ascii: ",")])
                texts[index] = [UInt8(ascii: "[")] + elements + [UInt8(ascii: "]")]
            case .object:
                let members = value.members.map { [UInt8($0.key.bytes.count & 0xFF)] + Array($0.key.bytes) + [UInt8(ascii: ":")] + texts[$0.value.index] }
                let sorted = members.sorted { $0.lexicographicallyPrecedes($1) }
                texts[index] = [UInt8(ascii: "{")] + sorted.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
            case .string: texts[index] = [UInt8(ascii: "\"")] + Array(value.bytes) + [UInt8(ascii: "\"")]
            case .number: texts[index] = Array(ExpressionText.number(String(decoding: value.bytes, as: UTF8.self)).utf8)
            case .true: texts[index] = Array("true".utf8)
            case .false: texts[index] = Array("false".utf8)
            case .null: texts[index] = Array("null".utf8)
            }
        }
        return texts.first
    }
}
