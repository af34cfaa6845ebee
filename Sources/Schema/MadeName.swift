import Text

/// Names that PostgreSQL or Prisma Migrate makes from others, within PostgreSQL's limit.
package enum MadeName {
    package static let bytes = SchemaLimit.identifierBytes

    /// Returns PostgreSQL's name of the sequence of a `serial` column. The longer of the two parts is shortened first.
    package static func sequence(of table: String, _ column: String) -> String {
        var (first, second) = (table.utf8.count, column.utf8.count)
        while first + second > bytes - "__seq".utf8.count {
            if first > second { first -= 1 } else { second -= 1 }
        }
        return cut(table, to: first) + "_" + cut(column, to: second) + "_seq"
    }

    /// Shortens a name like PostgreSQL: between two characters.
    package static func cut(_ name: String, to limit: Int = bytes) -> String {
        guard name.utf8.count > limit else { return name }
        var kept = String.UnicodeScalarView()
        var size = 0
        for scalar in name.unicodeScalars {
            size += UTF8.width(scalar)
            if size > limit { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    // Names of Prisma Migrate for what the schema does not name: table and columns, shortened before the suffix.
    package static func primaryKey(of table: String) -> String { made([table], "_pkey") }
    package static func unique(of table: String, _ columns: [String]) -> String { made([table] + columns, "_key") }
    package static func index(of table: String, _ columns: [String]) -> String { made([table] + columns, "_idx") }
    package static func foreignKey(of table: String, _ columns: [String]) -> String { made([table] + columns, "_fkey") }

    private static func made(_ parts: [String], _ suffix: String) -> String {
        cut(parts.joined(separator: "_"), to: bytes - suffix.utf8.count) + suffix
    }
}
