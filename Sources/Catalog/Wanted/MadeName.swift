import Text

/// Names that PostgreSQL or Prisma Migrate makes of others, within the 63 bytes that a name has.
package enum MadeName {
    package static let bytes = 63

    /// What PostgreSQL calls the sequence of a `serial` column: the longer of the two parts gives way first.
    package static func sequence(of table: String, _ column: String) -> String {
        var (first, second) = (table.utf8.count, column.utf8.count)
        while first + second > bytes - "__seq".utf8.count {
            if first > second { first -= 1 } else { second -= 1 }
        }
        return cut(table, to: first) + "_" + cut(column, to: second) + "_seq"
    }

    /// A name as PostgreSQL cuts it: between two characters.
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

    // What Prisma Migrate calls what a schema gives no name: the table and its columns, cut before the suffix.
    package static func primaryKey(of table: String) -> String { made([table], "_pkey") }
    package static func unique(of table: String, _ columns: [String]) -> String { made([table] + columns, "_key") }
    package static func index(of table: String, _ columns: [String]) -> String { made([table] + columns, "_idx") }
    package static func foreignKey(of table: String, _ columns: [String]) -> String { made([table] + columns, "_fkey") }

    private static func made(_ parts: [String], _ suffix: String) -> String {
        cut(parts.joined(separator: "_"), to: bytes - suffix.utf8.count) + suffix
    }
}
