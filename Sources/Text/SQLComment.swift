/// The end of an SQL comment, for readers that skip comments.
package enum SQLComment {
    /// No comment begins there.
    case absent
    case ended
    /// The comment is not closed and reaches the end of the text.
    case open

    /// Goes past a comment that begins at `position`: `--` to the end of the line, a carriage return counts as one; `/* */`, which nest.
    package static func skip(_ bytes: [UInt8], _ position: inout Int) -> SQLComment {
        func starts(_ first: UInt8, _ second: UInt8) -> Bool {
            position + 1 < bytes.count && bytes[position] == first && bytes[position + 1] == second
        }
        let (dash, slash, star) = (UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "*"))
        if starts(dash, dash) {
            while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D { position += 1 }
            return .ended
        }
        guard starts(slash, star) else { return .absent }
        var depth = 0
        while position < bytes.count {
            if starts(slash, star) {
                depth += 1
                position += 2
            } else if starts(star, slash) {
                depth -= 1
                position += 2
                if depth == 0 { return .ended }
            } else {
                position += 1
            }
        }
        return .open
    }
}
