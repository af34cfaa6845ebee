import Text

/// Parses the text of a one-dimensional array: `{a,"b c",NULL}`.
enum ArrayText {
    /// Nil if the text is not such an array, or if an element is NULL.
    static func items(of text: String) -> [String]? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
        if bytes.count == 2 { return [] }
        var items: [String] = []
        var item: [UInt8] = []
        var isQuoted = false, wasQuoted = false, isEscaped = false
        for byte in bytes[1..<bytes.count] {
            if isEscaped {
                item.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                wasQuoted = true
            } else if !isQuoted, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") {
                let text = String(decoding: item, as: UTF8.self)
                if !wasQuoted, text.isEmpty || text.isExactly("NULL") { return nil }
                items.append(text)
                (item, wasQuoted) = ([], false)
            } else if !isQuoted, byte == UInt8(ascii: "{") {
                return nil
            } else {
                item.append(byte)
            }
        }
        return isQuoted || isEscaped ? nil : items
    }
}

/// Parses a sequence's name in SQL: `users_id_seq`, `public."User_id_seq"`.
enum SequenceName {
    /// Returns the name. Its schema is empty if none is written; the sequence is then in the search path.
    static func parse(_ text: String) -> ObjectName? {
        var parts: [String] = []
        var part: [UInt8] = []
        var isQuoted = false
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let isDoubled = isQuoted && position + 1 < bytes.count && bytes[position + 1] == byte
                if isDoubled {
                    part.append(byte)
                    position += 1
                } else {
                    isQuoted.toggle()
                }
            } else if byte == UInt8(ascii: "."), !isQuoted {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
            } else {
                part.append(byte)
            }
            position += 1
        }
        parts.append(String(decoding: part, as: UTF8.self))
        guard !isQuoted, parts.count <= 2, let name = parts.last else { return nil }
        return ObjectName(name, in: parts.count == 2 ? parts[0] : "")
    }
}
