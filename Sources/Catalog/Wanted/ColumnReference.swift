import Text

/// Finds out whether an SQL expression speaks of columns: then it is no default but what a generated column is made of.
///
/// Reads words, not grammar: a name is a column's where no type, function or keyword can stand.
struct ColumnReference {
    private let bytes: [UInt8]
    private var position = 0
    /// What stood before: a word in small letters, a sign, or `'` for a literal.
    private var previous = ""

    /// - Parameter columns: the names of the table's columns.
    static func isIn(_ expression: String, columns: Set<ExactString>) -> Bool {
        var reader = ColumnReference(expression)
        while let (name, isFree) = reader.nextName() {
            if isFree, columns.contains(ExactString(name)) { return true }
        }
        return false
    }

    private init(_ text: String) { bytes = Array(text.utf8) }

    private func byte(_ distance: Int = 0) -> UInt8 { position + distance < bytes.count ? bytes[position + distance] : 0 }

    /// The next name, and whether it can be a column's where it stands.
    private mutating func nextName() -> (String, isFree: Bool)? {
        while position < bytes.count {
            switch byte() {
            case 0...0x20: position += 1
            case UInt8(ascii: "'"):
                skipLiteral(isEscaped: previous == "e")
                previous = "'"
            case UInt8(ascii: "\""): return name(quotedName())
            case _ where Self.isNamePart(byte()) && !Self.isDigit(byte()): return name(word())
            default:
                previous = byte() == UInt8(ascii: ":") && previous == ":" ? "::" : String(UnicodeScalar(byte()))
                position += 1
                // A number, with what hangs on it.
                if previous.utf8.first.map(Self.isDigit) == true { while Self.isNamePart(byte()) { position += 1 } }
            }
        }
        return nil
    }

    private mutating func name(_ text: String) -> (String, isFree: Bool) {
        let before = previous
        previous = text
        while byte() != 0, byte() <= 0x20 { position += 1 }
        // `lower(…)`, `date '…'`, `t.column`
        if [UInt8(ascii: "("), UInt8(ascii: "'"), UInt8(ascii: ".")].contains(byte()) { return (text, false) }
        // `extract(year FROM …)`
        if bytes[position...].prefix(5).elementsEqual("from ".utf8) || bytes[position...].prefix(5).elementsEqual("FROM ".utf8) { return (text, false) }
        return (text, !before.isExactlyOne(of: Self.precedingTypes))
    }

    /// After these comes the name of a type or collation, or the rest of one; after a literal, a unit.
    private static let precedingTypes = ["::", ".", "as", "collate", "without", "with", "time", "double", "character", "'"]

    private mutating func word() -> String {
        let start = position
        while Self.isNamePart(byte()) { position += 1 }
        return String(decoding: bytes[start..<position].map { (0x41...0x5A).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }

    private mutating func quotedName() -> String {
        var name: [UInt8] = []
        position += 1
        while position < bytes.count {
            let next = byte()
            position += 1
            if next == UInt8(ascii: "\"") {
                if byte() != next { break }
                position += 1
            }
            name.append(next)
        }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func skipLiteral(isEscaped: Bool) {
        position += 1
        while position < bytes.count {
            let next = byte()
            position += 1
            if next == UInt8(ascii: "\\"), isEscaped {
                position += 1
            } else if next == UInt8(ascii: "'") {
                if byte() != next { return }
                position += 1
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isNamePart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
