import Schema
import Text

/// A model, view or enum that will be written.
struct PulledBlock {
    enum Keyword: String { case model, view, `enum` = "enum" }

    var keyword: Keyword
    var name: String
    /// Its name in the database.
    var source: ObjectName
    /// Comment lines above it, with their slashes.
    var comments: [String] = []
    /// Fields or values.
    var fields: [PulledField] = []
    /// `@@id([…])`, `@@map("…")`, in the order in which they are written.
    var attributes: [PulledField] = []
    /// Comment lines at the end, with their slashes.
    var notes: [String] = []
    var isIgnored = false
}

/// A line of a block: a field, a value, or an attribute of the block, which is entirely in `name`.
struct PulledField {
    var name: String
    /// With `?` or `[]`. Nil for values and attributes.
    var type: String?
    var attributes: [String] = []
    /// Comment lines above it, with their slashes.
    var comments: [String] = []
    /// The comment at the end of its line, with its slashes.
    var remark: String?
}

/// Writes blocks in the layout of Prisma's formatter: names, types and attributes in columns.
struct BlockWriter {
    private(set) var text = ""

    mutating func writeBlock(_ block: PulledBlock) {
        separate()
        for line in block.comments { text += line + "\n" }
        text += "\(block.keyword.rawValue) \(block.name) {\n"
        writeTable(block.fields)
        if !block.attributes.isEmpty || !block.notes.isEmpty, !block.fields.isEmpty { text += "\n" }
        for attribute in block.attributes { writeLine([attribute.name], [0], attribute) }
        for note in block.notes { text += "  \(note)\n" }
        text += "}\n"
    }

    /// Writes a block as it was.
    mutating func writeVerbatim(_ block: String) {
        separate()
        text += block + "\n"
    }

    private mutating func separate() { if !text.isEmpty { text += "\n" } }

    private mutating func writeTable(_ fields: [PulledField]) {
        let names = fields.map { Self.width($0.name) }.max() ?? 0
        let types = fields.compactMap { $0.type.map(Self.width) }.max() ?? 0
        for field in fields {
            let attributes = field.attributes.joined(separator: " ")
            if let type = field.type {
                writeLine([field.name, type, attributes], [names, types, 0], field)
            } else {
                writeLine([field.name, attributes], [names, 0], field)
            }
        }
    }

    private mutating func writeLine(_ cells: [String], _ widths: [Int], _ field: PulledField) {
        for line in field.comments { text += "  \(line)\n" }
        var line = " "
        var owed = 1
        for (cell, width) in zip(cells, widths) where !cell.isEmpty {
            line += String(repeating: " ", count: owed) + cell
            owed = max(0, width - Self.width(cell)) + 1
        }
        if let remark = field.remark { line += " " + remark }
        text += line + "\n"
    }

    private static func width(_ text: String) -> Int { text.unicodeScalars.count }
}
