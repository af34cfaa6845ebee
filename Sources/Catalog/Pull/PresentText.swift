import Text

/// A schema text in its author's layout: the blocks in order, with the comments of blocks and lines.
///
/// The text has been parsed before, so it is valid. Whatever this reader does not understand costs a comment at most.
struct PresentText {
    struct Line {
        /// The name of a field or value, or a whole attribute of the block.
        var key: String
        /// The line without its comment.
        var content: String
        var comments: [String]
        var remark: String?
    }

    struct Block {
        var keyword: String
        var name: String
        var comments: [String]
        private(set) var lines: [Line] = []
        private var places: [ExactString: Int] = [:]
        /// Comments after the last line.
        var ending: [String] = []
        /// The block as written, from its keyword to its closing brace.
        var text: String

        init(keyword: String, name: String, comments: [String], text: String) {
            (self.keyword, self.name, self.comments, self.text) = (keyword, name, comments, text)
        }

        mutating func append(_ line: Line) {
            if places[ExactString(line.key)] == nil { places[ExactString(line.key)] = lines.count }
            lines.append(line)
        }

        func line(_ key: String) -> Line? { places[ExactString(key)].map { lines[$0] } }
    }

    private(set) var blocks: [Block] = []
    /// Comments after the last block.
    private(set) var ending: [String] = []

    init(_ text: String) {
        var comments: [String] = []
        var open: Block?
        var inner: [String] = []
        var depth = 0
        var remarks = BlockComment()
        for line in Self.lines(of: text) {
            var scan = LineScan(line, isCommented: remarks.isOpen)
            if remarks.takes(&scan, of: line) {
                open?.text += "\n" + line
                continue
            }
            let content = scan.content
            guard var block = open else {
                if content.isEmpty {
                    // Why: in the schema language a blank line separates a comment from what follows.
                    if let comment = scan.comment { comments.append(comment) } else if !comments.isEmpty { ending += comments + [""]; comments = [] }
                    continue
                }
                let words = Self.words(content)
                guard words.count >= 2 else { continue }
                let name = String(words[1].prefix { $0 != "{" })
                let start = Block(keyword: words[0], name: name, comments: ending + comments, text: line)
                (comments, ending) = ([], [])
                depth = scan.braces
                if depth > 0 { open = start } else { blocks.append(start) }
                continue
            }
            // Why: a second owner would have the block copied at each line.
            open = nil
            block.text += "\n" + line
            let wasWithin = depth > 1
            depth += scan.braces
            if depth <= 0 {
                block.ending = inner
                inner = []
                blocks.append(block)
                continue
            }
            if content.isEmpty {
                if let comment = scan.comment { inner.append(comment) }
            } else if !wasWithin {
                block.append(Line(key: Self.key(of: content), content: content, comments: inner, remark: scan.comment))
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

    /// Returns the lines without their ends, which may be those of Windows, and without the mark that its editors put in front of a file.
    private static func lines(of text: String) -> [String] {
        // Why bytes: to a String, the two characters of such an end are one, and no line feed.
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            var line = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            return String(decoding: line, as: UTF8.self)
        }
    }

    private static func words(_ content: String) -> [String] { content.split { $0 == " " || $0 == "\t" }.map(String.init) }

    /// Returns the text of a datasource with another list of schemas, which becomes its last property.
    static func replacingSchemas(in block: String, by list: String) -> String {
        var lines: [String] = []
        var remarks = BlockComment()
        var (depth, isList) = (0, false)
        for line in Self.lines(of: block) {
            var scan = LineScan(line, isCommented: remarks.isOpen)
            let isComment = remarks.takes(&scan, of: line)
            if !isComment, !isList { isList = Self.words(scan.content).first.map { $0.prefix { $0 != "=" } == "schemas" } == true }
            if isList {
                // Why: the list may take several lines.
                depth += scan.brackets
                if depth > 0 { continue }
                isList = false
                if scan.braces < 0 { lines.append("}") }
                continue
            }
            lines.append(line)
        }
        guard let last = lines.popLast() else { return block }
        let scan = LineScan(last, isCommented: false)
        let before = String(scan.content.dropLast()).trimmingBlanks
        if !before.isEmpty { lines.append(before) }
        lines += ["  schemas  = " + list, "}" + (scan.comment.map { " " + $0 } ?? "")]
        return lines.joined(separator: "\n")
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

    /// True if the block has an attribute `@@map("…")` of its own.
    var hasMap: Bool { lines.contains { $0.key.utf8.starts(with: "@@map(".utf8) } }
}

extension PresentText.Line {
    /// True if the field or value has an attribute `@map("…")` of its own.
    var hasMap: Bool { content.holds("@map(") }
}

/// A comment from `/*` to `*/`, while the lines of a text are read.
private struct BlockComment {
    private(set) var isOpen = false
    private var lines: [String] = []

    /// True for a line that continues a comment of several lines. The last line of one that stands alone becomes a line with the whole comment.
    mutating func takes(_ scan: inout LineScan, of line: String) -> Bool {
        let isInside = isOpen
        isOpen = scan.isOpen
        guard scan.content.isEmpty, scan.comment == nil, isInside || scan.hasBlockComment else {
            lines = []
            return false
        }
        // Why: what precedes a comment on its line stays without it, and so does what follows.
        if isInside, lines.isEmpty { return true }
        lines.append(line.trimmingBlanks)
        if isOpen { return true }
        scan.comment = lines.joined(separator: "\n")
        lines = []
        return false
    }
}

/// One line of a schema: its content, its comment, and the number of braces and brackets that it opens.
private struct LineScan {
    private(set) var content = ""
    /// What follows two slashes, and they.
    var comment: String?
    private(set) var braces = 0
    /// Number of open parentheses and square brackets.
    private(set) var brackets = 0
    /// True if a part of the line is in a comment of the form `/* … */`, which is left out of the content.
    private(set) var hasBlockComment: Bool
    /// True if such a comment continues on the next line.
    private(set) var isOpen: Bool

    init(_ line: String, isCommented: Bool) {
        (hasBlockComment, isOpen) = (isCommented, isCommented)
        var isQuoted = false
        let bytes = Array(line.utf8)
        var kept: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if isOpen {
                let ends = byte == UInt8(ascii: "*") && next == UInt8(ascii: "/")
                isOpen = !ends
                index += ends ? 2 : 1
            } else if isQuoted {
                let length = byte == UInt8(ascii: "\\") && index + 1 < bytes.count ? 2 : 1
                isQuoted = byte != UInt8(ascii: "\"")
                kept += bytes[index..<(index + length)]
                index += length
            } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                (hasBlockComment, isOpen) = (true, true)
                kept.append(UInt8(ascii: " "))
                index += 2
            } else if byte == UInt8(ascii: "/"), next == byte {
                comment = String(decoding: bytes[index...], as: UTF8.self).trimmingBlanks
                break
            } else {
                count(byte)
                isQuoted = byte == UInt8(ascii: "\"")
                kept.append(byte)
                index += 1
            }
        }
        content = String(decoding: kept, as: UTF8.self).trimmingBlanks
    }

    private mutating func count(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "{"): braces += 1
        case UInt8(ascii: "}"): braces -= 1
        case UInt8(ascii: "("), UInt8(ascii: "["): brackets += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): brackets -= 1
        default: break
        }
    }
}

extension String {
    /// The text without blanks and control characters at its ends.
    fileprivate var trimmingBlanks: String {
        var rest = utf8.drop { $0 <= 0x20 }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        return String(decoding: rest, as: UTF8.self)
    }
}
