import Text

/// The words of SQL text in capitals, comments, brackets and what stands in quotes left out.
///
/// Where it depends on a setting how the text is to be read (a backslash in quotes) it is taken for several statements, which is the worst.
struct SQLWords: IteratorProtocol, Sequence {
    private let bytes: [UInt8]
    private var position = 0
    private var hasEnded = false
    /// Whether no second statement was met so far.
    private(set) var isOne = true

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Reads the rest.
    mutating func skip() { while next() != nil {} }

    /// Whether one of the words that follow is this. Reads them all.
    mutating func contains(_ word: String) -> Bool { contains { $0 == word } }

    mutating func contains(where isMatch: (String) -> Bool) -> Bool {
        var isFound = false
        while let word = next() { if isMatch(word) { isFound = true } }
        return isFound
    }

    mutating func next() -> String? {
        var word: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            let letter = byte & 0xDF
            if letter >= UInt8(ascii: "A"), letter <= UInt8(ascii: "Z") {
                word.append(letter)
                position += 1
            } else if !word.isEmpty {
                break
            } else if case .absent = SQLComment.skip(bytes, &position), !skipQuotes(byte) {
                if byte == UInt8(ascii: ";") { hasEnded = true }
                position += 1
            }
        }
        if word.isEmpty { return nil }
        if hasEnded { isOne = false }
        return String(decoding: word, as: UTF8.self)
    }

    /// Goes past a string, a quoted name, or what stands between dollar signs.
    private mutating func skipQuotes(_ quote: UInt8) -> Bool {
        switch quote {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            position += 1
            while position < bytes.count, bytes[position] != quote {
                if bytes[position] == UInt8(ascii: "\\"), quote == UInt8(ascii: "'") { isOne = false }
                position += 1
            }
            position += 1
            return true
        case UInt8(ascii: "$"): return skipDollars()
        default: return false
        }
    }

    private mutating func skipDollars() -> Bool {
        // Why: within a name a dollar sign begins nothing.
        if position > 0, Self.isPartOfName(bytes[position - 1]) { return false }
        var end = position + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "$"), Self.isPartOfName(bytes[end]) { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "$"), !(bytes[position + 1] >= UInt8(ascii: "0") && bytes[position + 1] <= UInt8(ascii: "9")) else {
            return false
        }
        let tag = bytes[position...end]
        var place = end + 1
        while place + tag.count <= bytes.count {
            if bytes[place..<place + tag.count].elementsEqual(tag) {
                position = place + tag.count
                return true
            }
            place += 1
        }
        position = bytes.count
        return true
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        let letter = byte & 0xDF
        return letter >= UInt8(ascii: "A") && letter <= UInt8(ascii: "Z") || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
    }
}
