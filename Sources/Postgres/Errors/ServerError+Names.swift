// Finds the names that an error is about among the names in the statement. No value can be mistaken for a name, in any language.

extension ServerError {
    /// The missing column, as `table.column` if the statement shows the table.
    ///
    /// The server reports its position in the text: `t0."name"`, or `"name"` for the table that is written.
    func missingColumn(_ texts: [String]) -> String? {
        guard let position else { return nil }
        for text in texts {
            guard let (qualifier, column) = ServerError.reference(at: position, in: Array(text.unicodeScalars)), isWord(column) else { continue }
            guard let qualifier, let table = ServerError.table(of: qualifier, in: text) else { return column }
            return "\(table).\(column)"
        }
        return nil
    }

    /// The longest name of the statements that the server's message contains.
    func deniedName(_ texts: [String]) -> String? {
        if isRaised { return nil }
        var found: String?
        for text in texts {
            for name in ServerError.quotedNames(in: text) where name.count > (found?.count ?? 0) && isWord(name) { found = name }
        }
        return found
    }

    /// The column of `column "id" can only be updated to DEFAULT`. The parser says this before there are values.
    var writtenColumn: String? { function == "rewriteTargetListIU" || function == "transformInsertRow" ? quotedParts.first.map { String($0) } : nil }

    /// The integers outside quotes in the message.
    var unquotedNumbers: [Int] {
        var numbers: [Int] = []
        var digits = ""
        var isQuoted = false
        for character in primary + " " {
            if ["\"", "»", "«", "„", "“", "”"].contains(character) { isQuoted.toggle() }
            if !isQuoted, character.isASCII, character.isNumber {
                digits.append(character)
            } else if !digits.isEmpty {
                if let number = Int(digits) { numbers.append(number) }
                digits = ""
            }
        }
        return numbers
    }

    /// True if the message contains the name, and not as a part of another name.
    private func isWord(_ name: String) -> Bool {
        var rest = primary[...]
        while !rest.isEmpty {
            if rest.hasPrefix(name) {
                let before = primary[..<rest.startIndex].last
                let after = rest.dropFirst(name.count).first
                if !ServerError.isPart(before), !ServerError.isPart(after) { return true }
            }
            rest = rest.dropFirst()
        }
        return false
    }

    private static func isPart(_ character: Character?) -> Bool {
        guard let character else { return false }
        return character.isLetter || character.isNumber || character == "_"
    }

    /// Reads `t0."name"` or `"name"` at a position, which counts characters from 1.
    private static func reference(at position: Int, in text: [Unicode.Scalar]) -> (qualifier: String?, column: String)? {
        var index = position - 1
        guard let first = name(at: &index, in: text) else { return nil }
        guard index < text.count, text[index] == "." else { return (nil, first) }
        index += 1
        return name(at: &index, in: text).map { (first, $0) }
    }

    private static func name(at index: inout Int, in text: [Unicode.Scalar]) -> String? {
        guard index >= 0, index < text.count else { return nil }
        var name = String.UnicodeScalarView()
        let isQuoted = text[index] == "\""
        if isQuoted { index += 1 }
        while index < text.count {
            if isQuoted, text[index] == "\"" {
                index += 1
                guard index < text.count, text[index] == "\"" else { return String(name) }
            } else if !isQuoted, !text[index].properties.isAlphabetic, text[index].properties.numericType == nil, text[index] != "_" {
                break
            }
            name.append(text[index])
            index += 1
        }
        return isQuoted || name.isEmpty ? nil : String(name)
    }

    /// Returns the table that has an alias, as in `"schema"."User" AS t0`.
    private static func table(of alias: String, in text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        let wanted = Array("\" AS \(alias)".unicodeScalars)
        var index = 0
        while index + wanted.count <= scalars.count {
            let end = index + wanted.count
            let isWhole = end == scalars.count || (scalars[end].properties.numericType == nil)
            if isWhole, scalars[index..<end].elementsEqual(wanted) {
                var start = index - 1
                while start > 0, scalars[start] != "\"" { start -= 1 }
                return name(at: &start, in: scalars)
            }
            index += 1
        }
        return nil
    }

    private static func quotedNames(in text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        var names: [String] = []
        var index = 0
        while index < scalars.count {
            if scalars[index] == "\"", let name = name(at: &index, in: scalars) { names.append(name) } else { index += 1 }
        }
        return names
    }
}
