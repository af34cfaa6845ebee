import Text

/// A schema text in its author's layout: the blocks in order, with the comments of blocks and lines.
///
/// The text has been parsed before, so it is valid. Whatever this reader does not understand costs a comment at most.
struct PresentText {
    struct Line {
        /// The name of a field or value, or a whole attribute of the block.
        var key: String
        var comments: [String]
        var remark: String?
    }

    struct Block {
        var keyword: String
        var name: String
        var comments: [String]
        var lines: [Line] = []
        /// Comments after the last line.
        var ending: [String] = []
        /// The block as written, from its keyword to its closing brace.
        var text: String
    }

    private(set) var blocks: [Block] = []
    /// Comments after the last block.
    private(set) var ending: [String] = []

    init(_ text: String) {
        var comments: [String] = []
        var open: Block?
        var inner: [String] = []
        var depth = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let scan = LineScan(line)
            let content = scan.content
            guard var block = open else {
                if content.isEmpty {
                    // Why: in the schema language a blank line separates a comment from what follows.
                    if let comment = scan.comment { comments.append(comment) } else if !comments.isEmpty { ending += comments + [""]; comments = [] }
                    continue
                }
                let words = content.split(separator: " ").map(String.init)
                guard words.count >= 2 else { continue }
                let name = String(words[1].prefix { $0 != "{" })
                let start = Block(keyword: words[0], name: name, comments: ending + comments, text: String(line))
                (comments, ending) = ([], [])
                depth = scan.braces
                if depth > 0 { open = start } else { blocks.append(start) }
                continue
            }
            block.text += "\n" + line
            let wasWithin = depth > 1
            depth += scan.braces
            if depth <= 0 {
                block.ending = inner
                inner = []
                blocks.append(block)
                open = nil
                continue
            }
            if content.isEmpty {
                if let comment = scan.comment { inner.append(comment) }
            } else if !wasWithin {
                block.lines.append(Line(key: Self.key(of: content), comments: inner, remark: scan.comment))
                inner = []
                // Why: an expression in parentheses or brackets may span several lines.
                depth += scan.brackets
            } else {
                depth += scan.brackets
            }
            open = block
        }
        ending += comments
        while ending.last == "" { ending.removeLast() }
    }

    private static func key(of content: String) -> String {
        content.utf8.starts(with: "@@".utf8) ? content : String(content.prefix { $0 != " " && $0 != "\t" })
    }

    func block(_ keyword: String, _ name: String) -> Block? {
        blocks.first { $0.name.isExactly(name) && ($0.keyword.isExactly(keyword) || keyword != "enum" && $0.keyword != "enum" && !$0.isConfiguration) }
    }
}

extension PresentText.Block {
    var isConfiguration: Bool { keyword.isExactlyOne(of: ["generator", "datasource"]) }

    func line(_ key: String) -> PresentText.Line? { lines.first { $0.key.isExactly(key) } }
}

/// One line of a schema: its content, its comment, and the number of braces and brackets that it opens.
private struct LineScan {
    private(set) var content = ""
    private(set) var comment: String?
    private(set) var braces = 0
    /// Number of open parentheses and square brackets.
    private(set) var brackets = 0

    init(_ line: Substring) {
        var isQuoted = false, isEscaped = false
        let bytes = Array(line.utf8)
        var end = bytes.count
        for (index, byte) in bytes.enumerated() {
            if isQuoted {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isQuoted = true
            case UInt8(ascii: "{"): braces += 1
            case UInt8(ascii: "}"): braces -= 1
            case UInt8(ascii: "("), UInt8(ascii: "["): brackets += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): brackets -= 1
            case UInt8(ascii: "/") where index + 1 < bytes.count && bytes[index + 1] == byte: end = index
            default: break
            }
            if end == index { break }
        }
        content = Self.trimmed(bytes[..<end])
        if end < bytes.count { comment = Self.trimmed(bytes[end...]) }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        var rest = bytes.drop { $0 <= 0x20 }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        return String(decoding: rest, as: UTF8.self)
    }
}
